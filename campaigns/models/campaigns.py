"""Campaigns and what they are made of. No numbers here: facts hang on campaign lines from above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.choices import ChangeKind, Objective, Platform, Status

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class Channel(models.Model):
    """A way to reach people (Search, Social ...); its colour slot never changes."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class AdAccount(models.Model):
    """An account at an advertising platform: one currency and one time zone for all it reports."""

    platform = models.CharField(max_length=20, choices=Platform.choices)
    external_id = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, default="UTC")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ad_accounts")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], name="campaigns_ad_account_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def for_user(self, user: User) -> Self:
        """Only campaigns of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def live(self) -> Self:
        return self.filter(status=Status.LIVE)


class Campaign(models.Model):
    """What a team sets out to do, over a flight, in one or more channels."""

    name = models.CharField(max_length=200)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="campaigns")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="campaigns")
    objective = models.CharField(max_length=12, choices=Objective.choices, default=Objective.SALES)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    flight_start = models.DateField(null=True, blank=True)
    flight_end = models.DateField(null=True, blank=True)
    brief = models.TextField(blank=True)
    markets = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    audiences: models.ManyToManyField[Audience, models.Model] = models.ManyToManyField(
        "Audience", blank=True, related_name="campaigns"
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["team", "status"], name="campaigns_team_status")]
        constraints = [
            models.UniqueConstraint(F("team"), Lower("name"), name="campaigns_name_once_in_team"),
            models.CheckConstraint(
                condition=Q(flight_end__isnull=True)
                | Q(flight_start__isnull=True)
                | Q(flight_end__gte=F("flight_start")),
                name="campaigns_flight_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignLineQuerySet(models.QuerySet["CampaignLine"]):
    def for_user(self, user: User) -> Self:
        """Only lines of campaigns the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("campaign__team__path"))


class CampaignLine(models.Model):
    """A campaign in one channel and ad account, linked to the platform's own campaign.

    Facts hang on it, so its currency is fixed with its first fact.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="lines")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="lines")
    ad_account = models.ForeignKey(
        AdAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)

    objects = CampaignLineQuerySet.as_manager()

    class Meta:
        ordering = ["campaign__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["ad_account", "external_id"],
                condition=~Q(external_id=""),
                name="campaigns_platform_campaign_once",
            ),
            models.UniqueConstraint(F("campaign"), Lower("name"), name="campaigns_line_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class LinePart(models.Model):
    """What a part of a line's name says of it ("market": "DE"), for splitting numbers by it."""

    line = models.ForeignKey(CampaignLine, on_delete=models.CASCADE, related_name="parts")
    key = models.CharField(max_length=40)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "key"], name="campaigns_line_part_once")
        ]
        indexes = [models.Index(fields=["key", "value"], name="campaigns_line_part_value")]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class Transition(models.Model):
    """A step of a campaign's life: from, to, who, when, why."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="transitions")
    before = models.CharField(max_length=12, choices=Status.choices)
    after = models.CharField(max_length=12, choices=Status.choices)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Audience(models.Model):
    """Whom a campaign is for."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="audiences")
    name = models.CharField(max_length=120)
    definition = models.TextField(blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(F("team"), Lower("name"), name="campaigns_audience_once")
        ]

    def __str__(self) -> str:
        return self.name


class Creative(models.Model):
    """An ad as people see it; facts are split by it."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_PRODUCTION = "in_production", "In production"
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        RETIRED = "retired", "Retired"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="creatives")
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    owner = models.ForeignKey(
        USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    link = models.URLField(blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(F("campaign"), Lower("name"), name="campaigns_creative_once")
        ]

    def __str__(self) -> str:
        return self.name


class Optimisation(models.Model):
    """A change somebody made to a campaign, and what they expected of it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="optimisations")
    line = models.ForeignKey(
        CampaignLine, null=True, blank=True, on_delete=models.PROTECT, related_name="optimisations"
    )
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    what = models.CharField(max_length=200)
    old_value = models.CharField(max_length=200, blank=True)
    new_value = models.CharField(max_length=200, blank=True)
    hypothesis = models.TextField(blank=True)
    expected_metric = models.CharField(max_length=40, blank=True)
    # Expected change of the metric over the window, in micros of its unit.
    expected_low_micros = models.BigIntegerField(null=True, blank=True)
    expected_micros = models.BigIntegerField(null=True, blank=True)
    expected_high_micros = models.BigIntegerField(null=True, blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120)
    made_on = models.DateField()
    recorded_at = models.DateTimeField()
    request_id = models.BigIntegerField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request_id", "line"],
                condition=Q(request_id__isnull=False),
                name="campaigns_optimisation_once_per_request",
            )
        ]

    def __str__(self) -> str:
        return self.what


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def for_user(self, user: User) -> Self:
        """Only initiatives of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))


class Initiative(models.Model):
    """A strategic undertaking: milestones and the campaigns that carry it."""

    name = models.CharField(max_length=200)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="initiatives")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="initiatives")
    goal = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    campaigns = models.ManyToManyField(Campaign, blank=True, related_name="initiatives")

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(F("team"), Lower("name"), name="campaigns_initiative_once")
        ]

    def __str__(self) -> str:
        return self.name


class Milestone(models.Model):
    """A dated step of an initiative."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(max_length=200)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["due_on"]

    def __str__(self) -> str:
        return self.name
