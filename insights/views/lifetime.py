"""What customers bring over time by the channel that won them, what they cost, when that is paid."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person, require
from core import formats, known
from core.charts import Chart, Series, Unit, Young
from core.exports import export_response
from core.known import page_as_known
from core.pages import page
from core.parts import Tile
from core.tables import Column
from insights.models import LifetimeRun
from insights.selectors.attribution import lifetime_runs, teams_of
from insights.selectors.lifetime import (
    HORIZONS,
    CohortShown,
    Worth,
    ages_of,
    asked_of,
    cohorts_shown,
)
from insights.services.journeys import LIFETIME
from insights.views.analyses import NamedTable, Picked, analysis_tabs, number_in, team_asked
from insights.views.attribution import kicker

DRAWN = 5
COHORT = (
    Column("customers", "Customers", kind="number", priority=2),
    *(
        Column(f"v{age}", f"{age} days", kind="custom", sort=f"m{age}", sub=f"r{age}", nowrap=True, priority=1 if age == 365 else 2)
        for age in HORIZONS
    ),
    Column("expected", "Year, expected", kind="custom", sortable=False, sub="expected_range", nowrap=True, priority=3, help="What was seen, and what is still expected of customers not yet so old"),
    Column("cac", "Cost to win", kind="money_exact", priority=2, help="Spend of the same days over customers won"),
    Column("ratio", "Value : cost", kind="custom", sort="ratio_value", sub="ratio_range", tone="tone", nowrap=True, priority=1, help="Margin over cost to win, after as many days as are known"),
    Column("payback", "Paid back after", kind="custom", sortable=False, nowrap=True, priority=3),
)  # fmt: skip


class _Cohorts(NamedTable):
    noun = "cohorts"
    row_id = "name"
    empty_title = "No customer yet"

    def cell(self, record: Any, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.kind == "custom":
            cell.value = record[column.key]
        return cell


class ChannelCohorts(_Cohorts):
    key = "channels"
    columns = (Column("name", "Won by", priority=1, strong=True), *COHORT)
    default_sort = "-customers"


class MonthCohorts(_Cohorts):
    key = "months"
    columns = (Column("name", "Won in", priority=1, strong=True), *COHORT)
    default_sort = "-name"


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
def lifetime(request: HttpRequest) -> HttpResponse:
    user = person(request)
    runs = lifetime_runs(user, known.known_at())
    teams = teams_of(runs)
    team = team_asked(request, teams)
    number = number_in(request, "run")
    some = runs.filter(pk=number) if number else runs.filter(team=team or next(iter(teams), None))
    run = some.first()
    frame = {
        "tabs": analysis_tabs(user, "insights:lifetime"),
        "may_run": can(user, Act.RUN_MODELS),
        "crumbs": [("Attribution", reverse("insights:attribution")), ("Lifetime value", "")],
        "again": _again(run),
    }
    if run is None:
        return page(request, "insights/lifetime.html", frame | {"title": "Lifetime value"})
    channels = cohorts_shown(run, "channels")
    tables = {
        "channels": ChannelCohorts(request, [_row(one) for one in channels]),
        "months": MonthCohorts(request, [_row(one) for one in cohorts_shown(run, "months")]),
    }
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        table = tables.get(request.GET.get("table", ""), tables["channels"])
        return export_response(table, wanted, title="Lifetime value", as_of=run.ran_at)
    context = {
        "run": run,
        "title": _title(channels),
        "kicker": kicker(run, "Lifetime value"),
        "tiles": _tiles(run),
        "picked": Picked({"team": run.team_id}, teams),
        "charts": _charts(run, channels),
        "margin": asked_of(run).margin,
        "history": runs.filter(team=run.team)[:20],
    }
    return page(request, "insights/lifetime.html", frame | tables | context)


def _again(run: LifetimeRun | None) -> str:
    asked = {"kind": LIFETIME} | ({"team": run.team_id} if run else {})
    return f"{reverse('insights:analysis-new')}?{urlencode(asked)}"


def _row(one: CohortShown) -> dict[str, Any]:
    ends = one.ratio_ends
    row: dict[str, Any] = {
        "name": one.name,
        "customers": one.customers,
        "cac": one.cac,
        "ratio": formats.NOTHING if one.ratio is None else formats.ratio(one.ratio, 1),
        "ratio_value": one.ratio or 0,
        "ratio_range": f"{formats.ratio(ends[0], 1)} to {formats.ratio(ends[1], 1)}, {one.ratio_at} days" if ends else "",
        "tone": "bad" if ends and ends[1] < 1 else "",
        "payback": f"{one.payback_days} days" if one.payback_days else _why(one),
        "expected": _amount(one.expected),
        "expected_range": _ends(one.expected),
    }  # fmt: skip
    for age in HORIZONS:
        worth = one.values[age]
        row |= {
            f"v{age}": _amount(worth),
            f"r{age}": _ends(worth) or f"{worth.seen} known so long",
            f"m{age}": worth.value.micros if worth.value else -1,
        }
    return row


def _why(one: CohortShown) -> str:
    """Why there is no day on which the cost was paid back, in few words."""
    if one.cac is None:
        return "cost not known"
    return "not yet" if one.ratio is not None else formats.NOTHING


def _amount(worth: Worth | None) -> str:
    return formats.money_exact(worth.value) if worth and worth.value else formats.NOTHING


def _short(worth: Worth) -> str:
    return formats.money(worth.value) if worth.value else formats.NOTHING


def _ends(worth: Worth | None) -> str:
    if worth is None or worth.low is None or worth.high is None:
        return ""
    return f"{formats.money_exact(worth.low)} to {formats.money_exact(worth.high)}"


def _best(channels: Sequence[CohortShown]) -> tuple[int, list[CohortShown]]:
    """The longest time that two channels are known for, and those, the most valuable first."""
    for age in reversed(HORIZONS):
        known_ones = [one for one in channels if one.values[age].value]
        if len(known_ones) > 1:
            return age, sorted(known_ones, key=lambda one: -_micros(one, age))
    return 0, []


def _micros(one: CohortShown, age: int) -> int:
    value = one.values[age].value
    return value.micros if value else 0


def _title(channels: Sequence[CohortShown]) -> str:
    age, ranked = _best(channels)
    if not ranked:
        count = sum(one.customers for one in channels)
        return f"Too few customers known for long enough: {count} in all"
    first, last = ranked[0], ranked[-1]
    return (
        f"Customers won by {first.name} bring {_short(first.values[age])} in {age} days, "
        f"those by {last.name} {_short(last.values[age])}"
    )  # fmt: skip


def _tiles(run: LifetimeRun) -> list[Tile]:
    everybody = next(iter(cohorts_shown(run, "all")), None)
    tiles = [
        Tile("Customers won", formats.number(run.customers), sentence=f"{formats.number(run.purchases)} payments since"),
    ]  # fmt: skip
    if everybody is None:
        return tiles
    tiles += [
        Tile(f"{age} days", _amount(everybody.values[age]), sentence=f"90 % range {_ends(everybody.values[age])}" if everybody.values[age].value else everybody.values[age].reason)
        for age in HORIZONS
    ]  # fmt: skip
    return tiles


def _charts(run: LifetimeRun, channels: Sequence[CohortShown]) -> list[Chart]:
    ages = ages_of(run)
    drawn = [one for one in channels if one.values[ages[0]].value][:DRAWN]
    if not drawn:
        return []
    margin = asked_of(run).margin
    return [_value_chart(run, drawn, ages), *_payback_chart(drawn, ages, margin)]


def _value_chart(run: LifetimeRun, drawn: Sequence[CohortShown], ages: Sequence[int]) -> Chart:
    age, ranked = _best(drawn)
    title = "What a customer brings"
    if ranked:
        times = _micros(ranked[0], age) / max(_micros(ranked[-1], age), 1)
        title = f"{ranked[0].name} wins customers worth {formats.ratio(times, 1)} those of {ranked[-1].name}"
    return Chart(
        kind="line", title=title,
        sub=f"Payments of a customer up to each age, mean · {run.currency} · a line ends where fewer than 30 were known so long",
        x=[str(age) for age in ages], x_label="Days since won", unit=Unit.money(run.currency),
        series=[Series(one.name, [one.values[age].value for age in ages], color=_color(one.name)) for one in drawn],
        young=_censored(drawn, ages), height=260, zero=True, id="value",
    )  # fmt: skip


def _censored(drawn: Sequence[CohortShown], ages: Sequence[int]) -> Young | None:
    """Ages at which some channel is no longer known."""
    short = [str(age) for age in ages if any(one.values[age].value is None for one in drawn)]
    return Young(short[0], str(ages[-1]), "too few known so long") if len(short) > 1 else None


def _color(name: str) -> str:
    return name.lower().replace(" ", "_") if name.lower().replace(" ", "_") in CHANNELS else ""


CHANNELS = {"search", "shopping", "social", "display", "affiliates", "email", "creators", "retail_media"}  # fmt: skip


def _payback_chart(drawn: Sequence[CohortShown], ages: Sequence[int], margin: int) -> list[Chart]:
    paid = [one for one in drawn if one.cac and one.cac.micros]
    if not paid:
        return []
    done = [one for one in paid if one.payback_days]
    title = f"{len(done)} of {len(paid)} channels have paid back what their customers cost"
    series = [
        Series(one.name, [_part(one, age, margin) for age in ages], color=_color(one.name))
        for one in paid
    ]
    even = Series("Paid back", [Decimal(1)] * len(ages), style="target")
    return [
        Chart(
            kind="line", title=title,
            sub=f"Margin of a customer ({margin} %) over the cost to win one, by age · above 1 it is paid back",
            x=[str(age) for age in ages], x_label="Days since won", unit=Unit.ratio(1),
            series=[*series, even], young=_censored(paid, ages), height=260, zero=True, id="payback",
        )
    ]  # fmt: skip


def _part(one: CohortShown, age: int, margin: int) -> Decimal | None:
    value = one.values[age].value
    if value is None or one.cac is None:
        return None
    return round(Decimal(value.micros) * margin / 100 / one.cac.micros, 4)
