"""How monitors write days and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from core import formats
from core.money import Money

MOST_NAMED = 5


def counted(number: int, what: str) -> str:
    """``1 day``, ``1,204 days``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def day_text(day: date) -> str:
    return formats.day(day, weekday=False)


def ranges_text(days: Iterable[date]) -> str:
    """Days with those that follow each other joined: ``2 – 4 Nov 2026, 9 Nov 2026``."""
    ordered = sorted(set(days))
    groups = groupby(enumerate(ordered), key=lambda item: item[1].toordinal() - item[0])
    runs = [[day for _, day in group] for _, group in groups]
    shown = [formats.span(run[0], run[-1]) if len(run) > 1 else day_text(run[0]) for run in runs]
    more = len(shown) - MOST_NAMED
    return ", ".join(shown[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def names_text(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = [f"“{name}”" for name in names[:MOST_NAMED]]
    more = len(names) - MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def amount_text(micros: int, currency: str) -> str:
    return formats.money_exact(Money(micros, currency))
