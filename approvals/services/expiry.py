"""Requests that nobody decided in time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.choices import OPEN_STATES, Notice, RequestState
from approvals.models import ChangeRequest
from approvals.services.notices import tell
from approvals.services.state import lock, move, record
from approvals.services.steps import void_steps
from core.events import SYSTEM

NOTE = "Nobody decided it within 14 days. Nothing was changed."


def expire_due(now: datetime) -> dict[str, int]:
    """Schedule: end every request whose time is over; returns ``{"expired": n}``."""
    due = ChangeRequest.objects.open().filter(due_at__lte=now)
    return {"expired": sum(_expire(request, now) for request in due)}


@transaction.atomic
def _expire(request: ChangeRequest, now: datetime) -> bool:
    locked = lock(request)
    if locked.state not in OPEN_STATES or locked.due_at is None or locked.due_at > now:
        return False
    void_steps(locked, now)
    move(locked, OPEN_STATES, RequestState.EXPIRED, outcome_note=NOTE)
    record(locked, SYSTEM, "request.expired", now, after={"state": locked.state}, reason=NOTE)
    tell(locked, [locked.requested_by], Notice.EXPIRED, now)
    return True
