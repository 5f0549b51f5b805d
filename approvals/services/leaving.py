"""What a person who leaves has to do with requests."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.choices import Act, Role
from accounts.models import Membership, User
from accounts.permissions import require
from accounts.services import Handover, register_handover, register_leaving_check
from approvals.choices import OPEN_STATES, RequestState, StepState
from approvals.models import ChangeRequest, Step
from approvals.services.state import move, record
from approvals.services.steps import void_steps

UNFINISHED = (RequestState.DRAFT, RequestState.CHANGES)


def needed_as_executive(user: User) -> str:
    """Why the last executive cannot go now: a request waits for an executive's decision."""
    held = Membership.objects.filter(role=Role.EXECUTIVE, user__is_active=True)
    if Role.EXECUTIVE not in user.roles or held.exclude(user=user).exists():
        return ""
    waiting = [
        step
        for step in Step.objects.filter(
            request__state__in=OPEN_STATES,
            revision=F("request__revision"),
            state__in=[StepState.WAITING, StepState.CURRENT],
        ).select_related("request")
        if Role.EXECUTIVE in step.roles
    ]
    if not waiting:
        return ""
    names = ", ".join(dict.fromkeys(step.request.reference for step in waiting))
    return f"{user.name} is the last executive, and {names} waits for an executive’s decision."


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
