"""Reading budgets: plans, actuals, available money, exchange rates."""

from budgets.selectors.grids import (
    Grid,
    GridRow,
    grid,
    moves_by_place,
    pending_requests,
    touching,
)
from budgets.selectors.months import LineMonths, MonthCell, MonthTable, line_month_table
from budgets.selectors.paces import pacing
from budgets.selectors.plans import (
    CellChange,
    accounts_at,
    cell_history,
    find_lines,
    plan_of,
    planned,
)
from budgets.selectors.rates import (
    budget_rate,
    in_reporting,
    local_day,
    newest_rates,
    quotes,
    rates_for,
)

__all__ = [
    "CellChange",
    "Grid",
    "GridRow",
    "LineMonths",
    "MonthCell",
    "MonthTable",
    "accounts_at",
    "budget_rate",
    "cell_history",
    "find_lines",
    "grid",
    "in_reporting",
    "line_month_table",
    "local_day",
    "moves_by_place",
    "newest_rates",
    "pacing",
    "pending_requests",
    "plan_of",
    "planned",
    "quotes",
    "rates_for",
    "touching",
]
