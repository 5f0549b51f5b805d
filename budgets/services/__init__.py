"""Everything that changes budgets; money moves only through the ledger."""

from budgets.services.edits import is_giving_out, plan_edit
from budgets.services.ledger import Leg, line_leg, source_leg, transfer
from budgets.services.lines import (
    OPENS_YEARS,
    draws_set,
    line_change,
    line_create,
    line_edit,
    year_open,
)
from budgets.services.plans import plan_set
from budgets.services.proposals import Proposal, proposal_url, read_proposal
from budgets.services.rates import rate_enter

__all__ = [
    "OPENS_YEARS",
    "Leg",
    "Proposal",
    "draws_set",
    "is_giving_out",
    "line_change",
    "line_create",
    "line_edit",
    "line_leg",
    "plan_edit",
    "plan_set",
    "proposal_url",
    "rate_enter",
    "read_proposal",
    "source_leg",
    "transfer",
    "year_open",
]
