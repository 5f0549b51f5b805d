"""Targets from above beside the sums of lines: set in place, spread, exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import gate, person, require
from budgets.forms.scenarios import SpreadForm
from budgets.models import FiscalYear
from budgets.rules.month_names import month_name
from budgets.selectors.topdown import (
    TopDownCell,
    TopDownRow,
    TopDownTable,
    difference_words,
    top_down_table,
)
from budgets.services.topdown import (
    PERCENT,
    SETS_TARGETS,
    Spot,
    may_set,
    parts_of,
    target_spread,
    targets_set,
)
from budgets.views.scenariosheet import amount_problem
from budgets.views.tables_plans import TopDownTableView
from budgets.views.yearly import asked_year, counted, frame, no_books
from campaigns.models import Channel
from core import clock, formats
from core.errors import AdroitError, Conflict, Invalid
from core.exports import export_response
from core.forms import read_amount, refuse
from core.models import Organisation
from core.money import MICROS
from core.pages import invalid, page, redirect_to
from core.parts import Tab

SECTION = "budgets:targets"
PREFIX = "t-"


@gate(Act.VIEW_MONEY)
@require_http_methods(["GET", "POST"])
def targets(request: HttpRequest) -> HttpResponse:
    """The matrix of teams and channels; those who lead a team set its targets in place."""
    year = asked_year(request)
    if year is None:
        return no_books(request)
    user, month = person(request), _month(request, year)
    if request.method == "POST":
        return _save(request, user, year, month)
    table = top_down_table(user, year, month)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(
            TopDownTableView(request, _export_rows(table)),
            wanted,
            title=f"Targets from above {year}",
            filters=[("Month", month or "Whole year"), ("Currency", table.currency)],
            as_of=clock.now(),
            classification=Organisation.current().classification,
        )
    return page(request, "budgets/topdown.html", _context(request, user, table))


def _month(request: HttpRequest, year: FiscalYear) -> str:
    """A month of the year, or "" for the whole of it."""
    key = request.POST.get("month") or request.GET.get("month", "")
    known = {month.key for month in Organisation.current().calendar.months(year.year)}
    return key if key in known else ""


def _context(
    request: HttpRequest,
    user: User,
    table: TopDownTable,
    form: SpreadForm | None = None,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The page; ``typed`` is what was refused and stays in its fields. All channels come first."""
    *channels, _ = table.channels
    heads = ["All channels", *(channel.name for channel in channels if channel)]
    rows = [_row(row, user, heads, typed) for row in table.rows]
    return {
        **frame(request, SECTION, table.year),
        "title": _title(table),
        "table": table,
        "rail": "narrow",
        "heads": heads,
        "rows": rows,
        "may_set": any(row["may_set"] for row in rows),
        "months": _months(table),
        "form": form or _spread_form(user, table),
        "rates": [f"1 {r.base} = {r.rate.normalize():f} {r.quote} ({r.name})" for r in table.rates],
        "gaps": table.gaps,
    }


def _title(table: TopDownTable) -> str:
    """The situation of the highest row that has a target."""
    for row in table.rows:
        difference = row.whole.difference
        if difference is not None:
            return difference_words(difference, row.label)
    return f"No target from above for {month_name(table.month) or table.year} yet"


def _row(
    row: TopDownRow, user: User, heads: Sequence[str], typed: Mapping[str, str]
) -> dict[str, Any]:
    depth = row.team.path.count("/") if row.team else 0
    *channels, whole = row.cells
    cells = [_cell(cell) for cell in (whole, *channels)]
    for cell, channel in zip(cells, heads, strict=True):
        cell["channel"] = channel
        cell["value"] = typed.get(cell["name"], cell["value"])
        cell["problem"] = amount_problem(cell["value"])
    return {
        "label": row.label,
        "depth": depth,
        "may_set": may_set(user, row.team),
        "cells": cells,
    }


def _cell(cell: TopDownCell) -> dict[str, Any]:
    team, channel, _ = cell.key
    difference = cell.difference
    tone = ""
    if difference:
        tone = "bad" if difference.micros > 0 else "neutral"
    return {
        "name": f"{PREFIX}{team or 0}-{channel or 0}",
        "target": formats.money(cell.target) if cell.target else formats.NOTHING,
        "value": formats.amount_typed(cell.target) if cell.target else "",
        "planned": formats.money(cell.planned) if cell.planned else formats.NOTHING,
        "difference": "" if difference is None else formats.money_signed(difference),
        "tone": tone,
    }


def _months(table: TopDownTable) -> list[Tab]:
    base = f"?year={table.year.year}"
    months = Organisation.current().calendar.months(table.year.year)
    tabs = [Tab(m.label[:3], f"{base}&month={m.key}", m.key == table.month) for m in months]
    return [Tab("Whole year", base, not table.month), *tabs]


def _spread_form(user: User, table: TopDownTable, posted: QueryDict | None = None) -> SpreadForm:
    teams = [
        (str(row.team.pk) if row.team else "", row.label)
        for row in table.rows
        if may_set(user, row.team)
    ]
    channels = [(channel.key, channel.name) for channel in table.channels if channel]
    return SpreadForm(teams, channels, posted)


def _export_rows(table: TopDownTable) -> list[dict[str, Any]]:
    return [
        {
            "pk": f"{row.label}-{number}",
            "team": row.label,
            "channel": str(channel or "All channels"),
            "month": table.month or str(table.year),
            "target": cell.target,
            "planned": cell.planned,
            "difference": cell.difference,
        }
        for row in table.rows
        for number, (channel, cell) in enumerate(zip(table.channels, row.cells, strict=True))
    ]


def _save(request: HttpRequest, user: User, year: FiscalYear, month: str) -> HttpResponse:
    try:
        count = targets_set(
            user=user, amounts=_read(request.POST, user, year, month), at=clock.now()
        )
    except (Invalid, Conflict) as error:
        table, typed = top_down_table(user, year, month), request.POST.dict()
        context = _context(request, user, table, typed=typed)
        return invalid(request, "budgets/topdown.html", {**context, "problem": error.message})
    messages.success(request, counted(count, "target"))
    return redirect_to(request, _url(year, month))


def _url(year: FiscalYear, month: str) -> str:
    return f"{reverse(SECTION)}?year={year.year}" + (f"&month={month}" if month else "")


def _read(posted: QueryDict, user: User, year: FiscalYear, month: str) -> dict[Spot, int | None]:
    """What differs from what stands there; a field that was emptied removes its target."""
    table = top_down_table(user, year, month)
    cells = {_cell(cell)["name"]: (row, cell) for row in table.rows for cell in row.cells}
    channels = {channel.pk: channel for channel in table.channels if channel}
    amounts: dict[Spot, int | None] = {}
    for name, text in posted.items():
        if not name.startswith(PREFIX):
            continue
        if name not in cells:
            raise Http404
        row, cell = cells[name]
        if str(text).strip() == _cell(cell)["value"]:
            continue
        spot = Spot(year, row.team, channels.get(cell.key[1] or 0), month)
        amounts[spot] = _micros(str(text))
    return amounts


def _micros(text: str) -> int | None:
    if problem := amount_problem(text):
        raise Invalid(problem, where="amount")
    return int(read_amount(text) * MICROS) if text.strip() else None


@gate(*SETS_TARGETS)
@require_POST
def target_spread_page(request: HttpRequest) -> HttpResponse:
    """Share a target out over teams, channels or months."""
    year = asked_year(request)
    if year is None:
        raise Http404
    user, month = person(request), _month(request, year)
    table = top_down_table(user, year, month)
    form = _spread_form(user, table, request.POST)
    if form.is_valid():
        try:
            made = _spread(form, user, year, month)
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"The target was spread over {len(made)} parts.")
            return redirect_to(request, _url(year, month))
    return invalid(request, "budgets/topdown.html", _context(request, user, table, form))


def _spread(form: SpreadForm, user: User, year: FiscalYear, month: str) -> Any:
    data = form.cleaned_data
    team = get_object_or_404(Team, pk=data["team"]) if data["team"] else None
    channel = get_object_or_404(Channel, key=data["channel"]) if data["channel"] else None
    spot = Spot(year, team, channel, month)
    percents = None
    if data["by"] == PERCENT:
        percents = percents_by_part(user, spot, data["over"], form.numbers())
    return target_spread(
        user=user, spot=spot, over=data["over"], by=data["by"], percents=percents, at=clock.now()
    )


def percents_by_part(user: User, spot: Spot, over: str, numbers: Any) -> dict[str, Any]:
    """Percents in the order of the parts; raises ``Invalid`` when there are more or fewer."""
    parts = list(parts_of(user, spot, over))
    if len(parts) != len(numbers):
        raise Invalid(
            f"There are {len(parts)} parts and {len(numbers)} percents.", where="percents"
        )
    return dict(zip(parts, numbers, strict=True))
