"""Text cells as exact values. Texts stay texts, numbers become whole millionths, days become days.

Each distinct text is read once; a column of a million cells has few of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from core.money import LARGEST, MICROS
from integrations.rules.numbers import POINT, shape_of, understand
from integrations.rules.words import is_missing

Column: TypeAlias = "pd.Series[Any]"

TEXT_TYPE: Final = "string"
NUMBER_TYPE: Final = "Int64"
DAY_TYPE: Final = "datetime64[ns]"
FLAG_TYPE: Final = "boolean"
_SEPARATOR = "\x1f"
_YES = frozenset({"true", "t", "1", "yes"})
_NO = frozenset({"false", "f", "0", "no"})
_OFFSET = re.compile(r"\s*(?:UTC|Z)$|\s+([+-]\d{2}:?\d{2})$")


class Kind(StrEnum):
    """What a value is; the name is how messages call it."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    FLAG = "condition"


_TYPES = {
    Kind.TEXT: TEXT_TYPE,
    Kind.NUMBER: NUMBER_TYPE,
    Kind.DAY: DAY_TYPE,
    Kind.MOMENT: DAY_TYPE,
    Kind.FLAG: FLAG_TYPE,
}


class Unreadable(Exception):
    """A cell that is not what its column should hold."""

    def __init__(self, text: str, wanted: str) -> None:
        super().__init__(f"“{text}” is no {wanted}")


def nothing(kind: Kind, index: pd.Index[Any]) -> Column:
    """A column without data."""
    return pd.Series(None, index=index, dtype=_TYPES[kind])


def same(kind: Kind, value: object, index: pd.Index[Any]) -> Column:
    """One value in every row."""
    return pd.Series([value] * len(index), index=index, dtype=_TYPES[kind])


def each(texts: Column, read: Callable[[str], object], kind: Kind) -> Column:
    """``read`` applied once to every distinct text; what is missing stays missing."""
    codes, distinct = pd.factorize(texts)
    found = pd.Series([read(str(text)) for text in distinct], dtype=_TYPES[kind])
    taken = found.reindex(codes) if len(found) else nothing(kind, pd.RangeIndex(len(texts)))
    return taken.set_axis(texts.index)


def texts_of(values: Column) -> Column:
    """Cells as text; a blank cell is no data."""
    texts = values.astype(TEXT_TYPE)
    return texts.mask(texts == "")


def numbers_of(texts: Column) -> Column:
    """Whole millionths of ``1,234.5``, ``-3``, ``1e-05``; ``--`` and blanks are no data."""
    return each(texts, lambda text: millionths(text, MICROS), Kind.NUMBER)


def micros_of(texts: Column) -> Column:
    """Numbers that are written in millionths already, as ``cost_micros`` is."""
    return each(texts, lambda text: millionths(text, 1), Kind.NUMBER)


def millionths(text: str, unit: int) -> int | None:
    """``text`` times ``unit`` as a whole number, half to even; None where it says "no data"."""
    if is_missing(text):
        return None
    number = _decimal(text.strip()) * unit
    whole = int(number.to_integral_value(ROUND_HALF_EVEN))
    if abs(whole) > LARGEST:
        raise Unreadable(text, "number of a size that can be kept")
    return whole


def _decimal(text: str) -> Decimal:
    if "," in text and understand(shape_of(text)).under(POINT) is not None:
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable(text, "number") from error
    if not number.is_finite() or number.adjusted() > len(str(LARGEST)) or "_" in text:
        raise Unreadable(text, "number")
    return number


def moment_of(text: str) -> datetime:
    """An ISO day or moment; hours may have one digit, as spreadsheets write them, and the offset
    may stand apart or be called UTC, as warehouses write it."""
    plain = _OFFSET.sub(lambda found: found[1] or "+00:00", text.strip())
    if len(plain) > 12 and plain[12] == ":":
        plain = f"{plain[:11]}0{plain[11:]}"
    try:
        return datetime.fromisoformat(plain)
    except ValueError as error:
        raise Unreadable(text, "day") from error


def days_of(texts: Column) -> Column:
    """The day that is written, whatever the hour behind it."""
    return each(texts, lambda text: _midnight(moment_of(text).date()), Kind.DAY)


def moments_of(texts: Column) -> Column:
    """Moments in UTC; one without an offset is in UTC already."""
    return each(texts, lambda text: pd.Timestamp(_in_utc(moment_of(text))), Kind.MOMENT)


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def months_of(texts: Column) -> Column:
    """The first day of the month; ``2024-01`` alone names one too."""
    return each(texts, _month, Kind.DAY)


def _month(text: str) -> pd.Timestamp:
    plain = text.strip()
    day = moment_of(f"{plain}-01" if len(plain) == len("2024-01") else plain)
    return _midnight(day.date().replace(day=1))


def days_in_zone(moments: Column, zones: Column) -> Column:
    """The day at the account's place of a moment; without an offset the moment is UTC."""
    return each(joined([moments, zones]), _day_in_zone, Kind.DAY)


def _day_in_zone(text: str) -> pd.Timestamp:
    moment, zone = text.split(_SEPARATOR)
    at = moment_of(moment)
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unreadable(zone, "time zone") from error
    return _midnight((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(place).date())


def _midnight(day: date) -> pd.Timestamp:
    return pd.Timestamp(day)


def flags_of(texts: Column) -> Column:
    """Yes or no, as databases and spreadsheets write them."""
    return each(texts, _flag, Kind.FLAG)


def _flag(text: str) -> bool:
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise Unreadable(text, "yes or no")
    return word in _YES


def joined(parts: Sequence[Column], separator: str = _SEPARATOR) -> Column:
    """Several columns as one text; missing where one of them is."""
    first, *others = (part.astype(TEXT_TYPE) for part in parts)
    for other in others:
        first = first + separator + other
    return first


def ranks(texts: Column) -> Column:
    """The order of moments, numbers or texts as whole numbers; what is missing comes first."""
    codes, distinct = pd.factorize(texts)
    order = sorted(range(len(distinct)), key=lambda place: _sort_key(str(distinct[place])))
    places = np.full(len(distinct) + 1, -1)
    places[order] = np.arange(len(distinct))
    return pd.Series(places[codes], index=texts.index)


def _sort_key(text: str) -> tuple[int, Any]:
    """Numbers before moments before words; each kind is compared with its own only."""
    try:
        at = moment_of(text)
        return 1, _in_utc(at)
    except Unreadable:
        pass
    try:
        return 0, _decimal(text)
    except Unreadable:
        return 2, text


def summed(numbers: Column, groups: Column) -> Column:
    """Exact sums per group: missing only where a group has no number at all."""
    largest = int(numbers.abs().max()) if numbers.notna().any() else 0
    if largest * max(len(numbers), 1) <= LARGEST:
        return numbers.groupby(groups, sort=False).sum(min_count=1)
    exact = numbers.astype(object).groupby(groups, sort=False).agg(_python_sum)
    if any(value is not pd.NA and abs(value) > LARGEST for value in exact):
        raise Unreadable(str(largest), "number that can be added up")
    return exact.astype(NUMBER_TYPE)


def _python_sum(values: Column) -> object:
    known = [int(value) for value in values if value is not pd.NA]
    return sum(known) if known else pd.NA


def rounded(numbers: Column, unit: int) -> Column:
    """To the nearest multiple of ``unit``, halves away from zero, as databases cast."""
    size = (numbers.abs() + unit // 2) // unit * unit
    return size.where(numbers >= 0, -size)
