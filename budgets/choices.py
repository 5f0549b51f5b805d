"""Names that others use of budgets."""

# Kinds of change that can be asked for.
REALLOCATION = "budget.reallocation"
PLAN_CHANGE = "budget.plan"
REQUEST_KINDS = (REALLOCATION, PLAN_CHANGE)

# The outbox item that orders the platforms' bulk-edit file of a request.
BULK_FILE = "bulk_file"
