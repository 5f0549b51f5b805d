"""Whole columns of dates: which order they are written in, proved, and the day of every record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from integrations.rules.answers import Choice, FileRefused, Question
from integrations.rules.cells import Column
from integrations.rules.codes import Code
from integrations.rules.dates import (
    DateText,
    last_day_of_month,
    moment,
    month_of,
    understand,
)
from integrations.rules.words import date_order_of, locale_habits

FINE: Final = 0
BLANK: Final = 1
INVALID: Final = 2
FUTURE: Final = 3
NONEXISTENT: Final = 4
NEEDS_ZONE: Final = 5
TOO_OLD: Final = 7
TWICE: Final = 6  # an hour that the clock shows twice; the day is certain all the same

# Days before are typing errors: the first banner ran on 27 October 1994.
EARLIEST: Final = date(1994, 10, 27)
_UNKNOWN: Final = EARLIEST.toordinal()

States = npt.NDArray[np.uint8]
Ordinals = npt.NDArray[np.int64]

_ORDER_WORDS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


@dataclass(frozen=True, slots=True)
class Days:
    """Per record the first and last day it covers (ordinals) and what is wrong with it."""

    start: Ordinals
    end: Ordinals
    states: States

    def whole_periods(self) -> npt.NDArray[np.bool_]:
        result: npt.NDArray[np.bool_] = self.start < self.end
        return result


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known about a file's dates beside its cells. ``zone`` "" when nobody named one."""

    today: date
    settings: Mapping[str, str]
    layout_order: str = ""
    layout_why: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The order of day, month and year, with the reason; ``question`` when it must be asked."""

    order: str
    why: str
    question: Question | None = None


def decide_order(columns: Sequence[Column], habits: Habits, row_of: Callable[[int], int]) -> Order:
    """Prove the order over all cells; ask when nothing proves it; refuse when cells contradict.

    ``row_of`` gives the row number in the file of the i-th record.
    """
    readings = [(text, understand(text)) for column in columns for text in column.values]
    asked = habits.settings.get("date_order", "").casefold()
    if asked:
        return Order(_checked_order(asked), "chosen by a person")
    proofs = _proofs(readings)
    if len(proofs) > 1:
        raise _contradiction(proofs, columns, row_of)
    locale = _locale_order(habits.settings)
    if any(reading.short_year for _, reading in readings):
        return Order(locale, "the locale that was named") if locale else _ask(readings)
    if proofs:
        order, example = next(iter(proofs.items()))
        return Order(order, f"“{example}” can only be read with the {_ORDER_WORDS[order]}")
    if not any(len(set(reading.days.values())) > 1 for _, reading in readings):
        return Order("", "every date reads only one way")
    if locale:
        return Order(locale, "the locale that was named")
    if habits.layout_order:
        return Order(habits.layout_order, habits.layout_why)
    by_language = date_order_of(habits.language)
    if by_language:
        return Order(by_language, f"the headers are written in “{habits.language}”")
    return _ask(readings)


def _checked_order(order: str) -> str:
    if order not in _ORDER_WORDS:
        raise FileRefused(
            Code.UNKNOWN_CHOICE, f"“{order}” is no order of dates; use dmy, mdy or ymd."
        )
    return order


def _locale_order(settings: Mapping[str, str]) -> str:
    locale = settings.get("locale", "")
    if not locale:
        return ""
    habits = locale_habits(locale)
    if habits is None:
        raise FileRefused(Code.UNKNOWN_CHOICE, f"The locale “{locale}” is not known; try en-GB.")
    return habits[0]


def _proofs(readings: Iterable[tuple[str, DateText]]) -> dict[str, str]:
    """Orders that some cell proves, because no other order makes it a date."""
    proofs: dict[str, str] = {}
    for text, reading in readings:
        orders = list(reading.days)
        if len(orders) == 1 and orders[0] in _ORDER_WORDS and not reading.short_year:
            proofs.setdefault(orders[0], text)
    return proofs


def _contradiction(
    proofs: Mapping[str, str], columns: Sequence[Column], row_of: Callable[[int], int]
) -> FileRefused:
    (one, first), (two, second) = list(proofs.items())[:2]
    row = next(
        row_of(int(np.argmax(column.codes == column.values.index(second))))
        for column in columns
        if second in column.values
    )
    return FileRefused(
        Code.INCONSISTENT_DATE,
        f"“{first}” has the {_ORDER_WORDS[one]}, but “{second}” in row {row} has the "
        f"{_ORDER_WORDS[two]}. Export with one date format, best 2026-11-30.",
        row=row,
    )


def _ask(readings: Sequence[tuple[str, DateText]]) -> Order:
    unclear = [(text, reading) for text, reading in readings if len(reading.days) > 1]
    short = [(text, reading) for text, reading in readings if reading.short_year]
    text, reading = (unclear or short)[0]
    options = tuple(
        Choice(order, _ORDER_WORDS[order].capitalize(), f"{day.day} {day:%B %Y}")
        for order, day in reading.days.items()
    )
    sentence = f"“{text}” can be read in more than one way. Which one is right?"
    return Order("", "", Question("date_order", Code.AMBIGUOUS_DATE, sentence, options))


def days_of(column: Column, order: str, habits: Habits) -> Days:
    """The day (or whole month) each cell means, under ``order``."""
    zone = _zone(habits.settings)
    year = year_named(habits.settings)
    found = [_one(understand(text), text, order, zone, year) for text in column.values]
    return _days(column, found, habits.today)


def month_and_day(months: Column, days: Column, habits: Habits) -> Days:
    """Days from a column of months and one of days of the month, in the year a person named."""
    year = year_named(habits.settings)
    pairs, codes = np.unique(months.codes * len(days.values) + days.codes, return_inverse=True)
    found = []
    for pair in pairs:
        month, day = divmod(int(pair), len(days.values))
        found.append(_in_year(months.values[month], days.values[day], year))
    return _days(Column(codes, ()), found, habits.today)


def _in_year(month: str, day: str, year: int | None) -> _Found:
    number, text = month_of(month), day.strip()
    if number is None and not month.strip() and not text:
        return _Found(BLANK)
    if number is None or not text.isascii() or not text.isdigit() or len(text) > 2 or year is None:
        return _Found(INVALID)
    try:
        made = date(year, number, int(text))
    except ValueError:
        return _Found(INVALID)
    return _Found(FINE, made, made)


@dataclass(frozen=True, slots=True)
class _Found:
    state: int
    start: date | None = None
    end: date | None = None


def _one(
    reading: DateText, text: str, order: str, zone: ZoneInfo | None, year: int | None
) -> _Found:
    if not text.strip():
        return _Found(BLANK)
    if reading.without_year:
        month, day = reading.without_year
        return _in_year(str(month), str(day), year)
    made = reading.under(order)
    if made is None:
        return _Found(INVALID)
    if reading.last_of_month:
        return _Found(FINE, made, last_day_of_month(made))
    if reading.clock is None or (reading.clock == time() and reading.offset_minutes is None):
        return _Found(FINE, made, made)
    return _timed(made, reading, zone)


def _timed(made: date, reading: DateText, zone: ZoneInfo | None) -> _Found:
    """An hour belongs to the day it falls on in the account's own time zone."""
    wall = moment(made, reading.clock or time())
    if reading.offset_minutes is not None:
        if zone is None:
            return _Found(NEEDS_ZONE)
        offset = timezone(timedelta(minutes=reading.offset_minutes))
        local = wall.replace(tzinfo=offset).astimezone(zone).date()
        return _Found(FINE, local, local)
    if zone is None:
        return _Found(FINE, made, made)
    there = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    if there.replace(tzinfo=None) != wall:
        return _Found(NONEXISTENT)
    twice = _offset_of(wall, zone, 0) != _offset_of(wall, zone, 1)
    return _Found(TWICE if twice else FINE, made, made)


def _offset_of(wall: datetime, zone: ZoneInfo, fold: int) -> timedelta | None:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset()


def _days(column: Column, found: Sequence[_Found], today: date) -> Days:
    found = [_in_range(item, today) for item in found]
    starts = np.array([item.start.toordinal() if item.start else _UNKNOWN for item in found])
    ends = np.array([item.end.toordinal() if item.end else _UNKNOWN for item in found])
    states = np.array([item.state for item in found], dtype=np.uint8)
    return Days(starts[column.codes], ends[column.codes], states[column.codes])


def _in_range(found: _Found, today: date) -> _Found:
    if found.end is None or found.start is None:
        return found
    if found.end > today and found.start != found.end and found.start <= today:
        return found  # a month that still runs
    if found.end > today:
        return replace(found, state=FUTURE)
    return replace(found, state=TOO_OLD) if found.start < EARLIEST else found


def spans_of(starts: Days, ends: Days) -> Days:
    """Days from a first-day and a last-day column."""
    states = np.where(starts.states != FINE, starts.states, ends.states)
    broken = (starts.states == INVALID) | (ends.states == INVALID)
    first = np.where(broken, ends.end, starts.start)
    return Days(first, ends.end, states.astype(np.uint8))


def one_span(period: tuple[date, date], count: int, today: date) -> Days:
    """The same period for every record, as the lines above the header say."""
    start, end = (np.full(count, day.toordinal(), dtype=np.int64) for day in period)
    state = FUTURE if period[1] > today else FINE
    return Days(start, end, np.full(count, state, dtype=np.uint8))


def year_named(settings: Mapping[str, str]) -> int | None:
    """The year a person named, or None; refuses what is no year."""
    text = settings.get("year", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= EARLIEST.year):
        raise FileRefused(Code.UNKNOWN_CHOICE, f"“{text}” is no year; write four digits.")
    return int(text)


def ask_year(today: date, example: str) -> Question:
    """The question for dates such as "19 April"."""
    options = tuple(Choice(str(year), str(year)) for year in range(today.year, today.year - 8, -1))
    sentence = f"The dates have no year (“{example}”). Which year do they belong to?"
    return Question("year", Code.NEEDS_CHOICE, sentence, options, free=True)


def _zone(settings: Mapping[str, str]) -> ZoneInfo | None:
    return zone_named(settings.get("account_tz", ""))


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name; None for ""; refuses a name nobody knows."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise FileRefused(
            Code.UNKNOWN_CHOICE, f"The time zone “{name}” is not known; write Europe/Berlin."
        ) from error
