"""Periods that figures were stated for as a whole: days, weeks, months, or any other stretch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK, MONTH, OTHER = "day", "week", "month", "other"
# In the order in which one is chosen when nobody said: weeks show a trend without much noise.
GRAINS = (WEEK, DAY, MONTH, OTHER)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From the first to the last day, both included."""

    first_day: date
    last_day: date

    @property
    def grain(self) -> str:
        """A week may begin on any weekday; a month is a whole one of the calendar."""
        length = (self.last_day - self.first_day).days + 1
        if length == 1:
            return DAY
        if length == 7:
            return WEEK
        after = self.last_day + timedelta(days=1)
        is_month = self.first_day.day == 1 and after.day == 1 and length <= 31
        return MONTH if is_month else OTHER

    def is_before(self, other: Span) -> bool:
        """Whether the other one begins on the day after this one ends."""
        return self.last_day + timedelta(days=1) == other.first_day


def grains_in(spans: Iterable[Span]) -> dict[str, list[Span]]:
    """The spans by grain, each list in order of time, the grains in theirs."""
    ordered = sorted(spans)
    found = {grain: [span for span in ordered if span.grain == grain] for grain in GRAINS}
    return {grain: some for grain, some in found.items() if some}
