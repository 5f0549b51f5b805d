"""Deciding: once per step, by somebody who touched nothing, on exactly the content that was shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from approvals.choices import Notice, Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Decision, Option, Step
from approvals.permissions import Right, may_recommend, require_decide, right_to_decide
from approvals.rules.routing import worst
from approvals.selectors import contributors, delegations_to, spoken, steps_now
from approvals.selectors.discussion import chosen_option, options_of
from approvals.services.amounts import Measured, current_hash, measure, traits_kept
from approvals.services.looks import first_look
from approvals.services.notices import tell
from approvals.services.passing import advice_pass, seats_settle, step_close, step_pass
from approvals.services.registry import action_for
from approvals.services.seats import words_that_count
from approvals.services.state import already, lock, move, policy_of, record
from approvals.services.steps import (
    same_steps,
    start_anew,
    steps_needed,
    void_steps,
)
from core import formats, sessions
from core.errors import AdroitError, Conflict, Invalid, NotAllowed
from core.money import Money


@dataclass(frozen=True, slots=True)
class _Word:
    """What somebody says about a request, and in what circumstances."""

    user: User
    outcome: Outcome
    reason: str
    at: datetime
    opened_at: datetime | None
    channel: str
    session: str
    option: int | None = None


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
    option: int | None = None,
) -> ChangeRequest:
    """Approve, reject, ask for changes, or recommend (for those whose limit is below the amount).

    ``content_hash`` is the fingerprint of what the person was shown; ``opened_at`` when, where
    it is not the first look that was kept. ``option`` is the alternative that is chosen.
    Raises ``NotAllowed`` for contributors and for who may not decide this step,
    ``Invalid`` without a reason where one is needed, ``Conflict`` when it was already
    decided, lapsed, changed since it was shown, or now needs a higher approval (it then
    goes to those who may, and approvals given so far are void).
    """
    if outcome not in Outcome.values:
        raise Invalid(f"“{outcome}” is not a decision.", where="outcome")
    word = _Word(
        user,
        Outcome(outcome),
        reason.strip(),
        at,
        opened_at,
        channel,
        sessions.fingerprint(),
        option,
    )
    with transaction.atomic():
        locked = lock(request)
        seats_settle(locked, at)
        step, right = _require_right(locked, _current(locked, content_hash, at), word)
        why_higher = _outgrown(locked, word)
        if not why_higher:
            _say(locked, step, word, right)
    if why_higher:
        raise Conflict(why_higher, code="needs_higher_approval")
    return locked


def _current(request: ChangeRequest, content_hash: str, at: datetime) -> list[Step]:
    """The steps whose turn it is, on the content that was shown."""
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
    steps = request.steps.filter(state=StepState.CURRENT, revision=request.revision)
    if not (running := list(steps)):
        raise already(request)
    return running


def _require_own_session(request: ChangeRequest, word: _Word) -> None:
    """Two people are two sign-ins: what one sign-in touched or decided, it does not decide for another."""
    if not word.session:
        return
    touched = request.contributors.filter(session=word.session).exclude(user=word.user)
    decided = Decision.objects.filter(step__request=request, session=word.session)
    if touched.exists() or decided.exclude(user=word.user).exists():
        raise NotAllowed(
            f"{request.reference} was already worked on in this sign-in by somebody else.",
            code="same_session",
            remedy="Two people decide in two sign-ins: sign out, then sign in as yourself.",
        )


def _require_right(
    request: ChangeRequest, steps: Sequence[Step], word: _Word
) -> tuple[Step, Right]:
    """The step the word is about, and by whose right it is said; raises what stands in its way."""
    _require_own_session(request, word)
    if word.outcome == Outcome.RECOMMEND:
        return _to_recommend(request, steps, word), Right(word.user)
    deciding = [step for step in steps if step.decides]
    if not deciding:
        raise Conflict(
            f"{request.reference} waits for advice before it can be decided.",
            code="waits_for_advice",
            remedy="It is decided once the advice is given, or its time is over.",
        )
    found = _to_decide(request, deciding, word)
    if word.outcome in (Outcome.REJECT, Outcome.CHANGES) and not word.reason:
        raise Invalid("Say why, so that it can be done better.", where="reason")
    return found


def _to_decide(request: ChangeRequest, steps: Sequence[Step], word: _Word) -> tuple[Step, Right]:
    """The first of the running steps that the person may decide; else why not the first."""
    touched, held = contributors(request), delegations_to(word.user, word.at)
    said = spoken(steps_now(request))
    for step in steps:
        right = right_to_decide(word.user, step, request, touched, delegations=held, spoken=said)
        if right:
            return step, right
    right = require_decide(word.user, request, steps[0], touched, delegations=held, spoken=said)
    return steps[0], right


def _to_recommend(request: ChangeRequest, steps: Sequence[Step], word: _Word) -> Step:
    """A step that asks for advice comes first."""
    touched = contributors(request)
    for step in sorted(steps, key=lambda step: step.decides):
        if may_recommend(word.user, step, request, touched):
            return step
    raise NotAllowed(
        f"You cannot recommend {request.reference}: you may decide it, or you took part in it."
    )


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
    traits = worst(measured.traits, traits_kept(request))
    if measured.total_micros <= request.amount_micros and traits == traits_kept(request):
        return ""
    measured = replace(
        measured,
        traits=traits,
        total_micros=max(measured.total_micros, request.amount_micros),
    )
    rules = steps_needed(policy_of(request), request.kind, request.payload, measured)
    if same_steps(steps_now(request), rules):
        return ""
    why = f"{request.reference} {_grown(request, measured)}, so others must approve it."
    start_anew(request, rules, measured, at, why=why)
    return f"{why} They were asked."


def _grown(request: ChangeRequest, measured: Measured) -> str:
    if measured.total_micros > request.amount_micros:
        amount = formats.money_whole(Money(measured.total_micros, measured.currency))
        return f"now amounts to {amount}"
    if measured.traits.risk != request.risk:
        return f"is now of {measured.traits.risk} risk"
    return "now changes more of a plan, or other channels"


def _option(request: ChangeRequest, word: _Word) -> Option | None:
    """The alternative that an approval chooses; all who approve choose the same."""
    options = {option.pk: option for option in options_of(request)}
    if word.outcome != Outcome.APPROVE or not (options or word.option):
        return None
    if (chosen := options.get(word.option or 0)) is None:
        raise Invalid("Choose one of the alternatives.", where="option")
    before = chosen_option(request)
    if before and before != chosen:
        raise Conflict(
            f"“{before.label}” was chosen in the step before.",
            code="other_option",
            remedy="Choose the same, or send it back with your reason.",
        )
    return chosen


def _say(request: ChangeRequest, step: Step, word: _Word, right: Right) -> None:
    """Write the decision; the database refuses a second one, and one by a contributor."""
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                step=step,
                user=word.user,
                outcome=word.outcome,
                reason=word.reason,
                content_hash=request.content_hash,
                policy=policy_of(request),
                opened_at=word.opened_at or first_look(request, word.user),
                at=word.at,
                channel=word.channel,
                session=word.session,
                on_behalf_of=right.on_behalf_of,
                delegation=right.delegation,
                option=_option(request, word),
            )
    except IntegrityError as error:
        raise already(request) from error
    _CONSEQUENCES[word.outcome](request, step, decision)


def _recommended(request: ChangeRequest, step: Step, decision: Decision) -> None:
    """Advice beside a step that decides changes nothing; a step that asks for it is passed."""
    _record(request, decision, "request.recommended", step)
    if not step.decides and len(words_that_count(step)) >= step.needed:
        advice_pass(request, step, decision.at)


def _approved(request: ChangeRequest, step: Step, decision: Decision) -> None:
    if len(words_that_count(step)) < step.needed:
        _record(request, decision, "request.step_approved", step)
        return
    goes_on = step_pass(request, step, decision.at)
    _record(request, decision, "request.step_approved" if goes_on else "request.approved", step)
    notice = Notice.STEP_APPROVED if goes_on else Notice.APPROVED
    tell(request, [request.requested_by], notice, decision.at)


def _rejected(request: ChangeRequest, step: Step, decision: Decision) -> None:
    step_close(request, step, StepState.REJECTED, decision.at)
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
    step_close(request, step, StepState.VOID, decision.at)
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


def _record(request: ChangeRequest, decision: Decision, action: str, step: Step) -> None:
    after = {
        "step": step.order,
        "outcome": decision.outcome,
        "content_hash": decision.content_hash,
        "policy": policy_of(request).version,
        "state": request.state,
        "channel": decision.channel,
    }
    if decision.option:
        after |= {"option": decision.option.label}
    if decision.on_behalf_of:
        after |= {"for": decision.on_behalf_of.name, "delegation": decision.delegation_id}
    record(
        request,
        decision.user.as_actor(),
        action,
        decision.at,
        after=after,
        reason=decision.reason,
    )
