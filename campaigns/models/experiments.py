"""Experiments from the idea to the learning, with what their arms brought, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.choices import (
    ExperimentDecision,
    ExperimentKind,
    ExperimentSource,
    ExperimentState,
    LookPlan,
    MetricKind,
    MetricRole,
    Wanted,
)
from campaigns.models.campaigns import Audience, Campaign, CampaignLine, Creative

if TYPE_CHECKING:
    from typing import Self

USER = settings.AUTH_USER_MODEL


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def for_user(self, user: User) -> Self:
        """Only experiments of teams the person may see."""
        return self.filter(scope_for(user, Act.VIEW_CAMPAIGNS).where("team__path"))

    def running(self) -> Self:
        return self.filter(state=ExperimentState.RUNNING)

    def learnt(self) -> Self:
        """Those with a verdict, in the archive or on the way to it."""
        return self.filter(state__in=[ExperimentState.CONCLUDED, ExperimentState.ARCHIVED])


class Experiment(models.Model):
    """A controlled test. ``plan`` is what was sealed before the first unit, ``plan_sha256`` its
    fingerprint; the database refuses to change either once it has started."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="experiments")
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="experiments")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="experiments"
    )
    audience = models.ForeignKey(
        Audience, null=True, blank=True, on_delete=models.PROTECT, related_name="experiments"
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=10, choices=ExperimentKind.choices, default=ExperimentKind.AB
    )
    state = models.CharField(
        max_length=10, choices=ExperimentState.choices, default=ExperimentState.DRAFT
    )
    source = models.CharField(
        max_length=8, choices=ExperimentSource.choices, default=ExperimentSource.TYPED
    )
    hypothesis = models.TextField()
    # What is counted, in the singular: "visitor" makes "orders per visitor".
    unit = models.CharField(max_length=40, default="visitor")
    starts_on = models.DateField()
    ends_on = models.DateField()
    alpha = models.FloatField(default=0.05)
    power = models.FloatField(default=0.8)
    looks = models.CharField(max_length=10, choices=LookPlan.choices, default=LookPlan.UNTIL_END)
    planned_looks = models.PositiveSmallIntegerField(null=True, blank=True)
    # Units of all arms together: at which the test ends, and that join on a day.
    end_units = models.PositiveBigIntegerField(null=True, blank=True)
    daily_units = models.PositiveBigIntegerField(null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    plan = models.JSONField(default=dict, blank=True)
    plan_sha256 = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    sealed_by_name = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.TextField(blank=True)

    # What was concluded, frozen: ``outcome`` is the engine's word, effects are relative.
    outcome = models.CharField(max_length=10, blank=True)
    sentence = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)
    effect = models.FloatField(null=True, blank=True)
    effect_low = models.FloatField(null=True, blank=True)
    effect_high = models.FloatField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=ExperimentDecision.choices, blank=True)
    learning = models.TextField(blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    concluded_by_name = models.CharField(max_length=120, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    request_id = models.BigIntegerField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    # Shares of the arms by context, as they were learnt last: {"": [0.5, 0.5], "new": [...]}.
    policy = models.JSONField(default=dict, blank=True)
    policy_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "name"]
        indexes = [models.Index(fields=["team", "state"], name="campaigns_experiment_state")]
        constraints = [
            models.UniqueConstraint(F("team"), Lower("name"), name="campaigns_experiment_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaigns_experiment_in_order"
            ),
            models.CheckConstraint(
                condition=Q(alpha__gt=0, alpha__lte=0.5, power__gt=0, power__lt=1),
                name="campaigns_experiment_chances",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(plan_sha256=""),
                name="campaigns_experiment_sealed_first",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it still takes readings."""
        return self.state == ExperimentState.RUNNING


class Arm(models.Model):
    """One variant; the first one (position 0) is control, or the group that was held out.

    ``levels`` names its place in a grid of factors. Line, creative or segment say which facts
    are its own when readings come from imports.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    weight = models.FloatField(default=1)
    levels = models.JSONField(default=dict, blank=True)
    line = models.ForeignKey(
        CampaignLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    creative = models.ForeignKey(
        Creative, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    segment_id = models.BigIntegerField(null=True, blank=True)
    spend_micros = models.BigIntegerField(null=True, blank=True)
    # The share it gets of a rotation since a proposal was approved.
    live_share = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "position"], name="campaigns_arm_position_once"
            ),
            models.UniqueConstraint(F("experiment"), Lower("name"), name="campaigns_arm_name_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="campaigns_arm_weight"),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentMetric(models.Model):
    """What is read of each unit: one metric decides, others are watched or must not get worse.

    ``events_measure`` over ``units_measure`` is what imports bring for it; ``base`` and
    ``spread`` are what the sample size was computed from.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="metrics")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    kind = models.CharField(
        max_length=10, choices=MetricKind.choices, default=MetricKind.PROPORTION
    )
    role = models.CharField(max_length=10, choices=MetricRole.choices)
    better = models.CharField(max_length=6, choices=Wanted.choices, default=Wanted.HIGHER)
    minimum_effect = models.FloatField(null=True, blank=True)
    base = models.FloatField(null=True, blank=True)
    spread = models.FloatField(null=True, blank=True)
    events_measure = models.CharField(max_length=40, blank=True)
    units_measure = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "position"], name="campaigns_metric_position_once"
            ),
            models.UniqueConstraint(
                F("experiment"), Lower("name"), name="campaigns_metric_name_once"
            ),
            models.UniqueConstraint(
                fields=["experiment"],
                condition=Q(role="primary"),
                name="campaigns_metric_one_primary",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentReading(models.Model):
    """What an arm brought for a metric on a day; never changed: a later reading of the same
    arm, metric and day replaces it from ``known_at`` on.

    ``total`` are events, or the sum of values; ``squares`` their sum of squares. With a value of
    each unit from before the test, ``second_…`` and ``products`` are the sums that CUPED needs.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="readings")
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="readings")
    metric = models.ForeignKey(ExperimentMetric, on_delete=models.PROTECT, related_name="readings")
    day = models.DateField()
    units = models.PositiveBigIntegerField()
    total = models.FloatField()
    squares = models.FloatField(null=True, blank=True)
    second_total = models.FloatField(null=True, blank=True)
    second_squares = models.FloatField(null=True, blank=True)
    products = models.FloatField(null=True, blank=True)
    known_at = models.DateTimeField()
    by_name = models.CharField(max_length=120)
    file_name = models.CharField(max_length=200, blank=True)
    batch_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["known_at", "pk"]
        indexes = [models.Index(fields=["experiment", "day"], name="campaigns_reading_day")]

    def __str__(self) -> str:
        return f"{self.arm} {self.metric} {self.day}"


class ServedChoice(models.Model):
    """An arm that was given to one unit in a context, with the chance it had, and what came of it.

    ``unit_sha256`` stands for the caller's own name of the unit, which is not kept.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="choices")
    unit_sha256 = models.CharField(max_length=64)
    context = models.CharField(max_length=80, blank=True)
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="choices")
    propensity = models.FloatField()
    at = models.DateTimeField()
    reward = models.FloatField(null=True, blank=True)
    rewarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["experiment", "context", "arm"], name="campaigns_choice_context")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "unit_sha256"], name="campaigns_choice_once"
            ),
            models.CheckConstraint(
                condition=Q(propensity__gt=0, propensity__lte=1),
                name="campaigns_choice_propensity",
            ),
            models.CheckConstraint(
                condition=Q(reward__isnull=True) | Q(reward__gte=0, reward__lte=1),
                name="campaigns_choice_reward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arm} ({self.propensity:.0%})"
