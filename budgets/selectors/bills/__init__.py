"""Reading bills: the queue, open orders, rates, and which months may be booked."""

from budgets.selectors.bills.months import bookable_months, first_open_month, proposed_month
from budgets.selectors.bills.openorders import (
    OpenLine,
    billable_lines,
    nameable_lines,
    open_lines,
)
from budgets.selectors.bills.queue import (
    WAITING,
    bills_visible,
    exact_bills,
    exact_matches,
    suggestions,
    waiting_bills,
)
from budgets.selectors.bills.rates import bill_rate

__all__ = [
    "WAITING",
    "OpenLine",
    "bill_rate",
    "billable_lines",
    "bills_visible",
    "bookable_months",
    "exact_bills",
    "exact_matches",
    "first_open_month",
    "nameable_lines",
    "open_lines",
    "proposed_month",
    "suggestions",
    "waiting_bills",
]
