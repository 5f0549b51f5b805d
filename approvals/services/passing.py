"""What follows when a step has all the words it needs: the next one opens, or the request is approved."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from approvals.choices import Notice, RequestState, StepState
from approvals.models import ChangeRequest, Step
from approvals.services.notices import tell
from approvals.services.seats import seats_renew, words_that_count
from approvals.services.state import already, lock, move, record
from approvals.services.steps import is_running, open_next, settle_advice
from core import outbox
from core.events import SYSTEM

EXECUTE = "approvals.execute"


def step_close(request: ChangeRequest, step: Step, state: StepState, at: datetime) -> None:
    """Close the current step once; whoever comes second changes nothing."""
    rows = request.steps.filter(pk=step.pk, state=StepState.CURRENT)
    if not rows.update(state=state, closed_at=at):
        raise already(request)


def step_pass(request: ChangeRequest, step: Step, at: datetime) -> bool:
    """Close an approved step; False when it was the last one, and the request is approved."""
    step_close(request, step, StepState.APPROVED, at)
    settle_advice(request, at)
    if is_running(request) or open_next(request, at):
        return True
    move(request, [RequestState.OPEN], RequestState.APPROVED, decided_at=at)
    key = f"execute:{request.pk}:{request.revision}"
    payload = {"request": request.pk, "revision": request.revision}
    outbox.enqueue(EXECUTE, key, payload, at=at)
    return False


def advice_pass(request: ChangeRequest, step: Step, at: datetime) -> None:
    """Close a step whose advice is given, and go on where nothing else runs."""
    step_close(request, step, StepState.APPROVED, at)
    if not is_running(request):
        open_next(request, at)


def seats_settle(request: ChangeRequest, at: datetime) -> None:
    """Let the seats of those end who lost their right, on a request that is held for this transaction.

    A step for which all who are left have approved is passed; one without a word never is.
    """
    running = request.steps.filter(
        state=StepState.CURRENT, revision=request.revision, seats__isnull=False
    )
    for step in list(running):
        tell(request, seats_renew(request, step, at), Notice.DECIDE, at)
        given = len(words_that_count(step))
        if given and given >= step.needed:
            _pass_by_itself(request, step, at)


def _pass_by_itself(request: ChangeRequest, step: Step, at: datetime) -> None:
    if not step.decides:
        advice_pass(request, step, at)
        return
    goes_on = step_pass(request, step, at)
    action = "request.step_approved" if goes_on else "request.approved"
    after = {"step": step.order, "state": request.state}
    record(request, SYSTEM, action, at, after=after, reason="All who are left have approved.")
    notice = Notice.STEP_APPROVED if goes_on else Notice.APPROVED
    tell(request, [request.requested_by], notice, at)


def seats_end_lost(user: User, at: datetime) -> int:
    """Listener of lost rights: nobody waits for a person who may no longer decide."""
    waiting = ChangeRequest.objects.filter(
        state=RequestState.OPEN,
        steps__state=StepState.CURRENT,
        steps__seats__contains=[user.pk],
    )
    found = list(waiting.distinct().order_by("pk"))
    for request in found:
        seats_settle(lock(request), at)
    return len(found)
