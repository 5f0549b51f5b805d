"""The honesty board: how far off forecasts were, beside the seasonal naive, and who was benched."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person, require
from core import clock, formats
from core.charts import Band, Chart, Series, Unit
from core.exports import export_response
from core.pages import page
from core.parts import Tile
from core.tables import Column, Table
from insights.forms import HonestyFilter
from insights.models import Forecast, ModelVersion
from insights.rules.forecast_run import NAIVE
from insights.rules.honesty import BAND80, BAND95, Sums
from insights.selectors.forecasts import Says, call_words, subject_name
from insights.selectors.honesty import (
    Board,
    Calls,
    Miss,
    Row,
    benched,
    board_for,
    calls_of,
    in_use,
    versions_named,
    worst,
)
from insights.views.forecast_tabs import tabs

TOO_FEW = "Not enough data"
# What a direction should be right at least, by the goal of the house.
GOAL = 0.75
NUMBERS = {7: "Seven", 14: "Fourteen", 30: "Thirty"}
LEVELS = dict(Forecast.Level.choices)
PLURAL = {
    "company": "the company", "team": "teams", "channel": "channels", "campaign": "campaigns",
    "line": "lines",
}  # fmt: skip


class _Second(Table):
    """A table beside others: its export says which one is meant."""

    def export_url(self, fmt: str) -> str:
        return f"{super().export_url(fmt)}&of={self.key}"


class HonestyTable(Table):
    key = "honesty"
    noun = "metrics"
    columns = (
        Column("metric", "Metric", kind="link", url="url", priority=1, strong=True),
        Column("version", "Version", kind="text", priority=3, nowrap=True),
        Column("accuracy", "Accuracy", kind="percent", digits=0, priority=1, help="1 − sum of errors ÷ sum of what came"),
        Column("naive", "Seasonal naive", kind="percent", digits=0, priority=2, help="The same weekday again"),
        Column("mase", "MASE", kind="number", digits=2, priority=3, help="Error in seasonal differences; below 1 is good"),
        Column("naive_mase", "MASE, naive", kind="number", digits=2, priority=3),
        Column("inside80", "In 80 % range", kind="percent", digits=0, priority=3),
        Column("inside95", "In 95 % range", kind="percent", digits=0, priority=3),
        Column("direction", "Direction right", kind="percent", digits=0, priority=3, help="Up, down or flat against the week before; flat is within 5 %"),
        Column("interval", "95 % interval", kind="custom", sortable=False, priority=3, nowrap=True),
        Column("n", "Cases", kind="number", priority=2),
        Column("word", "Verdict", kind="badge", tone="tone", sortable=False, priority=2),
    )  # fmt: skip
    search = ("metric",)
    row_id = "id"
    empty_title = "No forecast has been judged yet"
    empty_text = (
        "Every night forecasts are compared with the days that became final. The first figures appear "
        "some days after the first forecasts, those of results when the platforms stop restating them."
    )

    def cell_interval(self, row: Mapping[str, Any]) -> str:
        return str(row["interval"])


class MissTable(_Second):
    key = "misses"
    noun = "forecasts"
    columns = (
        Column("name", "Forecast of", kind="link", url="url", priority=1, sub="from"),
        Column("off", "Off by", kind="percent_signed", digits=0, priority=1),
        Column("naive_off", "Naive off by", kind="percent_signed", digits=0, priority=2),
        Column("told", "Expected", kind="custom", sortable=False, priority=3, nowrap=True),
        Column("came", "Came", kind="custom", sortable=False, priority=3, nowrap=True),
    )
    row_id = "id"
    empty_title = "Nothing has come to an end yet"
    empty_text = "Misses appear when all days of a forecast are final."

    def cell_told(self, row: Mapping[str, Any]) -> str:
        return str(row["told"])

    def cell_came(self, row: Mapping[str, Any]) -> str:
        return str(row["came"])


class CallTable(_Second):
    key = "calls"
    noun = "series"
    columns = (
        Column("name", "Of", kind="link", url="url", priority=1, sub="now"),
        Column("rate", "Direction right", kind="percent", digits=0, priority=1),
        Column("interval", "95 % interval", kind="custom", sortable=False, priority=3, nowrap=True),
        Column("hits", "Right", kind="number", priority=3),
        Column("n", "Calls", kind="number", priority=2),
        Column("word", "Verdict", kind="badge", tone="tone", sortable=False, priority=2),
    )
    search = ("name",)
    row_id = "id"
    empty_title = "No call has been judged yet"
    empty_text = "A call is judged when the seven days it is about are final."

    def cell_interval(self, row: Mapping[str, Any]) -> str:
        return str(row["interval"])


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def forecast_honesty(request: HttpRequest) -> HttpResponse:
    user, today = person(request), clock.today()
    wanted = HonestyFilter(request.GET)
    asked = {name: request.GET.get(name, "") for name in ("level", "metric")}
    board = board_for(user, **asked, ahead=wanted.chosen_ahead, today=today)
    key = board.metric.key if board.metric else ""
    misses = worst(user, level=board.level, metric=key, ahead=max(board.ahead, 1), today=today)
    calls = calls_of(user, level=board.level, metric=key, today=today)
    tables: dict[str, Table] = {
        "honesty": HonestyTable(request, _rows(board)),
        "misses": MissTable(request, [_miss(one) for one in misses], prefixed=True),
        "calls": CallTable(request, [_call(one) for one in calls], prefixed=True),
    }
    if fmt := request.GET.get("export"):
        require(user, Act.EXPORT)
        table = tables.get(request.GET.get("of", ""), tables["honesty"])
        return export_response(
            table, fmt, title=f"How good forecasts are: {table.key}", as_of=clock.now(),
            filters=[("Of", LEVELS.get(board.level, "")), ("Days ahead", _ahead_words(board))],
        )  # fmt: skip
    context = {
        "title": title_of(board),
        "kicker": _kicker(board),
        "tabs": tabs("honesty"),
        "filters": _form(board),
        "tiles": _tiles(board) if board.metric else [],
        "charts": _charts(board),
        "about": _about(board),
        "bench": _bench(),
        "crumbs": [("Forecasts", reverse("insights:forecasts")), ("How good they are", "")],
        **tables,
    }
    return page(request, "insights/forecast_honesty.html", context)


def _form(board: Board) -> HonestyFilter:
    """The filter showing what is shown."""
    chosen = {
        "level": board.level,
        "metric": board.metric.key if board.metric else "",
        "ahead": f"{board.span}-{board.ahead}",
    }
    form = HonestyFilter(chosen)
    fields: dict[str, Any] = form.fields
    fields["level"].choices = [(one, LEVELS[one]) for one in board.levels]
    fields["metric"].choices = [(one.key, one.label) for one in board.metrics]
    return form


def title_of(board: Board) -> str:
    """The finding: how far off, and how far the naive would have been."""
    metric, sums = board.metric, board.sums
    if metric is None:
        return "No forecast has been judged yet"
    label = _lower(metric.label)
    if sums.accuracy is None or sums.naive_accuracy is None:
        return f"Too few {label} forecasts have come to their end to judge them"
    ours, naive = (formats.percent(1 - one, 0) for one in (sums.accuracy, sums.naive_accuracy))
    if board.span == "total":
        told = f"{NUMBERS[board.ahead]}-day {label} forecasts"
    else:
        told = f"{metric.label} forecasts of {_ahead_words(board)}"
    return f"{told} miss by {ours}; the naive one by {naive}"


def _lower(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _ahead_words(board: Board) -> str:
    if board.span == "total":
        return f"{board.ahead} days together"
    return "the next day" if board.ahead == 1 else f"the {board.ahead}th day"


def _kicker(board: Board) -> str:
    if board.metric is None:
        return "Forecasts"
    cases = f"{formats.number(board.sums.n)} forecasts of {PLURAL[board.level]}"
    return f"{board.metric.label} · {cases} from {board.cutoffs} cut-offs of the last 120 days"


def _tiles(board: Board) -> list[Tile]:
    sums, week = board.sums, board.week
    return [
        Tile(
            "Accuracy", _share(sums.accuracy),
            sentence=f"1 − errors ÷ what came. The seasonal naive: {_share(sums.naive_accuracy)}.",
            tone="bad" if (sums.skill or 0) < 0 else "good",
        ),
        Tile("Inside the 80 % range", _share(sums.coverage80), sentence=_range_words(sums.coverage80, 0.8)),
        Tile("Inside the 95 % range", _share(sums.coverage95), sentence=_range_words(sums.coverage95, 0.95)),
        Tile("Next week’s direction right", _share(week.hit_rate), sentence=_call_words(week)),
    ]  # fmt: skip


def _range_words(share: float | None, wanted: float) -> str:
    if share is None:
        return "Fewer than eight cases."
    apart = share - wanted
    if abs(apart) <= 0.02:
        return "As wide as it should be."
    more = "too narrow" if apart < 0 else "too wide"
    return f"{formats.points(apart)} from what it promises: {more}."


def _call_words(week: Sums) -> str:
    interval = week.hit_interval
    if interval is None:
        return "Fewer than eight calls were judged."
    ends = f"{formats.percent(interval.low, 0)} to {formats.percent(interval.high, 0)}"
    return f"95 % interval {ends}, {formats.number(week.judged)} calls. The goal is {formats.percent(GOAL, 0)}."


def _share(value: float | None) -> str:
    return TOO_FEW if value is None else formats.percent(value, 0)


def _charts(board: Board) -> list[Chart]:
    known = {ahead: one for ahead, one in board.by_ahead.items() if one.accuracy is not None}
    if not known or board.metric is None:
        return []
    of = f"{board.metric.label}, {PLURAL[board.level]}"
    return [_accuracy_chart(of, known), _coverage_chart(of, known)]


def _accuracy_chart(of: str, known: Mapping[int, Sums]) -> Chart:
    better = sum((one.skill or 0) > 0 for one in known.values())
    return Chart(
        kind="line",
        title=f"Closer than the seasonal naive on {better} of {len(known)} days ahead",
        sub=f"Accuracy of single days, 1 − WAPE · {of}",
        x=[str(ahead) for ahead in known],
        x_label="Days ahead",
        unit=Unit.percent(0),
        series=[
            Series("Forecast", [_number(one.accuracy) for one in known.values()]),
            Series("Seasonal naive", [_number(one.naive_accuracy) for one in known.values()], style="compare"),
        ],
        height=240,
        id="accuracy",
    )  # fmt: skip


def _coverage_chart(of: str, known: Mapping[int, Sums]) -> Chart:
    whole = sum(known.values(), Sums())
    bands = [
        Band(
            [Decimal(str(low))] * len(known),
            [Decimal(str(high))] * len(known),
            label=label,
            style="p80",
        )
        for (low, high), label in ((BAND80, "80 % aim"), (BAND95, "95 % aim"))
    ]
    return Chart(
        kind="line",
        title=f"The 80 % range held {_share(whole.coverage80)}, the 95 % range {_share(whole.coverage95)}",
        sub=f"Share of single days inside the range, the aim shaded · {of}",
        x=[str(ahead) for ahead in known],
        x_label="Days ahead",
        unit=Unit.percent(0),
        series=[
            Series("In 80 % range", [_number(one.coverage80) for one in known.values()]),
            Series("In 95 % range", [_number(one.coverage95) for one in known.values()], style="compare"),
        ],
        bands=bands,
        height=240,
        id="coverage",
    )  # fmt: skip


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 4)))


def _rows(board: Board) -> list[dict[str, Any]]:
    named = versions_named([row.version for row in board.rows])
    return [_row(row, named[row.version], board) for row in board.rows]


def _row(row: Row, version: ModelVersion, board: Board) -> dict[str, Any]:
    sums, interval = row.sums, row.sums.hit_interval
    word, tone = _judged(sums, version)
    return {
        "id": f"{row.metric.key}-{row.version}",
        "metric": row.metric.label,
        "url": f"?level={board.level}&metric={row.metric.key}&ahead={board.span}-{board.ahead}",
        "version": f"{version.number}{', naive' if version.params.get('engine') == NAIVE else ''}",
        "accuracy": sums.accuracy,
        "naive": sums.naive_accuracy,
        "mase": _number(sums.mase),
        "naive_mase": _number(sums.naive_mase),
        "inside80": sums.coverage80,
        "inside95": sums.coverage95,
        "direction": sums.hit_rate,
        "interval": f"{formats.percent(interval.low, 0)} to {formats.percent(interval.high, 0)}" if interval else "",
        "n": sums.n,
        "word": word,
        "tone": tone,
    }  # fmt: skip


def _judged(sums: Sums, version: ModelVersion) -> tuple[str, str]:
    if version.params.get("engine") == NAIVE:
        return "Stands in", "neutral"
    if sums.skill is None:
        return TOO_FEW, "neutral"
    return ("Loses to naive", "bad") if sums.skill < 0 else ("Beats naive", "good")


def _miss(one: Miss) -> dict[str, Any]:
    says = Says(one.metric, one.forecast.currency)
    return {
        "id": one.forecast.pk,
        "name": subject_name(one.forecast),
        "url": reverse("insights:forecast", args=[one.forecast.pk]),
        "from": f"{one.days} days after {formats.day(one.forecast.cutoff, weekday=False)}",
        "off": one.off,
        "naive_off": one.naive_off,
        "told": says.written(one.told),
        "came": says.written(one.came),
    }


def _call(one: Calls) -> dict[str, Any]:
    interval, rate = one.interval, one.rate
    word, tone = ("", "neutral") if rate is None else ("Goal met", "good") if rate >= GOAL else ("Below goal", "warn")  # fmt: skip
    now = call_words(one.newest.call, one.newest.chances)
    return {
        "id": one.subject,
        "name": one.name,
        "url": reverse("insights:forecast", args=[one.newest.pk]),
        "now": f"Last judged: {_lower(now)}" if now else "",
        "rate": rate,
        "interval": f"{formats.percent(interval.low, 0)} to {formats.percent(interval.high, 0)}" if interval else TOO_FEW,
        "hits": one.hits,
        "n": one.n,
        "word": word,
        "tone": tone,
    }  # fmt: skip


def _about(board: Board) -> dict[str, str]:
    of, label = PLURAL.get(board.level, ""), board.metric.label if board.metric else ""
    return {
        "rows": f"{_ahead_words(board).capitalize()}, {of}; each version by itself",
        "misses": f"{label}, {board.ahead} days together, each series once",
        "calls": f"{label} of {of}: seven days against the seven before, flat within 5 %",
    }


def _bench() -> dict[str, Any] | None:
    """What stands in for a benched model, and why; None while a model is in use."""
    now = in_use()
    if now is None or now.params.get("engine") != NAIVE:
        return None
    away = benched()
    return {
        "name": str(away) if away else "The model",
        "url": reverse("insights:model", args=[away.pk]) if away else reverse("insights:models"),
        "reason": away.state_reason if away else "",
    }
