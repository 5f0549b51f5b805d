"""What the components show: plain values, built by views and selectors, drawn by the tags.

Texts in here are finished: formatted by ``core.formats``. Shares are numbers from 0 to
1. ``tone`` is a judgement: ``accent good bad warn neutral``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Delta:
    """A difference: where it points (``up down flat``) and whether that is good."""

    text: str
    direction: str = "flat"
    tone: str = "neutral"

    @classmethod
    def of(
        cls,
        change: Number,
        text: Callable[[Number], str],
        *,
        up_is_good: bool | None,
    ) -> Delta:
        """The delta of a signed ``change``, written by ``text``; None as judgement is neutral."""
        direction = "up" if change > 0 else "down" if change < 0 else "flat"
        if up_is_good is None or direction == "flat":
            return cls(text(change), direction, "neutral")
        return cls(text(change), direction, "good" if (direction == "up") == up_is_good else "bad")

    @property
    def unsigned(self) -> str:
        """The text without its sign, for a chip whose arrow says it."""
        return self.text.lstrip("+−")


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. ``share`` is actual divided by target (1 = on target), None without target."""

    label: str
    value: str
    delta: Delta | None = None
    share: Number | None = None
    tone: str = "accent"
    target: str = ""
    sentence: str = ""
    url: str = ""
    how: str = ""
    # Where it comes from, for the drawer.
    where: str = ""


@dataclass(frozen=True, slots=True)
class DataStatus:
    """How fresh and complete the facts behind a page are."""

    as_of: datetime | None
    complete: str = ""
    late: Sequence[str] = ()
    maturing: str = ""
    rates: str = ""
    empty: str = "No data yet"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label above a value; ``channels`` are (key, label) pairs."""

    label: str
    value: str = ""
    person: str = ""
    channels: Sequence[tuple[str, str]] = ()
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool = False
    count: int | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A label and its value over a bar of ``share``."""

    label: str
    value: str
    share: Number
    note: str = ""
    chip: str = ""
    tone: str = "bad"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a divided bar: "11 helped"."""

    label: str
    count: int
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a life cycle; state ``done current todo failed``."""

    label: str
    state: str = "todo"
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, for a timeline."""

    title: str
    when: str = ""
    who: str = ""
    text: str = ""
    tone: str = "neutral"
    icon: str = ""
    chip: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for this person: an imperative sentence and what is at stake."""

    title: str
    url: str
    icon: str
    meta: str = ""
    stake: str = ""
    stake_note: str = ""
    tone: str = "accent"

    @property
    def meta_parts(self) -> list[str]:
        """What stands under the sentence, piece by piece: no piece is broken over two lines."""
        return self.meta.split(" · ") if self.meta else []


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """One step of a request; state ``done current todo rejected``."""

    who: str
    role: str
    state: str = "todo"
    when: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A constraint and how much of it is used (``share``); ``binding`` when it decides."""

    label: str
    note: str
    share: Number
    slack: str = ""
    binding: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark; ``mentions`` are the names that stand in it behind an @."""

    who: str
    when: str
    text: str
    tone: str = field(default="neutral")
    mentions: Sequence[str] = ()

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it is a mention."""
        if not self.mentions:
            return [(self.text, False)]
        names = sorted(self.mentions, key=len, reverse=True)
        sign = "|".join(re.escape(f"@{name}") for name in names)
        pieces = re.split(rf"((?:{sign})(?!\w))", self.text, flags=re.IGNORECASE)
        return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]
