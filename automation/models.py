"""What people must see: alerts, and the messages that carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import Campaign
from insights.models import Finding

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class AlertQuerySet(models.QuerySet["Alert"]):
    def for_user(self, user: User) -> Self:
        """Only alerts of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def open(self) -> Self:
        return self.exclude(state=Alert.State.RECOVERED)


class Alert(models.Model):
    """An open incident that a person must see; one per cause."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        SNOOZED = "snoozed", "Snoozed"
        RECOVERED = "recovered", "Recovered"

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        WARNING = "warning", "Warning"
        INFO = "info", "Notice"

    cause = models.CharField(max_length=200)
    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="alerts")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="alerts")
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="alerts"
    )
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="alerts")
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=300)
    reason = models.TextField()
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    snoozed_until = models.DateTimeField(null=True)
    snooze_reason = models.TextField(blank=True)
    recovered_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause"],
                condition=~Q(state="recovered"),
                name="automation_one_open_alert_per_cause",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("automation:alert", args=[self.pk])


class Notification(models.Model):
    """A message to one person, in the product and by e-mail."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="notifications")
    key = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="automation_notification_once")
        ]

    def __str__(self) -> str:
        return self.title
