"""What is expected of the days to come: every metric at every level, with its range and its call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, require
from analytics.results import REASON_TEXT, Reason
from core import clock, formats, known
from core.exports import export_response
from core.known import page_as_known
from core.once import reading_once
from core.pages import page
from core.parts import Delta, Tile
from core.tables import Column, Table
from insights.forms import ForecastFilter
from insights.models import Forecast, ForecastIssue
from insights.selectors.forecasts import (
    CALLS,
    Outcome,
    Quoted,
    call_words,
    forecasts_visible,
    issue_standing,
    outcomes,
)
from insights.views.forecast_tabs import tabs
from metrics.selectors import METRICS, metric_for

# Told of in the strip, as far as the person sees them.
TOLD = ("revenue", "spend", "conversions", "roas")
LEVELS = [level.value for level in Forecast.Level]
WEEK = 7
PLURALS = {
    "company": "companies", "team": "teams", "channel": "channels",
    "campaign": "campaigns", "line": "lines",
}  # fmt: skip


class ForecastTable(Table):
    key = "forecasts"
    noun = "forecasts"
    columns = (
        Column("name", "Of", kind="link", url="url", sub="team", priority=1, strong=True),
        Column("expected", "Expected", kind="custom", sort="value", priority=1),
        Column("range80", "80 % range", kind="custom", sortable=False, nowrap=True),
        Column("range95", "95 % range", kind="custom", sortable=False, nowrap=True, priority=3,
               default_visible=False),
        Column("before", "Last 7 days", kind="custom", sort="base", priority=3),
        Column("change", "Against last week", kind="percent_signed", priority=3),
        Column("call", "Next week", kind="badge", tone="tone", sort="order", priority=2),
        Column("chance", "How likely", kind="percent", digits=0, priority=3),
        Column("note", "Note", priority=3),
    )  # fmt: skip
    search = ("name", "team")
    default_sort = "-expected"
    row_id = "pk"
    empty_title = "Nothing is forecast here yet"
    empty_text = (
        "Forecasts are made every night from what was imported. They begin with the first days of "
        "a line; six known days are enough to start."
    )

    def cell_expected(self, row: Mapping[str, Any]) -> str:
        return str(row["expected"])

    def cell_range80(self, row: Mapping[str, Any]) -> str:
        return str(row["range80"])

    def cell_range95(self, row: Mapping[str, Any]) -> str:
        return str(row["range95"])

    def cell_before(self, row: Mapping[str, Any]) -> str:
        return str(row["before"])


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
@reading_once()
def forecasts(request: HttpRequest) -> HttpResponse:
    user, issue = person(request), issue_standing()
    metrics, levels = offered(issue, user)
    filters = ForecastFilter(request.GET, metrics, levels)
    found = outcomes(issue, user, **filters.chosen) if issue and metrics else []
    table = ForecastTable(request, [_row(one) for one in found])
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            table, wanted, title="Forecasts", filters=_said(filters), as_of=clock.now()
        )
    context = {
        "title": _title(found, filters),
        "kicker": _kicker(issue),
        "tiles": _tiles(user, found, filters.chosen["days"]),
        "filters": filters,
        "found": bool(issue and metrics),
        "table": table,
        "table_title": _table_title(found, filters),
        "sub": _sub(issue, filters.chosen["days"]),
        "tabs": tabs("forecasts"),
        "may_import": can(user, Act.UPLOAD_IMPORT),
        "crumbs": [("Forecasts", "")],
    }
    return page(request, "insights/forecasts.html", context, fragment="forecasts")


def offered(
    issue: ForecastIssue | None, user: User
) -> tuple[list[tuple[str, str]], list[str]]:  # fmt: skip
    """Metrics (with labels, in the order of the registry) and levels that a person finds there."""
    if issue is None:
        return [], []
    rows = forecasts_visible(user).filter(issue=issue).order_by()
    pairs = set(rows.values_list("metric", "level").distinct())
    there, levels = {metric for metric, _ in pairs}, {level for _, level in pairs}
    return (
        [(key, one.label) for key, one in METRICS.items() if key in there],
        [level for level in LEVELS if level in levels],
    )


def _row(one: Outcome) -> dict[str, Any]:
    says, ahead = one.says, one.ahead
    return {
        "pk": one.pk,
        "name": one.name,
        "team": one.team if one.level in ("campaign", "line") else "",
        "url": reverse("insights:forecast", args=[one.pk]),
        "value": -1 if ahead.value is None else ahead.value,
        "expected": says.written(ahead.value),
        "range80": says.range(ahead.lo80, ahead.hi80),
        "range95": says.range(ahead.lo95, ahead.hi95),
        "base": -1 if one.base7 is None else one.base7,
        "before": says.written(one.base7),
        "change": change_of(one.next7, one.base7),
        "call": CALLS[one.call].capitalize() if one.call is not None else "",
        "tone": tone_of(one.metric, one.call),
        "order": -2 if one.call is None else one.call,
        "chance": one.chances[one.call + 1] if one.call is not None else None,
        "note": REASON_TEXT[Reason(one.reason)] if one.reason else "",
    }


def change_of(ahead: float | None, base: float | None) -> float | None:
    """How far apart, as a share of what was; None where nothing was."""
    return ahead / base - 1 if ahead is not None and base else None


def tone_of(metric: str, call: int | None) -> str:
    """Whether a call is good news; direction alone says nothing of spend."""
    good = metric_for(metric).up_is_good
    if not call or good is None:
        return "neutral"
    return "good" if (call > 0) == good else "bad"


def _title(found: Sequence[Outcome], filters: ForecastFilter) -> str:
    """The finding: how many go up and how many down next week."""
    judged = [one for one in found if one.call is not None]
    if not judged:
        return "What is expected of the days to come"
    level, label = filters.chosen["level"], metric_for(judged[0].metric).label
    if len(judged) == 1:
        one = judged[0]
        words = call_words(one.call, one.chances).lower()
        return f"{label} of {one.name} next week: {words}"
    up, down = (sum(one.call == way for one in judged) for way in (1, -1))
    of = label if label.isupper() else label.lower()
    ways = " and ".join(f"{way} in {n}" for way, n in (("up", up), ("down", down)) if n)
    moves = f"goes {ways} of" if ways else "stays flat in all"
    return f"Next week {of} {moves} {len(judged)} {PLURALS[level]}"


def _kicker(issue: ForecastIssue | None) -> str:
    if issue is None:
        return "Forecasts"
    return (
        f"Forecasts · known up to {formats.day(issue.cutoff, known.today(), weekday=False)} · issued "
        f"{formats.moment(issue.issued_at, known.today())} · model {issue.version.number}"
    )


def _sub(issue: ForecastIssue | None, days: int) -> str:
    if issue is None:
        return ""
    first, last = issue.cutoff + timedelta(days=1), issue.cutoff + timedelta(days=days)
    span = formats.span(first, last, known.today())
    return f"{span} together, amounts in {issue.currency} · up or down means by more than 5 %"


def _table_title(found: Sequence[Outcome], filters: ForecastFilter) -> str:
    asked = filters.chosen
    label = metric_for(asked["metric"]).label if asked["metric"] else "Forecasts"
    return (
        f"{label} of the next {asked['days']} days, {len(found)} {PLURALS.get(asked['level'], '')}"
    )


def _said(filters: ForecastFilter) -> list[tuple[str, str]]:
    asked = filters.chosen
    return [
        ("Metric", asked["metric"]),
        ("Level", asked["level"]),
        ("Days ahead", str(asked["days"])),
    ]


def _tiles(user: User, found: Sequence[Outcome], days: int) -> list[Tile]:
    """The figures of the highest place the person sees, of the same issue as the table."""
    if not found:
        return []
    anyone = forecasts_visible(user).get(pk=found[0].pk)
    rows = forecasts_visible(user).filter(issue=anyone.issue_id, metric__in=TOLD)
    top = rows.filter(level__in=("company", "team")).order_by("level", "team__path").first()
    if top is None:
        return []
    by_metric = {one.metric: one for one in rows.filter(subject=top.subject)}
    return [tile_of(Quoted(by_metric[key]), days) for key in TOLD if key in by_metric]


def tile_of(quoted: Quoted, days: int) -> Tile:
    """One figure with its range, how it stands to last week, and the way to its page."""
    says, ahead, forecast = quoted.says, quoted.ahead(days), quoted.forecast
    change = change_of(quoted.ahead(WEEK).value, forecast.base7)
    call = f"{quoted.call}." if quoted.call and days == WEEK else ""
    # What is as likely noise as news is not judged.
    good = quoted.metric.up_is_good if forecast.call else None
    return Tile(
        label=f"{quoted.metric.label}, next {days} days",
        value=says.written(ahead.value),
        delta=None
        if change is None or days != WEEK
        else Delta.of(change, formats.percent_signed, up_is_good=good),
        sentence=f"{says.range(ahead.lo80, ahead.hi80)} (80 %). {call}",
        url=reverse("insights:forecast", args=[forecast.pk]),
    )
