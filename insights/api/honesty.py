"""How good forecasts turned out, over the API: the figures of the honesty board."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from core.errors import Invalid
from insights.forms import HonestyFilter
from insights.models import Forecast
from insights.rules.honesty import Sums
from insights.selectors.asked import one_of
from insights.selectors.forecasts import subject_name
from insights.selectors.honesty import Board, Calls, Miss, board_for, calls_of, worst


class FiguresOut(serializers.Serializer[Any]):
    """Ratios of sums over ``n`` forecasts; null below eight cases. ``skill`` below zero loses to the naive."""

    n = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    naive_accuracy = serializers.FloatField(allow_null=True)
    mase = serializers.FloatField(allow_null=True)
    naive_mase = serializers.FloatField(allow_null=True)
    skill = serializers.FloatField(allow_null=True)
    coverage80 = serializers.FloatField(allow_null=True)
    coverage95 = serializers.FloatField(allow_null=True)
    direction = serializers.FloatField(allow_null=True, source="hit_rate")
    direction_low = serializers.FloatField(allow_null=True, default=None, source="hit_interval.low")
    direction_high = serializers.FloatField(
        allow_null=True, default=None, source="hit_interval.high"
    )
    direction_n = serializers.IntegerField(source="judged")


class AheadOut(serializers.Serializer[Any]):
    """Figures of single days so many days ahead."""

    days_ahead = serializers.IntegerField()
    figures = FiguresOut()


class HonestyRowOut(serializers.Serializer[Any]):
    """Figures of a metric and a version."""

    metric = serializers.CharField()
    version = serializers.IntegerField()
    figures = FiguresOut()


class MissOut(serializers.Serializer[Any]):
    """A forecast whose total was far off; ``off`` over what came."""

    forecast = serializers.IntegerField(source="forecast.pk")
    name = serializers.SerializerMethodField()
    days = serializers.IntegerField()
    expected = serializers.FloatField(source="told")
    came = serializers.FloatField()
    off = serializers.FloatField()
    naive_off = serializers.FloatField(allow_null=True)

    def get_name(self, miss: Miss) -> str:
        return subject_name(miss.forecast)


class CallsOut(serializers.Serializer[Any]):
    """How often the direction of next week was said right."""

    subject = serializers.CharField()
    name = serializers.CharField()
    hits = serializers.IntegerField()
    n = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    low = serializers.SerializerMethodField()
    high = serializers.SerializerMethodField()

    def get_low(self, calls: Calls) -> float | None:
        return calls.interval.low if calls.interval else None

    def get_high(self, calls: Calls) -> float | None:
        return calls.interval.high if calls.interval else None


class HonestyOut(serializers.Serializer[Any]):
    """The board of one metric at one level; ``span`` day or total."""

    level = serializers.CharField()
    metric = serializers.CharField(allow_null=True)
    span = serializers.CharField()
    days = serializers.IntegerField()
    figures = FiguresOut()
    next_week = FiguresOut()
    by_days_ahead = AheadOut(many=True)
    rows = HonestyRowOut(many=True)
    worst = MissOut(many=True)
    calls = CallsOut(many=True)


class HonestyView(APIView):
    """How far off frozen forecasts were on days that are final, beside the seasonal naive."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "level", enum=Forecast.Level.values, description="Campaigns without it"
            ),
            OpenApiParameter("metric", str, description="A key of the registry"),
            OpenApiParameter(
                "ahead", str, description="total-30, total-14, total-7, day-30 ... day-1"
            ),
        ],
        responses=HonestyOut,
    )
    def get(self, request: Request) -> Response:
        user, today, given = person(request), clock.today(), request.query_params
        level = one_of(given, "level", Forecast.Level.values)
        asked = {"level": level, "metric": given.get("metric", "")}
        ahead = HonestyFilter(given).chosen_ahead
        if given.get("ahead") and ahead is None:
            raise Invalid("No such days ahead.", where="ahead", remedy="Like total-7 or day-1.")
        board = board_for(user, **asked, ahead=ahead, today=today)
        key = board.metric.key if board.metric else ""
        found = _out(board) | {
            "worst": worst(user, level=board.level, metric=key, ahead=board.ahead, today=today),
            "calls": calls_of(user, level=board.level, metric=key, today=today),
        }
        return Response(HonestyOut(found).data)


def _out(board: Board) -> dict[str, Any]:
    return {
        "level": board.level,
        "metric": board.metric.key if board.metric else None,
        "span": board.span,
        "days": board.ahead,
        "figures": board.sums,
        "next_week": board.week,
        "by_days_ahead": [_ahead(days, one) for days, one in board.by_ahead.items()],
        "rows": [
            {"metric": row.metric.key, "version": row.version, "figures": row.sums}
            for row in board.rows
        ],
    }


def _ahead(days: int, figures: Sums) -> dict[str, Any]:
    return {"days_ahead": days, "figures": figures}
