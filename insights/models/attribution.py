"""What was computed of journeys and of customers' worth: each run frozen with what it read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from metrics.models import Batch

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class RunQuerySet(models.QuerySet[Any]):
    def for_user(self, user: User) -> Self:
        """Only runs of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Conversion(models.TextChoices):
    """What counts as a conversion, read from customer records."""

    CUSTOMER = "customer", "First payments"
    PAYMENT = "payment", "Payments"
    WON = "won", "Won deals"
    OPPORTUNITY = "opportunity", "Opportunities"
    LEAD = "lead", "Leads"


class Run(models.Model):
    """One computation for a team and everything below it; a row is written once and stays.

    ``known_at`` is the moment the records were read, ``data_sha256`` of exactly what was read.
    ``record`` holds the results as plain data, amounts in whole micros of ``currency``.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    settings = models.JSONField(default=dict)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    known_at = models.DateTimeField()
    data_sha256 = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    record = models.JSONField(default=dict)
    # Why there is no answer; "" when there is one.
    reason = models.CharField(max_length=40, blank=True)
    ran_at = models.DateTimeField()
    # Empty: the nightly run.
    ran_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    cpu_seconds = models.FloatField()

    objects = RunQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-ran_at", "-id"]


class AttributionRun(Run):
    """Credit of every channel by nine models, and what the journeys looked like."""

    conversion = models.CharField(max_length=12, choices=Conversion.choices)
    touches = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    conversions = models.PositiveIntegerField()
    unattributed = models.PositiveIntegerField()
    value_micros = models.BigIntegerField()
    unattributed_value_micros = models.BigIntegerField()
    # The share of credit that two models place differently; empty without an answer.
    disagreement = models.FloatField(null=True)

    class Meta(Run.Meta):
        indexes = [
            models.Index(
                fields=["team", "conversion", "-ran_at"], name="insights_attribution_newest"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unattributed__lte=models.F("conversions")),
                name="insights_attribution_no_more_than_all",
            )
        ]

    def __str__(self) -> str:
        return f"Attribution {self.pk}"

    def get_absolute_url(self) -> str:
        return f"{reverse('insights:attribution')}?run={self.pk}"


class LifetimeRun(Run):
    """What customers of each acquisition channel bring over time, and what they cost."""

    customers = models.PositiveIntegerField()
    purchases = models.PositiveIntegerField()

    class Meta(Run.Meta):
        indexes = [models.Index(fields=["team", "-ran_at"], name="insights_lifetime_newest")]

    def __str__(self) -> str:
        return f"Lifetime value {self.pk}"

    def get_absolute_url(self) -> str:
        return f"{reverse('insights:lifetime')}?run={self.pk}"


class AnalysisPlan(models.Model):
    """The settings that a team's nightly runs use; ``kind`` a conversion, or ``lifetime``."""

    LIFETIME = "lifetime"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    settings = models.JSONField(default=dict)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["team", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["team", "kind"], name="insights_analysis_plan_once")
        ]

    def __str__(self) -> str:
        return f"Settings of {self.kind}"
