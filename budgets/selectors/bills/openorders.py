"""What order lines still wait for: how much of them is billed, accrued and still held."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from budgets.choices import BillKind, BillState, OrderKind, OrderState
from budgets.models import BillLine, HoldingEntry, Order, OrderLine, Vendor
from budgets.rules.matching import Offer

USED = Coalesce(F("order_micros"), F("amount_micros"))
# A blanket order is billed through its releases, a placeholder not at all.
BILLED_KINDS = (OrderKind.ORDER, OrderKind.RELEASE)


@dataclass(frozen=True, slots=True)
class OpenLine:
    """An order line with what bills have used of it, in the order's currency.

    ``used`` counts bills and accruals that stand; ``accrued`` is the accruals' part, which
    an invoice takes the place of. ``held`` is what it holds now, in the budget line's currency.
    """

    line: OrderLine
    used: int
    accrued: int
    held: int

    @property
    def open(self) -> int:
        """What is neither billed nor accrued."""
        return max(0, self.line.amount_micros - self.used)

    @property
    def billable(self) -> int:
        """What an invoice may still be about: accruals end when it arrives."""
        return max(0, self._unbilled)

    @property
    def beyond(self) -> int:
        """What invoices took beyond what was ordered, all together."""
        return max(0, -self._unbilled)

    @property
    def _unbilled(self) -> int:
        return self.line.amount_micros - self.used + self.accrued


def open_lines(lines: Iterable[OrderLine]) -> dict[int, OpenLine]:
    """Number of each order line -> how it stands."""
    lines = list(lines)
    ids = [line.pk for line in lines]
    used, accrued = _used(ids)
    held = _held(ids)
    return {
        line.pk: OpenLine(line, used.get(line.pk, 0), accrued.get(line.pk, 0), held.get(line.pk, 0))
        for line in lines
    }


def _used(ids: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    rows = BillLine.objects.filter(order_line__in=ids, bill__state=BillState.POSTED)
    grouped = rows.values_list("order_line", "bill__kind", "bill__corrects").annotate(
        total=Sum(USED)
    )
    used: dict[int, int] = {}
    accrued: dict[int, int] = {}
    for order_line, kind, corrects, total in grouped.order_by():
        # A credit note names the order line only where it opens the order again.
        takes_back = kind == BillKind.CREDIT or (kind == BillKind.ACCRUAL and corrects)
        signed = -total if takes_back else total
        used[order_line] = used.get(order_line, 0) + signed
        if kind == BillKind.ACCRUAL:
            accrued[order_line] = accrued.get(order_line, 0) + signed
    return used, accrued


def _held(ids: Collection[int]) -> dict[int, int]:
    rows = HoldingEntry.objects.filter(order_line__in=ids).values_list("order_line")
    return dict(rows.annotate(total=Sum("committed_micros")).order_by())


def billable_lines(user: User | None, vendor: Vendor | None = None) -> QuerySet[OrderLine]:
    """Lines of open orders that can be billed; of one vendor where it is given.

    ``user`` None is the product itself.
    """
    orders = Order.objects.for_user(user) if user else Order.objects.all()
    orders = orders.filter(state=OrderState.OPEN, kind__in=BILLED_KINDS)
    if vendor:
        orders = orders.filter(vendor=vendor)
    lines = OrderLine.objects.filter(order__in=orders, is_dropped=False)
    return lines.select_related(
        "order__vendor", "budget_line__fiscal_year", "budget_line__team", "campaign_line__campaign"
    ).order_by("-order__number", "position")


def nameable_lines(user: User) -> QuerySet[OrderLine]:
    """Lines of open orders that a bill may name; a blanket's is then refused with what to do."""
    orders = Order.objects.for_user(user).filter(
        state=OrderState.OPEN, kind__in=[*BILLED_KINDS, OrderKind.BLANKET]
    )
    return OrderLine.objects.filter(order__in=orders, is_dropped=False)


def offers(user: User | None, vendor: Vendor) -> list[Offer]:
    """The vendor's order lines that something is still open of, for matching."""
    found = open_lines(billable_lines(user, vendor))
    return [_offer(one) for one in found.values() if one.billable]


def _offer(found: OpenLine) -> Offer:
    line, order = found.line, found.line.order
    return Offer(
        key=line.pk,
        number=order.number,
        reference=order.reference,
        vendor=order.vendor_id or 0,
        currency=order.currency,
        ordered=line.amount_micros,
        open=found.billable,
        month=line.month,
        text=" ".join(dict.fromkeys([order.title, line.description])),
    )
