"""The budget centre: plan, actual and available by month and line, and what is about to change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person, require
from approvals.models import ChangeRequest
from approvals.permissions import roles_in_words
from approvals.selectors import current_step
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
from budgets.services import OPENS_YEARS
from budgets.views.cellpanel import find_cell, panel
from budgets.views.sheet import Sheet
from budgets.views.tables import MonthsTable, month_rows
from core import clock, formats
from core.errors import AdroitError, Invalid
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.money import Money
from core.pages import invalid, page, redirect_to
from core.parts import DataStatus, Need, Tab, Tile
from core.periods import Period


@gate(Act.VIEW_MONEY)
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    user, now, today = person(request), clock.now(), clock.today()
    quarter = _quarter(request.GET.get("quarter", ""), today)
    year = FiscalYear.objects.filter(year=_year_of(quarter)).first()
    if year is None:
        return page(request, "budgets/empty.html", _empty(user, quarter))
    table = line_month_table(user, year)
    if wanted := request.GET.get("export"):
        return _export(request, table, wanted, now)
    context = _context(request, user, table, quarter, now, today)
    return page(request, "budgets/centre.html", context)


def _quarter(text: str, today: date) -> Period:
    """The quarter of the books that the URL names, else the present one."""
    calendar = Organisation.current().calendar
    try:
        asked = calendar.parse(text, today=today) if text else calendar.quarter_of(today)
    except Invalid:
        return calendar.quarter_of(today)
    return calendar.quarter_of(asked.start)


def _year_of(quarter: Period) -> int:
    return Organisation.current().calendar.year_of(quarter.start)


def _empty(user: User, quarter: Period) -> dict[str, Any]:
    year = _year_of(quarter)
    may_open = any(can(user, act) for act in OPENS_YEARS)
    return {
        "title": f"The books of FY{year} are not open",
        "year": year,
        "may_open": may_open,
        "tabs": _tabs(quarter),
        "crumbs": [("Budgets", "")],
    }


def _context(
    request: HttpRequest,
    user: User,
    table: MonthTable,
    quarter: Period,
    now: datetime,
    today: date,
) -> dict[str, Any]:
    months = [month for month in table.months if quarter.start <= month.start <= quarter.end]
    shown = grid(table, months, Organisation.current().reporting_currency)
    pending = touching(pending_requests(user), {month.key for month in months})
    cell = find_cell(user, request.GET.get("cell", ""))
    sheet = Sheet(
        shown,
        today=today,
        last_day=table.last_day,
        pending=set(moves_by_place(pending)),
        open_cell=cell.place if cell else None,
        query=request.GET,
    )
    return {
        "title": _title(shown, quarter, table, today),
        "kicker": f"Budget {quarter.label} · {formats.span(quarter.start, quarter.end, today)} · "
        f"in {shown.currency} at budget rates",
        "tabs": _tabs(quarter),
        "tiles": _tiles(shown, pending, table, today),
        "sheet": sheet,
        "panel": panel(user, cell, today) if cell else None,
        "needs": [_need(request_, now) for request_ in pending[:6]],
        "pending_title": _pending_title(len(pending)),
        "gaps": [*table.gaps, *shown.gaps],
        "status": DataStatus(table.as_of, complete=_reach(table, today))
        if table.last_day or table.year.starts_on <= today
        else None,
        "rates": _rates(table, shown),
        "may_propose": can(user, Act.DRAFT_REQUEST),
        "next_years": _next_years(user, table),
        "approvals_url": reverse("approvals:inbox"),
        "rail": "narrow",
        "live": "budgets",
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            (str(table.year), ""),
            (quarter.label, ""),
        ],
    }


def _tabs(quarter: Period) -> list[Tab]:
    """The quarters of the year before, this one and the next, where books are open."""
    calendar, year = Organisation.current().calendar, _year_of(quarter)
    years = set(FiscalYear.objects.values_list("year", flat=True))
    tabs = [
        Tab(period.label, f"?quarter={period.key}", period.key == quarter.key)
        for period in calendar.quarters(year)
    ]
    others = [near for near in (year - 1, year + 1) if near in years]
    for other in others:
        target = calendar.quarters(other)[3 if other < year else 0]
        tabs.insert(0 if other < year else len(tabs), Tab(f"FY{other}", f"?quarter={target.key}"))
    return tabs


def _title(shown: Grid, quarter: Period, table: MonthTable, today: date) -> str:
    """The situation: what is overspent, else how far spend is against the days gone by."""
    whole = shown.whole
    if not whole.planned:
        return f"Nothing is planned for {quarter.label} yet"
    over = [row for _, rows in shown.channels for row in rows if row.cells[-1].available.micros < 0]
    if over:
        worst = min(over, key=lambda row: row.cells[-1].available.micros)
        amount = formats.money(abs(worst.cells[-1].available))
        count = "1 line has" if len(over) == 1 else f"{len(over)} lines have"
        return f"{count} spent more than planned, {worst.label} most, by {amount}"
    if today < quarter.start:
        begins = formats.day(quarter.start, today, weekday=False)
        return (
            f"{formats.money(whole.planned)} is planned for {quarter.label}, which begins {begins}"
        )
    spent = whole.actual or Money(0, shown.currency)
    share = formats.percent(spent.amount / whole.planned.amount, 1)
    if today not in quarter or table.last_day is None:
        return f"{share} of {formats.money(whole.planned)} is spent in {quarter.label}"
    return f"{share} of {quarter.label} is spent with {_gone(quarter, table.last_day)} of its days gone"


def _gone(quarter: Period, last_day: date) -> str:
    part = quarter.until(last_day)
    return formats.percent(Decimal(part.days if part else 0) / quarter.days, 1)


def _tiles(
    shown: Grid, pending: Sequence[ChangeRequest], table: MonthTable, today: date
) -> list[Tile]:
    whole = shown.whole
    spent = whole.actual or Money(0, shown.currency)
    reach = f" to {formats.day(table.last_day, today, weekday=False)}" if table.last_day else ""
    asked = Money(sum(request.own_micros for request in pending), shown.currency)
    share = spent.amount / whole.planned.amount if whole.planned else None
    return [
        Tile(
            "Planned, bottom-up",
            formats.money(whole.planned),
            sentence=f"{sum(len(rows) for _, rows in shown.channels)} lines",
        ),
        Tile(
            f"Actual{reach}",
            formats.money(spent),
            sentence=f"{formats.percent(share, 1)} of the plan" if share is not None else "",
        ),
        Tile(
            "Available",
            formats.money(whole.available),
            sentence="plan − actual; orders are not counted yet",
        ),
        Tile(
            "Waiting for approval",
            formats.money(asked) if pending else formats.NOTHING,
            sentence=_pending_title(len(pending)),
        ),
    ]


def _pending_title(count: int) -> str:
    if not count:
        return "No change waits for approval"
    return "1 change waits for approval" if count == 1 else f"{count} changes wait for approval"


def _need(asked: ChangeRequest, now: datetime) -> Need:
    step = current_step(asked)
    waits = f"waits for {roles_in_words(step.roles)}" if step else ""
    return Need(
        title=asked.title,
        url=asked.get_absolute_url(),
        icon="arrows-exchange",
        meta=f"{asked.reference} · {waits}",
        stake=formats.money(asked.amount),
        stake_note=formats.left(asked.due_at, now) if asked.due_at else "",
    )


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
    return redirect_to(request, f"{reverse('budgets:centre')}?{urlencode({'cell': key})}")
