"""What the API shows and takes of response curves and splits of a budget."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from campaigns.models import Channel
from core.api import MoneyOut, Seen
from insights.models import AllocationPlan, MeasuredReturn
from insights.rules.allocation import MOST_PERCENT
from insights.rules.response import RESULTS, ROOM_LABELS


class RangeOut(serializers.Serializer[Any]):
    """An estimate with the ends of its 80 % range."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class CurvePointOut(serializers.Serializer[Any]):
    """What a spend a week, kept up, brings a week; ``is_beyond`` past anything ever spent."""

    spend = serializers.FloatField()
    result = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    marginal = serializers.FloatField(allow_null=True)
    is_beyond = serializers.BooleanField()


class CurveOut(serializers.Serializer[Any]):
    """One channel of a team, or one line; spend and results a week in ``currency``.

    Estimates are null where ``reason`` says why there are none.
    """

    key = serializers.CharField(help_text="Names the channel in splits")
    team = serializers.IntegerField(source="team.pk")
    channel = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField(help_text="Number of the model version")
    weeks = serializers.IntegerField()
    spend_today = serializers.FloatField()
    result_today = serializers.FloatField()
    contribution = RangeOut(allow_null=True)
    roi = RangeOut(allow_null=True)
    marginal = RangeOut(allow_null=True, help_text="What the next unit of spend brings")
    half_life = serializers.FloatField(allow_null=True, help_text="Weeks")
    room = serializers.ChoiceField(choices=[(str(k), v) for k, v in ROOM_LABELS.items()])
    best_share = serializers.FloatField(
        allow_null=True, help_text="Best part of today's spend, 1 is today's; null: none is better"
    )
    quality = serializers.DictField(child=serializers.FloatField())
    left_out = serializers.FloatField(help_text="Spend a week of lines too young for a curve")
    reason = serializers.CharField(allow_blank=True)
    points = CurvePointOut(many=True)


class ThinOut(serializers.Serializer[Any]):
    """A team without curves, and why."""

    team = serializers.IntegerField()
    name = serializers.CharField()
    reason = serializers.CharField()
    weeks = serializers.IntegerField()


class CurvesOut(serializers.Serializer[Any]):
    """The curves of a team and the teams below it."""

    team = serializers.IntegerField(allow_null=True)
    metric = serializers.CharField(allow_blank=True)
    metrics = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField(allow_blank=True)
    break_even = serializers.FloatField()
    versions = serializers.ListField(child=serializers.IntegerField())
    channels = CurveOut(many=True)
    lines = CurveOut(many=True)
    thin = ThinOut(many=True)


class BoundIn(serializers.Serializer[Any]):
    """The least and the most of a channel in percent of its plan."""

    low = serializers.IntegerField(
        min_value=0, max_value=MOST_PERCENT, required=False, allow_null=True
    )
    high = serializers.IntegerField(
        min_value=0, max_value=MOST_PERCENT, required=False, allow_null=True
    )


class AllocationSplitIn(serializers.Serializer[Any]):
    """What to split: a team's plan of a period, or another total, within limits."""

    team = serializers.IntegerField(required=False, help_text="The first with curves without it")
    metric = serializers.ChoiceField(choices=list(RESULTS), required=False)
    period = serializers.CharField(
        required=False, help_text="2026-12 or 2027-Q1; the next month without it"
    )
    total = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True,
        help_text="What is planned without it",
    )  # fmt: skip
    shift = serializers.IntegerField(
        min_value=0, max_value=MOST_PERCENT, required=False, allow_null=True,
        help_text="Largest change of a channel in percent; 30 without it, null for any",
    )  # fmt: skip
    bounds = serializers.DictField(
        child=BoundIn(), required=False, help_text="Channel key -> limits"
    )


class TryIn(AllocationSplitIn):
    """Amounts to try, of every channel for the whole period."""

    amounts = serializers.DictField(
        child=serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0),
        help_text="Channel key -> amount",
    )


class KeepIn(AllocationSplitIn):
    """A split to keep; without ``amounts`` the recommended one."""

    name = serializers.CharField(max_length=80)
    amounts = serializers.DictField(
        child=serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0), required=False
    )


class AllocationShareOut(serializers.Serializer[Any]):
    """A channel's part: planned, recommended, and between what it may be."""

    key = serializers.CharField(source="unit.key")
    name = serializers.CharField(source="unit.name")
    now = MoneyOut()
    best = MoneyOut()
    low = MoneyOut()
    high = MoneyOut()
    held = MoneyOut(help_text="What orders hold or what is spent")
    marginal = serializers.FloatField()
    limit = serializers.CharField(allow_blank=True)
    is_beyond = serializers.BooleanField()


class LimitOut(serializers.Serializer[Any]):
    """A limit that the best split touches; ``worth`` is what one more unit of room brings."""

    channel = serializers.CharField(allow_null=True)
    constraint = serializers.CharField()
    limit = serializers.FloatField()
    worth = serializers.FloatField()


class AllocationSplitOut(serializers.Serializer[Any]):
    """The best split and its checks; ``gain`` is against the same budget in today's mix."""

    team = serializers.IntegerField()
    period = serializers.CharField()
    metric = serializers.CharField()
    versions = serializers.ListField(child=serializers.IntegerField())
    total = MoneyOut()
    is_planned = serializers.BooleanField()
    recommend = serializers.BooleanField()
    gain = RangeOut()
    chance_of_loss = serializers.FloatField()
    badge = serializers.CharField()
    draws_that_gain = serializers.FloatField()
    models = serializers.DictField(child=serializers.FloatField())
    kkt_holds = serializers.BooleanField()
    kkt_gap = serializers.FloatField()
    shares = AllocationShareOut(many=True)
    limits = LimitOut(many=True)
    by_month = serializers.DictField(child=serializers.DictField(child=MoneyOut()))


class TriedOut(serializers.Serializer[Any]):
    """What amounts would bring over the period, and against the plan."""

    total = MoneyOut()
    over = MoneyOut(help_text="More than the budget; below zero: left of it")
    result = RangeOut()
    change = RangeOut()
    by_channel = serializers.DictField(child=serializers.FloatField())
    beyond = serializers.ListField(child=serializers.CharField())


class AllocationPlanOut(serializers.ModelSerializer[AllocationPlan]):
    """A split as it was kept; it never changes."""

    team_name = serializers.CharField(source="team.name", read_only=True)

    class Meta:
        model = AllocationPlan
        fields = [
            "id", "name", "team", "team_name", "metric", "currency", "first_day", "last_day",
            "versions", "inputs", "result", "sha256", "made_at", "made_by", "scenario", "request_id",
        ]  # fmt: skip


class AllocationReasonIn(serializers.Serializer[Any]):
    """Why, in the words of who asks."""

    reason = serializers.CharField()


class ScenarioMadeOut(serializers.Serializer[Any]):
    """The scenario that was made of a split."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


def _trainable(user: User) -> QuerySet[Team]:
    return Team.objects.filter(scope_for(user, Act.RUN_MODELS).where("path"), is_archived=False)


class MeasuredIn(serializers.Serializer[Any]):
    """The 80 % range of a return that a test measured."""

    team = Seen(Team, _trainable)
    channel = serializers.SlugRelatedField[Channel](
        slug_field="key", queryset=Channel.objects.all()
    )
    metric = serializers.ChoiceField(choices=list(RESULTS))
    low = serializers.FloatField(min_value=0)
    high = serializers.FloatField(min_value=0)
    measured_on = serializers.DateField()
    test = serializers.CharField(source="source", max_length=200, help_text="Which test")


class MeasuredOut(serializers.ModelSerializer[MeasuredReturn]):
    """A return that curves begin from, until another one takes its place."""

    channel = serializers.SlugRelatedField[Channel](slug_field="key", read_only=True)
    test = serializers.CharField(source="source", read_only=True)

    class Meta:
        model = MeasuredReturn
        fields = [
            "id", "team", "channel", "metric", "value", "standard_error", "measured_on", "test",
            "entered_at", "entered_by",
        ]  # fmt: skip
