"""Why metrics changed, what people said is no anomaly, and what may go wrong, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import Campaign
from insights.models.findings import Finding

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class Explanation(models.Model):
    """A driver tree and its chain as they were worked out for a finding; never changed.

    ``tree`` and ``chain`` hold whole numbers of ``step`` millionths of the metric's unit, so that
    parts add up to the change to the last digit.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="explanations")
    metric = models.CharField(max_length=60)
    where = models.JSONField(default=dict)
    before_first = models.DateField()
    before_last = models.DateField()
    after_first = models.DateField()
    after_last = models.DateField()
    currency = models.CharField(max_length=3, blank=True)
    step = models.PositiveIntegerField()
    tree = models.JSONField()
    chain = models.JSONField(default=dict)
    known_at = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"Why {self.metric} changed, {self.after_first} to {self.after_last}"


class Dismissal(models.Model):
    """Somebody says that a finding is no anomaly, and why; it holds until it is taken back."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="dismissals")
    reason = models.TextField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding"],
                condition=Q(undone_at__isnull=True),
                name="insights_one_dismissal",
            )
        ]

    def __str__(self) -> str:
        return self.reason


class RiskEntryQuerySet(models.QuerySet["RiskEntry"]):
    def for_user(self, user: User) -> Self:
        """Only risks of teams whose money the person may see."""
        return self.filter(scope_for(user, Act.VIEW_MONEY).where("team__path"))


class RiskEntry(models.Model):
    """What may go wrong, as a day's check saw it: its chance, what it would cost, and its source."""

    class Kind(models.TextChoices):
        OVERSPEND = "overspend", "Overspend"
        TARGET_MISS = "target_miss", "Target missed"
        DATA_GAP = "data_gap", "Gap in the data"

    day = models.DateField()
    # Names the subject, not the day, so that one risk can be followed.
    cause = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="risks")
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="risks"
    )
    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="risks")
    title = models.CharField(max_length=300)
    chance = models.FloatField()
    loss_micros = models.BigIntegerField()
    # A high loss (P90), where one is known.
    cautious_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    # Chance times loss, in the reporting currency at the books' rate of the day.
    expected_micros = models.BigIntegerField()
    reporting_currency = models.CharField(max_length=3)
    due_on = models.DateField()
    # Whose it is (``budget_line``, ``target``, ``source``) and the number of it.
    subject = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    evidence = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    objects = RiskEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-expected_micros", "cause"]
        constraints = [
            models.UniqueConstraint(fields=["day", "cause"], name="insights_risk_once_a_day"),
            models.CheckConstraint(
                condition=Q(chance__gte=0, chance__lte=1, loss_micros__gte=0),
                name="insights_risk_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.title
