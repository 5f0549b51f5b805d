"""What monitors look at, and what they answer with: frozen values, nothing knows a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from integrations.rules.naming import USUAL_UTM, Pattern

# A line and a day of it.
Key = tuple[int, date]
MEASURED = ("impressions", "clicks", "spend", "conversions", "revenue")
COLUMNS = ("line_id", "day", *MEASURED)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file or sync said about itself; "" where it said nothing."""

    name: str
    day: date
    currencies: tuple[str, ...] = ()
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where an ad leads to; ``problem`` is why nobody could get there, "" when all is well."""

    name: str
    url: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NewLine:
    """A campaign that nobody planned and that came with a later delivery."""

    line: int
    name: str
    first_day: date
    spend_micros: int | None = None


def no_days() -> pd.DataFrame:
    return frame_of([])


def frame_of(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Rows of ``COLUMNS`` as a frame: days are dates, measures nullable whole numbers."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["day"] = pd.to_datetime(frame["day"])
    for name in ("line_id", *MEASURED):
        frame[name] = frame[name].astype("Int64")
    return frame


@dataclass(frozen=True, slots=True)
class Observed:
    """A source as monitors see it.

    ``days`` has one row per line and day (``COLUMNS``; money and conversions in micros; missing is
    not zero), beginning before ``since`` so that there is something to compare with; only days from
    ``since`` on are judged. ``others`` are days of other sources of the team. ``arrivals`` are
    the days on which something new came in. ``is_expected`` says that live work waits for data.
    """

    name: str
    currency: str
    today: date
    since: date
    days: pd.DataFrame = field(default_factory=no_days)
    others: pd.DataFrame = field(default_factory=no_days)
    lines: Mapping[int, str] = field(default_factory=dict)
    line_currencies: Mapping[int, str] = field(default_factory=dict)
    time_zone: str = ""
    arrivals: Sequence[date] = ()
    every_days: int = 1
    is_expected: bool = True
    statements: Sequence[Statement] = ()
    new_lines: Sequence[NewLine] = ()
    pattern: Pattern | None = None
    links: Sequence[Link] = ()
    utm: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict(USUAL_UTM))

    @property
    def judged(self) -> pd.DataFrame:
        """The rows whose day is to be judged."""
        return self.days[self.days["day"] >= pd.Timestamp(self.since)]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a monitor found. ``cause`` stays the same while the same thing is wrong.

    ``keys`` are the rows in question where they could be held back; ``facts`` are labels and texts
    that show it; ``more`` is what an action needs.
    """

    cause: str
    title: str
    detail: str
    first_day: date | None = None
    last_day: date | None = None
    rows: int = 0
    amount_micros: int | None = None
    keys: tuple[Key, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def keys_of(rows: pd.DataFrame) -> tuple[Key, ...]:
    """The line and day of each row."""
    return tuple(
        (int(line), day.date()) for line, day in zip(rows["line_id"], rows["day"], strict=True)
    )


def spent(rows: pd.DataFrame) -> int | None:
    """The spend of rows in micros; None where none of them reports it."""
    return int(rows["spend"].sum()) if rows["spend"].notna().any() else None
