"""The pages that say what changed and why: their tabs, and choices they share."""

from __future__ import annotations

from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from core.models import Organisation
from core.parts import Tab

PAGES = (
    ("Anomalies", "insights:anomalies", Act.VIEW_CAMPAIGNS),
    ("Why it changed", "insights:drivers", Act.VIEW_CAMPAIGNS),
    ("Risks", "insights:risks", Act.VIEW_MONEY),
    ("Benchmarks", "insights:benchmarks", Act.VIEW_MONEY),
    ("Leads", "insights:leads", Act.VIEW_MONEY),
)


def understand_tabs(user: User, here: str) -> list[Tab]:
    """The pages this person may open, the current one marked."""
    return [Tab(label, reverse(name), name == here) for label, name, act in PAGES if can(user, act)]


def reporting_currency() -> str:
    return Organisation.current().reporting_currency
