"""What people say about a request: comments, the alternatives of a decision, and votes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from accounts.models import User
from approvals.models.requests import ChangeRequest

USER = settings.AUTH_USER_MODEL


class Comment(models.Model):
    """A remark on a request."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    mentions: models.ManyToManyField[User, Any] = models.ManyToManyField(USER, related_name="+")

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.text[:60]


class Option(models.Model):
    """One of the alternatives of a decision that has several."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "position"], name="approvals_option_place_once"
            ),
            # So that a vote can name its option and request together.
            models.UniqueConstraint(fields=["request", "id"], name="approvals_option_of_request"),
        ]

    def __str__(self) -> str:
        return self.label


class Vote(models.Model):
    """What one person would choose; it may change until the request is decided."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="votes")
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="approvals_vote_once_each")
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.option}"
