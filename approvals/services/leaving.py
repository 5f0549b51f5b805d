"""What a person who leaves has to do with requests."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.choices import Act, Role
from accounts.models import Membership, User
from accounts.permissions import require
from accounts.services import (
    Handover,
    register_handover,
    register_leaving_check,
    register_rights_lost,
)
from approvals.choices import OPEN_STATES, RequestState, StepState
from approvals.models import ChangeRequest, Step
from approvals.selectors import people_for_step, spoken, steps_now
from approvals.services.passing import seats_end_lost
from approvals.services.seats import words_that_count
from approvals.services.state import move, record
from approvals.services.steps import void_steps

UNFINISHED = (RequestState.DRAFT, RequestState.CHANGES)


def needed_as_executive(user: User, losing: Collection[str]) -> str:
    """Why an executive cannot go now: a request waits that nobody could decide without them."""
    if Role.EXECUTIVE not in losing:
        return ""
    others = Membership.objects.filter(role=Role.EXECUTIVE, user__is_active=True)
    is_last = not others.exclude(user=user).exists()
    stuck = [step for step in _for_executives() if _cannot_spare(user, step, is_last)]
    if not stuck:
        return ""
    names = list(dict.fromkeys(step.request.reference for step in stuck))
    wait = (
        f"{', '.join(names)} {'waits' if len(names) == 1 else 'wait'} for an executive’s decision"
    )
    return (
        f"{user.name} is the last executive who can decide, and {wait}. Have that decided, or"
        " name another executive first; then this can be done."
    )


def _for_executives() -> list[Step]:
    waiting = Step.objects.filter(
        request__state__in=OPEN_STATES,
        revision=F("request__revision"),
        state__in=[StepState.WAITING, StepState.CURRENT],
        decides=True,
    ).select_related("request__team", "request__requested_by")
    return [step for step in waiting if Role.EXECUTIVE in step.roles]


def _cannot_spare(user: User, step: Step, is_last: bool) -> bool:
    """Whether too few could take a step without this person, who could or is the last executive."""
    said = spoken(steps_now(step.request))
    able = {person.pk for person in people_for_step(step, step.request)} - said
    given = sum(word.user_id != user.pk for word in words_that_count(step))
    wanted = int(not given) if step.asks_everybody else step.needed - given
    return (is_last or user.pk in able) and len(able - {user.pk}) < wanted


def unfinished_requests(user: User) -> QuerySet[ChangeRequest]:
    """Requests that wait for the person who asked: drafts, and those sent back for changes."""
    return ChangeRequest.objects.filter(requested_by=user, state__in=UNFINISHED)


@transaction.atomic
def requests_close(*, user: User, by: User, at: datetime) -> int:
    """Withdraw what a person who leaves had not finished asking for."""
    require(by, Act.INVITE_USER)
    found = list(unfinished_requests(user).select_for_update())
    note = f"{user.name} left."
    for request in found:
        move(request, UNFINISHED, RequestState.WITHDRAWN, outcome_note=note)
        void_steps(request, at)
        record(request, by.as_actor(), "request.withdrawn", at, reason=note)
    return len(found)


def register() -> None:
    """Say it to the people's room."""
    register_leaving_check(needed_as_executive)
    register_rights_lost(seats_end_lost)
    register_handover(
        Handover(
            "requests",
            "request not yet decided",
            "requests not yet decided",
            unfinished_requests,
            requests_close,
            closes="Withdraw what is open",
        )
    )
