"""Working time: what counts between two moments, and the moment so many hours later.

Clocks of decisions run in local opening hours of working days. Moments are aware; lengths
are real time, so a day on which the clocks change is as long as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A calendar on which nobody ever works would be searched for ever.
HORIZON = timedelta(days=3 * 366)
ZERO = timedelta(0)


def _never(day: date) -> bool:  # noqa: ARG001
    return False


@dataclass(frozen=True, slots=True)
class WorkHours:
    """When a team works: ``days`` of the week (Monday is 0), local ``opens`` to ``closes``.

    ``is_off`` says which days are holidays. Raises ``ValueError`` when nobody ever works.
    """

    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time = time(17)
    is_off: Callable[[date], bool] = _never

    def __post_init__(self) -> None:
        if not self.days or self.closes <= self.opens:
            raise ValueError("A calendar needs a working day and hours in order.")

    def works_on(self, day: date) -> bool:
        """Whether a day is worked at all."""
        return day.weekday() in self.days and not self.is_off(day)

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of a day in UTC. A time the clocks skip is as much later."""
        return self._at(day, self.opens), self._at(day, self.closes)

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


def is_open(calendar: WorkHours, moment: datetime) -> bool:
    """Whether people work at a moment."""
    day = moment.astimezone(calendar.zone).date()
    opens, closes = calendar.span(day)
    return calendar.works_on(day) and opens <= moment < closes


def between(calendar: WorkHours, start: datetime, end: datetime) -> timedelta:
    """Working time from ``start`` to ``end``; nothing when ``end`` is not later."""
    total = ZERO
    for opens, closes in _spans(calendar, start, end):
        total += max(ZERO, min(closes, end) - max(opens, start))
    return total


def after(calendar: WorkHours, start: datetime, length: timedelta) -> datetime:
    """The moment at which ``length`` of working time has passed since ``start``, in UTC.

    A length of zero is the next moment at which somebody works. Raises ``ValueError``
    when the calendar has not that much working time in three years.
    """
    left = length
    for opens, closes in _spans(calendar, start, start + HORIZON):
        begins = max(opens, start)
        if closes > begins and begins + left <= closes:
            return (begins + left).astimezone(UTC)
        left -= max(ZERO, closes - begins)
    raise ValueError("Nobody works in this calendar for that long.")


def _spans(
    calendar: WorkHours, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Opening hours of each working day that may touch the time from ``start`` to ``end``."""
    # A day early and late: opening hours that the clocks move may cross midnight.
    day = start.astimezone(calendar.zone).date() - timedelta(days=1)
    last = end.astimezone(calendar.zone).date() + timedelta(days=1)
    while day <= last:
        if calendar.works_on(day):
            yield calendar.span(day)
        day += timedelta(days=1)
