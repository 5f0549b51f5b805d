"""When a step that waits is called again: reminders, then others are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from approvals.rules.worktime import WorkHours, after, between


@dataclass(frozen=True, slots=True)
class Calls:
    """The moments of a step: half its time, its due moment, then overdue by half and by all of it."""

    half: datetime
    due: datetime
    substitutes: datetime
    higher: datetime


def calls(calendar: WorkHours, opened: datetime, due: datetime) -> Calls:
    """The moments of a step that opened and is due then, in working time."""
    length = between(calendar, opened, due)
    return Calls(
        half=after(calendar, opened, length / 2),
        due=due,
        substitutes=after(calendar, due, length / 2),
        higher=after(calendar, due, length),
    )


def is_due(moments: tuple[datetime, ...], done_at: datetime | None, now: datetime) -> bool:
    """Whether one of these moments has come and nothing was done since it came.

    After an outage several that have come are done once, together.
    """
    come = [moment for moment in moments if moment <= now]
    return bool(come) and (done_at is None or done_at < max(come))
