"""What journeys look like: where people go from touch to touch, how long it takes, what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person, require, sees_money
from core import formats, known
from core.charts import Chart, Flow, Series, Unit
from core.exports import export_response
from core.known import page_as_known
from core.money import Money
from core.pages import page
from core.parts import Tile
from core.tables import Column, Table
from insights.models import AttributionRun
from insights.selectors.attribution import (
    attribution_runs,
    kinds_of,
    shown_run,
    teams_of,
)
from insights.services.journeys import DAY_BINS
from insights.views.analyses import NamedTable, Picked, analysis_tabs, run_asked
from insights.views.attribution import kicker, noun

ARROW = " → "
GOOD_END = "converted"


class PathTable(NamedTable):
    """The paths that converted most often."""

    key = "paths"
    noun = "paths"
    columns = (
        Column("path", "Path", priority=1, strong=True),
        Column("conversions", "Conversions", kind="number", priority=1),
        Column("n", "Journeys", kind="number", priority=2),
        Column("rate", "Converted", kind="percent", digits=0, priority=2),
        Column("range", "95 % range", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("touches", "Touches", kind="number", priority=3),
        Column("value", "Revenue", kind="money_exact", priority=3),
    )
    default_sort = "-conversions"
    search = ("path",)
    row_id = "path"
    empty_title = "No path has converted yet"

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range"])


class NextTable(NamedTable):
    """What follows a touch of each channel."""

    key = "next"
    noun = "channels"
    columns = (
        Column("channel", "After a touch of", priority=1, strong=True),
        Column("converts", "Converts next", kind="percent", digits=0, priority=1),
        Column("range", "95 % range", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("eventually", "Converts in the end", kind="percent", digits=0, priority=1),
        Column("then", "Most often followed by", priority=2),
        Column("ends", "Ends there", kind="percent", digits=0, priority=3),
        Column("n", "Touches", kind="number", priority=3),
    )
    default_sort = "-eventually"
    row_id = "channel"
    empty_title = "No touch yet"

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range"])


class StageTable(NamedTable):
    """How many came to each stage."""

    key = "stages"
    noun = "stages"
    columns = (
        Column("name", "Stage", priority=1, strong=True, sortable=False),
        Column("people", "Came there", kind="number", priority=1, sortable=False),
        Column("of_previous", "Of the stage before", kind="percent", digits=1, priority=1, sortable=False),
        Column("range", "95 % range", kind="custom", sortable=False, nowrap=True, priority=3),
        Column("of_first", "Of all", kind="percent", digits=1, priority=2, sortable=False),
    )  # fmt: skip
    row_id = "name"
    empty_title = "No stage yet"

    def cell_range(self, row: Mapping[str, Any]) -> str:
        return str(row["range"])


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
@page_as_known
def journeys(request: HttpRequest) -> HttpResponse:
    user = person(request)
    runs = attribution_runs(user, known.known_at())
    teams = teams_of(runs)
    run = run_asked(request, runs, teams)
    frame = {
        "tabs": analysis_tabs(user, "insights:journeys"),
        "may_run": can(user, Act.RUN_MODELS),
        "crumbs": [("Attribution", ""), ("Journeys", "")],
    }
    if run is None:
        return page(request, "insights/journeys.html", frame | {"title": "Journeys"})
    told = run.record["journeys"]
    tables = _tables(request, run, told, money=sees_money(user))
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        table = tables.get(request.GET.get("table", ""), tables["paths"])
        return export_response(table, wanted, title="Journeys", as_of=run.ran_at)
    picked = Picked({"team": run.team_id, "kind": run.conversion}, teams, kinds_of(runs, run.team))
    context = {
        "run": run,
        "shown": shown_run(run),
        "title": _title(run, told),
        "kicker": kicker(run, "Journeys"),
        "tiles": _tiles(run, told),
        "picked": picked,
        "sankey": _sankey(told) if told["links"] else None,
        "by_touches": _by_touches(run, told),
        "by_days": _by_days(run, told),
    }
    return page(request, "insights/journeys.html", frame | tables | context)


def _tables(
    request: HttpRequest, run: AttributionRun, told: Mapping[str, Any], *, money: bool
) -> dict[str, Table]:
    rows = [_path_row(run, row, money=money) for row in told["paths"]]
    return {
        "paths": PathTable(request, rows),
        "next": NextTable(request, [_next_row(row) for row in told["next"]]),
        "stages": StageTable(request, [_stage_row(row) for row in told["funnel"]]),
    }


def _range(ends: Sequence[float] | None) -> str:
    if ends is None:
        return ""
    return f"{formats.percent(ends[0], 0)} to {formats.percent(ends[1], 0)}"


def _path_row(run: AttributionRun, row: Mapping[str, Any], *, money: bool) -> dict[str, Any]:
    return {
        "path": ARROW.join(row["path"]),
        "conversions": Decimal(str(row["conversions"])),
        "n": Decimal(str(row["n"])),
        "rate": row["rate"],
        "range": _range(row["interval"]),
        "touches": len(row["path"]),
        "value": Money(row["value"], run.currency) if money else None,
    }


def _next_row(row: Mapping[str, Any]) -> dict[str, Any]:
    then = sorted(row["then"], key=lambda one: -one[1])[:2]
    told = [f"{name} {formats.percent(share, 0)}" for name, share in then if share > 0]
    return {**row, "range": _range(row["interval"]), "then": ", ".join(told), "n": int(row["n"])}


def _stage_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "range": _range(row["interval"])}


def _title(run: AttributionRun, told: Mapping[str, Any]) -> str:
    what = noun(run.conversion)
    if told["touches"] is None:
        return f"No {what} with a touch before them"
    if told["reason"]:
        return f"Too few {what} to speak of a usual journey: {int(told['n'])}"
    touches, days = told["touches"]["p50"], told["days"]["p50"]
    first = f"{touches:.0f} touch" if touches == 1 else f"{touches:.0f} touches"
    return f"Half of {what} take at most {first} and {_days(days)}"


def _days(days: float) -> str:
    if days < 1:
        return "less than a day"
    return "a day" if round(days) == 1 else f"{days:.0f} days"


def _tiles(run: AttributionRun, told: Mapping[str, Any]) -> list[Tile]:
    touches, days = told["touches"], told["days"]
    converted = told["funnel"][-1] if told["funnel"] else None
    rate = converted["of_first"] if converted else None
    return [
        Tile("Journeys", formats.number(Decimal(told["journeys"])), sentence="with a touch, converted or not"),
        Tile("Converted", formats.NOTHING if rate is None else formats.percent(rate, 1), sentence=f"of all that were touched in these days, {noun(run.conversion)}"),
        Tile("Touches, median", formats.NOTHING if touches is None else f"{touches['p50']:.0f}", sentence="" if touches is None else f"nine of ten within {touches['p90']:.0f}"),
        Tile("Time to convert, median", formats.NOTHING if days is None else _days(days["p50"]), sentence="" if days is None else f"nine of ten within {_days(days['p90'])}"),
    ]  # fmt: skip


def _sankey(told: Mapping[str, Any]) -> Chart:
    """Flows from touch to touch, those that are too thin to see left to the table."""
    links = [
        (int(step), source, target, float(times), bool(is_end))
        for step, source, target, times, is_end in told["links"]
    ]
    total = sum(times for step, _, _, times, _ in links if step == 0) or 1.0
    converted = sum(times for _, _, target, times, _ in links if target == GOOD_END)
    largest = max((link for link in links if not link[4]), key=lambda link: link[3], default=None)
    title = f"{formats.percent(converted / total, 0)} convert within four touches"
    if largest:
        title += f"; the busiest step is {largest[1]} to {largest[2]}"
    return Chart(
        kind="sankey",
        title=title,
        sub=f"{formats.number(Decimal(round(total)))} journeys by touch, from the first to the fourth · green: converted",
        x_label="Journeys",
        unit=Unit.number(),
        flows=[
            Flow(step, source, target.capitalize() if is_end else target, Decimal(str(times)), is_end,
                 "good" if target == GOOD_END else "neutral")
            for step, source, target, times, is_end in links
        ],
        height=420,
        id="flows",
        summary=f"{title}. Beginnings: "
        + ", ".join(f"{name} {formats.percent(share, 0)}" for name, share in _begins(links, total))
        + ".",
    )  # fmt: skip


def _begins(
    links: Sequence[tuple[int, str, str, float, bool]], total: float
) -> list[tuple[str, float]]:
    sums: dict[str, float] = {}
    for step, source, _, times, _ in links:
        if step == 0:
            sums[source] = sums.get(source, 0.0) + times
    return [(name, times / total) for name, times in sorted(sums.items(), key=lambda one: -one[1])]


MOST_TOUCHES = 8


def _by_touches(run: AttributionRun, told: Mapping[str, Any]) -> Chart | None:
    found = {int(count): float(times) for count, times in told["by_touches"]}
    total = sum(found.values())
    if not total:
        return None
    many = sum(times for count, times in found.items() if count > MOST_TOUCHES)
    labels = [str(n) for n in range(1, MOST_TOUCHES + 1)] + [f"{MOST_TOUCHES + 1}+"]
    values = [found.get(n, 0.0) for n in range(1, MOST_TOUCHES + 1)] + [many]
    one = found.get(1, 0.0) / total
    return Chart(
        kind="bar", title=f"{formats.percent(one, 0)} took a single touch",
        sub=f"{noun(run.conversion).capitalize()} by touches before them, within the lookback",
        x=labels, x_label="Touches", unit=Unit.number(),
        series=[Series("Conversions", [Decimal(str(value)) for value in values])],
        height=200, id="by-touches",
    )  # fmt: skip


def _by_days(run: AttributionRun, told: Mapping[str, Any]) -> Chart | None:
    values = [float(value) for value in told["by_days"]]
    total = sum(values)
    if not total:
        return None
    ends = list(DAY_BINS)
    labels = [
        "At once",
        "1 day",
        *(f"{a + 1}–{b}" for a, b in pairwise(ends[1:])),
        f"{ends[-1] + 1}+",
    ]
    week = sum(values[:4]) / total
    return Chart(
        kind="bar", title=f"{formats.percent(week, 0)} convert within a week of the first touch",
        sub=f"{noun(run.conversion).capitalize()} by days from the first touch",
        x=labels, x_label="Days", unit=Unit.number(),
        series=[Series("Conversions", [Decimal(str(value)) for value in values])],
        height=200, id="by-days",
    )  # fmt: skip
