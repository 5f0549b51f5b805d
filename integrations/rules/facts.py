"""What the lines around the table say: period, time zone, row count, when it was downloaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from integrations.rules.dates import ANY, understand

_RANGE = re.compile(r"(?P<start>.+?)\s+(?:-|–|—|to|bis|au|al|a|à)\s+(?P<end>.+)", re.IGNORECASE)
_LABELLED = re.compile(r"[#\s]*(?P<label>[^:]{2,60}?)\s*:\s*(?P<value>.+)")
_START = re.compile(r"(?:report(?:ing)? )?start(?:s| date)?|from|date start", re.IGNORECASE)
_END = re.compile(r"(?:report(?:ing)? )?end(?:s| date)?|until|to|date end", re.IGNORECASE)
_EXPORTED = re.compile(
    r"(?:date )?(?:downloaded|exported|generated|created)(?: on| at)?|(?:download|export) date"
    r"|report generated|date generated",
    re.IGNORECASE,
)
_ZONE = re.compile(r"time ?zone", re.IGNORECASE)
_IN_UTC = re.compile(r"\(in UTC\)", re.IGNORECASE)
_ROWS = re.compile(r"rows", re.IGNORECASE)
_INCOMPLETE = re.compile(r"potential incomplete data", re.IGNORECASE)
_OFFSET = re.compile(
    r"\((?:GMT|UTC)\s*(?:(?P<sign>[+\-\u2212])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?\)"
)
_LONGEST = 300
_UTC_NAMES = ("utc", "gmt", "z", "etc/utc", "coordinated universal time")


@dataclass(frozen=True, slots=True)
class Facts:
    """``lines`` as written. ``period`` only if both ends read one way. ``time_zone`` as written."""

    lines: tuple[str, ...] = ()
    period: tuple[date, date] | None = None
    exported_on: date | None = None
    time_zone: str = ""
    rows_stated: int | None = None
    incomplete: bool = False


def read_facts(lines: Iterable[str], headers: Iterable[str], order: str) -> Facts:
    """Read the lines above the header; ``order`` helps where dates are numbers (dmy, mdy)."""
    kept = tuple(line.strip().strip('"').strip()[:_LONGEST] for line in lines if line.strip())
    labelled = list(_labelled(kept))
    zone = next((value for label, value in labelled if _ZONE.fullmatch(label)), "")
    if not zone and any(_IN_UTC.search(text) for text in (*kept, *headers)):
        zone = "UTC"
    return Facts(
        lines=kept,
        period=_period(kept, labelled, order),
        exported_on=_first_date(labelled, _EXPORTED, order),
        time_zone=zone,
        rows_stated=_rows_stated(labelled),
        incomplete=any(
            _INCOMPLETE.fullmatch(label) and value.casefold() == "true" for label, value in labelled
        ),
    )


def _labelled(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of "label: value"; a line may hold several, with commas between."""
    for line in lines:
        for part in re.split(r",\s*(?=[^,:]{2,60}:)", line):
            found = _LABELLED.fullmatch(part)
            if found:
                yield found["label"].strip(), found["value"].strip().strip('"').strip(", ;\t")


def _certain(text: str, order: str) -> date | None:
    reading = understand(text.strip().strip('"'))
    if reading.last_of_month:
        return None
    return reading.days.get(ANY) or (reading.days.get(order) if not reading.short_year else None)


def _period(
    lines: Iterable[str], labelled: list[tuple[str, str]], order: str
) -> tuple[date, date] | None:
    start, end = (_first_date(labelled, label, order) for label in (_START, _END))
    if start and end and start <= end:
        return start, end
    for line in lines:
        found = _RANGE.fullmatch(line)
        if found:
            start, end = _certain(found["start"], order), _certain(found["end"], order)
            if start and end and start <= end:
                return start, end
    single = [day for line in lines if (day := _certain(line, order))]
    return (single[0], single[0]) if len(single) == 1 else None


def _first_date(
    labelled: list[tuple[str, str]], wanted: re.Pattern[str], order: str
) -> date | None:
    return next(
        (
            day
            for label, value in labelled
            if wanted.fullmatch(label) and (day := _certain(value, order))
        ),
        None,
    )


def _rows_stated(labelled: list[tuple[str, str]]) -> int | None:
    for label, value in labelled:
        if _ROWS.fullmatch(label) and value.isascii() and value.isdigit() and len(value) <= 12:
            return int(value)
    return None


def same_zone(stated: str, account: ZoneInfo, on: date) -> bool:
    """Whether a report's time zone is the account's: the same city, or the same standard offset.

    Reports name the offset of standard time, as in "(GMT-08:00) Pacific Time (US & Canada)".
    """
    city = account.key.rpartition("/")[2].replace("_", " ")
    if re.search(rf"\b{re.escape(city)}\b", stated, re.IGNORECASE):
        return True
    minutes = _minutes(stated)
    if minutes is None:
        return stated.strip().casefold() == account.key.casefold()
    return minutes == _standard_minutes(account, on)


def _minutes(stated: str) -> int | None:
    if stated.strip().casefold() in _UTC_NAMES:
        return 0
    found = _OFFSET.search(stated)
    if found is None:
        return None
    minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    return -minutes if found["sign"] in ("-", "\u2212") else minutes


def _standard_minutes(zone: ZoneInfo, on: date) -> int:
    """The smaller of the winter and the summer offset, in minutes."""
    offsets = [datetime(on.year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(int(offset.total_seconds()) // 60 for offset in offsets if offset is not None)
