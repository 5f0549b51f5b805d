"""Days into weeks, fiscal months, quarters and years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from core.periods import FiscalCalendar, Period

TIME_GRAINS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Buckets:
    """The periods of one grain that share a day with what was asked, in order, without gaps.

    Days outside what was asked belong to no bucket's numbers: the first and last bucket
    may be cut, and ``is_cut`` says so.
    """

    grain: str
    asked: Period
    periods: tuple[Period, ...]

    @property
    def starts(self) -> list[date]:
        return [period.start for period in self.periods]

    def is_cut(self, number: int) -> bool:
        """Whether only a part of the period was asked for."""
        period = self.periods[number]
        return period.start < self.asked.start or period.end > self.asked.end


def buckets(grain: str, asked: Period, calendar: FiscalCalendar) -> Buckets:
    """The buckets of ``asked`` at ``week``, ``month``, ``quarter`` or ``year`` of the books."""
    find: Callable[[date], Period] = {
        "week": calendar.week_of,
        "month": calendar.month_of,
        "quarter": calendar.quarter_of,
        "year": _year_of(calendar),
    }[grain]
    found = [find(asked.start)]
    while found[-1].end < asked.end:
        found.append(find(found[-1].end + timedelta(days=1)))
    return Buckets(grain, asked, tuple(found))


def period_before(asked: Period, calendar: FiscalCalendar) -> Period:
    """The month, quarter or year of the books before; for other periods as many days just before."""
    for find in (calendar.month_of, calendar.quarter_of, _year_of(calendar)):
        if _is(find(asked.start), asked):
            return find(asked.start - timedelta(days=1))
    return asked.previous()


def year_before(asked: Period, calendar: FiscalCalendar) -> Period:
    """The same month, quarter or year of the books a year earlier; else 52 weeks earlier."""
    fiscal_year = calendar.year_of(asked.start)
    for periods in (calendar.months, calendar.quarters, lambda year: [calendar.year(year)]):
        for number, period in enumerate(periods(fiscal_year)):
            if _is(period, asked):
                return periods(fiscal_year - 1)[number]
    back = timedelta(weeks=52)
    return Period(f"year-before-{asked.key}", asked.start - back, asked.end - back, "a year before")


def _year_of(calendar: FiscalCalendar) -> Callable[[date], Period]:
    return lambda day: calendar.year(calendar.year_of(day))


def _is(period: Period, asked: Period) -> bool:
    return (period.start, period.end) == (asked.start, asked.end)
