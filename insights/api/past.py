"""Where campaigns stand among their past, and how their leads did, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from analytics.leads import ShareChange
from analytics.results import Interval
from core import known
from core.api import AS_OF
from core.known import answer_as_known
from core.models import Organisation
from insights.api import anomaly_shapes as shapes
from insights.rules.benchmarks import METRICS as BENCHMARK_METRICS
from insights.rules.leads import AGAINST, SPANS
from insights.selectors.asked import one_of
from insights.selectors.benchmarks import Benchmark, benchmarks_of
from insights.selectors.leads import LeadRow, leads_of


class BenchmarksView(APIView):
    """Where running campaigns stand among the ended ones of their channel and objective."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        parameters=[AS_OF, OpenApiParameter("metric", enum=list(BENCHMARK_METRICS))],
        responses=shapes.BenchmarksOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        metric = one_of(request.query_params, "metric", BENCHMARK_METRICS) or BENCHMARK_METRICS[0]
        found = benchmarks_of(
            person(request),
            metric,
            today=known.today(),
            currency=Organisation.current().reporting_currency,
        )
        rows = [_benchmark(one) for one in found.rows]
        answer = {"metric": found.metric.key, "currency": found.currency, "rows": rows}
        return Response(shapes.BenchmarksOut(answer).data)


class LeadsView(APIView):
    """Leads, their cost and how many got on, by campaign, against another period."""

    acts = {"GET": Act.VIEW_MONEY}

    @extend_schema(
        parameters=[
            AS_OF,
            OpenApiParameter("days", enum=list(SPANS)),
            OpenApiParameter("against", enum=list(AGAINST)),
        ],
        responses=shapes.LeadsOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        found = leads_of(
            person(request),
            today=known.today(),
            days=int(one_of(request.query_params, "days", SPANS) or next(iter(SPANS))),
            against=one_of(request.query_params, "against", AGAINST) or next(iter(AGAINST)),
            currency=Organisation.current().reporting_currency,
        )
        answer = {
            "after": found.after,
            "before": found.before,
            "rows": [_leads(one) for one in found.rows],
            "total": _leads(found.total),
        }
        return Response(shapes.LeadsOut(answer).data)


def _benchmark(one: Benchmark) -> dict[str, Any]:
    standing = one.standing
    is_placed = not one.reason
    low, high = _ends(standing.interval if is_placed else None)
    return {
        "campaign": one.campaign,
        "name": one.name,
        "channel": one.channel_key,
        "objective": one.objective,
        "value": _number(one.value),
        "median": _number(one.median) if is_placed else None,
        "percentile": standing.percentile if is_placed else None,
        "low": low,
        "high": high,
        "n": standing.n,
        "reason": one.reason,
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(getattr(value, "amount", value))


def _ends(range_: Interval | None) -> tuple[float | None, float | None]:
    return (range_.low, range_.high) if range_ else (None, None)


def _leads(one: LeadRow) -> dict[str, Any]:
    low, high = _ends(one.cost.interval)
    return {
        "campaign": one.campaign,
        "name": one.name,
        "leads": one.after.leads,
        "leads_before": one.before.leads,
        "cost_per_lead": one.cpl(one.after),
        "cost_change": one.cost.value,
        "cost_low": low,
        "cost_high": high,
        "mql": _share(one.mql),
        "sql": _share(one.sql),
    }


def _share(change: ShareChange) -> dict[str, Any]:
    low, high = _ends(change.interval)
    return {
        "before": change.before,
        "after": change.after,
        "difference": change.difference,
        "low": low,
        "high": high,
        "n_before": change.n_before,
        "n_after": change.n_after,
    }
