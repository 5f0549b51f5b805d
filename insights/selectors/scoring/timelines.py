"""What happened to whom, in order; and what every book of subjects answers."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

Value = str | float | None
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Look:
    """A subject at a moment."""

    subject: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a look: ``value`` is None while nobody can know; ``at`` since when it is known."""

    value: bool | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a chance is about: the team it belongs to, and the token of a person, if it is one."""

    team: int
    path: str
    person: str = ""


class Book(Protocol):
    """Subjects of one kind with everything that is known of them."""

    @property
    def subjects(self) -> Mapping[int, Subject]:
        """Everybody it knows, by number."""

    @property
    def until(self) -> datetime:
        """Up to when it is known what happened."""

    def past(self) -> list[Look]:
        """Looks of the past whose outcome is known by now."""

    def present(self) -> list[Look]:
        """The subjects that a chance is due for, looked at now."""

    def row(self, look: Look) -> Row:
        """What was known at the moment of a look, and nothing of what came later."""

    def came(self, look: Look) -> Came:
        """What came of it."""

    def days(self) -> set[date]:
        """Days on which anything at all was recorded."""


class Timelines:
    """Moments of each subject, sorted; and beside each of them a number or a word."""

    def __init__(self, rows: Iterable[tuple[int | None, datetime, str | float]]) -> None:
        self._of: dict[int, tuple[list[datetime], list[str | float]]] = {}
        found: dict[int, list[tuple[datetime, str | float]]] = defaultdict(list)
        for subject, at, value in rows:
            if subject is not None:
                found[subject].append((at, value))
        for subject, pairs in found.items():
            pairs.sort(key=lambda pair: pair[0])
            self._of[subject] = [at for at, _ in pairs], [value for _, value in pairs]

    def _at(self, subject: int | None) -> tuple[list[datetime], list[str | float]]:
        return self._of.get(subject or 0, ([], []))

    def values(
        self, subject: int | None, since: datetime | None, until: datetime
    ) -> list[str | float]:
        """Values after ``since`` (None: from the beginning) up to and with ``until``."""
        moments, values = self._at(subject)
        first = bisect_right(moments, since) if since else 0
        return values[first : bisect_right(moments, until)]

    def count(self, subject: int | None, since: datetime | None, until: datetime) -> int:
        """How many happened after ``since`` up to and with ``until``."""
        moments, _ = self._at(subject)
        return bisect_right(moments, until) - (bisect_right(moments, since) if since else 0)

    def latest(self, subject: int | None, until: datetime) -> tuple[datetime, str | float] | None:
        """The newest up to and with ``until``."""
        moments, values = self._at(subject)
        place = bisect_right(moments, until)
        return (moments[place - 1], values[place - 1]) if place else None

    def next(self, subject: int | None, after: datetime) -> datetime | None:
        """The first after a moment."""
        moments, _ = self._at(subject)
        place = bisect_right(moments, after)
        return moments[place] if place < len(moments) else None

    def days(self) -> set[date]:
        """Days on which anything happened to anybody."""
        return {at.date() for moments, _ in self._of.values() for at in moments}

    def first(self, subject: int | None) -> datetime | None:
        moments, _ = self._at(subject)
        return moments[0] if moments else None


def days_since(at: datetime | None, now: datetime) -> float | None:
    """Whole days; None where it never was."""
    return None if at is None else float((now - at) // timedelta(days=1))
