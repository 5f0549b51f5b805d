"""Money planned, promised, used and closed."""

from budgets.models.bills import Attachment, Bill, BillLine
from budgets.models.closing import MonthClose, Signoff, VarianceNote
from budgets.models.commitments import Holding, HoldingEntry, SpendingCheck
from budgets.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from budgets.models.orders import Order, OrderLine, Vendor
from budgets.models.plans import BudgetLine, BudgetLineQuerySet, Draw, FiscalYear
from budgets.models.rates import FxRate
from budgets.models.scenarios import Scenario, ScenarioCell, ScenarioLine
from budgets.models.tools import Tool, ToolUse
from budgets.models.versions import BudgetVersion, PlanLock, TopDownTarget

__all__ = [
    "Attachment",
    "Bill",
    "BillLine",
    "BudgetLine",
    "BudgetLineQuerySet",
    "BudgetVersion",
    "Draw",
    "FiscalYear",
    "FxRate",
    "Holding",
    "HoldingEntry",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "MonthClose",
    "Order",
    "OrderLine",
    "PlanLock",
    "Scenario",
    "ScenarioCell",
    "ScenarioLine",
    "Signoff",
    "SpendingCheck",
    "Tool",
    "ToolUse",
    "TopDownTarget",
    "VarianceNote",
    "Vendor",
]
