"""Setting planned amounts.

A person may only give out money of a line that no campaign line has yet. Everything
that adds to the total, or takes money from somebody, is asked for as a request.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from budgets.models import BudgetLine, LedgerTransaction
from budgets.rules.month_names import month_name
from budgets.selectors.plans import planned
from budgets.services.ledger import Leg, line_leg, source_leg, transfer
from campaigns.models import CampaignLine
from core.errors import Invalid, NotAllowed
from core.events import SYSTEM, Actor
from core.models import Organisation


@transaction.atomic
def plan_set(
    *,
    user: User | None,
    budget_line: BudgetLine,
    campaign_line: CampaignLine | None,
    month: str,
    amount_micros: int,
    reason: str,
    at: datetime,
    actor: Actor = SYSTEM,
) -> LedgerTransaction | None:
    """Set what is planned for a month: the line's whole amount, or a campaign line's part of it.

    The whole amount is filled from (or returned to) the year's source; a part comes from
    the line's money of that month that is not given out. Returns None when nothing
    changes. ``user`` None is the product itself (as ``actor``): it sets what was decided
    elsewhere. A person may raise a part; anything else raises ``NotAllowed``.
    """
    _check(budget_line, campaign_line, month, amount_micros, reason)
    change = amount_micros - planned(budget_line, campaign_line, month)
    if user:
        _require_giving_out(user, budget_line, campaign_line, change)
    if not change:
        return None
    return transfer(
        legs=_legs(budget_line, campaign_line, month, change),
        key=f"plan:{uuid4()}",
        kind=LedgerTransaction.Kind.PLAN,
        reason=reason.strip(),
        actor=user.as_actor() if user else actor,
        at=at,
    )


def _legs(
    line: BudgetLine, campaign_line: CampaignLine | None, month: str, change: int
) -> list[Leg]:
    if campaign_line is None:
        return [
            source_leg(line.fiscal_year, line.currency, -change),
            line_leg(line, month, change),
        ]
    return [line_leg(line, month, -change), line_leg(line, month, change, campaign_line)]


def _check(
    line: BudgetLine, campaign_line: CampaignLine | None, month: str, micros: int, reason: str
) -> None:
    if not reason.strip():
        raise Invalid("Say why the plan changes.", where="reason")
    if micros < 0:
        raise Invalid("A plan is not less than zero.", where="amount")
    require_month(line, month)
    if campaign_line and not line.draws.filter(campaign_line=campaign_line).exists():
        raise Invalid(
            f"{campaign_line} is not paid from {line}.",
            where="campaign_line",
            remedy="Add it to the line first.",
        )


def require_month(line: BudgetLine, month: str) -> None:
    """Raise ``Invalid`` unless ``month`` belongs to the line's fiscal year."""
    year = line.fiscal_year
    if month not in {period.key for period in Organisation.current().calendar.months(year.year)}:
        raise Invalid(f"{month_name(month)} is not a month of {year}.", where="month")


def _require_giving_out(
    user: User, line: BudgetLine, campaign_line: CampaignLine | None, change: int
) -> None:
    require(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)
    if campaign_line is None or change < 0:
        raise NotAllowed(
            "Adding to a budget or taking from it needs an approval.",
            code="needs_request",
            remedy="Send it as a request.",
        )
