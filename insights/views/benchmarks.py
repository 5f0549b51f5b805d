"""Where running campaigns stand among the house's own past, and how their leads did against another period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from analytics.percentile import MIN_PEERS
from analytics.results import Interval
from core import formats, known
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.parts import Tab
from core.tables import Column, Table
from insights.selectors.benchmarks import Benchmark, Benchmarks, benchmarks_of
from insights.views.asked import BenchmarkForm
from insights.views.understand import reporting_currency, understand_tabs
from metrics.selectors import written


class BenchmarkTable(Table):
    key = "benchmarks"
    noun = "campaigns"
    columns = (
        Column("name", "Campaign", kind="link", url="url", sub="team", priority=1, strong=True),
        Column("channel", "Channel", kind="channel", sort="channel_label"),
        Column("objective", "Objective", default_visible=False, priority=3),
        Column("value", "Now", kind="number", sort="raw", priority=2),
        Column("median", "Median of the past", kind="number", sort="median_raw", priority=3),
        Column("percentile", "Better than", kind="percent", digits=0, priority=1, sub="reason"),
        Column("place", "Place in the past, 80 % range", kind="interval", sortable=False, priority=3,
               help="From worse than all (left) to better than all (right); the mark is the middle"),
        Column("n", "Of", kind="number", priority=3, help="Ended campaigns of its channel and objective"),
    )  # fmt: skip
    search = ("name", "team", "channel_label")
    default_sort = "-percentile"
    row_id = "pk"
    empty_title = "No running campaign has figures yet"
    empty_text = "Campaigns appear when they run and have brought figures."


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def benchmarks(request: HttpRequest) -> HttpResponse:
    user, form = person(request), BenchmarkForm(request.GET)
    found = benchmarks_of(user, form.chosen, today=known.today(), currency=reporting_currency())
    table = BenchmarkTable(request, [_row(one, found) for one in found.rows])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title=_title(found), as_of=known.now())
    context = {
        "title": _title(found),
        "kicker": f"Benchmarks · {found.metric.label} of running campaigns among {found.ended} ended ones",
        "table": table,
        "metrics": [
            Tab(metric.label, f"?metric={metric.key}", metric.key == found.metric.key)
            for metric in found.offered
        ],
        "least": MIN_PEERS,
        "tabs": understand_tabs(user, "insights:benchmarks"),
        "crumbs": [("Anomalies", reverse("insights:anomalies")), ("Benchmarks", "")],
    }
    return page(request, "insights/benchmarks.html", context, fragment="benchmarks")


def _row(one: Benchmark, found: Benchmarks) -> dict[str, Any]:
    standing = one.standing
    percentile = standing.percentile if not one.reason else None
    return {
        "pk": f"{one.campaign}-{one.channel_key}",
        "name": one.name,
        "url": reverse("reporting:campaign", args=[one.campaign]),
        "team": one.team,
        "channel": one.channel_key,
        "channel_label": one.channel,
        "objective": one.objective,
        "value": written(found.metric, one.value),
        "raw": _raw(one.value),
        "median": written(found.metric, one.median) if percentile is not None else None,
        "median_raw": _raw(one.median),
        "percentile": None if percentile is None else percentile / 100,
        "reason": one.reason,
        "place": _place(percentile, standing.interval),
        "n": standing.n,
    }


def _raw(value: Any) -> float:
    return float(getattr(value, "amount", value) or 0)


def _place(percentile: float | None, interval: Interval | None) -> tuple[float | bool, ...] | None:
    if percentile is None or interval is None:
        return None
    clear = interval.excludes(50)
    return (interval.low, percentile, interval.high, 0, 100, 50, clear)


def _title(found: Benchmarks) -> str:
    placed = [one for one in found.rows if not one.reason and one.standing.percentile is not None]
    if not placed:
        return f"Too few campaigns have ended to compare {_name(found)} with"
    clear = _clearly(placed)
    worst = min(clear or placed, key=lambda one: one.standing.percentile or 0)
    best = max(clear or placed, key=lambda one: one.standing.percentile or 0)
    told = worst if (worst.standing.percentile or 0) < 50 else best
    if not clear:
        return f"No campaign stands clearly apart from its own past in {_name(found)}"
    place = formats.percent((told.standing.percentile or 0) / 100, 0)
    apart = "1 campaign stands" if len(clear) == 1 else f"{len(clear)} campaigns stand"
    return f"{apart} apart from the past in {_name(found)}; {told.name} beats {place} of its kind"


def _name(found: Benchmarks) -> str:
    label = found.metric.label
    return label if label.isupper() else label.lower()


def _clearly(placed: Sequence[Benchmark]) -> list[Benchmark]:
    return [one for one in placed if one.standing.interval and one.standing.interval.excludes(50)]
