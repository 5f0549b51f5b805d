"""The budget centre: what is planned, held, used and left, what is about to change, and deciding it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, require
from approvals.models import ChangeRequest
from budgets import services
from budgets.forms import PlanForm
from budgets.models import FiscalYear
from budgets.selectors import (
    Grid,
    MonthTable,
    grid,
    line_month_table,
    moves_by_place,
    pending_requests,
    touching,
)
from budgets.selectors.closes import closed_months
from budgets.selectors.sections import section_tabs
from budgets.services import OPENS_YEARS
from budgets.views.cellpanel import find_cell, panel
from budgets.views.landing import pacing_tile
from budgets.views.pending import SHOWN, pending_title, waiting
from budgets.views.periods import Picker, picker, read_period
from budgets.views.sheet import COMPACT, FULL, Sheet
from budgets.views.tables import MonthsTable, month_rows
from core import clock, formats, known
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.known import page_as_known
from core.models import Organisation
from core.money import Money
from core.once import reading_once
from core.pages import invalid, page, redirect_to
from core.parts import DataStatus, Tab, Tile
from core.periods import Period

WHOLE = {"month": "Month", "quarter": "Quarter", "year": "Year"}


@gate(Act.VIEW_MONEY)
@require_safe
@page_as_known
@reading_once()
def centre(request: HttpRequest) -> HttpResponse:
    user, now, today = person(request), clock.now(), known.today()
    period, kind = read_period(request.GET, today)
    chosen = picker(period, kind, request.GET, today)
    number = Organisation.current().calendar.year_of(period.start)
    year = FiscalYear.objects.filter(year=number).first()
    if year is None:
        return page(request, "budgets/empty.html", _empty(user, number, chosen))
    table = line_month_table(user, year)
    if wanted := request.GET.get("export"):
        return _export(request, table, wanted, now)
    context = _context(request, user, table, chosen, now, today)
    return page(request, "budgets/centre.html", context)


def _empty(user: User, year: int, chosen: Picker) -> dict[str, Any]:
    may_open = any(can(user, act) for act in OPENS_YEARS)
    return {
        "title": f"The books of FY{year} are not open",
        "year": year,
        "may_open": may_open,
        "tabs": chosen.tabs,
        "sections": section_tabs(user, "budgets:centre"),
        "crumbs": [("Budgets", "")],
    }


def _context(
    request: HttpRequest,
    user: User,
    table: MonthTable,
    chosen: Picker,
    now: datetime,
    today: date,
) -> dict[str, Any]:
    period, query = chosen.period, request.GET
    months = [month for month in table.months if period.start <= month.start <= period.end]
    shown = grid(table, months, Organisation.current().reporting_currency)
    pending = touching(pending_requests(user), {month.key for month in months})
    cell = find_cell(user, query.get("cell", ""))
    view = _view(query, chosen.kind)
    sheet = Sheet(
        shown,
        today=today,
        last_day=table.last_day,
        pending=set(moves_by_place(pending)),
        open_cell=cell.place if cell else None,
        query=query,
        view=view,
        whole=WHOLE[chosen.kind],
        shut=closed_months(table.year),
    )
    return {
        "title": _title(shown, period, table, today),
        "kicker": f"Budget {period.label} · {formats.span(period.start, period.end, today)} · "
        f"in {shown.currency} at budget rates",
        "sections": section_tabs(user, "budgets:centre"),
        "picker": chosen,
        "views": _views(query, view),
        "tiles": _tiles(user, shown, pending, table, period, today),
        "sheet": sheet,
        "panel": panel(user, cell, today, query=query) if cell else None,
        "waiting": waiting(user, pending, now),
        "pending_title": pending_title(len(pending)),
        "more_pending": max(0, len(pending) - SHOWN),
        "back": f"?{query.urlencode()}" if query else "",
        "gaps": [*table.gaps, *shown.gaps],
        "status": _status(table, today),
        "rates": _rates(table, shown),
        "may_propose": can(user, Act.DRAFT_REQUEST),
        "next_years": _next_years(user, table),
        "approvals_url": reverse("approvals:inbox"),
        "rail": "narrow",
        "live": "budgets",
        "crumbs": _crumbs(table, period),
    }


def _crumbs(table: MonthTable, period: Period) -> list[tuple[str, str]]:
    own = [(period.label, "")] if period.label != str(table.year) else []
    return [("Budgets", reverse("budgets:centre")), (str(table.year), ""), *own]


def _view(query: QueryDict, kind: str) -> str:
    """What the URL asks for, else full; a year is wide enough without it."""
    asked = query.get("view", "")
    return asked if asked in (COMPACT, FULL) else COMPACT if kind == "year" else FULL


def _views(query: QueryDict, current: str) -> list[Tab]:
    tabs = []
    for view, label in ((COMPACT, "Compact"), (FULL, "Full")):
        changed = query.copy()
        changed["view"] = view
        tabs.append(Tab(label, f"?{changed.urlencode(safe='/')}", view == current))
    return tabs


def _status(table: MonthTable, today: date) -> DataStatus | None:
    if not (table.last_day or table.year.starts_on <= today):
        return None
    return DataStatus(table.as_of, complete=_reach(table, today))


def _title(shown: Grid, period: Period, table: MonthTable, today: date) -> str:
    """The situation: what is overspent, else how far spend is against the days gone by."""
    whole = shown.whole
    if not whole.planned:
        return f"Nothing is planned for {period.label} yet"
    over = [row for row in shown.lines if row.cells[-1].available.micros < 0]
    if over:
        worst = min(over, key=lambda row: row.cells[-1].available.micros)
        amount = formats.money(abs(worst.cells[-1].available))
        used = "spent and promised" if shown.whole.held else "spent"
        count = "1 line has" if len(over) == 1 else f"{len(over)} lines have"
        return f"{count} {used} more than planned, {worst.label} most, by {amount}"
    if today < period.start:
        begins = formats.day(period.start, today, weekday=False)
        planned = formats.money(whole.planned)
        return f"{planned} is planned for {period.label}, which begins {begins}"
    spent = whole.actual or Money(0, shown.currency)
    share = formats.percent(spent.amount / whole.planned.amount, 1)
    if today not in period or table.last_day is None:
        return f"{share} of {formats.money(whole.planned)} is spent in {period.label}"
    return (
        f"{share} of {period.label} is spent with {_gone(period, table.last_day)} of its days gone"
    )


def _gone(period: Period, last_day: date) -> str:
    part = period.until(last_day)
    return formats.percent(Decimal(part.days if part else 0) / period.days, 1)


def _tiles(
    user: User,
    shown: Grid,
    pending: Sequence[ChangeRequest],
    table: MonthTable,
    period: Period,
    today: date,
) -> list[Tile]:
    whole = shown.whole
    spent = whole.actual or Money(0, shown.currency)
    reach = f" to {formats.day(table.last_day, today, weekday=False)}" if table.last_day else ""
    share = spent.amount / whole.planned.amount if whole.planned else None
    asked = Money(sum(request.own_micros for request in pending), shown.currency)
    tiles = [
        Tile(
            "Planned, bottom-up",
            formats.money(whole.planned),
            sentence=f"{len(shown.lines)} lines",
        ),
        Tile(
            "Held by orders",
            formats.money(whole.held),
            sentence=f"{formats.money(whole.reserved)} reserved, {formats.money(whole.committed)} ordered",
        ),
        Tile(
            f"Actual{reach}",
            formats.money(spent),
            sentence=f"{formats.percent(share, 1)} of the plan" if share is not None else "",
        ),
        Tile("Available", formats.money(whole.available), sentence="plan − held − actual"),
        Tile(
            "Waiting for approval",
            formats.money(asked) if pending else formats.NOTHING,
            sentence=pending_title(len(pending)),
        ),
    ]
    if today in period:
        tiles.insert(4, pacing_tile(user, today))
    return [tile for tile in tiles if whole.held or tile.label != "Held by orders"]


def _reach(table: MonthTable, today: date) -> str:
    if table.last_day is None:
        return "No spend has been imported for these lines"
    return f"Spend up to {formats.day(table.last_day, today)}"


def _rates(table: MonthTable, shown: Grid) -> list[str]:
    """Every rate behind a figure of the page, once."""
    used = dict.fromkeys((*table.rates, *shown.rates))
    return [f"1 {r.base} = {r.rate.normalize():f} {r.quote} ({r.name})" for r in used]


def _next_years(user: User, table: MonthTable) -> list[int]:
    """The year after the last open one, for those who may open it."""
    if not any(can(user, act) for act in OPENS_YEARS):
        return []
    newest = FiscalYear.objects.first()
    return [newest.year + 1] if newest and newest.year == table.year.year else []


def _export(request: HttpRequest, table: MonthTable, wanted: str, now: datetime) -> HttpResponse:
    user = person(request)
    require(user, Act.EXPORT)
    rows = MonthsTable(request, month_rows(table))
    return export_response(
        rows,
        wanted,
        title=f"Budget {table.year}",
        filters=[("Fiscal year", str(table.year))],
        as_of=table.as_of or now,
        classification=Organisation.current().classification,
    )


@gate(Act.DRAFT_REQUEST)
@require_POST
def cell_edit(request: HttpRequest) -> HttpResponse:
    """Change one planned amount: at once where that only gives out free money, else as a request."""
    user = person(request)
    cell = find_cell(user, request.POST.get("cell", ""))
    if cell is None:
        raise Http404
    form = PlanForm(request.POST)
    if form.is_valid():
        try:
            made = services.plan_edit(
                user=user,
                line=cell.line,
                part=cell.part,
                month=cell.place.month,
                amount_micros=form.micros,
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            )
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            return _changed(request, made, cell.place.key)
    context = {"panel": panel(user, cell, clock.today(), form), "crumbs": _cell_crumbs(cell.name)}
    return invalid(request, "budgets/cell.html", context)


def _cell_crumbs(name: str) -> list[tuple[str, str]]:
    return [("Budgets", reverse("budgets:centre")), (name, "")]


def _changed(request: HttpRequest, made: Any, key: str) -> HttpResponse:
    if isinstance(made, ChangeRequest):
        messages.success(
            request, f"{made.reference} was sent. The plan changes when it is approved."
        )
        return redirect_to(request, made.get_absolute_url())
    messages.success(request, "Saved. The money was given out.")
    query = urlencode({"period": request.POST.get("period", ""), "cell": key})
    return redirect_to(request, f"{reverse('budgets:centre')}?{query}")
