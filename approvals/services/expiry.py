"""Requests that nobody decided in time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.choices import OPEN_STATES, Notice, RequestState, StepState
from approvals.models import ChangeRequest, Step
from approvals.services.notices import tell
from approvals.services.state import lock, move, record
from approvals.services.steps import is_running, open_next, void_steps
from core.events import SYSTEM

NO_ADVICE = "Nobody gave advice in time, so the request went on without it."
NOTE = "Nobody decided it within 14 days. Nothing was changed."


def expire_due(now: datetime) -> dict[str, int]:
    """Schedule: end every request whose time is over; returns ``{"expired": n}``."""
    due = ChangeRequest.objects.open().filter(due_at__lte=now)
    expired = sum(_expire(request, now) for request in due)
    advice_pass_overdue(now)
    return {"expired": expired}


def advice_pass_overdue(now: datetime) -> int:
    """Let requests go on whose advice did not come in time; returns how many steps were passed."""
    running = Step.objects.filter(decides=False, state=StepState.CURRENT, due_at__lte=now)
    requests = ChangeRequest.objects.filter(
        state=RequestState.OPEN, pk__in=running.values("request")
    )
    return sum(_pass_advice(request, now) for request in requests)


@transaction.atomic
def _pass_advice(request: ChangeRequest, now: datetime) -> int:
    locked = lock(request)
    if locked.state != RequestState.OPEN:
        return 0
    overdue = locked.steps.filter(
        revision=locked.revision, decides=False, state=StepState.CURRENT, due_at__lte=now
    )
    passed = overdue.update(state=StepState.VOID, closed_at=now)
    if passed:
        record(locked, SYSTEM, "request.advice_passed", now, reason=NO_ADVICE)
        if not is_running(locked):
            open_next(locked, now)
    return passed


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
