"""What the cover says, and what stands on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reporting.rules.pack.figures import Sentence


@dataclass(frozen=True, slots=True)
class Imprint:
    """What stands on every page: whose document, which period, how secret, as known when."""

    organisation: str
    document: str  # "Board pack", "Performance review"
    period: str  # "October 2026"
    period_note: str  # "FY27 month 9 of 12"
    classification: str  # "Board confidential"
    as_of: datetime  # aware, UTC
    currency: str  # ISO code of the reporting currency
    language: str = "en-GB"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the cover: a label, a short statement and a sentence under it."""

    label: str
    statement: Sentence
    note: Sentence = ()


@dataclass(frozen=True, slots=True)
class SourceDays:
    """How many of the days due a source has delivered for the period."""

    name: str
    due: int
    received: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """One square per source, part-filled when part received; the statement holds the share as a figure."""

    sources: tuple[SourceDays, ...]
    statement: Sentence
    note: Sentence = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """One series of the cover art: the period's own data, equally spaced."""

    name: str
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CoverArt:
    """Streams in the order they are stacked, the largest last; ``ticks`` label the time axis evenly."""

    streams: tuple[Stream, ...]
    ticks: tuple[str, ...]
    caption: Sentence


@dataclass(frozen=True, slots=True)
class Headline:
    """The head of a page: section name, the finding as a full sentence, and what, unit and period."""

    section: str
    title: Sentence
    standfirst: Sentence
