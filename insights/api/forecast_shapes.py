"""What the API shows and takes of forecasts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from insights.models import Forecast, ForecastOverride
from insights.rules.what_if import LIMITS
from insights.selectors.forecasts import subject_name

HEAD = [
    "id", "issue", "version", "metric", "level", "subject", "name", "team", "channel", "campaign",
    "line", "currency", "cutoff", "issued_at", "known_at", "horizon", "method", "reason", "base7",
    "call", "chances", "next_7", "next_30",
]  # fmt: skip
ENDS = ("lo80", "hi80", "lo95", "hi95")


class ExpectedOut(serializers.Serializer[Any]):
    """Some days together with their ranges, in units; null where nothing can be said."""

    value = serializers.FloatField(allow_null=True)
    lo80 = serializers.FloatField(allow_null=True)
    hi80 = serializers.FloatField(allow_null=True)
    lo95 = serializers.FloatField(allow_null=True)
    hi95 = serializers.FloatField(allow_null=True)


class ExpectationOut(serializers.ModelSerializer[ForecastOverride]):
    """What a person expects instead of the first days; the forecast stays."""

    by = serializers.CharField(source="created_by.name", read_only=True)

    class Meta:
        model = ForecastOverride
        fields = ["id", "forecast", "days", "value", "reason", "by", "created_at", "undone_at"]


class ForecastOut(serializers.ModelSerializer[Forecast]):
    """What was expected, frozen when it was issued. Values are in units of the metric."""

    name = serializers.SerializerMethodField()
    next_7 = serializers.SerializerMethodField()
    next_30 = serializers.SerializerMethodField()

    class Meta:
        model = Forecast
        fields = HEAD

    def get_name(self, forecast: Forecast) -> str:
        return subject_name(forecast)

    @extend_schema_field(ExpectedOut)
    def get_next_7(self, forecast: Forecast) -> Any:
        return ahead(forecast, 7)

    @extend_schema_field(ExpectedOut)
    def get_next_30(self, forecast: Forecast) -> Any:
        return ahead(forecast, 30)


def ahead(forecast: Forecast, days: int) -> dict[str, float | None] | None:
    """The first days together; null beyond the horizon."""
    if days > forecast.horizon:
        return None
    ends = {end: getattr(forecast, f"sum_{end}")[days - 1] for end in ENDS}
    return {"value": forecast.sum_yhat[days - 1], **ends}


class ForecastDetailOut(ForecastOut):
    """The same with its days, the sums up to each day, and what people expect beside it."""

    overrides = ExpectationOut(many=True, read_only=True)

    class Meta:
        model = Forecast
        fields = [
            *HEAD, "days_known", "days_matured", "tested",
            "yhat", "lo80", "hi80", "lo95", "hi95",
            "sum_yhat", "sum_lo80", "sum_hi80", "sum_lo95", "sum_hi95", "overrides",
        ]  # fmt: skip


class ExpectationIn(serializers.Serializer[Any]):
    """Days from the first on, the value expected of them together in units, and why."""

    days = serializers.IntegerField(min_value=1)
    value = serializers.FloatField(min_value=0)
    reason = serializers.CharField()


class TurnIn(serializers.Serializer[Any]):
    """Changes as shares: 0.1 is ten percent more."""

    budget = serializers.FloatField(
        default=0.0, min_value=LIMITS["budget"][0], max_value=LIMITS["budget"][1]
    )
    cpc = serializers.FloatField(
        default=0.0, min_value=LIMITS["cpc"][0], max_value=LIMITS["cpc"][1]
    )
    cvr = serializers.FloatField(
        default=0.0, min_value=LIMITS["cvr"][0], max_value=LIMITS["cvr"][1]
    )
    days = serializers.IntegerField(default=30, min_value=1)


class TurnedOut(serializers.Serializer[Any]):
    """A metric before and after, quoting the forecast it was turned from."""

    forecast = serializers.IntegerField()
    metric = serializers.CharField()
    currency = serializers.CharField()
    before = ExpectedOut()
    after = ExpectedOut()


class TurnedScenarioIn(TurnIn):
    """The changes and the name of the scenario they become."""

    name = serializers.CharField(max_length=80)


class TurnedScenarioOut(serializers.Serializer[Any]):
    """The scenario that was made."""

    scenario = serializers.IntegerField()
