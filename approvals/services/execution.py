"""Carrying out what was approved: once, and only if everything that was approved still holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from approvals.choices import Notice, Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Decision, Execution, Step
from approvals.permissions import covers, may_decide
from approvals.selectors import contributors, steps_now
from approvals.services.amounts import measure
from approvals.services.decisions import require_unchanged, reroute_if_higher
from approvals.services.moved import moved_look
from approvals.services.notices import tell
from approvals.services.registry import RunsWhenStopped, action_for
from approvals.services.seats import words_that_count
from approvals.services.state import lock, move, policy_of, record
from approvals.services.steps import start_anew, steps_needed
from core import killswitch
from core.errors import AdroitError
from core.events import SYSTEM
from core.models import OutboxItem

REQUESTER_LOCK = 7_413


def handle(item: OutboxItem, now: datetime) -> Mapping[str, Any]:
    """Outbox handler of ``approvals.execute``: carry out the revision that was approved."""
    request = ChangeRequest.objects.get(pk=item.payload["request"])
    if request.revision != item.payload["revision"]:
        return {"state": request.state, "skipped": "a newer revision exists"}
    return {"state": request_execute(request=request, at=now).state}


@transaction.atomic
def request_execute(*, request: ChangeRequest, at: datetime) -> ChangeRequest:
    """Carry out an approved request; safe to run twice and at once.

    Checks again, in this transaction: the state, the kill switch, that every step was approved on this
    very content by people who may still decide it, that the amount of this moment needs
    no higher approval, and that the action is still possible. What lapsed starts anew;
    what is no longer possible ends as stale, with the reason. Both stand in the trail.
    """
    locked = lock(request)
    if locked.state != RequestState.APPROVED:
        return locked
    _one_at_a_time(locked)
    lapsed = _lapsed(locked)
    if lapsed:
        _ask_again(locked, lapsed, at)
    elif not _no_longer_possible(locked, at) and not reroute_if_higher(locked, at):
        _carry_out(locked, at)
    return locked


def _one_at_a_time(request: ChangeRequest) -> None:
    """Two requests of one person must see each other's amounts: the second waits for the first."""
    with connection.cursor() as cursor:
        person = request.requested_by_id % 2**31
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [REQUESTER_LOCK, person])


def _lapsed(request: ChangeRequest) -> str:
    """Why the approvals do not count any more; "" when they do."""
    touched = contributors(request)
    seen: set[int] = set()
    for step in steps_now(request):
        if not step.decides:
            continue
        approvals = words_that_count(step)
        if step.state != StepState.APPROVED or len(approvals) < step.needed:
            return f"Step {step.order} is not approved."
        for decision in approvals:
            if why := _void(request, step, decision, touched, seen):
                return why
            seen |= {decision.user_id, decision.on_behalf_of_id or decision.user_id}
    return "" if seen else "Nobody approved it."


def _void(
    request: ChangeRequest, step: Step, decision: Decision, touched: set[int], seen: set[int]
) -> str:
    who = decision.user
    if decision.content_hash != request.content_hash:
        return f"{who} approved a different content."
    if decision.policy_id != request.policy_id:
        return f"{who} approved under another policy."
    for_whom = decision.on_behalf_of or who
    if {decision.user_id, for_whom.pk} & seen:
        return f"{for_whom} approved two steps."
    if not _still_may(decision, step, request, touched):
        return f"{who}, who approved it, may no longer decide it."
    return ""


def _still_may(decision: Decision, step: Step, request: ChangeRequest, touched: set[int]) -> bool:
    """Rights of this moment count. That a delegation has run out since does not undo a word given."""
    if decision.delegation is None:
        return may_decide(decision.user, step, request, touched)
    return covers(decision.delegation, step, request, touched)


def _ask_again(request: ChangeRequest, why: str, at: datetime) -> None:
    """Approvals that lapsed are asked for again; what became impossible ends here."""
    try:
        measured = measure(
            action_for(request.kind),
            request.payload,
            requested_by=request.requested_by,
            at=at,
            request=request,
        )
        rules = steps_needed(policy_of(request), request.kind, request.payload, measured)
        start_anew(request, rules, measured, at, why=why)
    except AdroitError as error:
        _end_as_stale(request, error, at)


def _no_longer_possible(request: ChangeRequest, at: datetime) -> bool:
    """End the request as stale when its content moved or the action refuses it now."""
    try:
        require_unchanged(request)
        action_for(request.kind).validate(request.payload, user=request.requested_by, at=at)
    except AdroitError as error:
        _end_as_stale(request, error, at)
        return True
    return False


def _carry_out(request: ChangeRequest, at: datetime) -> None:
    try:
        with transaction.atomic():
            action = action_for(request.kind)
            if not isinstance(action, RunsWhenStopped):
                killswitch.refuse_when_on()
            result = dict(action.execute(request, at=at))
            done = Execution.objects.create(
                request=request, content_hash=request.content_hash, result=result, at=at
            )
    except AdroitError as error:
        _end_as_stale(request, error, at)
        return
    move(request, [RequestState.APPROVED], RequestState.EXECUTED, executed_at=at)
    record(
        request,
        SYSTEM,
        "request.executed",
        at,
        after={"state": request.state, "execution": done.pk, "result": result},
    )
    moved_look(request, at)
    tell(request, [request.requested_by, *_approvers(request)], Notice.EXECUTED, at)


def _end_as_stale(request: ChangeRequest, error: AdroitError, at: datetime) -> None:
    move(
        request,
        [RequestState.APPROVED],
        RequestState.STALE,
        outcome_note=f"{error.message} Nothing was changed.",
    )
    after = {"state": request.state, "code": error.code}
    record(request, SYSTEM, "request.stale", at, after=after, reason=error.message)
    tell(request, [request.requested_by, *_approvers(request)], Notice.STALE, at)


def _approvers(request: ChangeRequest) -> list[Any]:
    decisions = Decision.objects.filter(
        step__request=request, step__revision=request.revision, outcome=Outcome.APPROVE
    )
    return [decision.user for decision in decisions.select_related("user")]
