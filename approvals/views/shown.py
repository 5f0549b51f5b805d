"""One request as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.selectors import (
    history,
    requests_visible,
    results_of,
    standing,
)
from approvals.services import (
    Action,
    Editable,
    Effect,
    Listed,
    action_for,
    channels_known,
    effects_of,
    is_unchanged,
    kinds,
    proofs,
    proposed_by,
)
from approvals.views.saying import choice_context, comments_of
from approvals.views.stepwords import moment, panel_title, step_rows
from approvals.views.tables import effect_table
from core import formats
from core.models import Event
from core.parts import Entry

EVENT_WORDS = {
    "request.created": "Written",
    "request.submitted": "Sent for approval",
    "request.edited": "Changed; earlier approvals are void",
    "request.withdrawn": "Withdrawn",
    "request.recalled": "Recalled to be changed; earlier approvals are void",
    "request.advice_passed": "Went on without advice",
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
    "request.reminded": "Reminded",
    "request.escalated": "Overdue, others were told",
    "request.voted": "Voted",
    "request.moved": "Overtaken: to be sent again",
    "request.fits_again": "Can be approved again",
    "request.seats_changed": "Not waited for any more",
}
EVENT_TONES = {
    "request.approved": "good",
    "request.executed": "good",
    "request.rejected": "bad",
    "request.stale": "bad",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def request_context(
    http: HttpRequest, user: User, asked: ChangeRequest, now: datetime
) -> dict[str, Any]:
    """Everything the request page and the confirm page show."""
    today = timezone.localtime(now).date()
    action = action_for(asked.kind)
    effects = effects_of(asked)
    sums = [] if isinstance(action, Listed) else proofs(effects)
    rights = standing(user, asked, now=now, proposed_by=proposed_by(asked.kind))
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
        "effects_title": _effects_title(action, effects),
        "proofs": sums,
        "evidence_template": action.template,
        "details": action.details(asked) if action.template else {},
        "steps": step_rows(asked, user, today, now),
        "panel_title": panel_title(asked, rights),
        "clock": _clock(asked, now),
        "clock_note": _clock_note(asked, today),
        "moved": asked.state == RequestState.OPEN and not is_unchanged(asked),
        "comments": comments_of(asked, today),
        "shows_change": bool(effects),
        "speaks_for": rights.on_behalf_of,
        **choice_context(asked, user, rights, is_seen_voter=can(user, Act.VIEW_MONEY)),
        "evidence": _evidence(asked, today),
        "history": _history(asked, today),
        "results": results_of(user, asked),
        "links": _links(user, asked),
        "may_copy": can(user, proposed_by(asked.kind) or Act.DRAFT_REQUEST),
        "crumbs": _crumbs(asked),
        "phone_bar": rights.decide or rights.recommend,
        "live": f"changerequest:{asked.pk}",
    }


def _effects_title(action: Action, effects: Sequence[Effect]) -> str:
    """ "Two lines give, two receive"."""
    if isinstance(action, Listed):
        return action.effects_title
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


def _clock(asked: ChangeRequest, now: datetime) -> str:
    if asked.state != RequestState.OPEN or asked.due_at is None:
        return ""
    return formats.duration(asked.due_at - now)


def _clock_note(asked: ChangeRequest, today: date) -> str:
    return (
        f"left, until {moment(asked.due_at, today)}. Then it lapses and everything stays as it is."
    )


def _evidence(asked: ChangeRequest, today: date) -> list[tuple[str, str]]:
    kept = [
        (str(key), str(value)) for key, value in asked.evidence.items() if str(key)[:1].isupper()
    ]
    policy = f"Version {asked.policy.version}" if asked.policy else ""
    fixed = [
        ("Asked", moment(asked.submitted_at or asked.created_at, today)),
        ("Amount for policy", formats.money_exact(asked.policy_amount)),
        *_traits(asked),
        ("Policy", policy),
        ("Revision", str(asked.revision)),
    ]
    return [*kept, *(pair for pair in fixed if pair[1])]


def _traits(asked: ChangeRequest) -> list[tuple[str, str]]:
    """What else policy looked at, where there is something to say."""
    known = channels_known()
    names = ", ".join(known.get(key, key) for key in asked.channels)
    share = "" if asked.percent is None else f"{formats.number(asked.percent, 1)} % of a plan"
    is_judged = bool(asked.channels) or asked.percent is not None
    return [
        ("Largest change", share),
        ("Channels", names),
        ("Risk", asked.get_risk_display() if is_judged else ""),
    ]


def _links(user: User, asked: ChangeRequest) -> list[tuple[str, ChangeRequest]]:
    """What it follows and what followed it, as far as the reader sees it."""
    seen = requests_visible(user)
    before = seen.filter(pk=asked.follows_id) if asked.follows_id else ()
    after = seen.filter(follows=asked).order_by("pk") if asked.is_final else ()
    return [*(("Follows", row) for row in before), *(("Asked again as", row) for row in after)]


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
    words += [f"For {after['for']}."] if after.get("for") else []
    words += [f"Chose “{after['option']}”."] if after.get("option") else []
    words += [f"Told: {', '.join(after['told'])}."] if after.get("told") else []
    words += [event.reason] if event.reason else []
    words += [f"Void: the approval of {', '.join(void)}."] if void else []
    return " ".join(words)
