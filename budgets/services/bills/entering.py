"""Entering a bill: it is posted at once where an approved order covers it, else it waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from budgets.choices import BillState
from budgets.models import Bill, BillLine, BudgetLine
from budgets.services.bills.carrying import carry_over
from budgets.services.bills.content import (
    BillIn,
    LineIn,
    require_dated,
    require_place,
    require_sound,
)
from budgets.services.bills.orders import reckon
from budgets.services.bills.posting import bill_post
from budgets.services.bills.rights import require_work
from budgets.services.bills.waiting import waits_for
from budgets.services.bills.writing import keep, lines_of, record
from core.errors import Conflict, NotAllowed


@transaction.atomic
def bill_enter(*, user: User, given: BillIn, at: datetime) -> Bill:
    """Keep a bill. An invoice that approved orders cover is posted; anything else waits in the queue.

    Raises ``Invalid`` for what does not fit together, ``Conflict`` for a number that the
    vendor used already and for a closed month, ``NotAllowed`` outside the person's teams.
    """
    require_work(user, given.team, given.owner.pk)
    require_sound(given)
    require_dated(given, at)
    _require_seen(user, given.lines)
    bill = _bill(user, given, at)
    BillLine.objects.bulk_create(_lines(bill, given.lines))
    lines = lines_of(bill)
    carry_over(lines)
    keep(lines)
    for line in lines:
        require_place(line)
    reckon(lines)
    record(bill, "bill.entered", user.as_actor(), at, after=_told(bill, lines))
    waits = waits_for(bill, lines)
    if waits:
        bill.held_because = waits
        bill.save(update_fields=["held_because"])
    else:
        bill_post(bill, lines, actor=user.as_actor(), at=at)
    return bill


def _require_seen(user: User, lines: Sequence[LineIn]) -> None:
    """Raise unless the person sees every budget line that a bill is booked on."""
    places = [
        line.order_line.budget_line if line.order_line else line.budget_line for line in lines
    ]
    ids = {place.pk for place in places if place}
    if BudgetLine.objects.for_user(user).filter(pk__in=ids).count() < len(ids):
        raise NotAllowed(
            "You do not see the money of one of these budget lines.",
            remedy="Ask its owner or finance to enter the bill.",
        )


def _bill(user: User, given: BillIn, at: datetime) -> Bill:
    bill = Bill(
        kind=given.kind,
        number=given.number.strip(),
        vendor=given.vendor,
        team=given.team,
        owner=given.owner,
        currency=given.currency.upper(),
        dated=given.dated,
        due_on=given.due_on,
        note=given.note.strip(),
        corrects=given.corrects,
        state=BillState.TO_MATCH,
        entered_by=user,
        entered_at=at,
    )
    try:
        bill.validate_constraints()
        with transaction.atomic():
            bill.save(force_insert=True)
    except (ValidationError, IntegrityError) as error:
        raise Conflict(
            f"{given.number} of {given.vendor} was entered already.",
            code="number_used",
            where="number",
            remedy="Open the bill of this number; void it first if it was wrong.",
        ) from error
    return bill


def _lines(bill: Bill, lines: Sequence[LineIn]) -> list[BillLine]:
    return [_line(bill, position, line) for position, line in enumerate(lines, start=1)]


def _line(bill: Bill, position: int, given: LineIn) -> BillLine:
    ordered = given.order_line
    budget_line = ordered.budget_line if ordered else given.budget_line
    return BillLine(
        bill=bill,
        position=position,
        description=given.description.strip() or (ordered.description if ordered else str(bill)),
        budget_line=budget_line,
        campaign_line=(ordered.campaign_line if ordered else None) or given.campaign_line,
        order_line=ordered,
        month=given.month,
        amount_micros=given.amount_micros,
        is_whole_month=given.is_whole_month,
        gl_code=given.gl_code or (budget_line.gl_code if budget_line else ""),
        cost_centre=given.cost_centre or (budget_line.cost_centre if budget_line else ""),
    )


def _told(bill: Bill, lines: Sequence[BillLine]) -> dict[str, object]:
    return {
        "number": bill.number,
        "vendor": str(bill.vendor or ""),
        "dated": bill.dated,
        "total": str(sum((line.amount for line in lines[1:]), lines[0].amount)),
    }
