"""Voiding a bill: a posted one by entries that undo its own, never by a change of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from budgets.choices import BillKind, BillState
from budgets.models import Bill, BillLine, OrderLine
from budgets.selectors.bills.openorders import open_lines
from budgets.services import commitments
from budgets.services.bills.reversing import let_go_again, negated
from budgets.services.bills.rights import is_finance, require_void, require_work
from budgets.services.bills.writing import (
    Held,
    bill_locked,
    budget_line_of,
    held_by,
    keep,
    left_of,
    lines_of,
    state_set,
    take,
)
from budgets.services.commitments import Change
from core.errors import Conflict, Invalid
from core.events import Actor


@transaction.atomic
def bill_void(*, bill: Bill, user: User, reason: str, at: datetime) -> Bill:
    """Take a bill back. What was posted is undone entry by entry, and open orders hold their money again.

    A waiting bill may be voided by who looks after it, a posted one by finance or a director.
    Raises ``Conflict`` for a closed month, and while other bills rest on this one.
    """
    locked = bill_locked(bill, BillState.TO_MATCH, BillState.HELD, BillState.POSTED)
    if not reason.strip():
        raise Invalid("Say why it is void; it stays with the bill.", where="reason")
    beyond: list[OrderLine] = []
    if locked.state == BillState.POSTED:
        require_void(user, locked)
        beyond = _undo(locked, user, reason, at)
    elif not is_finance(user):
        require_work(user, locked.team, locked.owner_id)
    state_set(locked, BillState.VOID, user.as_actor(), at, reason=reason.strip())
    _let_go_beyond(beyond, locked, user.as_actor(), at)
    return locked


def _undo(bill: Bill, user: User, reason: str, at: datetime) -> list[OrderLine]:
    """Write what undoes a bill; returns its order lines of which more was billed than ordered."""
    _require_free(bill)
    lines = lines_of(bill)
    keep(lines)
    ordered = {line.order_line for line in lines if line.order_line}
    beyond = [one.line for one in open_lines(ordered).values() if one.beyond]
    changes = [change for line in lines for change in negated(line, key=f"bill:{line.pk}:void")]
    _require_held(changes)
    commitments.post(changes, reason=reason, actor=user.as_actor(), at=at)
    let_go_again(lines, actor=user.as_actor(), at=at, reason=reason)
    return beyond


def _let_go_beyond(lines: Sequence[OrderLine], void: Bill, actor: Actor, at: datetime) -> None:
    """What other bills took beyond an order comes out of what a void bill gave back to it."""
    for stands in open_lines(lines).values():
        ordered = stands.line
        share = ordered.borne_micros * stands.open // ordered.amount_micros
        changes = _owed(ordered, max(0, stands.held - share), void)
        commitments.post(changes, reason=f"{void} is void", actor=actor, at=at)


def _owed(ordered: OrderLine, over: int, void: Bill) -> list[Change]:
    """``over`` let go by the invoices that found too little to let go, the newest first."""
    changes: list[Change] = []
    held = held_by(ordered, ordered.month)
    posted = BillLine.objects.filter(
        order_line=ordered, bill__state=BillState.POSTED, bill__kind=BillKind.INVOICE
    )
    for line in posted.select_related("budget_line", "bill").order_by("-bill__posted_at", "-pk"):
        gone = line.entries.aggregate(sum=Sum("committed_micros"))["sum"] or 0
        owes = ordered.borne_micros * line.used_micros // ordered.amount_micros + gone
        taken = take(held, min(over, max(0, owes)))
        held, over = left_of(held, taken), over - sum(micros for _, micros in taken)
        changes += [_let_go(line, one, micros, void) for one, micros in taken]
    return changes


def _let_go(line: BillLine, held: Held, micros: int, void: Bill) -> Change:
    return Change(
        key=f"bill:{line.pk}:void:{void.pk}:{held.holding}",
        budget_line=budget_line_of(line),
        month=held.month,
        campaign_line=held.campaign_line,
        order_line=line.order_line,
        bill_line=line,
        committed_micros=-micros,
    )


def _require_free(bill: Bill) -> None:
    """Raise while a posted credit note or reversal rests on the bill, or when it is one of the latter."""
    if bill.kind == BillKind.ACCRUAL and bill.corrects_id:
        raise Conflict(
            "A reversal stays; the accrual it ended is over.",
            code="reversal",
            remedy="Enter a new accrual if the cost is still to come.",
        )
    resting = bill.corrected_by.filter(state=BillState.POSTED).first()
    if resting:
        raise Conflict(
            f"{resting} rests on it.",
            code="corrected",
            remedy=f"Void {resting} first, if it can be.",
        )


def _require_held(changes: Sequence[Change]) -> None:
    """Raise where an order line would let go of more than it holds: it was billed again since."""
    taken: dict[int, int] = defaultdict(int)
    lines = {}
    for change in changes:
        if change.order_line:
            taken[change.order_line.pk] += change.committed_micros
            lines[change.order_line.pk] = change.order_line
    for pk, stands in open_lines(lines.values()).items():
        if stands.held + taken[pk] < 0:
            raise Conflict(
                f"{stands.line.order.reference} was billed again since, so it no longer holds this.",
                code="not_held",
                remedy="Void the later bill first.",
            )
