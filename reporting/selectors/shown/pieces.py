"""What a page shows of a report: words and figures with their footnotes, cells, tables, sections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.charts import Chart
from reporting.rules.pack.content import Change
from reporting.rules.pack.figures import Figure, FigureStore, Name, Provenance, Ref, Sentence, When
from reporting.rules.pack.judgement import Judgement

TONES = {
    Judgement.AHEAD: "good",
    Judgement.BEHIND: "bad",
    Judgement.NEUTRAL: "neutral",
    Judgement.CANNOT_TELL: "warn",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, or one figure with the id of its footnote."""

    text: str
    footnote: str = ""
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table: pieces, a grey second line, a judgement in a word."""

    pieces: tuple[Piece, ...] = ()
    under: tuple[Piece, ...] = ()
    tone: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its words, and whether it holds numbers."""

    pieces: tuple[Piece, ...]
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the heads; ``group`` rows are headings, ``is_total`` rows sums."""

    cells: tuple[Cell, ...]
    group: str = ""
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; columns without any content are left out."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the document."""

    key: str
    kicker: str
    title: tuple[Piece, ...]
    lead: tuple[Piece, ...]
    sheets: tuple[Sheet, ...] = ()
    chart: Chart | None = None
    notes: tuple[tuple[str, tuple[Piece, ...], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A footnote with every figure that refers to it."""

    row: Provenance
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole document for a page."""

    lead: tuple[Piece, ...]
    facts: tuple[tuple[str, tuple[Piece, ...], tuple[Piece, ...]], ...]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    as_of: datetime
    currency: str


class Words:
    """Sentences and figures of one document as pieces."""

    def __init__(self, store: FigureStore) -> None:
        self.store = store

    def words(self, sentence: Sentence) -> tuple[Piece, ...]:
        return tuple(self._piece(part) for part in sentence)

    def _piece(self, part: str | Ref | Name | When) -> Piece:
        if isinstance(part, Ref):
            figure = self.store[part]
            return Piece(figure.text, figure.footnote, figure.estimated)
        return Piece(part if isinstance(part, str) else part.text)

    def ref(self, ref: Ref | None) -> Cell:
        return Cell(self.words((ref,))) if ref else Cell()

    def change(self, change: Change | None) -> Cell:
        if change is None:
            return Cell()
        return replace(self.ref(change.figure), tone=TONES[change.judgement], word=change.word)

    def name(self, name: Name | When, under: Sentence = ()) -> Cell:
        return Cell((Piece(name.text),) if name.text else (), self.words(under))
