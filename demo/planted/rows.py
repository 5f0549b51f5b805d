"""A planted thing beside what was found of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core import formats


class Seen(StrEnum):
    """What became of a planted thing; the values are what people read."""

    INSIDE = "Inside the range"
    OUTSIDE = "Outside the range"
    FOUND = "Found"
    MISSED = "Not found"
    UNCLEAR = "Too little to tell"
    NOT_RUN = "Not run yet"


TONES = {
    Seen.INSIDE: "good",
    Seen.FOUND: "good",
    Seen.OUTSIDE: "bad",
    Seen.MISSED: "bad",
    Seen.UNCLEAR: "neutral",
    Seen.NOT_RUN: "warn",
}


@dataclass(frozen=True, slots=True)
class Row:
    """``planted`` and ``said`` are finished texts, ``range`` the interval with its level."""

    topic: str
    what: str
    planted: str
    said: str
    range: str
    seen: Seen
    url: str
    number: int = 0

    @property
    def tone(self) -> str:
        return TONES[self.seen]


def within(truth: float, low: float, high: float) -> Seen:
    """Whether a range holds the truth."""
    return Seen.INSIDE if low <= truth <= high else Seen.OUTSIDE


def shares(low: float, high: float, level: str) -> str:
    """``54 % to 63 % (80 %)``."""
    return f"{formats.percent(low, 0)} to {formats.percent(high, 0)} ({level})"


def changes(low: float, high: float, level: str) -> str:
    """The same of changes, with their signs."""
    return f"{formats.percent_signed(low, 0)} to {formats.percent_signed(high, 0)} ({level})"


def not_run(topic: str, what: str, planted: str, url: str) -> Row:
    return Row(topic, what, planted, formats.NOTHING, "", Seen.NOT_RUN, url)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were judged by a range and lie in it, and how many stories were found."""

    inside: int
    judged: int
    found: int
    stories: int
    unclear: int
    not_run: int

    @property
    def title(self) -> str:
        if not self.judged + self.stories:
            return "No engine has looked for what was planted yet"
        found = f"{self.found} of {self.stories} stories were found"
        if not self.judged:
            return found
        told = f"{self.inside} of {self.judged} planted numbers lie in the range that was given"
        return f"{told}, {found}"


def tally(rows: Sequence[Row]) -> Tally:
    """Count the rows by what became of them."""
    count = {seen: sum(row.seen == seen for row in rows) for seen in Seen}
    return Tally(
        inside=count[Seen.INSIDE],
        judged=count[Seen.INSIDE] + count[Seen.OUTSIDE],
        found=count[Seen.FOUND],
        stories=count[Seen.FOUND] + count[Seen.MISSED],
        unclear=count[Seen.UNCLEAR],
        not_run=count[Seen.NOT_RUN],
    )
