"""What was noticed about the data of a source, what was done about it, and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import scope_for
from integrations.choices import IssueState, Monitor, Severity
from integrations.models.sources import Source
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class MonitorSetting(models.Model):
    """What one source wants of a monitor in place of what everybody gets."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="monitor_settings")
    monitor = models.CharField(max_length=12, choices=Monitor.choices)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    threshold = models.DecimalField(max_digits=9, decimal_places=3)
    holds = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "monitor"], name="integrations_monitor_setting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_monitor_display()} of {self.source}"


class QualityIssueQuerySet(models.QuerySet["QualityIssue"]):
    def for_user(self, user: User) -> Self:
        """Only issues of sources of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("source__team__path"))

    def open(self) -> Self:
        return self.filter(state=IssueState.OPEN)


class QualityIssue(models.Model):
    """One cause of doubt about a source's data, from the moment it was seen until it is gone.

    ``evidence`` holds ``facts`` (label and text), ``keys`` (line and day of the rows in
    question, as far as they can be held back) and what an action needs to know.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="issues")
    monitor = models.CharField(max_length=12, choices=Monitor.choices)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    cause = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    detail = models.TextField()
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    rows = models.PositiveIntegerField(default=0)
    amount_micros = models.BigIntegerField(null=True)
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=IssueState.choices, default=IssueState.OPEN)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    recovered_at = models.DateTimeField(null=True)
    action = models.CharField(max_length=12, blank=True)
    reason = models.TextField(blank=True)
    acted_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    acted_at = models.DateTimeField(null=True)

    objects = QualityIssueQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "cause"],
                condition=~Q(state=IssueState.RECOVERED),
                name="integrations_issue_once_per_cause",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Hold(models.Model):
    """Facts of a source that count nowhere until a person lets them back, with the reason.

    ``keys`` are ``[line, day]``; what they said is kept in the revisions that ``batches`` ended.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="holds")
    issue = models.ForeignKey(
        QualityIssue, null=True, on_delete=models.PROTECT, related_name="holds"
    )
    keys = models.JSONField()
    batches = models.ManyToManyField(Batch, related_name="+")
    reason = models.TextField()
    held_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=F("held_at")),
                name="integrations_hold_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{len(self.keys)} days of lines held back: {self.reason}"


class QualityScore(models.Model):
    """How good a source's data was at the end of a day, from 0 to 100."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="scores")
    day = models.DateField()
    score = models.PositiveSmallIntegerField()
    errors = models.PositiveIntegerField()
    warnings = models.PositiveIntegerField()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["source", "day"], name="integrations_score_once"),
            models.CheckConstraint(
                condition=Q(score__lte=100), name="integrations_score_up_to_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.day}: {self.score}"
