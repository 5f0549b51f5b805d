"""The matching queue: a second person says what a bill is for, and it is posted, held or disputed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from budgets.choices import BillKind, BillState, CheckLevel
from budgets.models import Bill, BillLine, BudgetLine, OrderLine
from budgets.selectors.bills.queue import exact_matches
from budgets.services.bills.carrying import carry_over
from budgets.services.bills.checking import found_over
from budgets.services.bills.content import require_creditable, require_place
from budgets.services.bills.orders import reckon, require_within
from budgets.services.bills.posting import bill_post
from budgets.services.bills.rights import require_pass, require_second, require_work
from budgets.services.bills.waiting import waits_for
from budgets.services.bills.writing import (
    bill_locked,
    budget_line_of,
    keep,
    lines_of,
    record,
    state_set,
)
from campaigns.models import CampaignLine
from core.errors import AdroitError, Conflict, Invalid, NotAllowed

SHORTEST_REASON = 20


@dataclass(frozen=True, slots=True)
class Match:
    """What a line of a bill is for: an order line, or a budget line; ``month`` "" leaves it as it is."""

    position: int
    order_line: OrderLine | None = None
    budget_line: BudgetLine | None = None
    campaign_line: CampaignLine | None = None
    month: str = ""
    is_whole_month: bool = False


@transaction.atomic
def bill_match(*, bill: Bill, user: User, matches: Sequence[Match] = (), at: datetime) -> Bill:
    """Say what the lines of a waiting bill are for, and post it; without ``matches`` as it stands.

    Whoever entered a bill may match it with an approved order that covers it; anything else
    is posted by somebody else. Beyond the spending check of a budget line it is held.
    Raises ``Conflict`` when it is beyond its order by more than the tolerance.
    """
    locked = bill_locked(bill, BillState.TO_MATCH, BillState.HELD)
    require_work(user, locked.team, locked.owner_id)
    _assign(locked, user, matches, at)
    lines = _ready(locked)
    if waits_for(locked, lines):
        require_second(user, locked)
    require_within(lines)
    over = found_over(lines)
    if over.level == CheckLevel.STOP:
        state_set(locked, BillState.HELD, user.as_actor(), at, because=over.text)
    else:
        bill_post(locked, lines, actor=user.as_actor(), at=at, warning=over.text)
    return locked


@transaction.atomic
def bill_pass(*, bill: Bill, user: User, reason: str, at: datetime) -> Bill:
    """Post a held bill although its budget line has too little; finance or a director, with a reason."""
    locked = bill_locked(bill, BillState.HELD)
    require_pass(user, locked)
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid(
            f"Say in at least {SHORTEST_REASON} characters why it is posted all the same.",
            code="reason_short",
            where="reason",
        )
    lines = _ready(locked)
    require_within(lines)
    text = found_over(lines).text
    bill_post(locked, lines, actor=user.as_actor(), at=at, reason=reason, warning=text)
    return locked


@transaction.atomic
def bill_dispute(*, bill: Bill, user: User, comment: str, at: datetime) -> Bill:
    """Hold a bill because something about it is wrong; it waits until somebody posts or voids it."""
    locked = bill_locked(bill, BillState.TO_MATCH, BillState.HELD)
    require_work(user, locked.team, locked.owner_id)
    comment = comment.strip()
    if not comment:
        raise Invalid("Say what is wrong, for whoever asks the vendor.", where="comment")
    because = f"Disputed by {user.name}: {comment}"
    state_set(locked, BillState.HELD, user.as_actor(), at, because=because, reason=comment)
    return locked


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of accepting many at once."""

    posted: list[Bill]
    left: list[tuple[Bill, str]]


def bills_accept_exact(*, user: User, bills: Iterable[Bill], at: datetime) -> Accepted:
    """Match and post every bill of which each line has one exact order; the others stay, with the reason."""
    done = Accepted([], [])
    for bill in bills:
        matches = [Match(place, order_line) for place, order_line in exact_matches(bill, user)]
        if not matches:
            done.left.append((bill, "No order line is exactly this amount and no other."))
            continue
        try:
            done.posted.append(bill_match(bill=bill, user=user, matches=matches, at=at))
        except AdroitError as error:
            done.left.append((bill, f"{error.message} {error.remedy}".strip()))
    return done


def _assign(bill: Bill, user: User, matches: Sequence[Match], at: datetime) -> None:
    """Write what lines are for; whatever was chosen for the others stays."""
    lines = {line.position: line for line in lines_of(bill)} if matches else {}
    for match in matches:
        if match.position not in lines:
            raise Invalid(f"{bill} has no line {match.position}.", where="line")
        if bill.kind == BillKind.CREDIT:
            raise Conflict(
                "A credit note stays with the lines of its invoice.",
                remedy="Void it and enter it again for other lines.",
            )
        _assign_line(lines[match.position], match, user)
    if matches:
        after = {f"line {m.position}": str(m.order_line or m.budget_line or "") for m in matches}
        record(bill, "bill.matched", user.as_actor(), at, after=after)


def _assign_line(line: BillLine, match: Match, user: User) -> None:
    place = match.order_line.budget_line if match.order_line else match.budget_line
    if place and not BudgetLine.objects.for_user(user).filter(pk=place.pk).exists():
        raise NotAllowed(
            f"You do not see the money of {place}.", remedy="Ask its owner or finance to match it."
        )
    ordered = match.order_line
    line.order_line, line.budget_line = ordered, place
    line.campaign_line = (ordered.campaign_line if ordered else None) or match.campaign_line
    line.month = match.month or line.month
    line.is_whole_month = match.is_whole_month and line.campaign_line is not None
    line.save()


def _ready(bill: Bill) -> list[BillLine]:
    """The lines, kept for this transaction, each with its place."""
    lines = lines_of(bill)
    for line in lines:
        budget_line_of(line)
    carry_over(lines)
    keep(lines)
    for line in lines:
        require_place(line)
    reckon(lines)
    if bill.kind == BillKind.CREDIT and bill.corrects:
        bill_locked(bill.corrects, BillState.POSTED)
        require_creditable(bill.corrects, lines)
    return lines
