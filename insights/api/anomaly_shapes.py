"""What the API says of anomalies, drivers, risks, benchmarks and leads."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api import MoneyOut


class DismissAnomalyIn(serializers.Serializer[Any]):
    reason = serializers.CharField(help_text="What it was instead")


class SeriesOut(serializers.Serializer[Any]):
    """The days around an incident: what was seen, and what would have been usual."""

    first = serializers.DateField()
    values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    low = serializers.ListField(child=serializers.FloatField(allow_null=True))
    high = serializers.ListField(child=serializers.FloatField(allow_null=True))


class AnomalyOut(serializers.Serializer[Any]):
    """One incident of one team; those of the same ``storm`` turned within a day of each other."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=["running", "open", "over", "dismissed"])
    storm = serializers.CharField()
    team = serializers.IntegerField()
    campaign = serializers.IntegerField(allow_null=True)
    lines = serializers.ListField(child=serializers.IntegerField())
    metric = serializers.CharField()
    way = serializers.ChoiceField(choices=["drop", "rise"])
    is_good = serializers.BooleanField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    observed = serializers.FloatField(
        help_text="The metric over these days; an amount is that of a day"
    )
    expected = serializers.FloatField()
    usual_low = serializers.FloatField()
    usual_high = serializers.FloatField()
    score = serializers.FloatField()
    threshold = serializers.FloatField()
    days_judged = serializers.IntegerField()
    stake = MoneyOut(allow_null=True, help_text="None for people who see no amounts")
    series = SeriesOut()
    explanation = serializers.IntegerField(
        allow_null=True, help_text="Number of the kept driver tree"
    )
    found_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PeriodOut(serializers.Serializer[Any]):
    first = serializers.DateField(source="start")
    last = serializers.DateField(source="end")


class DriverStepOut(serializers.Serializer[Any]):
    """One factor of the funnel; ``part`` in whole steps."""

    name = serializers.CharField()
    before = serializers.FloatField()
    after = serializers.FloatField()
    part = serializers.IntegerField()


class NodeOut(serializers.Serializer[Any]):
    """A segment; all numbers in whole steps. ``volume + rate + mix = change``.

    Of a total the children's changes add up to ``change``, of a ratio to ``rate``, and to
    ``change`` at the root.
    """

    dimension = serializers.CharField(allow_blank=True)
    segment = serializers.CharField(allow_blank=True)
    before = serializers.IntegerField(allow_null=True)
    after = serializers.IntegerField(allow_null=True)
    change = serializers.IntegerField()
    volume = serializers.IntegerField()
    rate = serializers.IntegerField()
    mix = serializers.IntegerField()
    children = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_children(self, node: Any) -> list[Any]:
        return [NodeOut(child).data for child in node.children]


class WhyOut(serializers.Serializer[Any]):
    """Why a metric changed. One step is ``step`` millionths of the metric's unit."""

    sentence = serializers.CharField()
    metric = serializers.CharField()
    before = PeriodOut()
    after = PeriodOut()
    currency = serializers.CharField(allow_blank=True)
    step = serializers.IntegerField()
    tree = NodeOut()
    chain = DriverStepOut(many=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why there are no parts")
    known_at = serializers.DateTimeField(allow_null=True)
    explanation = serializers.IntegerField(allow_null=True, help_text="Number, where it was kept")


class AnomalyDetailOut(AnomalyOut):
    why = WhyOut()


class RiskOut(serializers.Serializer[Any]):
    """Something that may happen; ``is_counted`` unless a larger one speaks of the same money."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    team = serializers.IntegerField()
    campaign = serializers.IntegerField(allow_null=True)
    finding = serializers.IntegerField(allow_null=True)
    subject = serializers.CharField(help_text="budget_line, target or source")
    subject_id = serializers.IntegerField()
    chance = serializers.FloatField()
    loss = MoneyOut(help_text="What it would cost")
    expected = MoneyOut(help_text="Chance times loss, in the reporting currency")
    change = MoneyOut(allow_null=True, help_text="Of that since a week ago")
    severity = serializers.CharField()
    is_counted = serializers.BooleanField()
    due_on = serializers.DateField()
    how = serializers.CharField()


class RiskTotalOut(serializers.Serializer[Any]):
    day = serializers.DateField()
    total = MoneyOut()


class RisksOut(serializers.Serializer[Any]):
    day = serializers.DateField(allow_null=True, help_text="Of the list")
    total = MoneyOut()
    trend = RiskTotalOut(many=True)
    rows = RiskOut(many=True)


class BenchmarkOut(serializers.Serializer[Any]):
    """A running campaign in one channel among the ended ones of its kind; hidden below eight."""

    campaign = serializers.IntegerField()
    name = serializers.CharField()
    channel = serializers.CharField()
    objective = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    percentile = serializers.FloatField(
        allow_null=True, help_text="Share of the past it beats, 0 to 100"
    )
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)


class BenchmarksOut(serializers.Serializer[Any]):
    metric = serializers.CharField()
    currency = serializers.CharField()
    rows = BenchmarkOut(many=True)


class LeadShareOut(serializers.Serializer[Any]):
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    difference = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n_before = serializers.IntegerField()
    n_after = serializers.IntegerField()


class LeadRowOut(serializers.Serializer[Any]):
    """A campaign's leads against the baseline; ``campaign`` null: not known whose."""

    campaign = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    leads = serializers.IntegerField()
    leads_before = serializers.IntegerField()
    cost_per_lead = MoneyOut(allow_null=True)
    cost_change = serializers.FloatField(allow_null=True)
    cost_low = serializers.FloatField(allow_null=True)
    cost_high = serializers.FloatField(allow_null=True)
    mql = LeadShareOut()
    sql = LeadShareOut()


class LeadsOut(serializers.Serializer[Any]):
    after = PeriodOut()
    before = PeriodOut()
    rows = LeadRowOut(many=True)
    total = LeadRowOut()
