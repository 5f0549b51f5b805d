"""One order as its page shows it: facts, lines, releases, files, request, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from approvals.choices import OPEN_STATES
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from budgets.choices import OrderKind, OrderState
from budgets.models import Attachment, HoldingEntry, Order, OrderLine
from budgets.selectors.bills.openorders import BILLED_KINDS, open_lines
from budgets.selectors.orders import (
    LineFigures,
    OrderFigures,
    line_figures,
    order_entries,
    order_figures,
    orders_for,
)
from budgets.selectors.sections import section_tabs
from budgets.services.attachments import is_draft, may_attach
from budgets.services.bills import may_work
from budgets.services.checks import month_label
from budgets.services.orders import may_change, pending_request
from core import clock, formats
from core.money import Money
from core.pages import page
from core.parts import Entry, Fact
from core.tables import Column, Table

MOST_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of an order: in the order's currency, and what its budget line bears, used, holds."""

    what: str
    place: str
    month: str
    amount: Money
    billed: Money
    left: Money
    rate: str
    codes: str


class LinesTable(Table):
    key = "lines"
    noun = "lines"
    columns = (
        Column("what", "What", priority=1, sub="place", sortable=False),
        Column("month", "Month", sortable=False, nowrap=True),
        Column("amount", "Ordered", kind="money_exact", priority=1, sortable=False),
        Column("billed", "Billed, accrued", kind="money_exact", sortable=False),
        Column("left", "Left", kind="money_exact", sortable=False),
        Column("rate", "Converted at", priority=3, sortable=False),
        Column("codes", "Account, cost centre", priority=3, sortable=False),
    )


class ReleaseTable(Table):
    key = "releases"
    noun = "releases"
    columns = (
        Column("title", "Release", kind="link", url="get_absolute_url", sub="reference",
               priority=1, sortable=False),
        Column("ordered", "Released", kind="custom", priority=1, sortable=False),
        Column("get_state_display", "State", kind="badge", tone="state_tone", sortable=False),
        Column("expected_on", "Expected", kind="date", sortable=False),
    )  # fmt: skip
    figures: Mapping[int, OrderFigures] = {}

    def cell_ordered(self, row: Order) -> str:
        return formats.money_exact(self.figures[row.pk].ordered)


def find_order(user: User, pk: int) -> Order:
    """One order in sight."""
    return get_object_or_404(orders_for(user).select_related("blanket", "replaces"), pk=pk)


def order_crumbs(*names: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page about orders."""
    return [
        ("Budgets", reverse("budgets:centre")),
        ("Orders", reverse("budgets:orders")),
        *names,
    ]


@gate(Act.VIEW_MONEY)
@require_safe
def order(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = find_order(user, pk)
    return page(request, "budgets/order.html", order_context(request, user, found, clock.now()))


def order_context(request: HttpRequest, user: User, order: Order, now: datetime) -> dict[str, Any]:
    """Everything the page of an order shows."""
    today = timezone.localtime(now).date()
    lines = list(
        order.lines.select_related(
            "budget_line__fiscal_year", "campaign_line", "order", "blanket_line"
        )
    )
    figures, asked = line_figures(lines), pending_request(order)
    may = may_change(user, order)
    return {
        "title": order.title,
        "kicker": f"{order.reference} · {order.get_kind_display()}",
        "order": order,
        "chip": order.get_state_display(),
        "tone": order.state_tone,
        "facts": _facts(order, today),
        "lines": _lines_table(request, lines, figures),
        "releases": _releases(request, user, order),
        "entries": _entries(order, today),
        "files": _files(order),
        "may_attach": may_attach(user, order),
        "may_remove_files": may_attach(user, order) and is_draft(order),
        "asked": asked,
        "request_url": _request_url(user, order),
        "bill_url": _bill_url(user, order, lines),
        "acts": _acts(user, order, asked, figures) if may else set(),
        "live": f"order:{order.pk}",
        "sections": section_tabs(user, "budgets:orders"),
        "crumbs": order_crumbs((order.reference, "")),
    }


def _facts(order: Order, today: date) -> list[Fact]:
    sums = order_figures([order])[order.pk]
    late = order.state == OrderState.OPEN and order.expected_on < today
    return [
        Fact("Vendor", str(order.vendor or "Not known yet")),
        Fact("Team", str(order.team)),
        Fact("Owner", person=order.owner.name),
        Fact("Ordered", formats.money_exact(sums.ordered)),
        Fact("Billed, accrued", _amount(sums.billed)),
        Fact("Left", _amount(sums.left)),
        Fact(
            "Expected by",
            formats.day(order.expected_on, today, weekday=False),
            tone="bad" if late else "",
        ),
    ]


def _amount(amount: Money | None) -> str:
    return formats.NOTHING if amount is None else formats.money_exact(amount)


def _lines_table(
    request: HttpRequest, lines: Sequence[OrderLine], figures: Mapping[int, LineFigures]
) -> LinesTable:
    rows = [_line_row(line, figures[line.pk]) for line in lines if not line.is_dropped]
    return LinesTable(request, rows, export=False, prefixed=True)


def _line_row(line: OrderLine, figures: LineFigures) -> LineRow:
    place = f"{line.budget_line} › {line.campaign_line}" if line.campaign_line else line.budget_line
    is_converted = line.borne.currency != line.amount.currency
    bears = f"{formats.money_exact(line.borne)}, {line.rate_name}" if is_converted else ""
    return LineRow(
        what=line.description,
        place=str(place),
        month=month_label(line.budget_line, line.month),
        amount=line.amount,
        billed=figures.billed,
        left=figures.left,
        rate=bears,
        codes=" · ".join(filter(None, (line.gl_code, line.cost_centre))),
    )


def _releases(request: HttpRequest, user: User, order: Order) -> ReleaseTable | None:
    if order.kind != OrderKind.BLANKET:
        return None
    rows = list(Order.objects.for_user(user).filter(blanket=order).order_by("-number"))
    table = ReleaseTable(request, rows, export=False, prefixed=True)
    table.figures = order_figures(rows)
    table.empty_title = "Nothing is released yet"  # type: ignore[misc]
    return table


def _entries(order: Order, today: date) -> list[Entry]:
    return [_entry(entry, today) for entry in order_entries(order)[:MOST_ENTRIES]]


def _entry(entry: HoldingEntry, today: date) -> Entry:
    currency = entry.holding.budget_line.currency
    moves = (
        ("Reserved", entry.reserved_micros),
        ("Committed", entry.committed_micros),
        ("Accrued", entry.accrued_micros),
        ("Billed", entry.billed_micros),
    )
    said = ", ".join(
        f"{name} {formats.money_exact_signed(Money(micros, currency))}"
        for name, micros in moves
        if micros
    )
    where = f"{entry.holding.budget_line}, {month_label(entry.holding.budget_line, entry.holding.month)}"
    bill = entry.bill_line.bill if entry.bill_line else None
    return Entry(
        title=said,
        when=f"{formats.moment(timezone.localtime(entry.at), today)} · {where}",
        who=entry.actor_name,
        text=entry.reason,
        chip=str(bill) if bill else "",
    )


def _files(order: Order) -> list[Attachment]:
    return list(order.attachments.select_related("added_by"))


def _request_url(user: User, order: Order) -> tuple[str, str] | None:
    """(reference, address) of the request about it, if the person sees it."""
    asked = requests_visible(user).filter(pk=order.request_id or 0).first()
    return (asked.reference, asked.get_absolute_url()) if asked else None


def _bill_url(user: User, order: Order, lines: Sequence[OrderLine]) -> str:
    """The form of an invoice for it, filled from its first line that is open; "" for who may not."""
    is_billed = order.state == OrderState.OPEN and order.kind in BILLED_KINDS
    if not is_billed or not may_work(user, order.team, order.owner_id):
        return ""
    stands = open_lines(line for line in lines if not line.is_dropped)
    first = next((pk for pk, one in stands.items() if one.billable), None)
    return f"{reverse('budgets:bill-create')}?order={first}" if first else ""


def _acts(
    user: User, order: Order, asked: ChangeRequest | None, figures: Mapping[int, LineFigures]
) -> set[str]:
    """What its planner can do with it now."""
    if asked:
        own = asked.requested_by_id == user.pk and asked.state in OPEN_STATES
        return {"edit"} if own else set()
    acts = {
        OrderState.DRAFT: {"edit", "submit", "cancel"},
        OrderState.OPEN: {"edit", "close", "cancel"},
        OrderState.CLOSED: {"reopen"},
    }.get(OrderState(order.state), set())
    if order.state == OrderState.OPEN and order.kind == OrderKind.BLANKET:
        acts = acts | {"release"}
    if order.state == OrderState.OPEN and order.kind == OrderKind.PLACEHOLDER:
        acts = acts | {"order"}
    if any(line.billed for line in figures.values()):
        acts = acts - {"cancel"}
    return acts
