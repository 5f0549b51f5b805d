"""The steps of a request in words: who decided, who is asked, what is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from approvals.choices import Outcome, StepState
from approvals.models import ChangeRequest, Decision, Step
from approvals.permissions import roles_in_words
from approvals.selectors import Standing, people_for_step, steps_now
from approvals.services.seats import words_that_count
from approvals.views.saying import away_words, decider
from core import formats
from core.parts import ApprovalStep

STEP_STATES = {
    StepState.APPROVED: "done",
    StepState.CURRENT: "current",
    StepState.WAITING: "todo",
    StepState.REJECTED: "rejected",
    StepState.VOID: "todo",
}


def moment(value: datetime | None, today: date) -> str:
    """A moment where the reader is."""
    return formats.moment(timezone.localtime(value), today) if value else ""


def panel_title(asked: ChangeRequest, rights: Standing) -> str:
    """ "Step 1 of 2 is yours", "Step 1 of 2 waits for an executive"."""
    steps = steps_now(asked)
    running = [step for step in steps if step.state == StepState.CURRENT]
    if not running:
        return asked.get_state_display()
    place = f"Step {running[0].order} of {steps[-1].order}"
    if rights.decide:
        return f"{place} is yours"
    who = dict.fromkeys(roles_in_words(step.roles) for step in running)
    return f"{place} waits for {' and '.join(who)}"


def step_rows(asked: ChangeRequest, user: User, today: date, now: datetime) -> list[ApprovalStep]:
    first = ApprovalStep(
        who=f"{asked.requested_by} asked",
        role=asked.requested_by.title,
        state="done",
        when=moment(asked.submitted_at or asked.created_at, today),
    )
    return [first, *(_step(asked, step, user, today, now) for step in steps_now(asked))]


def _step(asked: ChangeRequest, step: Step, user: User, today: date, now: datetime) -> ApprovalStep:
    decisions = [d for d in step.decisions.all() if d.outcome != Outcome.RECOMMEND]
    said = [d for d in step.decisions.all() if d.outcome == Outcome.RECOMMEND]
    note = "; ".join(f"recommended by {decider(decision)}" for decision in said)
    is_over = step.state not in (StepState.CURRENT, StepState.WAITING)
    if decisions and is_over:
        return _decided(step, decisions, today, note)
    if not step.decides and is_over:
        return _advised(step, today, note)
    people = people_for_step(step, asked, at=now)
    waiting = step.state == StepState.CURRENT and step.opened_at is not None
    return ApprovalStep(
        who=_names(people, user, step),
        role=_asked(step),
        state=STEP_STATES[StepState(step.state)],
        when=f"waiting {formats.duration(now - step.opened_at)}"
        if waiting and step.opened_at
        else "not started",
        note="; ".join(filter(None, (_so_far(step, decisions), *away_words(people, now), note))),
    )


def _names(people: Sequence[User], user: User, step: Step) -> str:
    """Who may decide, the reader first; never a silent gap."""
    if not people:
        return "Nobody holds this right now"
    others = [person.name for person in people if person.pk != user.pk]
    names = [f"You, {user.name}", *others] if len(others) < len(people) else others
    named = [*names[:3], *([f"{len(names) - 3} more"] if len(names) > 3 else [])]
    if step.asks_everybody:
        return _listed(named)
    return " or ".join(named)


def _listed(names: Sequence[str]) -> str:
    """ "Greta Holm, Ivo Marek and Mara Lindqvist"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _asked(step: Step) -> str:
    """Whom the step asks, how many of them, and whether they decide; beside which other step."""
    words = _whom(step)
    return f"At the same time: {words[:1].lower()}{words[1:]}" if step.lane > 1 else words


def _whom(step: Step) -> str:
    who = roles_in_words(step.roles)
    if not step.decides:
        return f"Advice of {who}"
    if step.seats:
        return f"All {len(step.seats)} who were asked, each {who}"
    if step.asks_everybody:
        return f"Everybody who is {who}"
    return who.capitalize() if step.needed <= 1 else f"{step.needed} people, each {who}"


def _so_far(step: Step, decisions: Sequence[Decision]) -> str:
    if not decisions:
        return ""
    count = sum(d in decisions for d in words_that_count(step))
    names = _listed([decider(decision) for decision in decisions])
    return f"{count} of {step.needed} approved: {names}"


def _advised(step: Step, today: date, note: str) -> ApprovalStep:
    """Advice that was given, or that nobody waits for any more."""
    return ApprovalStep(
        who=note.capitalize() if note else "No advice was given",
        role=_asked(step),
        state=STEP_STATES[StepState(step.state)],
        when=moment(step.closed_at, today),
    )


def _decided(step: Step, decisions: Sequence[Decision], today: date, note: str) -> ApprovalStep:
    last = decisions[-1]
    after = f"after {formats.duration(last.at - step.opened_at)}" if step.opened_at else ""
    names = _listed([decider(decision) for decision in decisions])
    reasons = [decision.reason for decision in decisions]
    return ApprovalStep(
        who=f"{names} · {last.get_outcome_display().lower()}",
        role=last.user.title or _role(last.user),
        state=STEP_STATES[StepState(step.state)],
        when=moment(last.at, today),
        note=" · ".join(filter(None, (after, *reasons, note))),
    )


def _role(user: User) -> str:
    return ", ".join(Role(role).label for role in sorted(user.roles))
