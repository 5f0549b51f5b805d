"""A table's value as text, the same on the page, in a PDF and in a mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from core import formats
from core.money import Money
from core.parts import Delta
from core.tables import Column

Writer = Callable[[Any, Column, date | None], str]


def _money(value: Any, column: Column, _: date | None) -> str:
    """Short when the column says so; without its sign when the heading names the unit."""
    if not isinstance(value, Money):
        return formats.number(value, column.digits or 0)
    if column.unit:
        return formats.number(value.amount, column.digits or 0)
    return formats.money_whole(value) if column.digits == 0 else formats.money(value)


def _date(value: Any, _: Column, today: date | None) -> str:
    return formats.day(value, today, weekday=False)


def _datetime(value: Any, _: Column, today: date | None) -> str:
    return formats.moment(value, today)


def _exact(value: Any) -> str:
    return formats.money_exact(value) if isinstance(value, Money) else formats.number(value, 2)


WRITERS: dict[str, Writer] = {
    "money": _money,
    "money_exact": lambda v, _c, _t: _exact(v),
    "money_change": lambda v, _c, _t: formats.money_exact_signed(v),
    "number": lambda v, c, _: formats.number(v, c.digits or 0),
    "compact": lambda v, _c, _t: formats.compact(v),
    "percent": lambda v, c, _: formats.percent(v, c.digits),
    "percent_signed": lambda v, c, _: formats.percent_signed(v, c.digits),
    "points": lambda v, _c, _t: formats.points(v),
    "ratio": lambda v, c, _: formats.ratio(v, 2 if c.digits is None else c.digits),
    "bar": lambda v, c, _: formats.percent(v, c.digits),
    "date": _date,
    "datetime": _datetime,
}


def text_of(column: Column, value: Any, today: date | None = None) -> str:
    """``value`` as the column writes it; a missing one is an en dash."""
    if value is None or value == "":
        return formats.NOTHING
    if isinstance(value, Delta):
        return value.text
    if isinstance(value, str):
        return value
    if writer := WRITERS.get(column.kind):
        return writer(value, column, today)
    return _by_type(column, value, today)


def _by_type(column: Column, value: Any, today: date | None) -> str:
    """What a column without a writer of its own shows: texts, people, marks."""
    if isinstance(value, Money):
        return formats.money(value)
    if isinstance(value, datetime):
        return _datetime(value, column, today)
    if isinstance(value, date):
        return _date(value, column, today)
    return str(value)
