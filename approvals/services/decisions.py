"""Deciding: once per step, by somebody who touched nothing, on exactly the content that was shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from approvals.choices import Notice, Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Decision, Step
from approvals.permissions import may_recommend, require_decide
from approvals.selectors import contributors, steps_now
from approvals.services.amounts import current_hash, measure
from approvals.services.notices import tell
from approvals.services.registry import action_for
from approvals.services.state import already, lock, move, policy_of, record
from approvals.services.steps import ask, same_steps, start_anew, steps_needed, void_steps
from core import formats, outbox
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.money import Money

EXECUTE = "approvals.execute"


@dataclass(frozen=True, slots=True)
class _Word:
    """What somebody says about a request, and in what circumstances."""

    user: User
    outcome: Outcome
    reason: str
    at: datetime
    opened_at: datetime | None
    channel: str


def request_decide(
    *,
    request: ChangeRequest,
    user: User,
    outcome: str,
    reason: str,
    content_hash: str,
    at: datetime,
    opened_at: datetime | None = None,
    channel: str = "page",
) -> ChangeRequest:
    """Approve, reject, ask for changes, or recommend (for those whose limit is below the amount).

    ``content_hash`` is the fingerprint of what the person was shown, ``opened_at`` when.
    Raises ``NotAllowed`` for contributors and for who may not decide this step,
    ``Invalid`` without a reason where one is needed, ``Conflict`` when it was already
    decided, lapsed, changed since it was shown, or now needs a higher approval (it then
    goes to those who may, and approvals given so far are void).
    """
    if outcome not in Outcome.values:
        raise Invalid(f"“{outcome}” is not a decision.", where="outcome")
    word = _Word(user, Outcome(outcome), reason.strip(), at, opened_at, channel)
    with transaction.atomic():
        locked = lock(request)
        step = _current(locked, content_hash, at)
        _require_right(locked, step, word)
        why_higher = _outgrown(locked, word)
        if not why_higher:
            _say(locked, step, word, content_hash)
    if why_higher:
        raise Conflict(why_higher, code="needs_higher_approval")
    return locked


def _current(request: ChangeRequest, content_hash: str, at: datetime) -> Step:
    if request.state != RequestState.OPEN:
        raise already(request)
    if request.due_at and at >= request.due_at:
        raise Conflict(
            f"{request.reference} has lapsed: nobody decided it in time.",
            code="expired",
            remedy="It can be asked for again.",
        )
    if content_hash != request.content_hash:
        raise Conflict(
            f"{request.reference} was changed since you opened it.",
            code="content_changed",
            remedy="Read it again, then decide.",
        )
    step = request.steps.filter(state=StepState.CURRENT, revision=request.revision).first()
    if step is None:
        raise already(request)
    return step


def _require_right(request: ChangeRequest, step: Step, word: _Word) -> None:
    touched = contributors(request)
    if word.outcome != Outcome.RECOMMEND:
        require_decide(word.user, request, step, touched)
    elif not may_recommend(word.user, step, request, touched):
        raise NotAllowed(
            f"You cannot recommend {request.reference}: you may decide it, or you took part in it."
        )
    if word.outcome in (Outcome.REJECT, Outcome.CHANGES) and not word.reason:
        raise Invalid("Say why, so that it can be done better.", where="reason")


def _outgrown(request: ChangeRequest, word: _Word) -> str:
    """Why an approval cannot be taken as the world is now; "" when it can.

    What was asked must still be what would happen, and the amount of this moment must
    still lead to these steps; if it leads higher, the request goes there.
    """
    if word.outcome != Outcome.APPROVE:
        return ""
    require_unchanged(request)
    return reroute_if_higher(request, word.at)


def require_unchanged(request: ChangeRequest) -> None:
    """Raise ``Conflict`` when what the request would change is not as it was when asked."""
    try:
        is_same = current_hash(request) == request.content_hash
    except AdroitError as error:
        raise Conflict(error.message, code="stale", remedy=error.remedy) from error
    if not is_same:
        raise Conflict(
            f"What {request.reference} would change has moved since it was asked for.",
            code="stale",
            remedy=f"Ask {request.requested_by} to renew it with today's figures.",
        )


def reroute_if_higher(request: ChangeRequest, at: datetime) -> str:
    """Send a request to those who may decide its amount of this moment; says why, or ""."""
    action = action_for(request.kind)
    measured = measure(
        action, request.payload, requested_by=request.requested_by, at=at, request=request
    )
    if measured.total_micros <= request.amount_micros:
        return ""
    rules = steps_needed(policy_of(request), request.kind, measured)
    if same_steps(steps_now(request), rules):
        return ""
    amount = formats.money_whole(Money(measured.total_micros, measured.currency))
    why = f"{request.reference} now amounts to {amount}, so others must approve it."
    start_anew(request, rules, measured, at, why=why)
    return f"{why} They were asked."


def _say(request: ChangeRequest, step: Step, word: _Word, content_hash: str) -> None:
    """Write the decision; the database refuses a second one, and one by a contributor."""
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                step=step,
                user=word.user,
                outcome=word.outcome,
                reason=word.reason,
                content_hash=content_hash,
                policy=policy_of(request),
                opened_at=word.opened_at,
                at=word.at,
                channel=word.channel,
            )
    except IntegrityError as error:
        raise already(request) from error
    _CONSEQUENCES[word.outcome](request, step, decision)


def _recommended(request: ChangeRequest, step: Step, decision: Decision) -> None:
    _record(request, decision, "request.recommended", step)


def _approved(request: ChangeRequest, step: Step, decision: Decision) -> None:
    given = step.decisions.filter(outcome=Outcome.APPROVE).count()
    if given < step.needed:
        _record(request, decision, "request.step_approved", step)
        return
    _close(request, step, StepState.APPROVED, decision)
    following = request.steps.filter(revision=request.revision, state=StepState.WAITING).first()
    if following is None:
        _finish(request, decision)
        return
    following.state, following.opened_at = StepState.CURRENT, decision.at
    following.save(update_fields=["state", "opened_at"])
    _record(request, decision, "request.step_approved", step)
    tell(request, [request.requested_by], Notice.STEP_APPROVED, decision.at)
    ask(request, following, decision.at)


def _finish(request: ChangeRequest, decision: Decision) -> None:
    move(request, [RequestState.OPEN], RequestState.APPROVED, decided_at=decision.at)
    _record(request, decision, "request.approved", decision.step)
    key = f"execute:{request.pk}:{request.revision}"
    payload = {"request": request.pk, "revision": request.revision}
    outbox.enqueue(EXECUTE, key, payload, at=decision.at)
    tell(request, [request.requested_by], Notice.APPROVED, decision.at)


def _rejected(request: ChangeRequest, step: Step, decision: Decision) -> None:
    _close(request, step, StepState.REJECTED, decision)
    void_steps(request, decision.at)
    move(
        request,
        [RequestState.OPEN],
        RequestState.REJECTED,
        decided_at=decision.at,
        outcome_note=decision.reason,
    )
    _record(request, decision, "request.rejected", step)
    tell(request, [request.requested_by], Notice.REJECTED, decision.at)


def _sent_back(request: ChangeRequest, step: Step, decision: Decision) -> None:
    _close(request, step, StepState.VOID, decision)
    void_steps(request, decision.at)
    move(request, [RequestState.OPEN], RequestState.CHANGES, outcome_note=decision.reason)
    _record(request, decision, "request.changes_requested", step)
    tell(request, [request.requested_by], Notice.CHANGES, decision.at)


_CONSEQUENCES: dict[str, Callable[[ChangeRequest, Step, Decision], None]] = {
    Outcome.APPROVE: _approved,
    Outcome.REJECT: _rejected,
    Outcome.CHANGES: _sent_back,
    Outcome.RECOMMEND: _recommended,
}


def _close(request: ChangeRequest, step: Step, state: StepState, decision: Decision) -> None:
    """Close the current step once; whoever comes second changes nothing."""
    rows = request.steps.filter(pk=step.pk, state=StepState.CURRENT)
    if not rows.update(state=state, closed_at=decision.at):
        raise already(request)


def _record(request: ChangeRequest, decision: Decision, action: str, step: Step) -> None:
    after = {
        "step": step.order,
        "outcome": decision.outcome,
        "content_hash": decision.content_hash,
        "policy": policy_of(request).version,
        "state": request.state,
        "channel": decision.channel,
    }
    record(
        request,
        decision.user.as_actor(),
        action,
        decision.at,
        after=after,
        reason=decision.reason,
    )
