"""Accruals: what was delivered in a month and not billed yet, taken out of its order."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from budgets.choices import BillKind, BillState
from budgets.models import Bill, BillLine, Order, OrderLine
from budgets.rules.month_names import month_name
from budgets.selectors.bills.months import first_open_month, month_after
from budgets.selectors.bills.openorders import open_lines
from budgets.selectors.rates import local_day
from budgets.services.bills.content import require_fitting, require_place
from budgets.services.bills.posting import bill_post
from budgets.services.bills.reversing import reversal_write, standing_accruals
from budgets.services.bills.rights import require_work
from budgets.services.bills.writing import bill_locked, keep, lines_of, record
from budgets.services.moves import month_of
from core import formats
from core.errors import AdroitError, Conflict, Invalid
from core.events import SYSTEM
from core.money import Money


@transaction.atomic
def accrue(
    *,
    user: User,
    order_line: OrderLine,
    month: str,
    amount_micros: int,
    at: datetime,
    next_month: bool = False,
    note: str = "",
) -> Bill:
    """Count a part of an order as used in ``month`` before its invoice comes: micros of the order's currency.

    It ends when an invoice for the order line is posted, or with ``next_month`` on the first
    day of the month after. Raises ``Invalid`` beyond what is open and for a month that has not
    begun, ``Conflict`` for a closed month.
    """
    order = Order.objects.select_for_update().get(pk=order_line.order_id)
    require_work(user, order.team, order.owner_id)
    _require_begun(order_line, month, at)
    _require_open_amount(order_line, amount_micros)
    bill = Bill.objects.create(
        kind=BillKind.ACCRUAL, number=f"{order.reference} {month_name(month)}", vendor=order.vendor,
        team=order.team, owner=order.owner, currency=order.currency, dated=local_day(at),
        due_on=_ends_on(order_line, month) if next_month else None, note=note.strip(),
        entered_by=user, entered_at=at,
    )  # fmt: skip
    BillLine.objects.create(
        bill=bill, position=1, description=order_line.description, order_line=order_line,
        budget_line=order_line.budget_line, campaign_line=order_line.campaign_line,
        month=month, amount_micros=amount_micros, gl_code=order_line.gl_code,
        cost_centre=order_line.cost_centre,
    )  # fmt: skip
    (line,) = lines_of(bill)
    require_fitting(bill, order_line)
    require_place(line)
    after = {"order": order.reference, "month": month, "amount": str(line.amount)}
    record(bill, "accrual.entered", user.as_actor(), at, after=after)
    keep([line])
    bill_post(bill, [line], actor=user.as_actor(), at=at)
    return bill


def _require_begun(order_line: OrderLine, month: str, at: datetime) -> None:
    """Nothing is delivered before its month: what comes later stays with its order."""
    period = month_of(order_line.budget_line, month)
    if period.start > local_day(at):
        raise Invalid(
            f"{period.label} has not begun, so nothing of {order_line.order.reference} was "
            "delivered in it.",
            code="not_begun",
            where="month",
            remedy=f"Accrue it from {formats.day(period.start, weekday=False)} on, or choose the "
            "month in which it was delivered.",
        )


def _require_open_amount(order_line: OrderLine, micros: int) -> None:
    stands = open_lines([order_line])[order_line.pk]
    if not 0 < micros <= stands.open:
        rest = formats.money_exact(Money(stands.open, order_line.order.currency))
        raise Invalid(
            f"{rest} of {order_line.order.reference} is neither billed nor accrued.",
            code="over_order",
            where="amount",
            remedy="Accrue at most that.",
        )


def _ends_on(order_line: OrderLine, month: str) -> date:
    """The first day of the month after; ``Invalid`` after the last month of the year."""
    following = month_after(order_line.budget_line.fiscal_year, month)
    if following is None:
        raise Invalid(
            f"{month_name(month)} is the last month of {order_line.budget_line.fiscal_year}.",
            where="next_month",
            remedy="Let the accrual end when its invoice arrives.",
        )
    return following.start


@transaction.atomic
def accrual_reverse(*, bill: Bill, user: User, reason: str, at: datetime) -> Bill:
    """End an accrual by hand, in its own month while that is open, else in the first open one."""
    locked = bill_locked(bill, BillState.POSTED)
    require_work(user, locked.team, locked.owner_id)
    if not reason.strip():
        raise Invalid("Say why it ends before its invoice came.", where="reason")
    line = _standing_line(locked)
    month = first_open_month(line.budget_line.fiscal_year, line.month) if line.budget_line else None
    return reversal_write(
        locked, month=month or line.month, actor=user.as_actor(), at=at, dated=local_day(at),
        reason=reason.strip(),
    )  # fmt: skip


def _standing_line(bill: Bill) -> BillLine:
    if not standing_accruals().filter(pk=bill.pk).exists():
        raise Conflict(f"{bill} does not stand any more.", code="state", remedy="Open it again.")
    lines = lines_of(bill)
    keep(lines)
    return lines[0]


def accruals_reverse_due(now: datetime) -> dict[str, int]:
    """Reverse what was to end by today; run every day, harmless when it runs again."""
    today = local_day(now)
    due = standing_accruals().filter(due_on__lte=today).order_by("pk")
    done, left = 0, 0
    for accrual in due.prefetch_related("lines__budget_line__fiscal_year"):
        try:
            done += _reverse_due(accrual, now)
        except AdroitError:
            left += 1
    return {"reversed": done, "left": left}


@transaction.atomic
def _reverse_due(accrual: Bill, now: datetime) -> int:
    locked = bill_locked(accrual, BillState.POSTED)
    if not standing_accruals().filter(pk=locked.pk).exists():
        return 0
    line = _standing_line(locked)
    year = line.budget_line.fiscal_year if line.budget_line else None
    following = month_after(year, line.month) if year else None
    month = first_open_month(year, following.key) if year and following else None
    if month is None:
        raise Conflict(f"No month of {year} is open for it.", code="month_closed")
    reversal_write(
        locked, month=month, actor=SYSTEM, at=now, dated=locked.due_on or local_day(now),
        reason="It was to end on this day",
    )  # fmt: skip
    return 1
