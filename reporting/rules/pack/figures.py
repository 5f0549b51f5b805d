"""The figures of a document and the words around them.

A number reaches paper only as a ``Ref`` to a ``Figure`` of the store, and a figure exists only with
a ``Provenance``: its footnote. Sentences are written with ``say``, which refuses digits in its own
words; names, dates and quotations are marked as such and printed literally.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from string import Formatter
from typing import TypeAlias, TypeVar

from reporting.rules.pack.errors import DoesNotFit, NumberWithoutFigure, UndefinedFigure

LONGEST_FIGURE = 16
_FOOTNOTE_ID = re.compile(r"[a-z][1-9][0-9]{0,2}\Z")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a figure comes from: one row of the last page.

    ``id`` is a letter and a number (``r4``: r revenue, e efficiency, b budget, t targets, c changes,
    a data and alerts). ``batches`` name the imports, changes or requests it rests on, ``query`` the
    query that gives the number again. ``as_of`` is aware and in UTC.
    """

    id: str
    name: str
    formula: str
    filters: str
    as_of: datetime
    batches: tuple[str, ...]
    query: str

    def __post_init__(self) -> None:
        if not _FOOTNOTE_ID.match(self.id):
            raise UndefinedFigure(
                f"“{self.id}” cannot be a footnote id.",
                remedy="Use one small letter and a number, such as r4.",
            )


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as printed: ``text`` is what is read, ``value`` the exact number behind it.

    ``label`` names it for a reader who cannot see the page ("Revenue, Paid search, October 2026").
    ``value`` is in the unit named by ``unit``; None only where the text is not a number ("cannot tell").
    """

    id: str
    text: str
    label: str
    footnote: str
    value: Decimal | None = None
    unit: str = ""
    estimated: bool = False

    def __post_init__(self) -> None:
        if not self.text or len(self.text) > LONGEST_FIGURE:
            raise DoesNotFit(
                f"The text of figure {self.id} has {len(self.text)} characters.",
                remedy=f"Shorten it to 1 to {LONGEST_FIGURE}, for example with k or m.",
            )


@dataclass(frozen=True, slots=True)
class Ref:
    """Prints the figure ``id`` with its footnote; ``strong`` sets it in semi-bold."""

    id: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """Words typed by people or sent by platforms: printed literally, shortened to ``limit`` characters."""

    text: str
    limit: int = 90


@dataclass(frozen=True, slots=True)
class When:
    """A date, a period or the name of a version: digits that are not a figure."""

    text: str


NO_NAME = Name("")
NO_DATE = When("")

Part: TypeAlias = str | Ref | Name | When
Sentence: TypeAlias = tuple[Part, ...]
Words: TypeAlias = str  # our own words in a field: no digits allowed, see ``checks.check_words``

_FORMATTER = Formatter()


def say(words: str, /, **parts: Ref | Name | When) -> Sentence:
    """A sentence: ``say("{revenue} is ahead in {month}.", revenue=Ref("revenue"), month=When("October"))``.

    Raises ``NumberWithoutFigure`` when ``words`` itself holds a digit, ``UndefinedFigure`` when a
    placeholder has no part or a part no placeholder.
    """
    pieces: list[Part] = []
    used = set()
    for literal, name, _, _ in _FORMATTER.parse(words):
        pieces.extend([literal] if literal else [])
        if name is None:
            continue
        if name not in parts:
            raise UndefinedFigure(f"“{words}” has nothing for {{{name}}}.")
        used.add(name)
        pieces.append(parts[name])
    if unused := sorted(set(parts) - used):
        raise UndefinedFigure(f"“{words}” does not print {', '.join(unused)}.")
    return checked(tuple(pieces))


def checked(sentence: Sentence) -> Sentence:
    """The same sentence; raises ``NumberWithoutFigure`` when its own words hold a digit."""
    for part in sentence:
        if isinstance(part, str) and any(character.isdigit() for character in part):
            raise NumberWithoutFigure(
                f"“{part.strip()}” holds a number that has no footnote.",
                remedy="Print it through a figure; mark dates with When and names with Name.",
            )
    return sentence


def plain(sentence: Sentence, figures: Mapping[str, Figure]) -> str:
    """The sentence as plain text, figures included (outline, mail, companion)."""
    return "".join(
        figures[part.id].text
        if isinstance(part, Ref)
        else part
        if isinstance(part, str)
        else part.text
        for part in sentence
    )


@dataclass(frozen=True, slots=True)
class FigureStore:
    """Every figure of a document and the provenance of each, by id."""

    figures: Mapping[str, Figure]
    provenance: Mapping[str, Provenance]
    members: Mapping[str, tuple[Figure, ...]] = field(repr=False)

    @classmethod
    def of(cls, figures: Iterable[Figure], provenance: Iterable[Provenance]) -> FigureStore:
        """Index both. Raises ``UndefinedFigure`` for an id given twice or a footnote that is not there."""
        by_id = _unique(figures, "figure")
        footnotes = _unique(provenance, "footnote")
        members: dict[str, list[Figure]] = {name: [] for name in footnotes}
        for figure in by_id.values():
            if figure.footnote not in members:
                raise UndefinedFigure(
                    f"Figure {figure.id} has no provenance: footnote {figure.footnote}."
                )
            members[figure.footnote].append(figure)
        return cls(by_id, footnotes, {name: tuple(found) for name, found in members.items()})

    def __getitem__(self, ref: Ref) -> Figure:
        """The figure of ``ref``; raises ``UndefinedFigure``."""
        try:
            return self.figures[ref.id]
        except KeyError:
            raise UndefinedFigure(
                f"“{ref.id}” is to be printed but no such figure is defined.",
                remedy="Add the figure with its provenance, or do not refer to it.",
            ) from None

    def value(self, ref: Ref | None) -> float:
        """The number behind ``ref`` for placing a mark (never for printing); 0 when there is none."""
        exact = self[ref].value if ref is not None else None
        return 0.0 if exact is None else float(exact)


Kept = TypeVar("Kept", Figure, Provenance)


def _unique(items: Iterable[Kept], kind: str) -> dict[str, Kept]:
    found: dict[str, Kept] = {}
    for item in items:
        if item.id in found:
            raise UndefinedFigure(f"The {kind} {item.id} is defined twice.")
        found[item.id] = item
    return found


def refs_in(content: object) -> Iterator[Ref]:
    """Every ``Ref`` anywhere inside ``content``, in reading order."""
    if isinstance(content, Ref):
        yield content
    elif isinstance(content, tuple):
        for item in content:
            yield from refs_in(item)
    elif is_dataclass(content):
        for item in fields(content):
            yield from refs_in(getattr(content, item.name))
