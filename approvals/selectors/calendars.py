"""When a team works: its own calendar or the nearest above, with public holidays and own days off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from accounts.choices import Act, Role
from accounts.models import Team, User
from accounts.permissions import can
from approvals.models import WorkCalendar
from approvals.permissions import DELEGATING
from approvals.rules import worktime
from approvals.rules.worktime import WorkHours
from core.models import Organisation

# Two working days, where the policy does not say how long a step may take.
DEFAULT_HOURS = 16
# Requests lapse then; longer waits nobody.
LONGEST = timedelta(days=14)
WORKWEEK = [0, 1, 2, 3, 4]


def countries() -> dict[str, list[str]]:
    """Countries whose public holidays are known, with the codes of their parts."""
    return {code: list(parts) for code, parts in holidays.list_supported_countries().items()}


@lru_cache(maxsize=64)
def _public(country: str, part: str) -> Any:
    return holidays.country_holidays(country, subdiv=part or None)


def public_holiday(country: str, part: str, day: date) -> str:
    """What public holiday a day is, or ""."""
    return str(_public(country, part).get(day) or "") if country else ""


def calendar_row(team: Team | None) -> WorkCalendar | None:
    """The calendar that holds for a team: its own, the nearest above, or everybody's."""
    rows = WorkCalendar.objects.select_related("team").prefetch_related("days_off")
    path = team.path if team else ""
    fitting = [r for r in rows if r.team is None or (path and path.startswith(r.team.path))]
    return max(fitting, key=lambda row: len(row.team.path) if row.team else 0, default=None)


def work_hours(team: Team | None) -> WorkHours:
    """The working hours of a team; without any calendar Monday to Friday, nine to five."""
    row = calendar_row(team) or WorkCalendar(days=WORKWEEK, opens=time(9), closes=time(17))
    zone = row.time_zone or Organisation.current().time_zone
    off = frozenset(day.day for day in row.days_off.all()) if row.pk else frozenset()
    days = frozenset(row.days or WORKWEEK)
    return WorkHours(ZoneInfo(zone), days, row.opens, row.closes, _is_off(row, off))


def _is_off(row: WorkCalendar, off: Iterable[date]) -> Callable[[date], bool]:
    own = frozenset(off)
    return lambda day: day in own or bool(public_holiday(row.country, row.part, day))


def due_moment(team: Team, hours: int | None, at: datetime) -> datetime:
    """When a step that opens at ``at`` is due: so many working hours of its team later.

    A team that hardly ever works gets as long as a request lives.
    """
    try:
        return worktime.after(work_hours(team), at, timedelta(hours=hours or DEFAULT_HOURS))
    except ValueError:
        return at + LONGEST


def calendars() -> list[WorkCalendar]:
    """Every calendar, everybody's first."""
    rows = WorkCalendar.objects.select_related("team").prefetch_related("days_off")
    return sorted(rows, key=lambda row: row.team.path if row.team else "")


def may_set_calendar(user: User, team: Team | None) -> bool:
    """Administrators set every calendar, executives and directors those of their teams."""
    if can(user, Act.INVITE_USER):
        return True
    if team is None:
        return Role.EXECUTIVE in user.roles
    return any(
        m.role in DELEGATING and team.path.startswith(m.team.path)
        for m in user.current_memberships()
    )
