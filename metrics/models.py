"""Facts, their history and roll-ups, and targets.

Facts, deltas and roll-ups are written by COPY and set-based SQL in
``metrics.services``; the models describe the tables for reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import Campaign, CampaignLine, Channel
from metrics.choices import Bound

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class Batch(models.Model):
    """A set of facts that arrived together: the moment from which they are known."""

    class Kind(models.TextChoices):
        LOAD = "load", "Load"
        UNDO = "undo", "Undo"
        MANUAL = "manual", "By hand"

    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.LOAD)
    known_at = models.DateTimeField(db_index=True)
    # The integrations source it came from; this app does not know sources.
    source = models.PositiveIntegerField(default=0)
    label = models.CharField(max_length=200)
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    rows = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Batch {self.pk}: {self.label}"


class BatchLine(models.Model):
    """That a batch changed a line, and between which days: where an answer's numbers came from.

    Its foreign keys also hold for the facts, which have none of their own because a
    check per row would cost more than the row.
    """

    pk = models.CompositePrimaryKey("line_id", "batch_id")
    line = models.ForeignKey(
        CampaignLine, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    first_day = models.DateField()
    last_day = models.DateField()

    def __str__(self) -> str:
        return f"{self.line_id} in {self.batch_id}"


class Segment(models.Model):
    """A combination of further dimensions (placement, device ...), once each."""

    attributes = models.JSONField()
    key = models.CharField(max_length=300, unique=True)

    def __str__(self) -> str:
        return self.key


class Measures(models.Model):
    """The additive columns. Null means the source does not report the measure: no data, not zero."""

    impressions = models.BigIntegerField(null=True)
    clicks = models.BigIntegerField(null=True)
    spend = models.BigIntegerField(null=True)
    conversions = models.BigIntegerField(null=True)
    revenue = models.BigIntegerField(null=True)
    order_value = models.BigIntegerField(null=True)
    leads = models.BigIntegerField(null=True)
    engagements = models.BigIntegerField(null=True)
    video_views = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


def facts_key(to: type[models.Model]) -> models.ForeignKey[Any]:
    """A key of a fact or roll-up: ``BatchLine`` holds the constraint, the primary key the index."""
    return models.ForeignKey(
        to, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )


class Fact(Measures):
    """The newest version of one day of one line, creative and segment from one source.

    ``creative_id`` and ``segment_id`` are 0 where the source does not split.
    ``period_days`` is 1, or the length of a whole-period row that ends on ``day``
    and never appears in a daily trend.
    """

    pk = models.CompositePrimaryKey(
        "line_id", "day", "source", "creative_id", "segment_id", "period_days"
    )
    line = facts_key(CampaignLine)
    day = models.DateField()
    source = models.PositiveIntegerField(default=0)
    creative_id = models.BigIntegerField(default=0)
    segment_id = models.BigIntegerField(default=0)
    period_days = models.PositiveSmallIntegerField(default=1)
    batch = facts_key(Batch)

    def __str__(self) -> str:
        return f"{self.line_id} {self.day}"


class FactRevision(Measures):
    """A version that was replaced, with the batch that brought it and the one that ended it.

    The database has a block index on line and day in place of this key: see migration 0007.
    """

    pk = models.CompositePrimaryKey(
        "line_id", "day", "source", "creative_id", "segment_id", "period_days", "ended_by_id"
    )
    line_id = models.BigIntegerField()
    day = models.DateField()
    source = models.PositiveIntegerField()
    creative_id = models.BigIntegerField()
    segment_id = models.BigIntegerField()
    period_days = models.PositiveSmallIntegerField()
    batch = facts_key(Batch)
    ended_by = facts_key(Batch)

    def __str__(self) -> str:
        return f"{self.line_id} {self.day} until {self.ended_by_id}"


class LineDay(Measures):
    """Roll-up: a line and day over creatives and segments."""

    pk = models.CompositePrimaryKey("line_id", "day", "source", "period_days")
    line = facts_key(CampaignLine)
    day = models.DateField()
    period_days = models.PositiveSmallIntegerField(default=1)
    source = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["day"], name="metrics_line_day_day"),
            # Whole-period rows are few, and every answer must ask for them.
            models.Index(
                fields=["line", "day"],
                condition=Q(period_days__gt=1),
                name="metrics_line_day_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.day}"


class SegmentDay(Measures):
    """Roll-up: a line, segment and day over sources and creatives.

    Its key begins with the day: it answers for days of many lines, the facts for a few lines.
    """

    pk = models.CompositePrimaryKey("day", "line_id", "segment_id", "period_days")
    line = facts_key(CampaignLine)
    day = models.DateField()
    segment_id = models.BigIntegerField(default=0)
    period_days = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.line_id} {self.day} {self.segment_id}"


class ChannelDay(Measures):
    """Roll-up: a team's channel, currency and day; daily rows only.

    It follows a line that moves to another channel by a trigger (see the migrations).
    """

    pk = models.CompositePrimaryKey("day", "channel_id", "team_id", "currency")
    team = facts_key(Team)
    channel = facts_key(Channel)
    currency = models.CharField(max_length=3)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"


class LineDayDelta(Measures):
    """What a batch changed of a line's day: today's roll-up minus later deltas is any as-of.

    ``missing_before`` says which measures had no value before: bit *n* for the *n*-th of
    ``MEASURES``, and the bit after the last when the whole row did not exist.
    """

    pk = models.CompositePrimaryKey("line_id", "day", "batch_id", "source", "period_days")
    batch = facts_key(Batch)
    known_at = models.DateTimeField()
    line_id = models.BigIntegerField()
    day = models.DateField()
    source = models.PositiveIntegerField(default=0)
    period_days = models.PositiveSmallIntegerField(default=1)
    missing_before = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["known_at"], name="metrics_delta_known")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.day} in {self.batch_id}"


class ClosedMonth(models.Model):
    """A month whose performance was closed: its figures are kept as they were reported.

    Never changed or deleted. What becomes known later is a restatement beside it, not an
    edit of it: every batch above ``last_batch`` that touches its days.
    """

    key = models.CharField(max_length=7, unique=True)
    label = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    closed_at = models.DateTimeField()
    closed_by_id = models.BigIntegerField(null=True)
    closed_by_name = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    last_batch = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-first_day"]

    def __str__(self) -> str:
        return self.label


class ClosedFigure(Measures):
    """What a closed month said of a team's channel, from one source, in one currency."""

    month = models.ForeignKey(ClosedMonth, on_delete=models.PROTECT, related_name="figures")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    source = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "team", "channel", "source", "currency"],
                name="metrics_closed_figure_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month_id} {self.team_id} {self.channel_id} {self.currency}"


class Observation(models.Model):
    """A number that is not ad delivery and may not add up: users, share, brand, market.

    Where ``bound`` is set, the value is what the true one lies below or above.
    """

    metric = models.CharField(max_length=60)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    value_micros = models.BigIntegerField()
    bound = models.CharField(max_length=5, choices=Bound.choices, default=Bound.EXACT, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="observations")
    ended_by = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "team", "subject", "first_day", "last_day"],
                condition=Q(ended_by__isnull=True),
                name="metrics_observation_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.subject} {self.last_day}"


class CompetitorQuerySet(models.QuerySet["Competitor"]):
    def for_user(self, user: User) -> Self:
        """Only competitors of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Competitor(models.Model):
    """Who a team competes with, under however many domains."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)

    objects = CompetitorQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="metrics_competitor_once")
        ]

    def __str__(self) -> str:
        return self.name


class CompetitorDomain(models.Model):
    """A domain under which a competitor advertises; in a team it belongs to one of them."""

    competitor = models.ForeignKey(Competitor, on_delete=models.CASCADE, related_name="domains")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    domain = models.CharField(max_length=200)

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "domain"], name="metrics_competitor_domain_once"
            )
        ]

    def __str__(self) -> str:
        return self.domain


class TargetQuerySet(models.QuerySet["Target"]):
    def for_user(self, user: User) -> Self:
        """Only targets of teams and campaigns the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Target(models.Model):
    """A value a metric should reach: for a team, one of its channels, or a campaign."""

    metric = models.CharField(max_length=60)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="targets")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="targets"
    )
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="targets"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    # In micros of the metric's unit: 4.2x is 4_200_000, 3.1 % is 31_000, money in micros.
    value_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3, blank=True)
    tolerance_percent = models.PositiveSmallIntegerField(default=5)
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="targets")
    is_retired = models.BooleanField(default=False)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "metric"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="metrics_target_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(tolerance_percent__lte=100), name="metrics_target_tolerance"
            ),
            models.UniqueConstraint(
                fields=["metric", "team", "campaign", "channel", "first_day", "last_day"],
                condition=Q(is_retired=False),
                name="metrics_target_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.first_day} to {self.last_day}"
