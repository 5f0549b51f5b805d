"""What happens by itself: the kill switch and the features that can be switched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.permissions import can, gate, person
from approvals.choices import OPEN_STATES
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from automation import services
from automation.choices import FEATURE, RELEASE
from automation.forms import ReasonForm
from core import clock, features, formats
from core.errors import Invalid
from core.features import Feature
from core.models import Event, FeatureSwitch, Organisation
from core.pages import page, redirect_to
from core.parts import Entry

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class ShownFeature:
    """A feature as its row draws it; ``waiting`` is the request that would switch it on."""

    feature: Feature
    is_on: bool
    changed: FeatureSwitch | None
    waiting: ChangeRequest | None


@gate(Act.VIEW_CAMPAIGNS)
@require_safe
def switches(request: HttpRequest) -> HttpResponse:
    user = person(request)
    waiting = list(
        requests_visible(user).filter(kind__in=(FEATURE, RELEASE), state__in=OPEN_STATES)
    )
    stopped = Organisation.current()
    context = {
        "title": "Everything that happens by itself is stopped"
        if stopped.stopped_at
        else "Automation is running",
        "stopped": stopped if stopped.stopped_at else None,
        "release": next((asked for asked in waiting if asked.kind == RELEASE), None),
        "features": _features(waiting),
        "history": _history(clock.now()),
        "may_stop": can(user, Act.KILL_SWITCH_ON),
        "may_release": can(user, Act.KILL_SWITCH_OFF),
        "may_ask": can(user, Act.DRAFT_RULE),
        "may_switch_off": can(user, Act.ACTIVATE_RULE),
        "live": "kill_switch features approvals",
        "crumbs": [("Automation", "")],
    }
    return page(request, "automation/switches.html", context)


def _features(waiting: Sequence[ChangeRequest]) -> list[ShownFeature]:
    rows = {row.key: row for row in FeatureSwitch.objects.all()}
    asked = {request.payload.get("feature"): request for request in waiting}
    return [
        ShownFeature(
            feature,
            rows[feature.key].is_on if feature.key in rows else feature.default,
            rows.get(feature.key),
            asked.get(feature.key),
        )
        for feature in features.known()
    ]


WORDS = {
    "kill_switch.on": "Everything stopped",
    "kill_switch.off": "Started again",
    "feature.on": "Switched on",
    "feature.off": "Switched off",
}


def _history(now: datetime) -> list[Entry]:
    rows = Event.objects.filter(action__in=list(WORDS))[:20]
    return [
        Entry(
            _said(row),
            when=formats.ago(row.at, now),
            who=row.actor_name,
            text=row.reason,
            tone="bad" if row.action == "kill_switch.on" else "neutral",
        )
        for row in rows
    ]


def _said(row: Event) -> str:
    name = (row.after or {}).get("feature", "")
    return f"{WORDS[row.action]}: {name}" if name else WORDS[row.action]


@gate(Act.KILL_SWITCH_ON)
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """One click: a reason may be given and is not asked for."""
    # A reason that cannot be kept must not keep anybody from stopping.
    reason = request.POST.get("reason", "").replace("\x00", "")[:LONGEST]
    services.everything_stop(user=person(request), reason=reason, at=clock.now())
    messages.success(request, "Everything that happens by itself is stopped.")
    return redirect_to(request, reverse("automation:switches"))


@gate(Act.KILL_SWITCH_OFF)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    made = services.release_ask(user=person(request), reason=_reason(request), at=clock.now())
    messages.success(request, f"{made.reference} was sent; a second person starts it again.")
    return redirect_to(request, reverse("automation:switches"))


@gate(Act.ACTIVATE_RULE)
@require_POST
def feature_off(request: HttpRequest, key: str) -> HttpResponse:
    services.feature_off(user=person(request), key=key, reason=_reason(request), at=clock.now())
    messages.success(request, f"{features.feature_of(key).label} is off.")
    return redirect_to(request, reverse("automation:switches"))


@gate(Act.DRAFT_RULE)
@require_POST
def feature_ask(request: HttpRequest, key: str) -> HttpResponse:
    made = services.feature_ask(
        user=person(request), key=key, reason=_reason(request), at=clock.now()
    )
    messages.success(request, f"{made.reference} was sent; somebody else switches it on.")
    return redirect_to(request, made.get_absolute_url())


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say why; the second person and the trail keep it.", where="reason")
    return str(form.cleaned_data["reason"])
