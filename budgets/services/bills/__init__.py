"""Bills: entered, matched with orders, posted, voided; accruals and their reversal."""

from budgets.services.bills.accruals import accrual_reverse, accruals_reverse_due, accrue
from budgets.services.bills.content import BillIn, LineIn, creditable
from budgets.services.bills.entering import bill_enter
from budgets.services.bills.matching import (
    Accepted,
    Match,
    bill_dispute,
    bill_match,
    bill_pass,
    bills_accept_exact,
)
from budgets.services.bills.rights import (
    ENTERS,
    PASSES,
    TO_ENTER,
    is_second,
    may_pass,
    may_void,
    may_work,
)
from budgets.services.bills.voiding import bill_void
from budgets.services.bills.waiting import why_waiting

__all__ = [
    "ENTERS",
    "PASSES",
    "TO_ENTER",
    "Accepted",
    "BillIn",
    "LineIn",
    "Match",
    "accrual_reverse",
    "accruals_reverse_due",
    "accrue",
    "bill_dispute",
    "bill_enter",
    "bill_match",
    "bill_pass",
    "bill_void",
    "bills_accept_exact",
    "creditable",
    "is_second",
    "may_pass",
    "may_void",
    "may_work",
    "why_waiting",
]
