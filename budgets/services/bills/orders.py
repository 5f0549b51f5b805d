"""Bills against orders: what they use of them, what goes beyond what is open, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budgets.choices import BillKind
from budgets.models import BillLine, OrderLine
from budgets.rules.matching import TOLERANCE
from budgets.selectors.bills.openorders import OpenLine, open_lines
from budgets.selectors.bills.rates import bill_rate
from budgets.services.orders.content import RATE_PLACES
from core import formats
from core.errors import Conflict
from core.money import Money, convert

RECKONED = ("order_micros", "order_rate", "order_rate_name")


def reckon(lines: Iterable[BillLine]) -> None:
    """Keep what each line uses of its order, in the order's currency at the rate of the bill's day.

    A credit note counts at the day of its invoice, so that it takes back what that one used.
    Raises ``Invalid`` with what to do where no rate is known.
    """
    for line in lines:
        before = [getattr(line, name) for name in RECKONED]
        line.order_micros, line.order_rate, line.order_rate_name = _used(line)
        if before != [getattr(line, name) for name in RECKONED]:
            line.save(update_fields=RECKONED)


def _used(line: BillLine) -> tuple[int | None, Decimal | None, str]:
    bill, ordered = line.bill, line.order_line
    if ordered is None or ordered.order.currency == bill.currency:
        return None, None, ""
    day = bill.corrects.dated if bill.kind == BillKind.CREDIT and bill.corrects else bill.dated
    found = bill_rate(bill.currency, ordered.order.currency, day)
    rate = found.rate.quantize(RATE_PLACES)
    return convert(line.amount, rate, ordered.order.currency).micros, rate, found.name


@dataclass(frozen=True, slots=True)
class Excess:
    """By how much bill lines go beyond what is open of an order line, in the order's currency."""

    order_line: OrderLine
    over: Money
    is_tolerated: bool

    def __str__(self) -> str:
        amount = formats.money_exact(self.over)
        sentence = f"This is {amount} more than is open of {self.order_line.order.reference}."
        return f"{sentence} {self.remedy}"

    @property
    def remedy(self) -> str:
        if self.is_tolerated:
            return "It is within the tolerance: a second person may accept it."
        return "Have the order raised by a request, book the difference on a budget line, or dispute it."


def excesses(
    lines: Sequence[BillLine], stands: Mapping[int, OpenLine] | None = None
) -> list[Excess]:
    """Where bill lines, taken together, are beyond their order lines.

    ``stands`` are the order lines, where they were read already.
    """
    return list(_excesses(lines, stands))


def _excesses(lines: Sequence[BillLine], known: Mapping[int, OpenLine] | None) -> Iterator[Excess]:
    asked: dict[int, int] = {}
    # A credit note that names an order line gives back to it.
    lines = [line for line in lines if line.bill.kind != BillKind.CREDIT]
    ordered = {line.order_line.pk: line.order_line for line in lines if line.order_line}
    for line in lines:
        if line.order_line:
            asked[line.order_line.pk] = asked.get(line.order_line.pk, 0) + line.used_micros
    known = open_lines(ordered.values()) if known is None else known
    for pk, micros in asked.items():
        stands = known[pk]
        over = micros - stands.billable
        if over > 0:
            order = stands.line.order
            # Once for the whole order: many small excesses are one large one.
            tolerated = TOLERANCE.allows(over + stands.beyond, stands.line.amount_micros)
            yield Excess(stands.line, Money(over, order.currency), tolerated)


def require_within(lines: Sequence[BillLine]) -> None:
    """Raise ``Conflict`` where bill lines are beyond their orders by more than the tolerance."""
    for excess in excesses(lines):
        if not excess.is_tolerated:
            raise Conflict(
                f"This is {formats.money_exact(excess.over)} more than is open of "
                f"{excess.order_line.order.reference}.",
                code="over_order",
                where="order_line",
                remedy=excess.remedy,
            )
