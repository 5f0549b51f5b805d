"""What can be asked for here; one module per topic, registered in ``BudgetsConfig.ready``."""

from budgets.approval_actions.closing import Close, Reopen
from budgets.approval_actions.locks import LockPlan, UnlockPlan
from budgets.approval_actions.orders import OrderRequest
from budgets.approval_actions.plans import PlanChange, Reallocation
from budgets.approval_actions.rates import RateChange

__all__ = [
    "Close",
    "LockPlan",
    "OrderRequest",
    "PlanChange",
    "RateChange",
    "Reallocation",
    "Reopen",
    "UnlockPlan",
]
