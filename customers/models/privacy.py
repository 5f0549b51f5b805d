"""How long data about people is kept, who was erased, and who looked."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from customers.models.people import Contact

USER = settings.AUTH_USER_MODEL


class RetentionRule(models.Model):
    """For how many days one kind of data is kept (``core.personal.Kept``); without a row for ever."""

    kind = models.CharField(max_length=40, unique=True)
    days = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(36_500)])

    def __str__(self) -> str:
        return f"{self.kind} for {self.days} days"


class Suppression(models.Model):
    """The mark of an erased value (``core.personal.mark``): it does not come in again."""

    mark = models.CharField(max_length=32, unique=True)

    def __str__(self) -> str:
        return self.mark


class Erasure(models.Model):
    """Taking one person out: what was found, what was taken out. Nothing in it says who."""

    class State(models.TextChoices):
        LOOKED = "looked", "Looked for"
        DONE = "done", "Erased"

    state = models.CharField(max_length=8, choices=State.choices, default=State.LOOKED)
    # Binds the second step to the person of the first.
    marks = models.JSONField(default=list)
    found = models.JSONField(default=dict)
    removed = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Erasure {self.pk}"


class PersonalView(models.Model):
    """Somebody looked at what is hidden of a contact: which fields, when, and why."""

    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="views")
    label = models.CharField(max_length=60)
    viewer = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField(default=list)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.viewer} looked at {self.label}"
