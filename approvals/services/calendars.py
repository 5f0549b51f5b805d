"""Working hours and days off of a team."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from accounts.models import Team, User
from approvals.models import DayOff, WorkCalendar
from approvals.rules import worktime
from approvals.selectors.calendars import countries, may_set_calendar, work_hours
from core import events
from core.errors import Invalid, NotAllowed

# Twice the longest a step may take, in working time.
ENOUGH = timedelta(hours=2 * 14 * 24)


@transaction.atomic
def calendar_set(
    *,
    user: User,
    team: Team | None,
    days: Collection[int],
    opens: time,
    closes: time,
    at: datetime,
    time_zone: str = "",
    country: str = "",
    part: str = "",
    days_off: Mapping[date, str] | None = None,
) -> WorkCalendar:
    """Set when a team (none: everybody else) works; ``days_off`` are its own, beside public holidays.

    ``days`` are weekdays, Monday is 0. Steps that are open keep the moment they are due.
    """
    if not may_set_calendar(user, team):
        raise NotAllowed(
            "You may not set the working hours of this team.",
            remedy="Ask an administrator, or a director of the team.",
        )
    _check(days, opens, closes, time_zone, country, part)
    # "of" keeps the lock off the team, which may be empty.
    row = WorkCalendar.objects.select_for_update(of=("self",)).filter(team=team).first()
    before = _summary(row) if row else None
    row = row or WorkCalendar(team=team)
    row.days, row.opens, row.closes = sorted(set(days)), opens, closes
    row.time_zone, row.country, row.part = time_zone, country, part
    row.save()
    row.days_off.all().delete()
    own = [DayOff(calendar=row, day=day, name=name[:80]) for day, name in (days_off or {}).items()]
    DayOff.objects.bulk_create(own)
    _check_enough(team, at)
    events.record(
        actor=user.as_actor(), action="calendar.set", subject=row, at=at, before=before,
        after=_summary(row), team_path=team.path if team else "",
    )  # fmt: skip
    return row


def _check(
    days: Collection[int], opens: time, closes: time, time_zone: str, country: str, part: str
) -> None:
    if not days or not set(days) <= set(range(7)):
        raise Invalid("Choose at least one day of the week.", where="days")
    if closes <= opens:
        raise Invalid("Closing comes after opening.", where="closes")
    try:
        ZoneInfo(time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"“{time_zone}” is not a time zone.", where="time_zone") from error
    known = countries()
    if country and country not in known:
        raise Invalid(f"The holidays of “{country}” are not known.", where="country")
    if part and part not in known.get(country, ()):
        raise Invalid(
            f"“{part}” is not a part of {country or 'a country'} with holidays of its own.",
            where="part",
            remedy="Leave it empty for the whole country.",
        )


def _check_enough(team: Team | None, at: datetime) -> None:
    """A clock that hardly ever runs would keep its decisions waiting for ever."""
    try:
        worktime.after(work_hours(team), at, ENOUGH)
    except ValueError as error:
        raise Invalid(
            "Hardly any working time is left in the next three years.",
            code="no_working_time",
            where="days_off",
            remedy="Choose more days or hours, or take out days off.",
        ) from error


def _summary(row: WorkCalendar) -> dict[str, Any]:
    return {
        "days": list(row.days),
        "opens": row.opens.isoformat("minutes"),
        "closes": row.closes.isoformat("minutes"),
        "time_zone": row.time_zone,
        "country": row.country,
        "part": row.part,
        "days_off": [day.day.isoformat() for day in row.days_off.all()],
    }
