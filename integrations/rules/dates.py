"""What one date looks like: `2026-11-01`, `1/11/2026`, `Sun, Nov 15, 2026`, `10 de dez. de 2022`.

A text gives one reading, or one per order of day, month and year. Which order holds is proved over
the whole column, never decided for one cell.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from integrations.rules.words import date_filler, months

ORDERS: Final = ("dmy", "mdy", "ymd")
ANY: Final = "any"
_SHORT_YEAR = 100
_CENTURY = 2000

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})\.?")
_MONTH = re.compile(r"((?:19|20)\d\d)[-/.](\d{1,2})")
_ASIAN = re.compile(r"(\d{4})[年년]\s*(\d{1,2})[月월]\s*(\d{1,2})[日일]?")
_CLOCK = re.compile(
    r"(?P<day>.+?)(?:[T ]|,\s)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_HOUR_INDEX = re.compile(r"(?P<day>.+?)\|(?P<hour>\d{1,2})")
_TOKEN = re.compile(r"\d+|[^\W\d_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class DateText:
    """The readings of one text.

    ``days``: order to day; the key "any" when every order gives it. ``ends``: last day of a month,
    where only a month is written. ``clock`` and ``offset_minutes`` when a time stands beside it.
    ``without_year``: (month, day) of a text such as "19 April". ``short_year``: years of two
    digits, which nothing but a person can settle.
    """

    days: Mapping[str, date] = field(default_factory=dict)
    last_of_month: bool = False
    clock: time | None = None
    offset_minutes: int | None = None
    without_year: tuple[int, int] | None = None
    short_year: bool = False
    looks_like_date: bool = False

    def under(self, order: str) -> date | None:
        return self.days.get(ANY) or self.days.get(order)


_NOTHING = DateText()
_LONGEST = 64


def understand(text: str) -> DateText:
    """All readings of ``text``; no reading means that it is no date."""
    return _understand(text) if len(text) <= _LONGEST else _NOTHING


@lru_cache(maxsize=4096)
def _understand(text: str) -> DateText:
    plain = unicodedata.normalize("NFKC", text).strip().strip("\"'").strip()
    found = _CLOCK.fullmatch(plain) or _HOUR_INDEX.fullmatch(plain)
    if found is None:
        return _day(plain)
    day = _day(found["day"].strip())
    return _with_clock(day, found) if day.days else day


def _with_clock(day: DateText, found: re.Match[str]) -> DateText:
    parts = found.groupdict()
    hour = int(parts["hour"])
    half = (parts.get("half") or "").replace(".", "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        clock = time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
    except ValueError:
        return DateText(looks_like_date=True)
    return DateText(
        day.days, clock=clock, offset_minutes=_offset(parts.get("zone")), short_year=day.short_year
    )


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if zone[0] == "-" else minutes


def _day(text: str) -> DateText:
    for pattern in (_ISO, _COMPACT, _ASIAN):
        found = pattern.fullmatch(text)
        if found:
            return _fixed(int(found[1]), int(found[2]), int(found[3]))
    found = _NUMERIC.fullmatch(text)
    if found:
        return _numeric(int(found[1]), int(found[3]), found[4])
    found = _MONTH.fullmatch(text)
    if found:
        return _whole_month(int(found[1]), int(found[2]))
    return _spelled(text)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _fixed(year: int, month: int, day: int) -> DateText:
    made = _made(year, month, day)
    return DateText({ANY: made} if made else {}, looks_like_date=True)


def _numeric(first: int, second: int, third: str) -> DateText:
    short = len(third) == 2
    year = int(third) + (_CENTURY if short else 0)
    readings = {"dmy": _made(year, second, first), "mdy": _made(year, first, second)}
    if short:
        readings["ymd"] = _made(_CENTURY + first, second, int(third))
    days = {order: made for order, made in readings.items() if made}
    if not short and len(days) == 2 and len(set(days.values())) == 1:
        days = {ANY: next(iter(days.values()))}
    return DateText(days, short_year=short, looks_like_date=True)


def _whole_month(year: int, month: int) -> DateText:
    made = _made(year, month, 1)
    return DateText({ANY: made} if made else {}, last_of_month=bool(made), looks_like_date=True)


def _spelled(text: str) -> DateText:
    """Dates with the month as a word, in any order of the other parts."""
    tokens = [token.casefold() for token in _TOKEN.findall(text)]
    known = [token for token in tokens if token not in date_filler()]
    names = [months()[token] for token in known if token in months()]
    numbers = [token for token in known if token.isascii() and token.isdigit()]
    if len(names) != 1 or len(names) + len(numbers) != len(known):
        return _NOTHING
    years = [int(token) for token in numbers if len(token) == 4]
    days = [int(token) for token in numbers if len(token) <= 2]
    if len(years) == 1 and len(days) == 1 and len(numbers) == 2:
        return _fixed(years[0], names[0], days[0])
    if len(years) == 1 and len(numbers) == 1:
        return _whole_month(years[0], names[0])
    if len(days) == 1 and len(numbers) == 1:
        return DateText(without_year=(names[0], days[0]), looks_like_date=True)
    if len(days) == 2 and len(numbers) == 2:
        return _short_spelled(names[0], *days)
    return _NOTHING


def _short_spelled(month: int, first: int, second: int) -> DateText:
    """1-Nov-26: the year may stand last or first."""
    last, lead = _made(_CENTURY + second, month, first), _made(_CENTURY + first, month, second)
    readings = {"dmy": last, "mdy": last, "ymd": lead}
    days = {order: made for order, made in readings.items() if made}
    return DateText(days, short_year=True, looks_like_date=True)


def month_of(text: str) -> int | None:
    """1 to 12 for a month's name or number, else None."""
    plain = text.strip().strip(".").casefold()
    if plain in months():
        return months()[plain]
    return int(plain) if plain.isascii() and plain.isdigit() and 1 <= int(plain[:3]) <= 12 else None


def last_day_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def moment(day: date, clock: time) -> datetime:
    """Wall-clock time without a zone."""
    return datetime.combine(day, clock)
