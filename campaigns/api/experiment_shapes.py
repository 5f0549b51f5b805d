"""What the API shows and takes of experiments and their plans."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import Team
from accounts.selectors import open_teams_for
from campaigns.choices import (
    Counted,
    ExperimentDecision,
    ExperimentKind,
    ExperimentSource,
    ExperimentState,
    LookPlan,
    MetricKind,
    MetricRole,
    Wanted,
)
from campaigns.models import (
    Arm,
    Audience,
    Campaign,
    CampaignLine,
    Creative,
    Experiment,
    ExperimentMetric,
    ExperimentReading,
)
from campaigns.rules.designs import ArmDesign, MetricDesign
from campaigns.selectors import audiences_for
from core.api import Seen
from core.money import COMMON_CURRENCIES

MOST = 10**15
STEPS = ("seal", "reopen", "start", "stop", "archive")


def creatives_for(user: Any) -> Any:
    return Creative.objects.filter(campaign__in=Campaign.objects.for_user(user))


class ArmOut(serializers.ModelSerializer[Arm]):
    """A variant; the first one is control. ``live_share`` is its share of a rotation."""

    levels = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Arm
        fields = [
            "id", "name", "weight", "levels", "line", "creative", "segment_id", "live_share",
        ]  # fmt: skip


class ExperimentMetricOut(serializers.ModelSerializer[ExperimentMetric]):
    """A metric; effects and shares are parts of 1."""

    class Meta:
        model = ExperimentMetric
        fields = [
            "id", "name", "kind", "role", "better", "minimum_effect", "base", "spread",
            "events_measure", "units_measure",
        ]  # fmt: skip


class ExperimentOut(serializers.ModelSerializer[Experiment]):
    """An experiment with its plan; the verdict is under ``/result/``."""

    owner_name = serializers.CharField(source="owner.name", read_only=True)
    arms = ArmOut(many=True, read_only=True)
    metrics = ExperimentMetricOut(many=True, read_only=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    plan = serializers.DictField(read_only=True)
    decision = serializers.ChoiceField(
        choices=ExperimentDecision.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = Experiment
        fields = [
            "id", "name", "team", "owner", "owner_name", "campaign", "audience", "kind", "state",
            "source", "hypothesis", "unit", "starts_on", "ends_on", "alpha", "power", "looks",
            "planned_looks", "end_units", "daily_units", "tags", "currency", "arms", "metrics",
            "plan", "plan_sha256", "sealed_at", "started_at", "ended_at", "stop_reason",
            "outcome", "sentence", "decision", "learning", "concluded_at", "applied_at", "version",
        ]  # fmt: skip


class ArmIn(serializers.Serializer[Any]):
    """A variant; ``weight`` in parts. One of line, creative or segment says which imported
    figures are its own."""

    name = serializers.CharField(max_length=80)
    weight = serializers.FloatField(required=False, default=1.0, min_value=1e-6, max_value=1e6)
    levels = serializers.DictField(
        child=serializers.CharField(max_length=80), required=False, default=dict
    )
    line = Seen(CampaignLine, CampaignLine.objects.for_user, required=False, default=None, allow_null=True)  # fmt: skip
    creative = Seen(Creative, creatives_for, required=False, default=None, allow_null=True)
    segment = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=1, max_value=2**62
    )


class ExperimentMetricIn(serializers.Serializer[Any]):
    """A metric; ``minimum_effect`` 0.1 is ten percent, ``base`` 0.1 of a yes or no ten in a hundred."""

    name = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(
        choices=MetricKind.choices, required=False, default=MetricKind.PROPORTION
    )
    role = serializers.ChoiceField(
        choices=MetricRole.choices, required=False, default=MetricRole.PRIMARY
    )
    better = serializers.ChoiceField(choices=Wanted.choices, required=False, default=Wanted.HIGHER)
    minimum_effect = serializers.FloatField(
        required=False, default=None, allow_null=True, min_value=1e-6, max_value=10
    )
    base = serializers.FloatField(
        required=False, default=None, allow_null=True, min_value=0, max_value=MOST
    )
    spread = serializers.FloatField(
        required=False, default=None, allow_null=True, min_value=0, max_value=MOST
    )
    events_measure = serializers.ChoiceField(
        choices=Counted.choices, required=False, default="", allow_blank=True
    )
    units_measure = serializers.ChoiceField(
        choices=Counted.choices, required=False, default="", allow_blank=True
    )


class ExperimentChange(serializers.Serializer[Any]):
    """Changes to a draft; ``arms`` and ``metrics`` replace all there are."""

    name = serializers.CharField(max_length=120, required=False)
    campaign = Seen(Campaign, Campaign.objects.for_user, required=False, allow_null=True)
    audience = Seen(Audience, audiences_for, required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ExperimentKind.choices, required=False)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=ExperimentSource.choices, required=False
    )
    hypothesis = serializers.CharField(max_length=4_000, required=False)
    unit = serializers.CharField(max_length=40, required=False)
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False)
    alpha = serializers.FloatField(required=False, min_value=0.001, max_value=0.5)
    power = serializers.FloatField(required=False, min_value=0.01, max_value=0.999)
    looks = serializers.ChoiceField(choices=LookPlan.choices, required=False)
    planned_looks = serializers.IntegerField(
        required=False, allow_null=True, min_value=2, max_value=50
    )
    end_units = serializers.IntegerField(
        required=False, allow_null=True, min_value=10, max_value=MOST
    )
    daily_units = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=12
    )
    currency = serializers.ChoiceField(
        choices=[(code, code) for code in COMMON_CURRENCIES], required=False, allow_blank=True
    )
    arms = ArmIn(many=True, required=False)
    metrics = ExperimentMetricIn(many=True, required=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class ExperimentIn(ExperimentChange):
    """A new draft."""

    name = serializers.CharField(max_length=120)
    team = Seen(Team, open_teams_for)
    hypothesis = serializers.CharField(max_length=4_000)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    arms = ArmIn(many=True)
    metrics = ExperimentMetricIn(many=True)


class ExperimentStepIn(serializers.Serializer[Any]):
    """A step of its life; stopping needs a reason."""

    step = serializers.ChoiceField(choices=[(one, one.capitalize()) for one in STEPS])
    reason = serializers.CharField(max_length=2_000, required=False, default="", allow_blank=True)


class ExperimentReadingOut(serializers.ModelSerializer[ExperimentReading]):
    """What an arm brought for a metric on a day, as it is known now."""

    arm = serializers.CharField(source="arm.name", read_only=True)
    metric = serializers.CharField(source="metric.name", read_only=True)

    class Meta:
        model = ExperimentReading
        fields = [
            "arm", "metric", "day", "units", "total", "squares", "second_total", "second_squares",
            "products", "known_at", "by_name", "file_name", "batch_id",
        ]  # fmt: skip


class ExperimentReadingIn(serializers.Serializer[Any]):
    """Totals of an arm; without a day those since the start of the test."""

    arm = serializers.CharField(max_length=80)
    metric = serializers.CharField(max_length=60)
    units = serializers.IntegerField(min_value=0, max_value=MOST)
    total = serializers.FloatField(min_value=0, max_value=MOST)
    day = serializers.DateField(required=False, default=None, allow_null=True)
    squares = serializers.FloatField(
        required=False, default=None, allow_null=True, min_value=0, max_value=1e30
    )


class ExperimentReadingsIn(serializers.Serializer[Any]):
    """``rows``, or the text of a file in ``csv``; ``day`` is of rows without one. ``spends`` is
    what treating each arm cost, as decimal text in the test's currency."""

    rows = ExperimentReadingIn(many=True, required=False)
    csv = serializers.CharField(required=False, max_length=20_000_000, trim_whitespace=False)
    day = serializers.DateField(required=False, default=None, allow_null=True)
    spends = serializers.DictField(
        child=serializers.DecimalField(
            max_digits=15, decimal_places=2, min_value=Decimal(0), allow_null=True
        ),
        required=False,
        default=dict,
    )


class ExperimentRecordedOut(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class ExperimentSizeIn(serializers.Serializer[Any]):
    """What a size depends on; ``base`` and ``effect`` as in a metric."""

    kind = serializers.ChoiceField(choices=MetricKind.choices)
    base = serializers.FloatField(min_value=1e-12, max_value=MOST)
    effect = serializers.FloatField(min_value=1e-6, max_value=10)
    spread = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=MOST)
    arms = serializers.IntegerField(required=False, default=2, min_value=2, max_value=16)
    alpha = serializers.FloatField(required=False, default=0.05, min_value=0.001, max_value=0.5)
    power = serializers.FloatField(required=False, default=0.8, min_value=0.01, max_value=0.999)
    reading = serializers.ChoiceField(
        choices=LookPlan.choices, required=False, default=LookPlan.UNTIL_END
    )
    planned_looks = serializers.IntegerField(
        required=False, allow_null=True, min_value=2, max_value=50
    )
    daily_units = serializers.FloatField(
        required=False, allow_null=True, min_value=1e-3, max_value=MOST
    )


class ExperimentFoundOut(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    effect = serializers.FloatField()


class ExperimentSizeOut(serializers.Serializer[Any]):
    """Units of one variant and of all, the days, and the smallest effect shorter tests find."""

    per_arm = serializers.IntegerField()
    total = serializers.IntegerField()
    days = serializers.IntegerField(allow_null=True)
    critical = serializers.FloatField()
    found = ExperimentFoundOut(many=True)


class ExperimentQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=ExperimentState.choices, required=False)
    kind = serializers.ChoiceField(choices=ExperimentKind.choices, required=False)


def arms_of(rows: list[dict[str, Any]]) -> list[ArmDesign]:
    """Variants as the services take them."""
    return [
        ArmDesign(
            row["name"],
            row["weight"],
            row["levels"],
            row["line"].pk if row["line"] else None,
            row["creative"].pk if row["creative"] else None,
            row["segment"],
        )
        for row in rows
    ]


def metrics_of(rows: list[dict[str, Any]]) -> list[MetricDesign]:
    return [MetricDesign(**row) for row in rows]
