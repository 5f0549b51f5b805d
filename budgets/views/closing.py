"""Closing months: the worklist, what becomes of open money, and opening a month again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from budgets.forms.closing import LINE_WORDS, WORDS, CloseForm, ReopenForm
from budgets.models import FiscalYear
from budgets.rules.closing import FOR_OVERSPENT, FOR_UNSPENT, Treatment
from budgets.selectors.closing import (
    Choices,
    FiscalMonth,
    LineItem,
    MonthItems,
    OrderItem,
    fiscal_month,
    month_items,
)
from budgets.selectors.closing_work import MonthState, month_states, month_work
from budgets.selectors.sections import section_tabs
from budgets.services.closing import close_or_ask, close_request, reopen_ask, standing_against
from budgets.services.closing_batch import chosen, read_batch
from core import clock, formats
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.models import Organisation
from core.pages import invalid, page, redirect_to
from core.parts import Tab

MARKS = {"closed": "lock", "next": "arrow-right", "over": "", "open": ""}


@dataclass(frozen=True, slots=True)
class Choice:
    """A treatment in a list of them."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order line as the page shows it."""

    item: OrderItem
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A budget line as the page shows it."""

    item: LineItem
    choices: Sequence[Choice]


@gate(Act.VIEW_MONEY)
@require_safe
def close(request: HttpRequest) -> HttpResponse:
    user, today = person(request), clock.today()
    month = month_asked(request, today)
    if month is None:
        return page(request, "budgets/close_empty.html", empty_page(user))
    return page(request, "budgets/close.html", _context(user, month, today))


def month_asked(request: HttpRequest, today: date) -> FiscalMonth | None:
    """The month that the URL names, else the next to be closed; None without any books."""
    wanted = request.GET.get("month") or request.POST.get("month") or ""
    if wanted:
        return month_or_404(wanted)
    years = FiscalYear.objects.order_by("year")
    year = years.filter(starts_on__lte=today, ends_on__gte=today).first() or years.last()
    if year is None:
        return None
    first = Organisation.current().calendar.months(year.year)[0].key
    states = month_states(fiscal_month(first), today)
    following = next((s.key for s in states if s.state == "next"), "")
    newest = next((s.key for s in reversed(states) if s.state == "closed"), first)
    return fiscal_month(following or newest)


def month_or_404(key: str) -> FiscalMonth:
    try:
        return fiscal_month(key)
    except Invalid as error:
        raise Http404 from error


def empty_page(user: User) -> dict[str, Any]:
    """What stands there before any books are open."""
    return {
        "title": "No books are open yet",
        "sections": section_tabs(user, "budgets:close"),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Month-end", "")],
    }


def frame(user: User, month: FiscalMonth, today: date, current: str) -> dict[str, Any]:
    """What the three pages of a month share: its tabs, and the way to the other months."""
    states = month_states(month, today)
    pages = (
        ("Close", "budgets:close"),
        ("Sign-offs", "budgets:signoffs"),
        ("Variances", "budgets:variances"),
    )
    return {
        "month": month,
        "state": next(state for state in states if state.key == month.key),
        "months": [_month_tab(state, current, month) for state in states],
        "pages": [
            Tab(label, f"{reverse(name)}?month={month.key}", name == current)
            for label, name in pages
        ],
        "years": _years(month, current),
        "sections": section_tabs(user, "budgets:close"),
        "crumbs": [
            ("Budgets", reverse("budgets:centre")),
            ("Month-end", reverse("budgets:close")),
            (month.label, ""),
        ],
        "rail": "narrow",
        "live": "budgets signoffs",
    }


def _month_tab(state: MonthState, current: str, month: FiscalMonth) -> Tab:
    url = f"{reverse(current)}?month={state.key}"
    return Tab(state.label.split()[0], url, state.key == month.key, icon=MARKS[state.state])


def _years(month: FiscalMonth, current: str) -> list[tuple[str, str]]:
    """The books before and after, where they are open."""
    calendar = Organisation.current().calendar
    near = FiscalYear.objects.filter(year__in=[month.year.year - 1, month.year.year + 1])
    return [
        (
            str(year),
            f"{reverse(current)}?month={calendar.months(year.year)[0 if year.year > month.year.year else -1].key}",
        )
        for year in near.order_by("year")
    ]


def _context(
    user: User, month: FiscalMonth, today: date, form: CloseForm | None = None,
    lines: Choices | None = None, orders: Choices | None = None,
) -> dict[str, Any]:  # fmt: skip
    context = frame(user, month, today, "budgets:close")
    asked = close_request(month)
    if asked:
        lines, orders = read_batch(asked.payload).choices
    items = month_items(month, user=user, lines=lines, orders=orders)
    work = month_work(month, user, today, items)
    closed = context["state"].state == "closed"
    against = [] if closed else standing_against(month, today)
    may_close = can(user, Act.CLOSE_PERIOD) and not closed
    return context | {
        "title": _title(month, context["state"], work.done, len(work.checks)),
        "work": work,
        "meter": f"{work.done} of {len(work.checks)} complete",
        "against": against,
        "asked": asked,
        "order_rows": [] if closed else [_order_row(item) for item in items.orders],
        "line_rows": [] if closed else _line_rows(items),
        "stuck": [] if closed else items.stuck,
        "closed_rows": [i for i in items.lines if i.planned or i.has_actual] if closed else [],
        "closed_by": _closed_by(context["state"], user),
        "form": (form or CloseForm()) if may_close and not against and not asked else None,
        "may_close": may_close,
        "reopen": ReopenForm()
        if closed and can(user, Act.REOPEN_PERIOD) and _is_newest(context)
        else None,
        "closed_text": _closed_text(context["state"], today) if closed else "",
    }


def _title(month: FiscalMonth, state: MonthState, done: int, checks: int) -> str:
    if state.state == "closed":
        return f"{month.label} is closed"
    if state.state == "open":
        return f"{month.label} is not over yet"
    left = checks - done
    if not left:
        return f"{month.label} is ready to be closed"
    return f"{month.label}: {left} thing{'s are' if left > 1 else ' is'} left to do"


def _is_newest(context: dict[str, Any]) -> bool:
    icons = [tab for tab in context["months"] if tab.icon == MARKS["closed"]]
    return bool(icons) and icons[-1].current


def _closed_text(state: MonthState, today: date) -> str:
    row = state.close
    if row is None:
        return ""
    return f"By {row.closed_by_name}, {formats.day(row.closed_at.date(), today)}"


def _closed_by(state: MonthState, user: User) -> ChangeRequest | None:
    """The request that closed a month, for who may see it."""
    number = state.close.request_id if state.close else None
    return requests_visible(user).filter(pk=number).first() if number else None


def _order_row(item: OrderItem) -> OrderRow:
    return OrderRow(item, _choices(item.options, item.held.treatment, WORDS))


def _line_rows(items: MonthItems) -> list[LineRow]:
    """Lines of which something is left or missing, the largest difference first."""
    rows = [item for item in items.lines if item.settled.rest]
    rows.sort(key=lambda item: (item.settled.rest > 0, -abs(item.settled.rest)))
    return [
        LineRow(item, _choices(item.options, item.month.treatment, LINE_WORDS)) for item in rows
    ]


def _choices(
    options: Sequence[Treatment], now: Treatment, words: dict[Treatment, str]
) -> list[Choice]:
    return [Choice(str(option), words[option], option == now) for option in options]


@gate(Act.CLOSE_PERIOD)
@require_POST
def close_ask(request: HttpRequest) -> HttpResponse:
    """Close the month at once where no money moves, else send the batch for approval."""
    user, today = person(request), clock.today()
    month = month_or_404(request.POST.get("month", ""))
    form = CloseForm(request.POST)
    lines, orders = _posted(request, form, month)
    if form.is_valid():
        try:
            made = close_or_ask(
                user=user, month=month.key, lines=lines, orders=orders,
                reason=form.cleaned_data["reason"], at=clock.now(),
            )  # fmt: skip
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            return _closed(request, month, made)
    context = _context(user, month, today, form, lines, orders) | {"form": form}
    return invalid(request, "budgets/close.html", context)


def _posted(request: HttpRequest, form: CloseForm, month: FiscalMonth) -> tuple[Choices, Choices]:
    """The choices of the form; one for all goes before those of single lines and orders."""
    sent = [(name, str(value)) for name, value in request.POST.items()]
    lines, orders = chosen(sent, "line"), chosen(sent, "order")
    form.is_valid()
    every = {name: Treatment(v) for name, v in form.cleaned_data.items() if name != "reason" and v}
    if not every:
        return lines, orders
    items = month_items(month, lines=lines, orders=orders)
    if wanted := every.get("all_orders"):
        orders |= {i.line.pk: wanted for i in items.orders if wanted in i.options}
    items = month_items(month, lines=lines, orders=orders)
    for name, group in (("all_unspent", FOR_UNSPENT), ("all_overspent", FOR_OVERSPENT)):
        if wanted := every.get(name):
            lines |= {
                i.line.pk: wanted
                for i in items.lines
                if wanted in i.options and set(i.options) <= set(group)
            }
    return lines, orders


def _closed(request: HttpRequest, month: FiscalMonth, made: Any) -> HttpResponse:
    if isinstance(made, ChangeRequest):
        messages.success(
            request, f"{made.reference} was sent. {month.label} closes once it is approved."
        )
        return redirect_to(request, made.get_absolute_url())
    messages.success(request, f"{month.label} is closed. No money had to move.")
    return redirect_to(request, f"{reverse('budgets:close')}?month={month.key}")


@gate(Act.REOPEN_PERIOD)
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """Ask for a closed month to be opened again; somebody else decides."""
    user = person(request)
    month = month_or_404(request.POST.get("month", ""))
    form = ReopenForm(request.POST)
    if form.is_valid():
        try:
            made = reopen_ask(
                user=user, month=month.key, reason=form.cleaned_data["reason"], at=clock.now()
            )
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{made.reference} was sent. A second person decides.")
            return redirect_to(request, made.get_absolute_url())
    context = _context(user, month, clock.today()) | {"reopen": form}
    return invalid(request, "budgets/close.html", context)
