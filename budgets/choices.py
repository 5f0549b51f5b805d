"""Names that others use of budgets."""

from django.db import models

# Kinds of change that can be asked for. Those of REQUEST_KINDS move planned money between
# places and share one payload (``budgets.rules.moves``).
REALLOCATION = "budget.reallocation"
PLAN_CHANGE = "budget.plan"
REQUEST_KINDS = (REALLOCATION, PLAN_CHANGE)
ORDER = "budget.order"
CLOSE = "budget.close"
REOPEN = "budget.reopen"
LOCK = "budget.lock"
UNLOCK = "budget.unlock"
RATES = "budget.rates"

# The outbox item that orders the platforms' bulk-edit file of a request.
BULK_FILE = "bulk_file"


class OrderKind(models.TextChoices):
    PLACEHOLDER = "placeholder", "Placeholder"
    ORDER = "order", "Purchase order"
    BLANKET = "blanket", "Blanket order"
    RELEASE = "release", "Release"


class OrderState(models.TextChoices):
    DRAFT = "draft", "Draft"
    WAITING = "waiting", "Waiting for approval"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


ORDER_TONES = {OrderState.WAITING: "warn", OrderState.OPEN: "good"}


class BillKind(models.TextChoices):
    INVOICE = "invoice", "Invoice"
    CREDIT = "credit", "Credit note"
    EXPENSE = "expense", "Expense"
    ACCRUAL = "accrual", "Accrual"


class BillState(models.TextChoices):
    TO_MATCH = "to_match", "To be matched"
    HELD = "held", "Held"
    POSTED = "posted", "Posted"
    VOID = "void", "Void"


BILL_TONES = {BillState.TO_MATCH: "warn", BillState.HELD: "bad", BillState.POSTED: "good"}


class CheckLevel(models.TextChoices):
    """What happens when more is asked of a line than it has."""

    STOP = "stop", "Stop"
    WARN = "warn", "Warn"
    IGNORE = "ignore", "Ignore"


class SignoffKind(models.TextChoices):
    LINE = "line", "Budget line"
    CAMPAIGN = "campaign", "Campaign"
    TARGET = "target", "Target"


class LockLevel(models.TextChoices):
    TOTAL = "total", "Total locked, moves between lines possible"
    ALL = "all", "Everything locked"


class ScenarioState(models.TextChoices):
    DRAFT = "draft", "Draft"
    ADOPTED = "adopted", "Adopted"
    ARCHIVED = "archived", "Archived"


class ScenarioSource(models.TextChoices):
    """What a new scenario begins with."""

    EMPTY = "empty", "Nothing"
    PLAN = "plan", "The plan as it is"
    VERSION = "version", "A version of the plan"
    ACTUALS = "actuals", "What was spent in the year before"
