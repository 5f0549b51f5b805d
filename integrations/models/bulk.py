"""Approved changes on their way out, as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.choices import Platform

if TYPE_CHECKING:
    from typing import Self


class BulkFileQuerySet(models.QuerySet["BulkFile"]):
    def for_user(self, user: User) -> Self:
        """Only files about teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class BulkFile(models.Model):
    """An approved change as a file that the advertising platform's own editor takes."""

    request_id = models.BigIntegerField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="bulk_files")
    platform = models.CharField(max_length=20, choices=Platform.choices)
    name = models.CharField(max_length=120)
    content = models.TextField()
    rows = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    objects = BulkFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request_id", "platform"], name="integrations_bulk_file_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
