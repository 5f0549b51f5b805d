"""Competitive position: us against a rival in each place, largest deficit first as the caller sorts it."""

from __future__ import annotations

from reporting.rules.pack.blocks import Block, change_block, label_block, stacked
from reporting.rules.pack.content.performance import PositionPage, PositionRow
from reporting.rules.pack.figures import FigureStore
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import PALE_COLOUR
from reporting.rules.pack.look import (
    GREEN,
    LEFT,
    NOTE,
    OCHRE,
    ROW_MEDIUM,
    RULE_PALE,
    TERTIARY,
    Style,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Scale
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.typefaces import MEDIUM
from reporting.rules.pack.wording import Line, draw_line, figure_spans

_ROOM = 400.0
_NUMBER = Style(MEDIUM, 8.4, 10)


def lay_position(page: PositionPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page: one dumbbell a place, all on one scale."""
    flow = Flow(page.headline, store, bookmark)
    flow_table(flow, _table(page, store), reserve=notes_height(flow, page.notes), most_pad=20)
    flow_notes(flow, page.notes, rule=False)
    return flow


def _table(page: PositionPage, store: FigureStore) -> Table:
    values = [store.value(ref) for row in page.rows for ref in (row.ours, row.theirs)] or [0.0, 1.0]
    margin = (max(values) - min(values) or 1.0) * 0.05
    scale = Scale(min(values) - margin, max(values) + margin, 36, _ROOM - 36)
    gaps = shared_footnote([row.gap.figure for row in page.rows], store)
    sides = shared_footnote([ref for row in page.rows for ref in (row.ours, row.theirs)], store)
    columns = [
        Column("place", LEFT, 186, ("Where, and against whom",), "left"),
        Column("pair", 246, _ROOM, page.measure_head, "left", footnote=sides),
        Column("gap", 700, 70, ("Difference",), footnote=gaps),
    ]
    rows = []
    for index, row in enumerate(page.rows):
        gap = row.gap
        change = change_block(gap.figure, gap.judgement, gap.word, store, 70, with_id=not gaps)
        place = stacked([label_block(row.place.text, ROW_MEDIUM, 186),
                         label_block(row.rival.text, NOTE.coloured(TERTIARY), 186)])  # fmt: skip
        pair = _pair(row, store, scale, with_id=not sides, named=index == 0)
        rows.append(Row({"place": place, "pair": pair, "gap": change}))
    return Table(columns, rows)


def _pair(
    row: PositionRow, store: FigureStore, scale: Scale, *, with_id: bool, named: bool
) -> Block:
    """A full green dot for us, an open ochre ring for the rival, the numbers outside."""
    ours, theirs = scale.at(store.value(row.ours)), scale.at(store.value(row.theirs))
    our_number = figure_spans(store[row.ours], _NUMBER.coloured(GREEN), with_id=with_id)
    their_number = figure_spans(store[row.theirs], _NUMBER.coloured(OCHRE), with_id=with_id)

    def paint(pen: Pen, x: float, y: float) -> None:
        centre = y - 3
        pen.line(x, centre, x + _ROOM, centre, (0.5, RULE_PALE))
        left, right = sorted((ours, theirs))
        pen.box(x + left, centre - 2.4, right - left, 4.8, PALE_COLOUR[row.gap.judgement])
        pen.ring(x + theirs, centre, 3.0, OCHRE)
        pen.disc(x + ours, centre, 3.4, GREEN, halo=True)
        for spot, number, first in (
            (ours, our_number, ours < theirs),
            (theirs, their_number, theirs <= ours),
        ):
            wide = sum(span.width for span in number)
            left = x + spot - 8 - wide if first else x + spot + 8
            pen.box(left - 2, centre - 5, wide + 4, 10, "#FFFFFF")
            draw_line(pen, Line((number,), 0), left, y)
        if named:
            pen.text(x + ours, centre - 9, "us", NOTE.coloured(GREEN).sized(7.2), "centre")
            pen.text(x + theirs, centre - 9, "rival", NOTE.coloured(OCHRE).sized(7.2), "centre")

    return Block(16 if named else 8, 4, paint)
