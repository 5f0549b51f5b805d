"""What the API shows and takes of what experiments say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.experiments.results import Outcome
from campaigns.choices import ExperimentDecision


class ExperimentRangeOut(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()
    level = serializers.FloatField()


class ExperimentEffectOut(serializers.Serializer[Any]):
    """One metric of one variant against control; ``relative`` and its range are parts of 1.

    ``range`` and ``deciding_p`` hold under the declared looks, ``p`` belongs to a single one.
    """

    metric = serializers.CharField()
    arm = serializers.CharField()
    n_control = serializers.IntegerField()
    n = serializers.IntegerField()
    value_control = serializers.FloatField()
    value = serializers.FloatField()
    estimate = serializers.FloatField()
    relative = serializers.FloatField(allow_null=True)
    range = ExperimentRangeOut(allow_null=True)
    range_once = ExperimentRangeOut(allow_null=True)
    p = serializers.FloatField()
    deciding_p = serializers.FloatField()
    corrected_p = serializers.DictField(child=serializers.FloatField())
    probability_to_beat = serializers.FloatField(allow_null=True)
    expected_loss = serializers.FloatField(allow_null=True)
    power_now = serializers.FloatField(allow_null=True)
    units_left = serializers.IntegerField(allow_null=True)
    days_left = serializers.IntegerField(allow_null=True)
    variance_reduction = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class ExperimentLookOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    units = serializers.IntegerField()
    effect = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class ExperimentSplitOut(serializers.Serializer[Any]):
    observed = serializers.ListField(child=serializers.FloatField())
    expected = serializers.ListField(child=serializers.FloatField())
    p = serializers.FloatField()
    fails = serializers.BooleanField()


class ExperimentFactorOut(serializers.Serializer[Any]):
    effect = serializers.CharField()
    estimate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    p = serializers.FloatField()


class ExperimentLiftOut(serializers.Serializer[Any]):
    """What an arm added over the held-out one; ``cost_per_added`` in the test's currency."""

    arm = serializers.CharField()
    added = serializers.FloatField()
    added_range = ExperimentRangeOut()
    relative = serializers.FloatField(allow_null=True)
    cost_per_added = serializers.FloatField(allow_null=True)
    cost_range = ExperimentRangeOut(allow_null=True)
    n_held_out = serializers.IntegerField()
    n_treated = serializers.IntegerField()


class ExperimentResultOut(serializers.Serializer[Any]):
    """What an experiment says by now. ``outcome`` is empty before there is anything to read."""

    experiment = serializers.IntegerField()
    sentence = serializers.CharField()
    outcome = serializers.ChoiceField(
        choices=[(str(one), str(one)) for one in Outcome], allow_blank=True
    )
    units = serializers.IntegerField()
    last_day = serializers.DateField(allow_null=True)
    plan_sha256 = serializers.CharField(allow_blank=True)
    deviations = serializers.ListField(child=serializers.CharField())
    split = ExperimentSplitOut(allow_null=True)
    effects = ExperimentEffectOut(many=True)
    looks = ExperimentLookOut(many=True)
    factors = ExperimentFactorOut(many=True)
    lifts = ExperimentLiftOut(many=True)
    shares = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    chance_best = serializers.DictField(child=serializers.FloatField(), allow_null=True)


class ExperimentConcludeIn(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=ExperimentDecision.choices)
    learning = serializers.CharField(max_length=4_000)


class ExperimentAskIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4_000, required=False, default="", allow_blank=True)


class ExperimentAskedOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    state = serializers.CharField()


class ExperimentConflictOut(serializers.Serializer[Any]):
    """Two experiments that can disturb each other, on these days."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    shares = serializers.ListField(child=serializers.CharField())
    from_day = serializers.DateField()
    to_day = serializers.DateField()


class LearningOut(serializers.Serializer[Any]):
    """What a concluded test left behind; effects are parts of 1."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    hypothesis = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()
    effect = serializers.FloatField(allow_null=True)
    effect_low = serializers.FloatField(allow_null=True)
    effect_high = serializers.FloatField(allow_null=True)
    decision = serializers.CharField(allow_blank=True)
    learning = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    concluded_at = serializers.DateTimeField()


class LearningQuery(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    tag = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    outcome = serializers.ChoiceField(
        choices=[(str(one), str(one)) for one in Outcome], required=False, default=""
    )


class HoldoutOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    sentence = serializers.CharField()
    lifts = ExperimentLiftOut(many=True)


class ChoiceIn(serializers.Serializer[Any]):
    """``unit`` is your own lasting name of a person or device; only its hash is kept.
    ``context`` is the segment, such as "returning"."""

    unit = serializers.CharField(max_length=200)
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=80, required=False, default="", allow_blank=True
    )


class ChoiceOut(serializers.Serializer[Any]):
    """The arm to show, with the chance it had."""

    choice = serializers.IntegerField(source="pk")
    arm = serializers.CharField(source="arm.name")
    context = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    propensity = serializers.FloatField()
    reward = serializers.FloatField(allow_null=True)


class ChoiceRewardIn(serializers.Serializer[Any]):
    """What came of a choice, 0 to 1."""

    choice = serializers.IntegerField(min_value=1, max_value=2**62)
    reward = serializers.FloatField(min_value=0, max_value=1)


class ChoiceValueOut(serializers.Serializer[Any]):
    """Without a value there are too few choices that carry weight."""

    value = serializers.FloatField(allow_null=True)
    interval = ExperimentRangeOut(allow_null=True)
    effective = serializers.FloatField()


class ChoiceRuleOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    in_force = serializers.BooleanField()
    inverse_propensity = ChoiceValueOut()
    self_normalised = ChoiceValueOut()
    doubly_robust = ChoiceValueOut(allow_null=True)


class ChoiceContextOut(serializers.Serializer[Any]):
    context = serializers.CharField()  # type: ignore[assignment]
    choices = serializers.IntegerField()
    shares = serializers.ListField(child=serializers.FloatField())


class ChoicePolicyOut(serializers.Serializer[Any]):
    """Chances by context, and what other rules of choosing would have brought."""

    arms = serializers.ListField(child=serializers.CharField())
    choices = serializers.IntegerField()
    rewarded = serializers.IntegerField()
    rules = ChoiceRuleOut(many=True)
    contexts = ChoiceContextOut(many=True)
