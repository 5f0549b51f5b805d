"""Reading orders: what was ordered, used and is left, and their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from budgets.choices import OrderKind, OrderState
from budgets.models import HoldingEntry, Order, OrderLine
from budgets.rules.fx import Quote, rate_on
from budgets.selectors.rates import quotes
from core.models import Organisation
from core.money import Money, convert

LIVE = (OrderState.WAITING, OrderState.OPEN)
DONE = (OrderState.CLOSED, OrderState.CANCELLED)


def used_by_line(lines: Iterable[OrderLine]) -> dict[int, int]:
    """Order line -> what bills used up of it, in micros of the budget line's currency."""
    rows = (
        HoldingEntry.objects.filter(order_line__in=list(lines), bill_line__isnull=False)
        .values_list("order_line")
        .annotate(total=Sum("committed_micros"))
    )
    return {line or 0: -total for line, total in rows.order_by()}


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One line in its budget line's currency: ordered, billed on it, still held."""

    ordered: Money
    billed: Money
    left: Money


def line_figures(lines: Iterable[OrderLine]) -> Mapping[int, LineFigures]:
    """Order line -> its figures."""
    lines = list(lines)
    rows = (
        HoldingEntry.objects.filter(order_line__in=lines)
        .values_list("order_line")
        .annotate(
            held=Sum("reserved_micros") + Sum("committed_micros"),
            billed=Sum("billed_micros") + Sum("accrued_micros"),
        )
    )
    sums = {line: (held, billed) for line, held, billed in rows.order_by()}
    found = {}
    for line in lines:
        held, billed = sums.get(line.pk, (0, 0))
        currency = line.budget_line.currency
        ordered = Money(0 if line.is_dropped else line.borne_micros, currency)
        found[line.pk] = LineFigures(ordered, Money(billed, currency), Money(held, currency))
    return found


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """An order in one currency; None where a rate is missing."""

    ordered: Money
    billed: Money | None
    left: Money | None


def order_figures(orders: Iterable[Order]) -> Mapping[int, OrderFigures]:
    """Order -> ordered, billed and left in the order's own currency, at its lines' rates."""
    orders = list(orders)
    lines = list(OrderLine.objects.filter(order__in=orders).select_related("budget_line", "order"))
    figures = line_figures(lines)
    known, via = quotes(), Organisation.current().reporting_currency
    by_order: dict[int, list[OrderLine]] = {order.pk: [] for order in orders}
    for line in lines:
        by_order[line.order_id].append(line)
    return {order.pk: _together(order, by_order[order.pk], figures, known, via) for order in orders}


def _together(
    order: Order,
    lines: list[OrderLine],
    figures: Mapping[int, LineFigures],
    known: list[Quote],
    via: str,
) -> OrderFigures:
    ordered = sum(line.amount_micros for line in lines if not line.is_dropped)
    billed: int | None = 0
    left: int | None = 0
    for line in lines:
        found = figures[line.pk]
        billed = _plus(billed, _in_order(found.billed, line, order, known, via))
        left = _plus(left, _in_order(found.left, line, order, known, via))
    currency = order.currency
    return OrderFigures(
        Money(ordered, currency),
        None if billed is None else Money(billed, currency),
        None if left is None else Money(left, currency),
    )


def _plus(sum_: int | None, micros: int | None) -> int | None:
    return None if sum_ is None or micros is None else sum_ + micros


def _in_order(
    amount: Money, line: OrderLine, order: Order, known: list[Quote], via: str
) -> int | None:
    """An amount of the budget line in the order's currency; in proportion, so that nothing drifts."""
    if not amount or amount.currency == order.currency:
        return amount.micros
    if abs(amount.micros) == line.borne_micros:
        return line.amount_micros if amount.micros > 0 else -line.amount_micros
    rate = rate_on(known, amount.currency, order.currency, order.ordered_on, via)
    return convert(amount, rate.rate, order.currency).micros if rate else None


def orders_for(user: User) -> QuerySet[Order]:
    """Orders in sight with what a list shows of them."""
    return Order.objects.for_user(user).select_related("vendor", "team", "owner")


def overdue(today: date) -> Q:
    """Open orders whose delivery should have been billed by now."""
    return Q(state=OrderState.OPEN, expected_on__lt=today)


def blankets_for(user: User) -> QuerySet[Order]:
    """Open blanket orders out of which a person could release."""
    return orders_for(user).filter(kind=OrderKind.BLANKET, state=OrderState.OPEN)


def placeholders_for(user: User) -> QuerySet[Order]:
    """Placeholders that can be turned into an order."""
    return orders_for(user).filter(kind=OrderKind.PLACEHOLDER, state=OrderState.OPEN)


def order_entries(order: Order) -> QuerySet[HoldingEntry]:
    """What the commitment ledger says of an order, the newest first."""
    rows = HoldingEntry.objects.filter(order_line__order=order).order_by("-id")
    return rows.select_related("holding__budget_line", "order_line", "bill_line__bill")
