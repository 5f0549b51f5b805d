"""Holding a request, moving it from state to state once, and writing its trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from approvals.choices import RequestState
from approvals.models import ChangeRequest, Policy
from approvals.services.notices import announce
from core import events, once
from core.errors import Conflict
from core.events import Actor


def lock(request: ChangeRequest) -> ChangeRequest:
    """The request as it is now, held for this transaction."""
    once.forget()
    rows = ChangeRequest.objects.select_for_update(of=("self",))
    return rows.select_related("team", "requested_by", "policy").get(pk=request.pk)


def move(request: ChangeRequest, allowed: Iterable[str], to: RequestState, **fields: Any) -> None:
    """Change the state if, and only if, it is still one of ``allowed``; else ``Conflict``."""
    rows = ChangeRequest.objects.filter(
        pk=request.pk, revision=request.revision, state__in=list(allowed)
    )
    if not rows.update(state=to, **fields):
        request.refresh_from_db()
        raise already(request)
    request.state = to
    for name, value in fields.items():
        setattr(request, name, value)


STANDS = {
    RequestState.DRAFT: "is still a draft",
    RequestState.OPEN: "waits for a decision",
    RequestState.CHANGES: "was sent back for changes",
    RequestState.APPROVED: "is approved",
    RequestState.EXECUTED: "was approved and carried out",
    RequestState.REJECTED: "was rejected",
    RequestState.WITHDRAWN: "was withdrawn",
    RequestState.EXPIRED: "has expired",
    RequestState.STALE: "was approved, but is no longer possible",
}


def already(request: ChangeRequest) -> Conflict:
    """Why a request cannot be acted on any more."""
    return Conflict(
        f"{request.reference} {STANDS[RequestState(request.state)]}, so nothing was changed.",
        code="already_decided",
        remedy="See how it stands now.",
    )


def policy_of(request: ChangeRequest) -> Policy:
    """The policy a request was sent under; later policies do not touch it."""
    if request.policy is None:
        raise Conflict(f"{request.reference} was not sent yet.", code="not_sent")
    return request.policy


def summary(request: ChangeRequest) -> dict[str, Any]:
    """The fields of a request that the trail keeps."""
    return {
        "title": request.title,
        "reason": request.reason,
        "payload": request.payload,
        "amount_micros": request.own_micros,
        "policy_amount_micros": request.amount_micros,
        "currency": request.currency,
        "revision": request.revision,
        "content_hash": request.content_hash,
    }


def record(
    request: ChangeRequest,
    actor: Actor,
    action: str,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    events.record(
        actor=actor,
        action=action,
        subject=request,
        at=at,
        before=before,
        after=after,
        reason=reason,
        team_path=request.team.path,
        live=["approvals"],
    )
    announce(request, action, at)
