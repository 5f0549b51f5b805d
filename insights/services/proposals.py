"""From a recommendation to a request for approval."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.services import proposal_url
from core import formats
from core.errors import Invalid
from core.money import Money
from insights.models import Recommendation


@transaction.atomic
def recommendation_propose(
    *, recommendation: Recommendation, user: User, amount: Money, reason: str, at: datetime
) -> ChangeRequest:
    """Ask for the move, with the amount the person chose; the evidence is frozen with the request.

    The expected effect is quoted only for the amount it was computed for; with another
    amount the request says so and carries no range.
    """
    require(user, Act.DRAFT_REQUEST, team=recommendation.team, owner_id=user.pk)
    if amount.micros <= 0:
        raise Invalid("The amount must be above zero.", where="amount")
    payload = _payload(recommendation, amount)
    # That it was proposed is noted when the request is sent, here and from any other page.
    return request_create(
        user=user,
        kind=recommendation.action,
        payload=payload,
        title=_title(recommendation, amount),
        reason=reason,
        evidence={
            "recommendation": recommendation.pk,
            **recommendation.evidence,
            **_told(recommendation),
        },
        at=at,
    )


def editing_url(recommendation: Recommendation) -> str:
    """Where a person changes lines and months before asking for the move."""
    payload = {**recommendation.payload, "recommendation": recommendation.pk}
    return proposal_url(payload, _told(recommendation))


def _told(recommendation: Recommendation) -> dict[str, str]:
    """The evidence as an approver reads it."""
    evidence = recommendation.evidence
    return {
        "Chance of a loss": formats.percent(Decimal(str(evidence["chance_of_loss"])), 0),
        "Worked out": _day_of(str(evidence.get("as_of", ""))),
        "Method": str(evidence.get("method", "")),
    }


def _day_of(as_of: str) -> str:
    return formats.day(datetime.fromisoformat(as_of).date()) if as_of else formats.NOTHING


def _payload(recommendation: Recommendation, amount: Money) -> dict[str, object]:
    moves = [
        {**move, "amount_micros": amount.micros if move["amount_micros"] > 0 else -amount.micros}
        for move in recommendation.payload["moves"]
    ]
    payload = {**recommendation.payload, "moves": moves, "recommendation": recommendation.pk}
    if amount.micros != recommendation.evidence["amount_micros"]:
        payload["expected"] = {"metric": recommendation.metric}
    return payload


def _title(recommendation: Recommendation, amount: Money) -> str:
    evidence = recommendation.evidence
    return (
        f"Move {formats.money_exact(amount)} of {evidence['month']} from {evidence['giver']['name']} "
        f"to {evidence['receiver']['name']}"
    )[:200]
