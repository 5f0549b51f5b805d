"""What the API shows and takes of attribution, journeys, lifetime value and impact."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Team
from accounts.selectors import teams_for
from core.api import MoneyOut, Seen
from core.models import OutboxItem
from insights.models import AnalysisPlan, AttributionRun, Conversion

KINDS = [*Conversion.choices, (AnalysisPlan.LIFETIME, "Lifetime value")]


class AttributionRunOut(serializers.ModelSerializer[AttributionRun]):
    """A run: what it counted, on which days, from which data."""

    team_name = serializers.CharField(source="team.name", read_only=True)

    class Meta:
        model = AttributionRun
        fields = [
            "id", "team", "team_name", "conversion", "first_day", "last_day", "settings", "known_at",
            "data_sha256", "currency", "touches", "people", "conversions", "unattributed",
            "disagreement", "reason", "ran_at", "cpu_seconds",
        ]  # fmt: skip


class CreditedChannelOut(serializers.Serializer[Any]):
    """One channel: its share of conversions by each model, and its money by the chosen one.

    ``low`` and ``high`` are the 90 % range of the chosen model's share; ``removal`` the share of
    conversions lost without the channel. What is not known is null.
    """

    name = serializers.CharField()
    shares = serializers.DictField(child=serializers.FloatField())
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    removal = serializers.FloatField(allow_null=True)
    conversions = serializers.DecimalField(max_digits=20, decimal_places=6)
    value = MoneyOut()
    cost = MoneyOut(allow_null=True)
    return_on_cost = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    claimed = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    claimed_value = MoneyOut(allow_null=True)


class AttributionOut(serializers.Serializer[Any]):
    """A run by one model; amounts add up to the micro."""

    run = AttributionRunOut()
    model = serializers.CharField()
    formula = serializers.CharField()
    value = MoneyOut()
    attributed_value = MoneyOut()
    unattributed_value = MoneyOut()
    reported_value = MoneyOut(allow_null=True)
    finance_value = MoneyOut(allow_null=True)
    cautions = serializers.ListField(child=serializers.CharField())
    channels = CreditedChannelOut(many=True)


class JourneysOut(serializers.Serializer[Any]):
    """What the journeys of a run looked like.

    ``links`` are (step, from, to, journeys, whether it is an end); ``by_days`` counts conversions
    by the upper ends of ``day_bins``, the last number for more.
    """

    run = AttributionRunOut()
    journeys = serializers.FloatField()
    conversions = serializers.FloatField()
    reason = serializers.CharField(allow_blank=True)
    touches = serializers.DictField(allow_null=True)
    days = serializers.DictField(allow_null=True)
    by_touches = serializers.ListField()
    day_bins = serializers.ListField(child=serializers.IntegerField())
    by_days = serializers.ListField(child=serializers.FloatField())
    paths = serializers.ListField(child=serializers.DictField())
    links = serializers.ListField()
    funnel = serializers.ListField(child=serializers.DictField())
    next = serializers.ListField(child=serializers.DictField())


class WorthOut(serializers.Serializer[Any]):
    """What a customer brought in so many days, with its 90 % range, or why that is not known."""

    value = MoneyOut(allow_null=True)
    low = MoneyOut(allow_null=True)
    high = MoneyOut(allow_null=True)
    seen = serializers.IntegerField(help_text="Customers known for so long")
    reason = serializers.CharField(allow_blank=True)


class CohortOut(serializers.Serializer[Any]):
    """Customers won by a channel or in a month."""

    name = serializers.CharField()
    customers = serializers.IntegerField()
    values = serializers.DictField(child=WorthOut(), help_text="By age in days")
    expected = WorthOut(allow_null=True)
    cac = MoneyOut(allow_null=True)
    ratio = serializers.FloatField(allow_null=True)
    ratio_at = serializers.IntegerField()
    payback_days = serializers.IntegerField(allow_null=True)
    chance = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class LifetimeOut(serializers.Serializer[Any]):
    """A run of lifetime value: cohorts by channel and by month."""

    id = serializers.IntegerField()
    team = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    ran_at = serializers.DateTimeField()
    data_sha256 = serializers.CharField()
    settings = serializers.DictField()
    customers = serializers.IntegerField()
    purchases = serializers.IntegerField()
    channels = CohortOut(many=True)
    months = CohortOut(many=True)


class LagOut(serializers.Serializer[Any]):
    """The correlation of changes with those so many weeks later, with its 90 % range."""

    lag = serializers.IntegerField()
    value = serializers.FloatField()
    low = serializers.FloatField(source="interval.low")
    high = serializers.FloatField(source="interval.high")
    n = serializers.IntegerField()


class MoveOut(serializers.Serializer[Any]):
    """A channel's spend against all revenue; ``chance``: how often chance shows as strong a lag."""

    channel = serializers.CharField()
    lags = LagOut(many=True)
    strongest_lag = serializers.IntegerField(allow_null=True)
    chance = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class EffectOut(serializers.Serializer[Any]):
    """A change whose effect was measured; effects are relative changes."""

    change = serializers.CharField()
    campaign = serializers.IntegerField()
    metric = serializers.CharField()
    outcome = serializers.CharField()
    effect = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    reason = serializers.CharField()
    made_on = serializers.DateField()


class ImpactOut(serializers.Serializer[Any]):
    """Measured effects first; what only moves together proves nothing."""

    warning = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    effects = EffectOut(many=True)
    moves = MoveOut(many=True)


class AnalysisIn(serializers.Serializer[Any]):
    """A run to be made; settings that are not given are those of the team's nightly runs."""

    team = Seen(Team, teams_for)
    kind = serializers.ChoiceField(KINDS)
    settings = serializers.DictField(required=False)
    standard = serializers.BooleanField(default=False, help_text="Use them every night from now on")


class AnalysisOut(serializers.ModelSerializer[OutboxItem]):
    """How far a run is; ``result`` names it when it is there."""

    class Meta:
        model = OutboxItem
        fields = ["id", "state", "progress_done", "progress_total", "progress_note", "result"]
