"""Pages of bills: the list, one bill, its form, the matching queue, accruals."""

from budgets.views.bills.accruing import accrual_reverse, accrue
from budgets.views.bills.acts import bill_dispute, bill_match, bill_pass, bill_void, bills_accept
from budgets.views.bills.entering import bill_create
from budgets.views.bills.listing import bills_page
from budgets.views.bills.queue import matching
from budgets.views.bills.shown import bill, bill_attach

__all__ = [
    "accrual_reverse",
    "accrue",
    "bill",
    "bill_attach",
    "bill_create",
    "bill_dispute",
    "bill_match",
    "bill_pass",
    "bill_void",
    "bills_accept",
    "bills_page",
    "matching",
]
