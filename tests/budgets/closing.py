"""What tests of month-end share: October with an order, a placeholder and some spend."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.choices import OrderKind, OrderState
from budgets.models import BudgetLine, MonthClose, Order, OrderLine, Vendor
from budgets.rules.closing import Treatment
from budgets.services.closing import close_or_ask
from budgets.services.orders.holding import Word, settle
from core.events import SYSTEM
from core.models import Organisation
from tests.budgets.world import AT, EARLIER, World, k
from tests.cast import Cast

OCT = "2026-10"


def closed_before(world: World, month: str = OCT, *, since: str = "") -> None:
    """Every month of the year before ``month`` is closed, or those from ``since`` on."""
    for period in Organisation.current().calendar.months(2026):
        if since <= period.key < month:
            MonthClose.objects.create(
                fiscal_year=world.year, month=period.key, closed_at=AT, closed_by_name="Ben Okafor"
            )


@transaction.atomic
def order(
    cast: Cast, line: BudgetLine, thousands: int, *, month: str = OCT,
    kind: str = OrderKind.ORDER, number: int = 1001, state: str = OrderState.OPEN,
    expected: date = date(2026, 10, 20), part: Any = None,
) -> OrderLine:  # fmt: skip
    """An order of one line that holds its money."""
    vendor, _ = Vendor.objects.get_or_create(name="Studio Nord", currency=line.currency)
    made = Order.objects.create(
        kind=kind, number=number, title="Autumn film", team=line.team, owner=line.owner,
        vendor=None if kind == OrderKind.PLACEHOLDER else vendor, currency=line.currency,
        ordered_on=date(2026, 9, 1), expected_on=expected, state=state, reason="Needed",
        created_at=EARLIER,
    )  # fmt: skip
    row = OrderLine.objects.create(
        order=made, position=1, description="Film", budget_line=line, campaign_line=part,
        month=month, amount_micros=k(thousands), borne_micros=k(thousands),
    )  # fmt: skip
    settle([made], Word(SYSTEM, "Ordered", EARLIER), None)
    return row


def close(
    user: User, month: str = OCT, *, lines: dict[int, Treatment] | None = None,
    orders: dict[int, Treatment] | None = None, at: datetime = AT,
) -> MonthClose | ChangeRequest:  # fmt: skip
    return close_or_ask(
        user=user, month=month, lines=lines or {}, orders=orders or {}, reason="Month-end", at=at
    )


def asked(user: User, **choices: Any) -> ChangeRequest:
    """The request to close October."""
    made = close(user, **choices)
    assert isinstance(made, ChangeRequest)
    return made
