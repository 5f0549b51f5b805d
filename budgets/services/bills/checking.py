"""The spending check of bills that no order covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from budgets.choices import BillKind, CheckLevel
from budgets.models import BillLine
from budgets.rules.checks import Stage
from budgets.selectors.bills.rates import bill_rate
from budgets.services.bills.writing import budget_line_of
from budgets.services.checks import Ask, foresee
from core.money import Money, convert

REMEDY = "Move money to the budget line, or have finance or a director let it pass."


@dataclass(frozen=True, slots=True)
class Over:
    """What the spending check of the budget lines says: a level, and the reason for people."""

    level: str
    text: str = ""


def found_over(lines: Sequence[BillLine]) -> Over:
    """Whether lines without an order ask more of their budget lines than those have.

    Call it after ``keep``: then nobody takes the same money in between.
    """
    free = [line for line in lines if line.order_line is None]
    if not free or free[0].bill.kind == BillKind.CREDIT:
        return Over(CheckLevel.IGNORE)
    warnings = foresee([_ask(line) for line in free], Stage.ACTUALS)
    text = " ".join(dict.fromkeys(warning.text for warning in warnings))
    if any(warning.stops for warning in warnings):
        return Over(CheckLevel.STOP, f"{text} {REMEDY}")
    return Over(CheckLevel.WARN, text) if text else Over(CheckLevel.IGNORE)


def _ask(line: BillLine) -> Ask:
    bears, bill = budget_line_of(line), line.bill
    rate = bill_rate(bill.currency, bears.currency, bill.dated)
    borne = convert(Money(line.amount_micros, bill.currency), rate.rate, bears.currency)
    return Ask(
        bears,
        line.month,
        line.campaign_line,
        billed=borne.micros,
        whole_bills=int(line.is_whole_month),
    )
