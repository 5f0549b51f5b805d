"""Reading budgets: plans, actuals, available money, exchange rates."""

from budgets.selectors.grids import (
    Grid,
    GridRow,
    grid,
    moves_by_place,
    pending_requests,
    touching,
)
from budgets.selectors.landing_words import act_brief, act_words, chance_words, why_silent
from budgets.selectors.landings import (
    LineLanding,
    landing,
    line_landings,
    lines_of_month,
    part_landings,
)
from budgets.selectors.months import LineMonths, MonthCell, MonthTable, line_month_table
from budgets.selectors.plans import (
    CellChange,
    accounts_at,
    cell_history,
    find_lines,
    plan_of,
    planned,
)
from budgets.selectors.rates import (
    at_rate_of_day,
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
    "LineLanding",
    "LineMonths",
    "MonthCell",
    "MonthTable",
    "accounts_at",
    "act_brief",
    "act_words",
    "at_rate_of_day",
    "budget_rate",
    "cell_history",
    "chance_words",
    "find_lines",
    "grid",
    "in_reporting",
    "landing",
    "line_landings",
    "line_month_table",
    "lines_of_month",
    "local_day",
    "moves_by_place",
    "newest_rates",
    "part_landings",
    "pending_requests",
    "plan_of",
    "planned",
    "quotes",
    "rates_for",
    "touching",
    "why_silent",
]
