"""What must hold at any moment, whatever died in between: each room says its own, one command asks.

A check reads and returns a sentence for each breach, with the numbers of the rows; an
empty list says that all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

Check = Callable[[], list[str]]
_checks: dict[str, Check] = {}
# A breach is named with at most so many rows; the rest is counted.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Held:
    """One promise and how it stands."""

    promise: str
    breaches: Sequence[str]

    @property
    def is_kept(self) -> bool:
        return not self.breaches


def register_check(promise: str, check: Check) -> None:
    """Add a promise in words ("Every transaction sums to zero") with what looks for breaches."""
    _checks[promise] = check


def check_all() -> list[Held]:
    """Every promise, in the order in which they were registered."""
    return [Held(promise, check()) for promise, check in _checks.items()]


def rows_of(statement: str, sentence: str) -> list[str]:
    """A sentence for each row that ``statement`` finds; ``{0}``, ``{1}`` stand for its columns.

    ``statement`` is our own text and takes no values from outside.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchmany(SHOWN)
        more = len(cursor.fetchall())
    told = [sentence.format(*row) for row in rows]
    return [*told, f"and {more} more"] if more else told
