"""What was noticed and what could be done about it, with the evidence kept and quoted by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import Campaign, CampaignLine, Optimisation

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

USER = settings.AUTH_USER_MODEL


class FindingQuerySet(models.QuerySet["Finding"]):
    def for_user(self, user: User) -> Self:
        """Only findings about teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def open(self, at: datetime | None = None) -> Self:
        """What holds now, or held at a moment."""
        if at is None:
            return self.filter(ended_at=None)
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=at), found_at__lte=at)


class Finding(models.Model):
    """Something insights noticed; open as long as it holds, one open finding per cause."""

    class Kind(models.TextChoices):
        TARGET_MISS = "target_miss", "Target missed"
        PACE = "pace", "Off pace"
        TREND = "trend", "Return is falling"
        OVERSPEND = "overspend", "Ahead of budget"
        UNDERSPEND = "underspend", "Behind budget"
        OPPORTUNITY = "opportunity", "Room to grow"
        STALE_DATA = "stale_data", "Data is late"
        EFFICIENCY = "efficiency", "Results cost more"
        RENEWAL = "renewal", "Contract renews"
        UNUSED_TOOL = "unused_tool", "Tool hardly used"
        ANOMALY = "anomaly", "Out of the ordinary"
        MODEL_DRIFT = "model_drift", "Forecasts became worse"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    cause = models.CharField(max_length=200)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="findings")
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="findings"
    )
    line = models.ForeignKey(
        CampaignLine, null=True, on_delete=models.PROTECT, related_name="findings"
    )
    metric = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    reason = models.TextField()
    window_start = models.DateField()
    window_end = models.DateField()
    # Values, band, n, interval, method and the as-of they were computed at.
    evidence = models.JSONField()
    stake_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause"],
                condition=Q(ended_at__isnull=True),
                name="insights_one_open_finding",
            )
        ]

    def __str__(self) -> str:
        return self.title


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def for_user(self, user: User) -> Self:
        """Only recommendations for teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Recommendation(models.Model):
    """A typed action with its expected effect and range, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PROPOSED = "proposed", "Sent for approval"
        DISMISSED = "dismissed", "Dismissed"
        EXPIRED = "expired", "Expired"
        DONE = "done", "Carried out"

    finding = models.ForeignKey(
        Finding, null=True, on_delete=models.PROTECT, related_name="recommendations"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="recommendations")
    action = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    payload = models.JSONField()
    evidence = models.JSONField()
    metric = models.CharField(max_length=60)
    currency = models.CharField(max_length=3, blank=True)
    effect_low_micros = models.BigIntegerField()
    effect_micros = models.BigIntegerField()
    effect_high_micros = models.BigIntegerField()
    confidence = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    state_reason = models.TextField(blank=True)
    state_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    request_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                F("finding"),
                F("action"),
                condition=Q(state="open"),
                name="insights_one_open_advice",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Verdict(models.Model):
    """What came of a change, measured after the data matured: helped, hurt or cannot tell."""

    class Outcome(models.TextChoices):
        HELPED = "helped", "Helped"
        HURT = "hurt", "Hurt"
        CANNOT_TELL = "cannot_tell", "Can’t tell"
        MEASURING = "measuring", "Measuring"

    optimisation = models.OneToOneField(
        Optimisation, on_delete=models.CASCADE, related_name="verdict"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    reason = models.TextField()
    metric = models.CharField(max_length=60)
    # Relative change against untouched controls and its 80 % interval, in micros (0.1 = 100_000).
    effect_micros = models.BigIntegerField(null=True)
    low_micros = models.BigIntegerField(null=True)
    high_micros = models.BigIntegerField(null=True)
    evidence = models.JSONField(default=dict)
    ready_on = models.DateField()
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["-measured_at"]

    def __str__(self) -> str:
        return self.get_outcome_display()
