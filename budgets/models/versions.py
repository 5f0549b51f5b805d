"""Budgets as they stood: named versions, locks, and the targets set from above."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Team
from budgets.choices import LockLevel
from budgets.models.plans import FiscalYear
from campaigns.models import Channel

USER = settings.AUTH_USER_MODEL


class BudgetVersion(models.Model):
    """A named point in the ledger of a year: every plan up to and with transaction ``upto``."""

    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    # Number of the newest ledger transaction that it holds; 0 before the first.
    upto = models.BigIntegerField()
    # Against this version variance is shown.
    is_baseline = models.BooleanField(default=False)
    made_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "number"], name="budgets_version_number_once"
            ),
            models.UniqueConstraint(
                "fiscal_year",
                Lower("name"),
                name="budgets_version_name_once",
                violation_error_message="The year has a version of this name already.",
            ),
            models.UniqueConstraint(
                fields=["fiscal_year"], condition=Q(is_baseline=True), name="budgets_one_baseline"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (v{self.number})"


class PlanLock(models.Model):
    """A year whose plan was locked by approval; the row goes when it is unlocked by approval."""

    fiscal_year = models.OneToOneField(FiscalYear, on_delete=models.PROTECT, related_name="lock")
    level = models.CharField(max_length=8, choices=LockLevel.choices, default=LockLevel.TOTAL)
    version = models.ForeignKey(BudgetVersion, on_delete=models.PROTECT, related_name="+")
    locked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    locked_at = models.DateTimeField()
    reason = models.TextField()
    request_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.get_level_display().lower()}"


class TopDownTarget(models.Model):
    """What a team or channel should plan: from above, beside the sum of its lines.

    No team is every team, no channel every channel, no month the whole year.
    """

    fiscal_year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="top_downs")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    month = models.CharField(max_length=7, blank=True)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    set_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "team", "channel", "month"],
                name="budgets_top_down_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(amount_micros__gte=0), name="budgets_top_down_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.team or 'all teams'} {self.channel or 'all channels'}"
