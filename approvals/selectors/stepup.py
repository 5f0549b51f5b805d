"""Which decisions ask for signing in again first."""

from __future__ import annotations

from collections.abc import Iterable

from approvals.choices import Outcome
from approvals.models import ChangeRequest
from approvals.permissions import BY_TWO, act_of
from approvals.rules.routing import thresholds
from approvals.selectors.requests import current_steps, policy_in_force
from core.errors import NotAllowed


def first_threshold() -> int:
    """T1 of the policy in force, in micros of the reporting currency."""
    return thresholds(policy_in_force().rules)[0]


def asks_to_sign_in_again(requests: Iterable[ChangeRequest], outcome: str) -> bool:
    """Whether deciding one of these takes a fresh sign-in: above the first threshold, or by two people.

    A recommendation decides nothing, so it takes none.
    """
    if outcome == Outcome.RECOMMEND:
        return False
    limit = first_threshold()
    return any(request.amount_micros > limit or _takes_two(request) for request in requests)


def _takes_two(request: ChangeRequest) -> bool:
    return any(act_of(step) in BY_TWO for step in current_steps(request))


def sign_in_first() -> NotAllowed:
    """What a program is told that decides without a fresh sign-in."""
    return NotAllowed(
        "A decision above the first threshold, or one of two people, takes a sign-in of the "
        "last ten minutes.",
        code="step_up_required",
        remedy="Sign in again and decide on the page; a token alone cannot.",
    )
