"""Reminders and escalation, in working time: more people are told, nobody gets more rights."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Role
from accounts.models import User
from approvals.choices import Notice, RequestState, StepState
from approvals.models import ChangeRequest, Step, Substitute
from approvals.rules.calls import Calls, calls, is_due
from approvals.selectors import away, contributors, people_for_step, spoken, steps_now
from approvals.selectors.calendars import due_moment, work_hours
from approvals.selectors.delegation import with_memberships
from approvals.selectors.discussion import people_who_see
from approvals.services.notices import tell
from approvals.services.passing import seats_settle
from approvals.services.state import lock, record
from core.events import SYSTEM


def remind_and_escalate(now: datetime) -> dict[str, int]:
    """Schedule: remind at half and at the end of a step's time, then tell others.

    Overdue by another half: the substitutes of those who may decide; overdue by the whole:
    executives. Each once, whenever and however often it runs.
    """
    waiting = Step.objects.filter(
        state=StepState.CURRENT, request__state=RequestState.OPEN, request__due_at__gt=now
    ).order_by("pk")
    done = [_call(step, now) for step in waiting.select_related("request")]
    return {
        "reminded": sum(reminded for reminded, _ in done),
        "escalated": sum(escalated for _, escalated in done),
    }


@transaction.atomic
def _call(step: Step, now: datetime) -> tuple[bool, bool]:
    request = lock(step.request)
    seats_settle(request, now)
    held = request.steps.filter(
        pk=step.pk, state=StepState.CURRENT, revision=request.revision
    ).first()
    if request.state != RequestState.OPEN or held is None or held.opened_at is None:
        return False, False
    calendar = work_hours(request.team)
    if held.due_at is None:
        held.due_at = due_moment(request.team, held.hours, held.opened_at)
    moments = calls(calendar, held.opened_at, held.due_at)
    reminded = is_due((moments.half, moments.due), held.reminded_at, now)
    escalated = is_due((moments.substitutes, moments.higher), held.escalated_at, now)
    if reminded:
        _remind(request, held, now)
    if escalated:
        _escalate(request, held, moments, now)
    held.save(update_fields=["due_at", "reminded_at", "escalated_at"])
    return reminded, escalated


def _asked(request: ChangeRequest, step: Step, now: datetime) -> list[User]:
    """Who may still decide a step: those whose word stands are not asked again."""
    said = spoken(steps_now(request))
    return [p for p in people_for_step(step, request, at=now) if p.pk not in said]


def _remind(request: ChangeRequest, step: Step, now: datetime) -> None:
    people = _asked(request, step, now)
    absent = away([person.pk for person in people], now)
    there = [person for person in people if person.pk not in absent]
    step.reminded_at = now
    tell(request, there, Notice.REMINDER, now)
    _record(request, step, "request.reminded", there, now)


def _escalate(request: ChangeRequest, step: Step, moments: Calls, now: datetime) -> None:
    asked = _asked(request, step, now)
    people = _substitutes(request, asked, now)
    if now >= moments.higher or not people:
        people += _higher(step, asked)
    touched = contributors(request)
    told = {p.pk: p for p in people if p.pk not in touched}
    step.escalated_at = now
    tell(request, told.values(), Notice.ESCALATED, now)
    _record(request, step, "request.escalated", list(told.values()), now)


def _substitutes(request: ChangeRequest, asked: list[User], now: datetime) -> list[User]:
    """The substitutes of those who were asked, as far as they can see the request."""
    rows = Substitute.objects.filter(user__in=asked, substitute__is_active=True)
    named = set(rows.values_list("substitute", flat=True))
    return [person for person in people_who_see(request, at=now) if person.pk in named]


def _higher(step: Step, asked: list[User]) -> list[User]:
    """Executives, where directors did not answer; executives who were asked hear it as well."""
    if Role.DIRECTOR not in step.roles:
        return [person for person in asked if Role.EXECUTIVE in person.roles]
    executives = User.objects.filter(is_active=True, memberships__role=Role.EXECUTIVE).distinct()
    return list(with_memberships(executives))


def _record(
    request: ChangeRequest, step: Step, action: str, people: list[User], now: datetime
) -> None:
    after = {"step": step.order, "lane": step.lane, "told": [person.name for person in people]}
    record(request, SYSTEM, action, now, after=after)
