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
from approvals.models import ChangeRequest, Contributor, Step
from approvals.rules.routing import StepRule
from approvals.selectors import people_for_step, steps_now
from approvals.services.amounts import current_hash_or, measure
from approvals.services.evidence import freeze_effects
from approvals.services.notices import tell
from approvals.services.policies import policy_ensure
from approvals.services.registry import Action, Evidenced, Payload, action_for, proposed_by
from approvals.services.state import already, lock, move, record, summary
from approvals.services.steps import bind, open_steps, steps_needed, void_steps
from core import sessions
from core.errors import Conflict, Invalid, NotAllowed
from core.once import reading_once

FIRST_NUMBER = 1001
NUMBER_LOCK = 7_402_433


@transaction.atomic
@reading_once()
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
    follows: ChangeRequest | None = None,
) -> ChangeRequest:
    """Ask for a change; ``submit=False`` keeps it as a draft.

    ``evidence`` is frozen with the request: what stands under a label ("Chance of a loss",
    with a capital) is shown to approvers, other keys are data. ``touched_by`` names further people who had
    a hand in it, each with how ("imported for"): they do not decide it either.
    ``follows`` is the ended request it asks for anew. Raises ``Invalid`` or ``NotAllowed`` when the action cannot be asked for.
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
        follows=follows,
    )
    rules = _measure_and_bind(request, action, at)
    for act in (Act.DRAFT_REQUEST, Act.SUBMIT_REQUEST)[: 1 + submit]:
        require(user, proposed_by(kind) or act, team=request.team, owner_id=user.pk)
    request.save()
    _touch(request, user, "created", at)
    for person, how in touched_by:
        _touch(request, person, how, at, session="")
    record(request, user.as_actor(), "request.created", at, after=summary(request), reason=reason)
    if submit:
        _touch(request, user, "submitted", at)
        open_steps(request, rules, at)
        record(request, user.as_actor(), "request.submitted", at, after=summary(request))
    return request


@transaction.atomic
@reading_once()
def request_submit(*, request: ChangeRequest, user: User, at: datetime) -> ChangeRequest:
    """Send a draft on its way; what it amounts to is measured now."""
    locked = lock(request)
    _require(user, Act.SUBMIT_REQUEST, locked)
    if locked.state != RequestState.DRAFT:
        raise Conflict(f"{locked.reference} was already sent.", code="already_sent")
    _send(locked, user, "submitted", at)
    record(locked, user.as_actor(), "request.submitted", at, after=summary(locked))
    return locked


@transaction.atomic
@reading_once()
def request_edit(
    *,
    request: ChangeRequest,
    user: User,
    at: datetime,
    payload: Payload | None = None,
    reason: str | None = None,
    title: str | None = None,
) -> ChangeRequest:
    """Change a request: a new revision; approvals given so far are void and it starts anew.

    None leaves the payload, the reason or the title as it is.

    A draft stays a draft and may be changed by whoever may draft for its team; a sent
    request only by who asked. ``reason`` is the request's reason from now on.
    """
    locked = lock(request)
    action = action_for(locked.kind)
    was_draft = locked.state == RequestState.DRAFT
    _require_editable(locked, user)
    payload = locked.payload if payload is None else payload
    reason = locked.reason if reason is None else reason
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
    _require(user, Act.WITHDRAW_REQUEST, locked)
    if locked.requested_by_id != user.pk:
        raise NotAllowed("Only who asked for it can withdraw a request.")
    asked = _asked_so_far(locked)
    move(locked, (RequestState.DRAFT, *OPEN_STATES), RequestState.WITHDRAWN, outcome_note=reason)
    void_steps(locked, at)
    record(locked, user.as_actor(), "request.withdrawn", at, reason=reason)
    tell(locked, asked, Notice.WITHDRAWN, at)
    return locked


@transaction.atomic
def request_recall(
    *, request: ChangeRequest, user: User, reason: str, at: datetime
) -> ChangeRequest:
    """Pull one's own request back to a draft to change it; approvals given so far are void.

    Raises ``NotAllowed`` for others, ``Conflict`` when it is decided or was never sent.
    """
    locked = lock(request)
    _require(user, Act.EDIT_SUBMITTED, locked)
    if locked.requested_by_id != user.pk:
        raise NotAllowed("Only who asked for it can recall a request.")
    if locked.state not in OPEN_STATES:
        raise already(locked)
    before, asked = summary(locked), _asked_so_far(locked)
    approvers = void_steps(locked, at)
    locked.state, locked.due_at, locked.submitted_at = RequestState.DRAFT, None, None
    locked.revision += 1
    locked.content_hash = current_hash_or(locked, locked.content_hash)
    locked.save()
    _touch(locked, user, "recalled", at)
    after = summary(locked) | {"void_approvals_of": [person.name for person in approvers]}
    record(
        locked, user.as_actor(), "request.recalled", at, before=before, after=after, reason=reason
    )
    tell(locked, asked, Notice.RECALLED, at)
    return locked


@transaction.atomic
def request_ask_again(*, request: ChangeRequest, user: User, at: datetime) -> ChangeRequest:
    """A new draft with the content of a request that ended, which stays as it is.

    Its evidence is of today, and whoever had a hand in the old one has one in the new.
    """
    if request.state not in FINAL_STATES:
        raise Conflict(
            f"{request.reference} has not ended, so it cannot be asked for again.",
            code="not_ended",
            remedy="Change it, or recall it.",
        )
    return _copy(request, user, at, follows=request)


@transaction.atomic
def request_clone(*, request: ChangeRequest, user: User, at: datetime) -> ChangeRequest:
    """A new draft with the same content, to be changed; whoever touched this one touched that."""
    return _copy(request, user, at, follows=None)


def _copy(
    request: ChangeRequest, user: User, at: datetime, *, follows: ChangeRequest | None
) -> ChangeRequest:
    hands = request.contributors.select_related("user").order_by("at", "pk")
    others = {row.user_id: row.user for row in hands if row.user_id != user.pk}
    return request_create(
        user=user,
        kind=request.kind,
        payload=request.payload,
        title=request.title,
        reason=request.reason,
        evidence={},
        at=at,
        submit=False,
        touched_by=[(person, f"copied from {request.reference}") for person in others.values()],
        follows=follows,
    )


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
    rules = steps_needed(policy, request.kind, request.payload, measured)
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
        _require(user, Act.DRAFT_REQUEST, request)
        return
    _require(user, Act.EDIT_SUBMITTED, request)
    if request.requested_by_id != user.pk:
        raise NotAllowed("Only who asked for it can change a request that was sent.")


def _require(user: User, usual: Act, request: ChangeRequest) -> None:
    act = proposed_by(request.kind) or usual
    require(user, act, team=request.team, owner_id=request.requested_by_id)


def _touch(
    request: ChangeRequest, user: User, how: str, at: datetime, *, session: str | None = None
) -> None:
    """Keep that somebody had a hand in it, and by which sign-in; who only helped has none here."""
    found = sessions.fingerprint() if session is None else session
    row, is_new = Contributor.objects.get_or_create(
        request=request, user=user, how=how, defaults={"at": at, "session": found}
    )
    if not is_new and found and row.session != found:
        Contributor.objects.filter(pk=row.pk).update(session=found)


def _asked_so_far(request: ChangeRequest) -> list[User]:
    """Who decided, advised or was asked on the request's revision."""
    return [person for step in steps_now(request) for person in _involved(request, step)]


def _involved(request: ChangeRequest, step: Step) -> list[User]:
    decided = [decision.user for decision in step.decisions.all()]
    return decided + (people_for_step(step, request) if step.state == StepState.CURRENT else [])
