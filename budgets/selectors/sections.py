"""The pages of the budgets room: a few groups in the order of the work, and the pages of one group below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can
from core.parts import Tab


@dataclass(frozen=True, slots=True)
class Section:
    """One page that people come to on its own: its address and who may open it."""

    label: str
    url_name: str
    act: Act = Act.VIEW_MONEY


@dataclass(frozen=True, slots=True)
class Sections:
    """The groups, the first page of each behind it, and the pages of the group that is open."""

    groups: Sequence[Tab]
    pages: Sequence[Tab]


GROUPS = (
    (
        "Plan",
        (
            Section("Centre", "budgets:centre"),
            Section("Grid", "budgets:grid"),
            Section("Targets", "budgets:targets"),
            Section("Scenarios", "budgets:scenarios"),
            Section("Versions", "budgets:versions"),
            Section("History", "budgets:history"),
        ),
    ),
    (
        "Pacing",
        (
            Section("Pacing", "budgets:pacing"),
            Section("Efficiency", "insights:efficiency"),
        ),
    ),
    (
        "Purchasing",
        (
            Section("Orders", "budgets:orders"),
            Section("Bills", "budgets:bills"),
            Section("Vendors", "budgets:vendors"),
            Section("Tools", "budgets:tools"),
        ),
    ),
    ("Month-end", (Section("Month-end", "budgets:close"),)),
    (
        "Rules",
        (
            Section("Spending checks", "budgets:checks"),
            Section("Exchange rates", "budgets:rates"),
        ),
    ),
)


def section_tabs(user: User, current: str) -> Sections:
    """The groups and pages a person may open; ``current`` is the url name of the page that shows them."""
    groups: list[Tab] = []
    pages: list[Tab] = []
    for label, sections in GROUPS:
        seen = [section for section in sections if can(user, section.act)]
        is_open = any(section.url_name == current for section in seen)
        if seen:
            groups.append(Tab(label, reverse(seen[0].url_name), is_open))
        if is_open and len(seen) > 1:
            pages = [_tab(section, current) for section in seen]
    return Sections(groups, pages)


def section_label(current: str) -> str:
    """What the page of a url name is called."""
    return next(
        section.label
        for _, sections in GROUPS
        for section in sections
        if section.url_name == current
    )


def _tab(section: Section, current: str) -> Tab:
    return Tab(section.label, reverse(section.url_name), section.url_name == current)
