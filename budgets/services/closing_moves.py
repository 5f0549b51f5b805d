"""The movements of a close: orders go forward, end or become accruals, and plan follows what was spent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.choices import OrderState
from budgets.models import BudgetLine, FiscalYear, LedgerTransaction, Order, OrderLine
from budgets.rules.closing import FREE, Treatment
from budgets.selectors.bills.openorders import open_lines
from budgets.selectors.closing import FiscalMonth, LineItem, MonthItems, OrderItem
from budgets.selectors.following import Following
from budgets.selectors.orders import used_by_line
from budgets.services.bills.accruals import accrue
from budgets.services.commitments import hold_lines
from budgets.services.ledger import Leg, line_leg, source_leg, transfer
from budgets.services.orders.holding import Word, settle
from budgets.services.orders.state import changed, lock_all, record
from budgets.services.years import year_alone
from campaigns.models import CampaignLine
from core.errors import Conflict


def hold(month: FiscalMonth, order_lines: Iterable[int]) -> None:
    """Keep orders, every budget line of the year and the year itself, in the order all writers take.

    Who moves money holds its lines before the database looks at the year: taking the
    lines first means that everybody is before this close or after it, and none in a ring.
    The last month of a year writes into the next one, whose lines are held as well.
    """
    orders = Order.objects.filter(lines__in=list(order_lines)).values_list("pk", flat=True)
    lock_all(set(orders))
    years = [year for year in (month.year, month.next_year) if year]
    hold_lines(list(BudgetLine.objects.filter(fiscal_year__in=years).values_list("pk", flat=True)))
    year_alone(month.year)


def carry_out(
    items: MonthItems, *, user: User, request: ChangeRequest, at: datetime
) -> dict[str, Any]:
    """Everything that the batch decides; returns what was done, for the trail."""
    word = Word(user.as_actor(), f"{request.reference}: {request.title}", at)
    accrued = [i for i in items.orders if i.held.treatment == Treatment.ACCRUE]
    for item in accrued:
        _accrue(item, items.month, user, at)
    _orders(items, word)
    moved = _plan(items, request, at)
    return {
        "orders": {i.line.order.reference: str(i.held.treatment) for i in items.orders},
        "transaction": moved.pk if moved else None,
    }


def _accrue(item: OrderItem, month: FiscalMonth, user: User, at: datetime) -> None:
    """What is neither billed nor accrued of the order line counts as used in the month."""
    stands = open_lines([item.line])[item.line.pk]
    accrue(
        user=user,
        order_line=item.line,
        month=month.key,
        amount_micros=stands.open,
        at=at,
        note=f"At the close of {month.label}",
    )


def _orders(items: MonthItems, word: Word) -> None:
    """Roll forward and release, order by order; what each holds follows from how it stands then."""
    by_order: dict[int, list[OrderItem]] = {}
    for item in items.orders:
        if item.held.treatment != Treatment.ACCRUE:
            by_order.setdefault(item.line.order_id, []).append(item)
    for pk, group in sorted(by_order.items()):
        order = lock_all([pk])[pk]
        _change_order(order, group, items.month)
        changed(order)
        settle([order], word, None)
        after = {f"line {i.line.position}": str(i.held.treatment) for i in group}
        record(order, word.actor, "order.month_closed", word.at, after=after, reason=word.reason)
        if order.state == OrderState.CLOSED:
            record(order, word.actor, "order.closed", word.at, reason=word.reason)


def _change_order(order: Order, group: list[OrderItem], month: FiscalMonth) -> None:
    released = [i.line for i in group if i.held.treatment == Treatment.RELEASE]
    for item in group:
        if item.held.treatment == Treatment.ROLL:
            _roll(item, month)
    rest = order.lines.filter(is_dropped=False).exclude(pk__in=[line.pk for line in released])
    used = used_by_line([*released, *rest])
    if released and all(used.get(line.pk, 0) >= line.borne_micros for line in rest):
        order.state = OrderState.CLOSED
        return
    for line in released:
        _cut(line, used.get(line.pk, 0))


def _roll(item: OrderItem, month: FiscalMonth) -> None:
    if month.next is None or item.goes_to is None:
        raise Conflict(
            f"{item.line.order.reference} cannot go on from {month.label}.",
            code="no_next_month",
            where="orders",
            remedy=item.why_not,
        )
    rows = OrderLine.objects.filter(pk=item.line.pk)
    rows.update(month=month.next.key, budget_line=item.goes_to)


def _cut(line: OrderLine, used: int) -> None:
    """An order line ends with what was billed of it; one of which nothing was is dropped."""
    if used <= 0:
        OrderLine.objects.filter(pk=line.pk).update(is_dropped=True)
        return
    amount = max(1, line.amount_micros * used // line.borne_micros)
    OrderLine.objects.filter(pk=line.pk).update(borne_micros=used, amount_micros=amount)


def _plan(items: MonthItems, request: ChangeRequest, at: datetime) -> LedgerTransaction | None:
    parts = CampaignLine.objects.in_bulk(
        {part for item in items.lines for part in (*item.settled.now, *item.settled.next) if part}
    )
    legs = [leg for item in items.lines for leg in _legs(item, items.following, parts)]
    legs += _source_legs(legs)
    if not legs:
        return None
    return transfer(
        legs=legs,
        key=f"close:{request.pk}",
        kind=LedgerTransaction.Kind.PLAN,
        reason=f"{request.reference}: {request.title}",
        actor=request.requested_by.as_actor(),
        at=at,
        request_id=request.pk,
    )


def _legs(item: LineItem, then: Following, parts: Mapping[int, CampaignLine]) -> list[Leg]:
    """The line's changes of plan in the month, and in the next where its money goes on."""
    line, month, target = item.line, then.month, item.goes_to
    found = [
        line_leg(line, month.key, micros, parts.get(part) if part != FREE else None)
        for part, micros in item.settled.now.items()
    ]
    if month.next and target:
        found += [
            line_leg(target, month.next.key, micros, parts[part] if kept else None)
            for part, micros in item.settled.next.items()
            for kept in [part != FREE and then.pays(target, part)]
        ]
    return found


def _source_legs(legs: list[Leg]) -> list[Leg]:
    """What leaves a year's lines goes to its source, what comes to them out of it: each year adds up."""
    sums: dict[tuple[FiscalYear, str], int] = {}
    for leg in legs:
        place = leg.fiscal_year, leg.currency
        sums[place] = sums.get(place, 0) + leg.micros
    return [
        source_leg(year, currency, -micros) for (year, currency), micros in sums.items() if micros
    ]
