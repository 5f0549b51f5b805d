"""What results cost, over the API: the rows of the efficiency page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from analytics.results import REASON_TEXT, Interval, Reason
from core import known
from core.api import AS_OF
from core.known import answer_as_known
from insights.api import serializers as shapes
from insights.forms import EfficiencyFilter
from insights.selectors.asked import one_of
from insights.services.efficiency import GRAINS, EfficiencyRow, efficiency_of

ONLY = ["missed", "dearer", "marginal"]


class EfficiencyView(APIView):
    """Cost per result, cost of one more, distance to target and change, by channel, campaign or line."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=list(GRAINS), description="Channels without it"),
            AS_OF,
            OpenApiParameter("only", enum=ONLY),
        ],
        responses=shapes.EfficiencyOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        one_of(request.query_params, "by", GRAINS)
        one_of(request.query_params, "only", ONLY)
        wanted = EfficiencyFilter(request.query_params)
        found = efficiency_of(person(request), wanted.grain, today=known.today())
        answer = {
            "through": found.through,
            "spend": found.spend,
            "missed_share": found.missed_share,
            "without_target_share": found.without_share,
            "rows": [_row(row) for row in found.rows if wanted.keeps(row)],
        }
        return Response(shapes.EfficiencyOut(answer).data)


def _row(row: EfficiencyRow) -> dict[str, Any]:
    marginal, change = row.marginal, row.change
    low, high = _ends(marginal.interval)
    change_low, change_high = _ends(change.interval)
    return {
        "key": row.key,
        "name": row.name,
        "part_of": row.part_of,
        "measure": row.measure,
        "spend": row.spend,
        "results": row.results,
        "cost": row.cost,
        "marginal_cost": row.money(marginal.value),
        "marginal_low": row.money(low),
        "marginal_high": row.money(high),
        "marginal_reason": _why(marginal.reason),
        "marginal_days": marginal.n,
        "change": change.value,
        "change_low": change_low,
        "change_high": change_high,
        "chance_dearer": change.chance_worse,
        "change_reason": _why(change.reason),
        "target": row.target,
        "worse_than_target": row.vs_target,
        "is_missed": row.is_missed,
    }


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (interval.low, interval.high) if interval else (None, None)


def _why(reason: Reason | None) -> str:
    return REASON_TEXT[reason] if reason else ""
