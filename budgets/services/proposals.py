"""A move that the product itself worked out, handed to a person to look at, change and send.

It travels signed: what it says of expectation and evidence is what was computed, however
the amounts are changed on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode

from budgets.rules.moves import read_moves
from core.errors import Invalid

SALT = "budgets.proposal"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Moves with what is expected of them, and label -> text of why."""

    payload: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved_micros(self) -> int:
        """What the expectation was worked out for: the sum that the lines receive."""
        rows = self.payload.get("moves", [])
        return sum(max(row["amount_micros"], 0) for row in rows)

    @property
    def carried(self) -> dict[str, Any]:
        """The part of the payload that stays when amounts are changed."""
        if not self.payload:
            return {}
        kept = {
            name: self.payload[name]
            for name in ("expected", "recommendation")
            if name in self.payload
        }
        return {**kept, "expected_for_micros": self.moved_micros}


def proposal_token(payload: Mapping[str, Any], evidence: Mapping[str, str]) -> str:
    """The signed text that ``read_proposal`` takes; raises ``Invalid`` for moves that cannot be read."""
    read_moves(payload, least=1)
    told = {"payload": dict(payload), "evidence": dict(evidence)}
    return signing.dumps(told, salt=SALT, compress=True)


def proposal_url(payload: Mapping[str, Any], evidence: Mapping[str, str]) -> str:
    """The page on which a person looks at the move, changes it and sends it for approval."""
    return f"{reverse('budgets:reallocate')}?{urlencode({'proposal': proposal_token(payload, evidence)})}"


def read_proposal(token: str) -> Proposal:
    """What was handed over; an empty text is no proposal. Raises ``Invalid`` when it was changed."""
    if not token:
        return Proposal()
    try:
        told = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise Invalid(
            "This proposal cannot be read.", remedy="Open the recommendation again."
        ) from error
    return Proposal(told["payload"], told["evidence"])
