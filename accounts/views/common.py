"""What the pages of this app share: the tabs of the settings, and refusals shown in a form."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, person
from accounts.selectors import proposals_waiting
from core.parts import Tab

ADMIN_ACTS = (Act.GIVE_ROLE, Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)


def settings_tabs(request: HttpRequest, current: str) -> list[Tab]:
    """The parts of the settings this person may open."""
    user = person(request)
    waiting = proposals_waiting(user)
    places = [
        ("me", "My account", None, True),
        ("people", "People", None, True),
        ("teams", "Teams", None, True),
        ("proposals", "Two-person changes", waiting or None, _proposes(user)),
        ("tokens", "API tokens", None, can(user, Act.REVOKE_TOKEN)),
        ("organisation", "Organisation", None, True),
    ]
    return [
        Tab(label, reverse(f"accounts:{key}"), key == current, count)
        for key, label, count, shown in places
        if shown
    ]


def _proposes(user: User) -> bool:
    return any(can(user, act) for act in ADMIN_ACTS)
