"""Vendors, open orders and bills, for tests that are about what is billed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from budgets.choices import BillKind, OrderKind, OrderState
from budgets.models import Bill, BudgetLine, FxRate, Holding, Order, OrderLine, Vendor
from budgets.rules.fx import rate_on
from budgets.selectors.rates import quotes
from budgets.services import bills, commitments, rate_enter
from budgets.services.bills import BillIn, LineIn
from campaigns.models import CampaignLine
from core.events import SYSTEM
from core.money import MICROS, Money, convert
from tests.budgets.world import AT, EARLIER, NOV, k

TODAY = AT.date()
__all__ = ["AT", "NOV", "TODAY", "credit", "held", "invoice", "k", "line", "open_order", "units"]


def units(amount: int) -> int:
    """Whole units of a currency in micros."""
    return amount * MICROS


def vendor(name: str = "Kilnwood Media", currency: str = "EUR") -> Vendor:
    return Vendor.objects.get_or_create(name=name, defaults={"currency": currency})[0]


def spot(base: str, quote: str, value: str, day: date) -> None:
    rate_enter(
        user=None, kind=FxRate.Kind.SPOT, base=base, quote=quote, valid_from=day,
        rate=Decimal(value), source="ECB", at=EARLIER,
    )  # fmt: skip


def open_order(
    budget_line: BudgetLine, micros: int, *, month: str = NOV, currency: str = "",
    part: CampaignLine | None = None, seller: Vendor | None = None, title: str = "Media",
    kind: str = OrderKind.ORDER,
) -> OrderLine:  # fmt: skip
    """One line of an open order, held at the budget rate."""
    currency = currency or budget_line.currency
    number = 1001 + Order.objects.count()
    order = Order.objects.create(
        kind=kind, number=number, title=title, vendor=seller or vendor(), team=budget_line.team,
        owner=budget_line.owner, currency=currency, ordered_on=TODAY, expected_on=TODAY,
        state=OrderState.OPEN, reason="Needed", created_at=EARLIER,
    )  # fmt: skip
    rate = rate_on(quotes(), currency, budget_line.currency, TODAY, "EUR")
    assert rate
    borne = convert(Money(micros, currency), rate.rate, budget_line.currency).micros
    made = OrderLine.objects.create(
        order=order, position=1, description=title, budget_line=budget_line, campaign_line=part,
        month=month, amount_micros=micros, borne_micros=borne, rate=rate.rate, rate_name=rate.name,
    )  # fmt: skip
    change = commitments.Change(
        key=f"order:{made.pk}:open", budget_line=budget_line, month=month, campaign_line=part,
        order_line=made, committed_micros=borne,
    )  # fmt: skip
    commitments.post([change], reason="Approved", actor=SYSTEM, at=EARLIER)
    return made


def line(micros: int, *, month: str = NOV, **fields: Any) -> LineIn:
    return LineIn("Media", micros, month, **fields)


def invoice(
    user: User, budget_line: BudgetLine, lines: Sequence[LineIn], *, number: str = "",
    kind: str = BillKind.INVOICE, currency: str = "", seller: Vendor | None = None,
    dated: date = TODAY, corrects: Bill | None = None, note: str = "",
) -> Bill:  # fmt: skip
    """A bill of the budget line's team and owner, entered."""
    given = BillIn(
        kind=kind, number=number or f"K-{Bill.objects.count() + 1}", team=budget_line.team,
        owner=budget_line.owner, currency=currency or budget_line.currency, dated=dated,
        lines=lines, vendor=None if kind == BillKind.EXPENSE else seller or vendor(),
        corrects=corrects, note=note,
    )  # fmt: skip
    return bills.bill_enter(user=user, given=given, at=AT)


def credit(user: User, of: Bill, micros: int, budget_line: BudgetLine, **fields: Any) -> Bill:
    """A credit note of one line on the invoice's budget line, entered."""
    return invoice(
        user, budget_line, [line(micros, budget_line=budget_line, **fields)],
        kind=BillKind.CREDIT, currency=of.currency, seller=of.vendor, corrects=of,
    )  # fmt: skip


def held(budget_line: BudgetLine, month: str = NOV, part: CampaignLine | None = None) -> list[int]:
    """[committed, accrued, billed] of a holding; zeros where there is none."""
    row = Holding.objects.filter(
        budget_line=budget_line, month=month, campaign_line=part
    ).first()  # fmt: skip
    return [row.committed_micros, row.accrued_micros, row.billed_micros] if row else [0, 0, 0]
