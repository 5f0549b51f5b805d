"""Why a bill is not posted by itself, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from budgets.choices import BillKind, BillState, OrderKind, OrderState
from budgets.models import Bill, BillLine, Order
from budgets.rules.matching import numbers_in
from budgets.selectors.bills.openorders import OpenLine, open_lines
from budgets.services.bills.orders import excesses
from budgets.services.bills.writing import lines_by_bill

COVERED = "By now it can be posted as it stands."


def waits_for(
    bill: Bill, lines: Sequence[BillLine], stands: Mapping[int, OpenLine] | None = None
) -> str:
    """Why a bill is not posted by itself, as sentences; "" when approved orders cover it.

    ``stands`` are its order lines, where they were read already.
    """
    if bill.kind == BillKind.CREDIT:
        return "A credit note gives money back to the budget, so a second person posts it."
    reasons = [f"{excess}" for excess in excesses(lines, stands)]
    reasons += [reason for line in lines if (reason := _reason(line))]
    return " ".join([*reasons, *_blankets_named(bill, lines)])


def why_waiting(bills: Iterable[Bill]) -> dict[int, str]:
    """Number of each bill -> why it waits: by its orders as they stand now, while it is to be matched.

    Any other keeps what was said when it came to its state.
    """
    found = {bill.pk: bill for bill in bills}
    told = {pk: bill.held_because for pk, bill in found.items()}
    lines = lines_by_bill([b for b in found.values() if b.state == BillState.TO_MATCH])
    ordered = {line.order_line for rows in lines.values() for line in rows if line.order_line}
    stands = open_lines(ordered)
    now = {pk: waits_for(found[pk], rows, stands) or COVERED for pk, rows in lines.items()}
    return told | now


def _reason(line: BillLine) -> str:
    if line.budget_line is None:
        return f"Line {line.position} has neither an order nor a budget line."
    if line.order_line is None:
        return f"Line {line.position} has no order, so a second person posts it."
    if line.order_micros is None:
        return ""
    order = line.order_line.order
    return (
        f"Line {line.position} is in {line.bill.currency} and {order.reference} in "
        f"{order.currency}, so a second person looks at the conversion."
    )


def _blankets_named(bill: Bill, lines: Sequence[BillLine]) -> list[str]:
    """What to do about blanket orders that a bill without an order names."""
    free = [line.description for line in lines if line.order_line is None]
    numbers = numbers_in(" ".join([bill.number, bill.note, *free])) if free else set()
    rows = Order.objects.filter(
        number__in=numbers, kind=OrderKind.BLANKET, state=OrderState.OPEN, vendor=bill.vendor
    )
    return [
        f"It names {order.reference}, a blanket order: release the part that it is about, then "
        "match it with the release."
        for order in rows.order_by("number")
    ]
