"""Reversing accruals: when the invoice arrives, or on the day that was chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from budgets.choices import BillKind, BillState, OrderState
from budgets.models import Bill, BillLine, HoldingEntry, OrderLine
from budgets.selectors.closes import closed_months
from budgets.services import commitments
from budgets.services.bills.writing import budget_line_of, record
from budgets.services.commitments import SUMS, Change
from budgets.services.orders.holding import Word, settle
from budgets.services.orders.state import with_relatives
from core.events import Actor


def standing_accruals() -> QuerySet[Bill]:
    """Accruals that were posted and not reversed."""
    posted = Bill.objects.filter(kind=BillKind.ACCRUAL, state=BillState.POSTED, corrects=None)
    return posted.exclude(corrected_by__state=BillState.POSTED)


def accruals_end(
    order_line: OrderLine, *, month: str, actor: Actor, at: datetime, because: Bill
) -> None:
    """Reverse what stands accrued of an order line, because its invoice arrived for ``month``."""
    found = standing_accruals().filter(lines__order_line=order_line)
    for accrual in found.select_for_update(of=("self",)).select_related("team"):
        reversal_write(
            accrual, month=month, actor=actor, at=at, dated=because.dated,
            reason=f"{because} arrived",
        )  # fmt: skip


def reversal_write(
    accrual: Bill, *, month: str, actor: Actor, at: datetime, dated: date, reason: str
) -> Bill:
    """The reversal of a locked accrual, posted, in ``month``.

    In the accrual's own month its entries are taken back. In a later month that one keeps
    what it was charged, and the later one is credited until the invoice comes.
    """
    made = Bill.objects.create(
        kind=BillKind.ACCRUAL, number=f"{accrual.number} reversed", vendor=accrual.vendor,
        team=accrual.team, owner=accrual.owner, currency=accrual.currency, dated=dated,
        state=BillState.POSTED, corrects=accrual, entered_by_id=actor.id, entered_at=at,
        posted_at=at,
    )  # fmt: skip
    for line in accrual.lines.select_related(
        "budget_line__fiscal_year", "campaign_line", "order_line__order",
        "order_line__budget_line__fiscal_year",
    ):  # fmt: skip
        _reverse_line(line, made, month, reason, actor, at)
    record(made, "accrual.reversed", actor, at, after={"accrual": str(accrual)}, reason=reason)
    return made


def _reverse_line(
    line: BillLine, made: Bill, month: str, reason: str, actor: Actor, at: datetime
) -> None:
    stays = _stays(line, month)
    # The order may have gone on into the next year's line; what was charged stays where it is.
    bears = line.budget_line if stays or line.order_line is None else line.order_line.budget_line
    copy = BillLine.objects.create(
        bill=made, position=line.position, description=line.description,
        budget_line=bears, campaign_line=line.campaign_line,
        order_line=line.order_line, month=month, amount_micros=line.amount_micros,
        borne_micros=line.borne_micros, rate=line.rate, rate_name=line.rate_name,
        gl_code=line.gl_code, cost_centre=line.cost_centre,
    )  # fmt: skip
    back = negated(line, key=f"bill:{copy.pk}:back", by=copy)
    changes = back if stays else _credited_later(line, copy)
    commitments.post(changes, reason=reason, actor=actor, at=at)
    let_go_again([line], actor=actor, at=at, reason=reason)


def _stays(line: BillLine, month: str) -> bool:
    """Whether a reversal for ``month`` is the accrual's own: the same month, and its entries' all open."""
    shut = closed_months(budget_line_of(line).fiscal_year)
    places = set(line.entries.values_list("holding__month", flat=True))
    return month == line.month and not places & shut


def holds_again(line: BillLine) -> bool:
    """Whether the line's order is still open, and so keeps what a bill gives back."""
    return bool(line.order_line and line.order_line.order.state == OrderState.OPEN)


def negated(line: BillLine, *, key: str, by: BillLine | None = None) -> list[Change]:
    """Changes that undo every entry of a bill line, in the places where they stand."""
    entries = HoldingEntry.objects.filter(bill_line=line).select_related(
        "holding__budget_line__fiscal_year", "holding__campaign_line"
    )
    return [
        Change(
            key=f"{key}:{entry.pk}",
            budget_line=entry.holding.budget_line,
            month=entry.holding.month,
            campaign_line=entry.holding.campaign_line,
            order_line=line.order_line,
            bill_line=by or line,
            **{name: -getattr(entry, name) for name in SUMS},
        )
        for entry in entries.order_by("id")
    ]


def let_go_again(lines: Iterable[BillLine], *, actor: Actor, at: datetime, reason: str) -> None:
    """What bills gave back to orders that ended is let go again, or goes back to their blanket."""
    ended = {
        line.order_line.order
        for line in lines
        if line.order_line and line.order_line.order.state != OrderState.OPEN
    }
    for order in ended:
        settle(with_relatives(order), Word(actor, reason, at), None)


def _credited_later(line: BillLine, copy: BillLine) -> list[Change]:
    again = line.borne_micros or 0
    _move_on(line, copy.month)
    return [
        Change(
            key=f"bill:{copy.pk}:own",
            budget_line=budget_line_of(copy),
            month=copy.month,
            campaign_line=line.campaign_line,
            order_line=line.order_line,
            bill_line=copy,
            committed_micros=again,
            billed_micros=-again,
        )
    ]


def _move_on(line: BillLine, month: str) -> None:
    """An order line of a closed month is from now on expected in the month that holds it again."""
    ordered = line.order_line
    if ordered and ordered.month in closed_months(budget_line_of(line).fiscal_year):
        ordered.month = month
        ordered.save(update_fields=["month"])
