"""Changing one planned amount: at once where the person may, else as a request."""

from __future__ import annotations

from datetime import datetime

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import PLAN_CHANGE, REALLOCATION
from budgets.models import BudgetLine, LedgerTransaction
from budgets.rules.moves import Move, Place, as_payload
from budgets.selectors.plans import accounts_at, planned
from budgets.services.moves import month_of
from budgets.services.plans import plan_set
from campaigns.models import CampaignLine
from core import formats
from core.errors import Invalid
from core.money import Money


def is_giving_out(
    user: User, line: BudgetLine, part: CampaignLine | None, month: str, change: int
) -> bool:
    """Whether the change only gives out money of the line that nobody has yet, and the person may."""
    if part is None or change <= 0:
        return False
    place = Place(line.pk, month)
    account = accounts_at([place]).get(place)
    free = account.balance_micros if account else 0
    return change <= free and may(user, Act.DRAFT_REQUEST, team=line.team, owner_id=line.owner_id)


def plan_edit(
    *,
    user: User,
    line: BudgetLine,
    part: CampaignLine | None,
    month: str,
    amount_micros: int,
    reason: str,
    at: datetime,
) -> LedgerTransaction | ChangeRequest:
    """Bring a planned amount to ``amount_micros``.

    Giving out free money of the line happens at once. Taking from a campaign line asks to
    put the money back into its budget line; everything else asks to change the total.
    """
    change = amount_micros - planned(line, part, month)
    if not change:
        raise Invalid("That is what is planned already.", where="amount")
    if is_giving_out(user, line, part, month, change):
        made = plan_set(
            user=user,
            budget_line=line,
            campaign_line=part,
            month=month,
            amount_micros=amount_micros,
            reason=reason,
            at=at,
        )
        if made:
            return made
    return _ask(user, line, part, month, change, reason, at)


def _ask(
    user: User,
    line: BudgetLine,
    part: CampaignLine | None,
    month: str,
    change: int,
    reason: str,
    at: datetime,
) -> ChangeRequest:
    moves = [Move(Place(line.pk, month, part.pk if part else None), change)]
    goes_back = part is not None and change < 0
    if goes_back:
        moves.append(Move(Place(line.pk, month), -change))
    amount = formats.money_whole(Money(abs(change), line.currency))
    verb = "Raise" if change > 0 else "Cut"
    return request_create(
        user=user,
        kind=REALLOCATION if goes_back else PLAN_CHANGE,
        payload={"moves": as_payload(moves), "currency": line.currency},
        title=f"{verb} {part or line} in {month_of(line, month).label} by {amount}",
        reason=reason,
        evidence={},
        at=at,
    )
