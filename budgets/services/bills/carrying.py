"""The bill of an order that was accrued in a year whose books are closed by now."""

from __future__ import annotations

from collections.abc import Iterable

from budgets.models import BillLine, BudgetLine, FiscalYear, Order, OrderLine
from budgets.selectors.bills.months import open_months
from budgets.selectors.bills.openorders import open_lines
from budgets.selectors.following import line_of_year
from budgets.services.bills.reversing import standing_accruals
from core.errors import Conflict
from core.models import Organisation


def carry_over(lines: Iterable[BillLine]) -> None:
    """Bring such an order's line on into the next year's line and month in which it is billed.

    Nothing is held of it any more. The closed year keeps what it was charged; in the next one
    the bill and the reversal of the accrual stand against each other. Raises ``Conflict``
    where the next year has no line that goes on with it.
    """
    for line in lines:
        ordered = line.order_line
        if ordered and _is_due(ordered, line.month):
            Order.objects.select_for_update().get(pk=ordered.order_id)
            ordered.budget_line, ordered.month = _target(ordered.budget_line), line.month
            ordered.save(update_fields=["budget_line", "month"])
        if ordered and line.budget_line_id != ordered.budget_line_id:
            line.budget_line = ordered.budget_line
            line.save(update_fields=["budget_line"])


def _is_due(ordered: OrderLine, month: str) -> bool:
    """Whether the books of its year are closed before ``month``, and all it holds is an accrual."""
    year = ordered.budget_line.fiscal_year
    last = Organisation.current().calendar.months(year.year)[-1]
    if month <= last.key or open_months(year):
        return False
    is_accrued = standing_accruals().filter(lines__order_line=ordered).exists()
    return is_accrued and not open_lines([ordered])[ordered.pk].held


def _target(line: BudgetLine) -> BudgetLine:
    year = FiscalYear.objects.filter(year=line.fiscal_year.year + 1).first()
    found = line_of_year(line, year) if year else None
    if found is None:
        raise Conflict(
            f"{line.fiscal_year} is closed, and FY{line.fiscal_year.year + 1} has no line that "
            f"goes on with {line}.",
            code="year_closed",
            where="month",
            remedy=f"Create {line} there under Budgets, Lines, then enter the bill again.",
        )
    return found
