"""The items of pages, and what questions may say of a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from integrations.rules.api.filling import at
from integrations.rules.api.grammar import Read


def items_of(read: Read, answer: Any) -> list[Any] | None:
    """The items of a page; None when something else than a list stands in their place.

    Platforms leave an empty list out.
    """
    found = at(answer, read.items)
    if found is None and isinstance(answer, Mapping):
        return []
    return found if isinstance(found, list) else None


def window_values(first: date, last: date) -> dict[str, Any]:
    """``start``, ``end``, their parts (``start_year``), and their first and last millisecond in UTC."""
    days = {"start": first, "end": last}
    parts = {
        f"{name}_{part}": getattr(day, part)
        for name, day in days.items()
        for part in ("year", "month", "day")
    }
    ends = {"start_ms": _milliseconds(first), "end_ms": _milliseconds(last + timedelta(days=1)) - 1}
    return {**{name: day.isoformat() for name, day in days.items()}, **parts, **ends}


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
