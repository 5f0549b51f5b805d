"""Making, changing, sending and withdrawing requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.choices import FINAL_STATES, OPEN_STATES, Notice, RequestState, StepState
from approvals.models import ChangeRequest, Comment, Contributor, Step
from approvals.rules.routing import StepRule
from approvals.selectors import people_for_step, steps_now
from approvals.services.amounts import measure
from approvals.services.evidence import freeze_effects
from approvals.services.notices import tell
from approvals.services.policies import policy_ensure
from approvals.services.registry import Action, Evidenced, Payload, action_for
from approvals.services.state import already, lock, move, record, summary
from approvals.services.steps import bind, open_steps, steps_needed, void_steps
from core.errors import Conflict, Invalid, NotAllowed

FIRST_NUMBER = 1001
NUMBER_LOCK = 7_402_412


@transaction.atomic
def request_create(
    *,
    user: User,
    kind: str,
    payload: Payload,
    title: str,
    reason: str,
    evidence: Mapping[str, Any],
    at: datetime,
    submit: bool = True,
    number: int | None = None,
    touched_by: Iterable[tuple[User, str]] = (),
) -> ChangeRequest:
    """Ask for a change; ``submit=False`` keeps it as a draft.

    ``evidence`` is frozen with the request: what stands under a label ("Chance of a loss",
    with a capital) is shown to approvers, other keys are data. ``touched_by`` names further people who had
    a hand in it, each with how ("imported for"): they do not decide it either. Raises
    ``Invalid`` or ``NotAllowed`` when the action cannot be asked for.
    """
    action = action_for(kind)
    _check_words(title, reason)
    action.validate(payload, user=user, at=at)
    request = ChangeRequest(
        kind=kind,
        number=number or _next_number(),
        title=title.strip(),
        reason=reason.strip(),
        payload=dict(payload),
        evidence={**_seen(action, payload, user, at), **evidence},
        requested_by=user,
        created_at=at,
        submitted_at=at if submit else None,
    )
    rules = _measure_and_bind(request, action, at)
    for act in (Act.DRAFT_REQUEST, Act.SUBMIT_REQUEST)[: 1 + submit]:
        require(user, act, team=request.team, owner_id=user.pk)
    request.save()
    for person, how in [(user, "created"), *touched_by]:
        _touch(request, person, how, at)
    record(request, user.as_actor(), "request.created", at, after=summary(request), reason=reason)
    if submit:
        _touch(request, user, "submitted", at)
        open_steps(request, rules, at)
        record(request, user.as_actor(), "request.submitted", at, after=summary(request))
    return request


@transaction.atomic
def request_submit(*, request: ChangeRequest, user: User, at: datetime) -> ChangeRequest:
    """Send a draft on its way; what it amounts to is measured now."""
    locked = lock(request)
    require(user, Act.SUBMIT_REQUEST, team=locked.team, owner_id=locked.requested_by_id)
    if locked.state != RequestState.DRAFT:
        raise Conflict(f"{locked.reference} was already sent.", code="already_sent")
    _send(locked, user, "submitted", at)
    record(locked, user.as_actor(), "request.submitted", at, after=summary(locked))
    return locked


@transaction.atomic
def request_edit(
    *,
    request: ChangeRequest,
    user: User,
    payload: Payload,
    reason: str,
    at: datetime,
    title: str | None = None,
) -> ChangeRequest:
    """Change a request: a new revision; approvals given so far are void and it starts anew.

    A draft stays a draft and may be changed by whoever may draft for its team; a sent
    request only by who asked. ``reason`` is the request's reason from now on.
    """
    locked = lock(request)
    action = action_for(locked.kind)
    was_draft = locked.state == RequestState.DRAFT
    _require_editable(locked, user)
    _check_words(title or locked.title, reason)
    action.validate(payload, user=user, at=at)
    before = summary(locked)
    approvers = void_steps(locked, at)
    locked.payload, locked.reason = dict(payload), reason.strip()
    locked.evidence = {**locked.evidence, **_seen(action, payload, user, at)}
    locked.title = (title or locked.title).strip()
    locked.revision += 1
    if was_draft:
        _measure_and_bind(locked, action, at)
        locked.save()
        _touch(locked, user, "edited", at)
    else:
        _send(locked, user, "edited", at)
    after = summary(locked) | {"void_approvals_of": [person.name for person in approvers]}
    record(locked, user.as_actor(), "request.edited", at, before=before, after=after, reason=reason)
    tell(locked, approvers, Notice.REOPENED, at)
    return locked


@transaction.atomic
def request_withdraw(
    *, request: ChangeRequest, user: User, reason: str, at: datetime
) -> ChangeRequest:
    """Take back a request that is not decided yet."""
    locked = lock(request)
    require(user, Act.WITHDRAW_REQUEST, team=locked.team, owner_id=locked.requested_by_id)
    if locked.requested_by_id != user.pk:
        raise NotAllowed("Only who asked for it can withdraw a request.")
    asked = [p for step in steps_now(locked) for p in _involved(locked, step)]
    move(locked, (RequestState.DRAFT, *OPEN_STATES), RequestState.WITHDRAWN, outcome_note=reason)
    void_steps(locked, at)
    record(locked, user.as_actor(), "request.withdrawn", at, reason=reason)
    tell(locked, asked, Notice.WITHDRAWN, at)
    return locked


@transaction.atomic
def request_comment(*, request: ChangeRequest, user: User, text: str, at: datetime) -> Comment:
    """Say something about a request that one can see; it does not make one a contributor."""
    words = text.strip()
    if not words:
        raise Invalid("The comment is empty.", where="text")
    comment = Comment.objects.create(request=request, user=user, text=words, at=at)
    record(request, user.as_actor(), "request.commented", at, after={"comment": words})
    earlier = [c.user for c in request.comments.select_related("user")]
    people = {p for p in (request.requested_by, *earlier) if p.pk != user.pk}
    tell(request, people, Notice.COMMENT, at)
    return comment


def _send(request: ChangeRequest, user: User, how: str, at: datetime) -> None:
    request.submitted_at = at
    rules = _measure_and_bind(request, action_for(request.kind), at)
    request.save()
    _touch(request, user, how, at)
    open_steps(request, rules, at)


def _seen(action: Action, payload: Payload, user: User, at: datetime) -> Mapping[str, str]:
    return action.evidence(payload, user=user, at=at) if isinstance(action, Evidenced) else {}


def _measure_and_bind(request: ChangeRequest, action: Action, at: datetime) -> tuple[StepRule, ...]:
    measured = measure(
        action,
        request.payload,
        requested_by=request.requested_by,
        at=at,
        request=request if request.pk else None,
    )
    policy = policy_ensure(at=at)
    rules = steps_needed(policy, request.kind, measured)
    bind(request, measured, policy)
    freeze_effects(request)
    return rules


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])
        cursor.execute("SELECT max(number) FROM approvals_changerequest")
        (highest,) = cursor.fetchone()
    return max((highest or 0) + 1, FIRST_NUMBER)


def _check_words(title: str, reason: str) -> None:
    if not title.strip():
        raise Invalid("Give the request a title.", where="title")
    if not reason.strip():
        raise Invalid("Say why, so that somebody can decide.", where="reason")


def _require_editable(request: ChangeRequest, user: User) -> None:
    if request.state in FINAL_STATES or request.state == RequestState.APPROVED:
        raise already(request)
    if request.state == RequestState.DRAFT:
        require(user, Act.DRAFT_REQUEST, team=request.team, owner_id=request.requested_by_id)
        return
    require(user, Act.EDIT_SUBMITTED, team=request.team, owner_id=request.requested_by_id)
    if request.requested_by_id != user.pk:
        raise NotAllowed("Only who asked for it can change a request that was sent.")


def _touch(request: ChangeRequest, user: User, how: str, at: datetime) -> None:
    Contributor.objects.get_or_create(request=request, user=user, how=how, defaults={"at": at})


def _involved(request: ChangeRequest, step: Step) -> list[User]:
    decided = [decision.user for decision in step.decisions.all()]
    return decided + (people_for_step(step, request) if step.state == StepState.CURRENT else [])
