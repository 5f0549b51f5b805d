"""The last pages: every footnote with its value, formula, filters, as-of, batches and query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.rules.pack.content.cover import Headline, Imprint
from reporting.rules.pack.figures import Figure, FigureStore, Provenance, When, say
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.frame import moment_text
from reporting.rules.pack.look import (
    GREEN,
    HEAD,
    INK,
    LEFT,
    NOTE,
    PROVENANCE,
    RIGHT,
    RULE_INK,
    RULE_ROW,
    SECONDARY,
    TERTIARY,
    Style,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.typefaces import MEDIUM, REGULAR, SEMIBOLD, UNPRINTABLE
from reporting.rules.pack.wording import Line, draw_lines, set_lines, shortened

_GAP = 22.0
_HALF = (RIGHT - LEFT - _GAP) / 2
_ID = Style(SEMIBOLD, 6.6, 7.6, GREEN)
_NAME = Style(MEDIUM, 6.6, 7.6, INK)
_PALE = PROVENANCE.coloured(TERTIARY)
_COLUMNS = (
    (0.0, 15.0),
    (17.0, 116.0),
    (137.0, 128.0),
    (269.0, 97.0),
)  # id, figure, formula, filters
_VALUES_SHOWN = 3
_PAD = 2.6


@dataclass(frozen=True, slots=True)
class Entry:
    """One footnote, set in type."""

    id: str
    cells: tuple[tuple[list[Line], ...], ...]

    @property
    def lines(self) -> int:
        return max(sum(map(len, cell)) for cell in self.cells)

    @property
    def height(self) -> float:
        return self.lines * PROVENANCE.leading + 2 * _PAD


def lay_annex(store: FigureStore, imprint: Imprint, digest: str, bookmark: str) -> Flow:
    """Sheets of two columns in the order of the provenance; the full digest stands on the last one."""
    count = len(store.provenance)
    headline = Headline(
        "Provenance",
        ("Every figure traces to a formula, a filter and an import batch",),
        say(
            "{count}; an id in a column head covers every number under it. Select an id anywhere to arrive here. "
            "Known as of {moment} unless a row says otherwise.",
            count=When(f"{count} definition{'s' if count != 1 else ''}"),
            moment=When(moment_text(imprint.as_of)),
        ),
    )
    flow = Flow(headline, store, bookmark)
    entries = [_entry(row, store, imprint) for row in store.provenance.values()]
    while True:
        entries = _fill_sheet(flow, entries)
        if not entries:
            break
        flow.open_sheet()
    flow.paint(lambda pen: _draw_digest(pen, digest))
    return flow


def _values(figures: Sequence[Figure]) -> str:
    """The first values of a footnote; how many more there are is said, and the companion has them all."""
    shown = [figure.text for figure in figures[:_VALUES_SHOWN]]
    more = len(figures) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _entry(row: Provenance, store: FigureStore, imprint: Imprint) -> Entry:
    def lines(text: str, style: Style, cell: int, most: int) -> list[Line]:
        return set_lines((When(text),), style, store, _COLUMNS[cell][1], most) if text else []

    batches = " ".join(row.batches)
    if row.as_of != imprint.as_of:
        batches = f"{batches} as of {moment_text(row.as_of)}".strip()
    return Entry(
        row.id,
        (
            (lines(row.id, _ID, 0, 1),),
            (lines(row.name, _NAME, 1, 2), lines(_values(store.members[row.id]), PROVENANCE, 1, 2)),
            (lines(row.formula, PROVENANCE, 2, 3), lines(row.query, _PALE, 2, 2)),
            (lines(row.filters, PROVENANCE, 3, 2), lines(batches, _PALE, 3, 3)),
        ),
    )


def _fill_sheet(flow: Flow, entries: list[Entry]) -> list[Entry]:
    """Fill the two columns of the sheet, evenly if all that is left fits; returns what remains."""
    top = flow.y
    room = flow.room - 12
    total = sum(entry.height for entry in entries)
    even = (
        total / 2 + max((entry.height for entry in entries), default=0)
        if total <= room * 2
        else room
    )
    for x in (LEFT, LEFT + _HALF + _GAP):
        taken: list[tuple[Entry, float]] = []
        y = top + 12.0
        while entries and y + entries[0].height <= top + 12 + min(
            room, even if x == LEFT else room
        ):
            taken.append((entries[0], y))
            y += entries.pop(0).height
        _paint_column(flow, taken, x, top)
    return entries


def _paint_column(flow: Flow, taken: list[tuple[Entry, float]], x: float, top: float) -> None:
    if not taken:
        return

    def paint(pen: Pen) -> None:
        heads = ("Id", "Figure, value", "Formula, query", "Filters, then batches")
        for (offset, _), head in zip(_COLUMNS, heads, strict=True):
            pen.text(x + offset, top + 6, head, HEAD.sized(7))
        pen.rule(top + 12, RULE_INK, x, x + _HALF)
        for entry, y in taken:
            _draw_entry(pen, entry, x, y)

    flow.paint(paint)


def _draw_entry(pen: Pen, entry: Entry, x: float, y: float) -> None:
    baseline = y + _PAD + 5.6
    pen.land(entry.id, x, y - 40)
    for (offset, _), cell in zip(_COLUMNS, entry.cells, strict=True):
        at = baseline
        for lines in cell:
            draw_lines(pen, lines, x + offset, at, PROVENANCE.leading)
            at += len(lines) * PROVENANCE.leading
    pen.rule(y + entry.height, RULE_ROW, x, x + _HALF)


def _draw_digest(pen: Pen, digest: str) -> None:
    label = Style(SEMIBOLD, 7, 9, INK)
    wide = pen.text(LEFT, 554, "Full hash", label)
    pen.text(LEFT + wide + 8, 554, digest, Style(REGULAR, 7.2, 9, SECONDARY))
    note = NOTE.sized(6.8).coloured(TERTIARY)
    text = "SHA-256 over figures, provenance and text. The companion file lists every value."
    if pen.unprintable:
        text = (
            f"{UNPRINTABLE} stands for a character no face here has; the companion file keeps it."
        )
    pen.text(RIGHT, 554, shortened(text, note, 380), note, "right")
