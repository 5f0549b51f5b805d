"""Many decisions with one reason: each is taken, or refused, by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from approvals.choices import Outcome
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from approvals.services.amounts import is_unchanged
from approvals.services.decisions import request_decide
from core.errors import AdroitError, Invalid

BULK = (Outcome.APPROVE, Outcome.REJECT)
MOST_AT_ONCE = 200
UNSEEN = "There is no such request, or you may not see it."


@dataclass(frozen=True, slots=True)
class Chosen:
    """A request by number, and the fingerprint of what was shown of it."""

    pk: int
    content_hash: str


def overtaken(chosen: Sequence[ChangeRequest], outcome: str) -> list[ChangeRequest]:
    """Those that cannot be approved as they stand; rejecting them is possible."""
    if outcome != Outcome.APPROVE:
        return []
    return [request for request in chosen if not is_unchanged(request)]


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one: decided, or why not."""

    pk: int
    request: ChangeRequest | None
    problem: str = ""
    code: str = ""

    @property
    def is_decided(self) -> bool:
        return not self.problem


def requests_decide(
    *,
    user: User,
    chosen: Sequence[Chosen],
    outcome: str,
    reason: str,
    at: datetime,
    channel: str = "bulk",
) -> list[Answered]:
    """Approve or reject many, each on its own content and in a transaction of its own.

    One that cannot be decided holds none of the others up. Raises ``Invalid`` before
    anything is decided when nothing or too much is chosen, or a rejection lacks its reason.
    """
    if outcome not in BULK:
        raise Invalid("Many at once are approved or rejected, nothing else.", where="outcome")
    if not chosen or len(chosen) > MOST_AT_ONCE:
        raise Invalid(f"Choose 1 to {MOST_AT_ONCE} requests.", where="requests")
    if outcome == Outcome.REJECT and not reason.strip():
        raise Invalid("Say why, so that it can be done better.", where="reason")
    seen = requests_visible(user, at=at).filter(pk__in=[one.pk for one in chosen])
    found = {request.pk: request for request in seen}
    wanted = {one.pk: one for one in chosen}.values()
    return [_one(user, one, found.get(one.pk), outcome, reason, at, channel) for one in wanted]


def _one(
    user: User,
    one: Chosen,
    request: ChangeRequest | None,
    outcome: str,
    reason: str,
    at: datetime,
    channel: str,
) -> Answered:
    if request is None:
        return Answered(one.pk, None, UNSEEN, "not_found")
    try:
        decided = request_decide(
            request=request,
            user=user,
            outcome=outcome,
            reason=reason,
            content_hash=one.content_hash,
            at=at,
            channel=channel,
        )
    except AdroitError as error:
        return Answered(one.pk, request, f"{error.message} {error.remedy}".strip(), error.code)
    return Answered(one.pk, decided)
