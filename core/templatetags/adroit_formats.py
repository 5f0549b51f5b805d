"""``core.formats`` as template filters; loaded through ``adroit``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from core import formats
from core.money import Money

register = template.Library()


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _today(given: date | None) -> date:
    return given or timezone.localdate()


def _or_nothing(name: str, write: Any) -> None:
    """Register a filter that writes an en dash for a missing value."""

    def filtered(value: Any, arg: Any = None) -> str:
        if value is None or value == "":
            return formats.NOTHING
        return str(write(value) if arg is None or arg == "" else write(value, arg))

    register.filter(name, filtered)


def _day(value: date, today: date | None = None) -> str:
    day = _local(value).date() if isinstance(value, datetime) else value
    return formats.day(day, _today(today))


def _moment(value: datetime, today: date | None = None) -> str:
    return formats.moment(value, _today(today))


def _as_money(value: Money | int, currency: str = "") -> Money:
    """Amounts may come as ``Money`` or as micros with the currency as the filter's argument."""
    return value if isinstance(value, Money) else Money(int(value), currency)


_or_nothing("money", lambda v, currency="": formats.money(_as_money(v, currency)))
_or_nothing("money_exact", lambda v, currency="": formats.money_exact(_as_money(v, currency)))
_or_nothing("money_whole", lambda v, currency="": formats.money_whole(_as_money(v, currency)))
_or_nothing("money_signed", lambda v, currency="": formats.money_signed(_as_money(v, currency)))
_or_nothing(
    "money_exact_signed", lambda v, currency="": formats.money_exact_signed(_as_money(v, currency))
)
_or_nothing("compact", formats.compact)
_or_nothing("number", formats.number)
_or_nothing("signed", formats.signed)
_or_nothing("percent", formats.percent)
_or_nothing("percent_signed", formats.percent_signed)
_or_nothing("points", formats.points)
_or_nothing("ratio", formats.ratio)
_or_nothing("ratio_signed", formats.ratio_signed)
_or_nothing("size", formats.size)
_or_nothing("day", _day)
_or_nothing("moment", _moment)
_or_nothing("month", lambda v: formats.month(v, _today(None)))
_or_nothing("days", lambda start, end: formats.span(start, end, _today(None)))
_or_nothing("ago", lambda v, now=None: formats.ago(v, now or timezone.now()))
_or_nothing("left", lambda v, now=None: formats.left(v, now or timezone.now()))
