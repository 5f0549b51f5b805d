"""The moment that an answer should be true for, as people write it."""

from __future__ import annotations

from datetime import date, datetime

from core.errors import Invalid


def as_of_moment(text: str) -> datetime | date | None:
    """``2026-10-31`` is that day, ``2026-10-31T18:00Z`` a moment; raises ``Invalid`` for others."""
    if not text:
        return None
    for read in (date.fromisoformat, _moment):
        try:
            return read(text)
        except ValueError:
            continue
    raise Invalid(
        f"“{text}” is not a day or moment.",
        where="as_of",
        remedy="Write 2026-10-31 or 2026-10-31T18:00Z.",
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return found
