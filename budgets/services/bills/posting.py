"""Posting a bill: from this moment it counts, in the place of what its order held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from budgets.choices import BillKind, BillState
from budgets.models import Bill, BillLine
from budgets.rules.billing import credited, held_again, released
from budgets.selectors.bills.openorders import open_lines
from budgets.selectors.bills.rates import bill_rate
from budgets.services import commitments
from budgets.services.bills.content import creditable, place_of
from budgets.services.bills.reversing import accruals_end, holds_again
from budgets.services.bills.writing import (
    Held,
    budget_line_of,
    held_by,
    state_set,
    take,
)
from budgets.services.commitments import Change
from core.errors import Invalid
from core.events import Actor
from core.money import Money, convert


def bill_post(
    bill: Bill,
    lines: Sequence[BillLine],
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    warning: str = "",
) -> None:
    """Write what a locked bill means to the commitment ledger and bring it to posted.

    Whoever calls has decided that it may be posted, and has kept its ``lines`` (``keep``).
    ``warning`` stays with the bill.
    """
    for line in lines:
        post_line(line, actor=actor, at=at, reason=reason or f"{bill} posted")
    bill.posted_at = at
    borne = {f"line {line.position}": line.borne_micros for line in lines}
    state_set(bill, BillState.POSTED, actor, at, because=warning, reason=reason, after=borne)


def post_line(line: BillLine, *, actor: Actor, at: datetime, reason: str) -> None:
    """One line's entries. Accruals of its order line end first: the invoice takes their place."""
    if line.bill.kind == BillKind.CREDIT:
        changes = _credit(line)
    elif line.bill.kind == BillKind.ACCRUAL:
        changes = _accrual(line)
    else:
        if line.order_line:
            accruals_end(line.order_line, month=line.month, actor=actor, at=at, because=line.bill)
        changes = _billed(line)
    line.save(update_fields=["borne_micros", "rate", "rate_name"])
    commitments.post(changes, reason=reason, actor=actor, at=at)


def _billed(line: BillLine) -> list[Change]:
    """Plus billed at the bill's own rate, minus what the order lets go."""
    budget_line = budget_line_of(line)
    rate = bill_rate(line.bill.currency, budget_line.currency, line.bill.dated)
    borne = convert(Money(line.amount_micros, line.bill.currency), rate.rate, budget_line.currency)
    line.borne_micros, line.rate, line.rate_name = borne.micros, rate.rate, rate.name
    return _with_released(line, _let_go(line), billed=borne.micros)


def _accrual(line: BillLine) -> list[Change]:
    """What the order lets go becomes accrued: the same micros, at the order's rate."""
    taken = _let_go(line)
    line.borne_micros = sum(micros for _, micros in taken)
    if line.order_line:
        line.rate, line.rate_name = line.order_line.rate, line.order_line.rate_name
    return _with_released(line, taken, accrued=line.borne_micros)


def _let_go(line: BillLine) -> list[tuple[Held, int]]:
    """(holding, micros) of what the line's order lets go."""
    ordered = line.order_line
    if ordered is None:
        return []
    held = held_by(ordered, line.month)
    # Lines above it on the same bill are written already, and not yet posted.
    above = line.bill.lines.filter(order_line=ordered, position__lt=line.position)
    used = sum(one.used_micros for one in above)
    left = max(0, open_lines([ordered])[ordered.pk].open - used)
    micros = released(sum(one.micros for one in held), left, line.used_micros)
    return take(held, micros)


def _with_released(
    line: BillLine, taken: Iterable[tuple[Held, int]], *, billed: int = 0, accrued: int = 0
) -> list[Change]:
    """One change where the bill counts, and one for each other place in which its order held money."""
    here, others = 0, []
    for held, micros in taken:
        if held.month == line.month and held.campaign_line == line.campaign_line:
            here = micros
        else:
            others.append(_change(line, f"order:{held.holding}", -micros, held))
    own = _change(line, "own", -here, billed=billed, accrued=accrued)
    return [own, *others]


def _change(
    line: BillLine, key: str, committed: int, held: Held | None = None, *, billed: int = 0,
    accrued: int = 0,
) -> Change:  # fmt: skip
    return Change(
        key=f"bill:{line.pk}:{key}",
        budget_line=budget_line_of(line),
        month=held.month if held else line.month,
        campaign_line=held.campaign_line if held else line.campaign_line,
        order_line=line.order_line,
        bill_line=line,
        committed_micros=committed,
        accrued_micros=accrued,
        billed_micros=billed,
        whole_bills=int(line.is_whole_month and held is None),
    )


def _credit(line: BillLine) -> list[Change]:
    """Minus billed at the rate of the invoice; the order holds it again where that was asked."""
    invoice = line.bill.corrects
    if invoice is None:
        raise Invalid("A credit note names the invoice that it is about.", where="corrects")
    amount, borne = _left_of(invoice, line)
    line.borne_micros = credited(borne, amount, line.amount_micros)
    original = invoice.lines.filter(budget_line=line.budget_line).first()
    line.rate, line.rate_name = (original.rate, original.rate_name) if original else (None, "")
    return [_change(line, "own", _held_again(line), billed=-line.borne_micros)]


def _left_of(invoice: Bill, line: BillLine) -> tuple[int, int]:
    """(amount, borne) that is left of the invoice below the lines above this one."""
    amount, borne = creditable(invoice).get(place_of(line), (0, 0))
    for above in line.bill.lines.filter(position__lt=line.position):
        if place_of(above) == place_of(line):
            amount, borne = amount - above.amount_micros, borne - (above.borne_micros or 0)
    return amount, borne


def _held_again(line: BillLine) -> int:
    ordered = line.order_line
    if ordered is None or not holds_again(line):
        return 0
    stands = open_lines([ordered])[ordered.pk]
    # What was billed beyond the order does not open it again.
    opened = max(0, line.used_micros - stands.beyond)
    return held_again(ordered.borne_micros, stands.held, ordered.amount_micros, opened)
