"""One request as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from approvals.choices import Outcome, RequestState, StepState
from approvals.models import ChangeRequest, Decision, Step
from approvals.permissions import roles_in_words
from approvals.selectors import (
    Standing,
    history,
    people_for_step,
    results_of,
    standing,
    steps_now,
)
from approvals.services import Editable, Effect, action_for, effects_of, is_unchanged, kinds, proofs
from approvals.views.tables import effect_table
from core import formats
from core.models import Event
from core.parts import ApprovalStep, Comment, Entry

EVENT_WORDS = {
    "request.created": "Written",
    "request.submitted": "Sent for approval",
    "request.edited": "Changed; earlier approvals are void",
    "request.withdrawn": "Withdrawn",
    "request.commented": "Comment",
    "request.recommended": "Recommended",
    "request.step_approved": "Approved, next step",
    "request.approved": "Approved",
    "request.rejected": "Rejected",
    "request.changes_requested": "Changes requested",
    "request.reopened": "Opened again; earlier approvals are void",
    "request.executed": "Carried out",
    "request.stale": "No longer possible",
    "request.expired": "Lapsed",
}
EVENT_TONES = {
    "request.approved": "good",
    "request.executed": "good",
    "request.rejected": "bad",
    "request.stale": "bad",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
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


def request_context(
    http: HttpRequest, user: User, asked: ChangeRequest, now: datetime
) -> dict[str, Any]:
    """Everything the request page and the confirm page show."""
    today = timezone.localtime(now).date()
    action = action_for(asked.kind)
    effects = effects_of(asked)
    sums = proofs(effects)
    rights = standing(user, asked, now=now)
    edits = rights.edit and isinstance(action, Editable)
    return {
        "asked": asked,
        "title": asked.title,
        "kicker": _kicker(asked, action.label, today),
        "chip": "Waiting for you" if rights.decide else asked.get_state_display(),
        "tone": "warn" if rights.decide else asked.state_tone,
        "rights": rights,
        "edit_url": action.edit_url(asked) if edits and isinstance(action, Editable) else "",
        "effects": effect_table(http, effects, sums),
        "effects_title": _effects_title(effects),
        "proofs": sums,
        "evidence_template": action.template,
        "details": action.details(asked) if action.template else {},
        "steps": _steps(asked, user, today, now),
        "panel_title": _panel_title(asked, rights),
        "clock": _clock(asked, now),
        "clock_note": _clock_note(asked, today),
        "moved": asked.state == RequestState.OPEN and not is_unchanged(asked),
        "comments": _comments(asked, today),
        "evidence": _evidence(asked, today),
        "history": _history(asked, today),
        "results": results_of(user, asked),
        "opened_at": now.isoformat(),
        "crumbs": _crumbs(asked),
        "phone_bar": rights.decide or rights.recommend,
        "live": f"changerequest:{asked.pk}",
    }


def _effects_title(effects: Sequence[Effect]) -> str:
    """ "Two lines give, two receive"."""
    gives = sum(1 for e in effects if e.change is not None and e.change.micros < 0)
    receives = sum(1 for e in effects if e.change is not None and e.change.micros > 0)
    if not gives and not receives:
        return "Before and after"
    give, receive = _lines(gives, "gives", "give"), _lines(receives, "receives", "receive")
    return ", ".join(filter(None, (give, receive))).capitalize()


def _lines(count: int, one: str, many: str) -> str:
    if not count:
        return ""
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} line {one}" if count == 1 else f"{number} lines {many}"


def _crumbs(asked: ChangeRequest) -> list[tuple[str, str]]:
    inbox = reverse("approvals:inbox")
    return [("Approvals", inbox), (kinds().get(asked.kind, asked.kind), ""), (asked.reference, "")]


def _kicker(asked: ChangeRequest, kind: str, today: date) -> str:
    when = moment(asked.submitted_at or asked.created_at, today)
    return f"{asked.reference} · {kind} · asked for by {asked.requested_by}, {when}"


def _panel_title(asked: ChangeRequest, rights: Standing) -> str:
    steps = steps_now(asked)
    current = next((step for step in steps if step.state == StepState.CURRENT), None)
    if current is None:
        return asked.get_state_display()
    if rights.decide:
        return f"Step {current.order} of {len(steps)} is yours"
    return f"Step {current.order} of {len(steps)} waits for {roles_in_words(current.roles)}"


def _clock(asked: ChangeRequest, now: datetime) -> str:
    if asked.state != RequestState.OPEN or asked.due_at is None:
        return ""
    return formats.duration(asked.due_at - now)


def _clock_note(asked: ChangeRequest, today: date) -> str:
    return (
        f"left, until {moment(asked.due_at, today)}. Then it lapses and everything stays as it is."
    )


def _steps(asked: ChangeRequest, user: User, today: date, now: datetime) -> list[ApprovalStep]:
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
    note = "; ".join(f"recommended by {decision.user}" for decision in said)
    if decisions:
        return _decided(step, decisions[-1], today, note)
    people = people_for_step(step, asked)
    waiting = step.state == StepState.CURRENT and step.opened_at is not None
    return ApprovalStep(
        who=_names(people, user),
        role=roles_in_words(step.roles).capitalize(),
        state=STEP_STATES[StepState(step.state)],
        when=f"waiting {formats.duration(now - step.opened_at)}"
        if waiting and step.opened_at
        else "not started",
        note=note,
    )


def _names(people: Sequence[User], user: User) -> str:
    """Who may decide, the reader first; never a silent gap."""
    if not people:
        return "Nobody holds this right now"
    others = [person.name for person in people if person.pk != user.pk]
    names = [f"You, {user.name}", *others] if len(others) < len(people) else others
    return " or ".join(names[:3]) + (f" or {len(names) - 3} more" if len(names) > 3 else "")


def _decided(step: Step, decision: Decision, today: date, note: str) -> ApprovalStep:
    after = ""
    if step.opened_at:
        after = f"after {formats.duration(decision.at - step.opened_at)}"
    return ApprovalStep(
        who=f"{decision.user} · {decision.get_outcome_display().lower()}",
        role=decision.user.title or _role(decision.user),
        state=STEP_STATES[StepState(step.state)],
        when=moment(decision.at, today),
        note=" · ".join(filter(None, (after, decision.reason, note))),
    )


def _role(user: User) -> str:
    return ", ".join(Role(role).label for role in sorted(user.roles))


def _comments(asked: ChangeRequest, today: date) -> list[Comment]:
    rows = asked.comments.select_related("user")
    return [Comment(row.user.name, moment(row.at, today), row.text) for row in rows]


def _evidence(asked: ChangeRequest, today: date) -> list[tuple[str, str]]:
    kept = [
        (str(key), str(value)) for key, value in asked.evidence.items() if str(key)[:1].isupper()
    ]
    policy = f"Version {asked.policy.version}" if asked.policy else ""
    fixed = [
        ("Asked", moment(asked.submitted_at or asked.created_at, today)),
        ("Amount for policy", formats.money_exact(asked.policy_amount)),
        ("Policy", policy),
        ("Revision", str(asked.revision)),
    ]
    return [*kept, *(pair for pair in fixed if pair[1])]


def _history(asked: ChangeRequest, today: date) -> list[Entry]:
    return [_entry(event, today) for event in history(asked)[:50]]


def _entry(event: Event, today: date) -> Entry:
    return Entry(
        title=EVENT_WORDS.get(event.action, event.action),
        when=moment(event.at, today),
        who=event.actor_name,
        text=_event_text(event),
        tone=EVENT_TONES.get(event.action, "neutral"),
    )


def _event_text(event: Event) -> str:
    after: Mapping[str, Any] = event.after or {}
    void = after.get("void_approvals_of") or []
    words = [str(after["comment"])] if "comment" in after else []
    words += [event.reason] if event.reason else []
    words += [f"Void: the approval of {', '.join(void)}."] if void else []
    return " ".join(words)
