"""Fiscal calendars: which days belong to which month, quarter and year of the books."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from core.errors import Invalid

DAY = timedelta(days=1)
WEEKS_445 = (4, 4, 5)
# Years that a period may name; beyond them a typing mistake is likelier than a plan.
FIRST_YEAR, LAST_YEAR = 1900, 2999
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``start`` to ``end``, both included. ``key`` is what a URL or command names it by."""

    key: str
    start: date
    end: date
    label: str = field(default="", compare=False)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def until(self, day: date) -> Period | None:
        """The part up to and including ``day``; None when it has not begun."""
        if day < self.start:
            return None
        return Period(self.key, self.start, min(self.end, day), self.label)

    def previous(self) -> Period:
        """As many days just before."""
        end = self.start - DAY
        return Period(
            f"before-{self.key}", end - timedelta(days=self.days - 1), end, "the days before"
        )


def _sane_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(
            f"{year} is not a year that can be planned or reported.",
            where="period",
            remedy=f"Years are {FIRST_YEAR} to {LAST_YEAR}.",
        )
    return year


def _month(year: int, month: int) -> tuple[int, int]:
    return year + (month - 1) // 12, (month - 1) % 12 + 1


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """How an organisation cuts its year.

    ``start_month`` 1 to 12 opens the fiscal year, which is named after the calendar
    year it ends in. ``pattern`` "calendar" uses calendar months; "445" cuts quarters in
    4, 4 and 5 weeks, the year opening on the ``week_start`` (0 = Monday) nearest to the
    first of the start month.
    """

    start_month: int = 1
    pattern: str = "calendar"
    week_start: int = 0

    def year_start(self, fiscal_year: int) -> date:
        """First day of the fiscal year."""
        year = fiscal_year if self.start_month == 1 else fiscal_year - 1
        first = date(year, self.start_month, 1)
        if self.pattern == "calendar":
            return first
        back = (first.weekday() - self.week_start) % 7
        return first - back * DAY if back <= 3 else first + (7 - back) * DAY

    def year_of(self, day: date) -> int:
        """The fiscal year a day belongs to."""
        guess = day.year + 1
        while self.year_start(guess) > day:
            guess -= 1
        return guess

    def months(self, fiscal_year: int) -> list[Period]:
        """The twelve periods of a fiscal year, in order."""
        starts = self._month_starts(fiscal_year)
        periods = []
        for number, (start, following) in enumerate(pairwise(starts)):
            year, month = self._named_month(fiscal_year, number)
            label = f"{MONTH_NAMES[month - 1]} {year}"
            periods.append(Period(f"{year}-{month:02d}", start, following - DAY, label))
        return periods

    def _named_month(self, fiscal_year: int, number: int) -> tuple[int, int]:
        year = fiscal_year if self.start_month == 1 else fiscal_year - 1
        return _month(year, self.start_month + number)

    def _month_starts(self, fiscal_year: int) -> list[date]:
        if self.pattern == "calendar":
            named = (self._named_month(fiscal_year, number) for number in range(13))
            return [date(year, month, 1) for year, month in named]
        starts = [self.year_start(fiscal_year)]
        for weeks in WEEKS_445 * 4:
            starts.append(starts[-1] + timedelta(weeks=weeks))
        starts[-1] = self.year_start(fiscal_year + 1)
        return starts

    def quarters(self, fiscal_year: int) -> list[Period]:
        """The four quarters of a fiscal year."""
        months = self.months(fiscal_year)
        return [
            Period(
                f"{fiscal_year}-Q{number + 1}",
                months[3 * number].start,
                months[3 * number + 2].end,
                f"Q{number + 1} {fiscal_year}",
            )
            for number in range(4)
        ]

    def year(self, fiscal_year: int) -> Period:
        """The fiscal year itself."""
        end = self.year_start(fiscal_year + 1) - DAY
        return Period(f"FY{fiscal_year}", self.year_start(fiscal_year), end, f"FY{fiscal_year}")

    def month_of(self, day: date) -> Period:
        return next(p for p in self.months(self.year_of(day)) if day in p)

    def quarter_of(self, day: date) -> Period:
        return next(p for p in self.quarters(self.year_of(day)) if day in p)

    def week_of(self, day: date) -> Period:
        start = day - timedelta(days=(day.weekday() - self.week_start) % 7)
        return Period(
            f"week-{start}",
            start,
            start + 6 * DAY,
            f"week of {start.day} {MONTH_NAMES[start.month - 1]}",
        )

    def months_between(self, start: date, end: date) -> Iterator[Period]:
        """Every fiscal month that shares a day with ``start`` to ``end``."""
        for fiscal_year in range(self.year_of(start), self.year_of(end) + 1):
            yield from (p for p in self.months(fiscal_year) if p.end >= start and p.start <= end)

    def parse(self, text: str, *, today: date) -> Period:
        """The period a person or URL names.

        ``2026-10``, ``2026-Q3``, ``FY2026``, ``2026-10-05``, a range of any two with
        ``..``, ``last-28d`` (complete days before today), ``this-month``,
        ``this-quarter``, ``this-year``, ``last-month``, ``last-quarter``. Raises
        ``Invalid`` for anything else.
        """
        named = self._named(text, today)
        if named:
            return named
        if ".." in text:
            first, last = (self.parse(part, today=today) for part in text.split("..", 1))
            if last.end < first.start:
                raise Invalid(f"The period “{text}” ends before it starts.", where="period")
            return Period(text, first.start, last.end, f"{first.label} to {last.label}")
        return self._single(text)

    def _named(self, text: str, today: date) -> Period | None:
        if match := re.fullmatch(r"last-(\d{1,4})d", text):
            days = int(match[1])
            return (
                Period(text, today - days * DAY, today - DAY, f"last {days} days") if days else None
            )
        current = {"month": self.month_of, "quarter": self.quarter_of}
        if match := re.fullmatch(r"(this|last)-(month|quarter)", text):
            period = current[match[2]](today)
            return period if match[1] == "this" else current[match[2]](period.start - DAY)
        if text in ("this-year", "last-year"):
            return self.year(self.year_of(today) - (text == "last-year"))
        return None

    def _single(self, text: str) -> Period:
        if match := re.fullmatch(r"FY(\d{4})", text):
            return self.year(_sane_year(int(match[1])))
        if match := re.fullmatch(r"(\d{4})-Q([1-4])", text):
            return self.quarters(_sane_year(int(match[1])))[int(match[2]) - 1]
        if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
            return self._calendar_month(_sane_year(int(match[1])), int(match[2]), text)
        return self._day(text)

    def _day(self, text: str) -> Period:
        try:
            day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError as error:
            raise Invalid(
                f"“{text}” is not a period.",
                where="period",
                remedy="Write 2026-10, 2026-Q3, FY2026, last-28d or a range such as 2026-04..2026-06.",
            ) from error
        _sane_year(day.year)
        return Period(text, day, day, f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}")

    def _calendar_month(self, year: int, month: int, text: str) -> Period:
        if not 1 <= month <= 12:
            raise Invalid(
                f"“{text}” is not a month.", where="period", remedy="Months are 01 to 12."
            )
        if self.pattern == "calendar":
            last = date(year, month, monthrange(year, month)[1])
            return Period(text, date(year, month, 1), last, f"{MONTH_NAMES[month - 1]} {year}")
        candidates = (p for fy in (year, year + 1) for p in self.months(fy))
        return next(p for p in candidates if p.key == text)
