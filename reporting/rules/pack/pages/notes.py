"""Blocks of prose under a table: two to four columns, a heading and a few lines each."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.rules.pack.content.performance import Note
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import TEXT_COLOUR, Judgement
from reporting.rules.pack.look import (
    BODY,
    COLUMN,
    GUTTER,
    INK,
    LEFT,
    ROW_NAME,
    RULE_INK,
    Style,
    span,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.wording import Line, draw_lines, set_lines, shortened

_HEADING: Style = ROW_NAME.sized(8.8)
_MOST_LINES = 5
_ABOVE = 16.0


def notes_height(flow: Flow, notes: Sequence[Note]) -> float:
    """Points the notes take, the space above them included; 0 when there are none."""
    if not notes:
        return 0.0
    lines = max(len(found) for _, found in _set(flow, notes))
    return _ABOVE + 20 + 15 + lines * BODY.leading


def flow_notes(flow: Flow, notes: Sequence[Note], *, rule: bool = True) -> None:
    """Place up to four notes beside each other under what is there."""
    if not notes:
        return
    placed = _set(flow, notes)
    flow.need(notes_height(flow, notes))
    top = flow.down(_ABOVE)
    flow.down(notes_height(flow, notes) - _ABOVE)

    def paint(pen: Pen) -> None:
        if rule:
            pen.rule(top, RULE_INK)
        for (x, lines), note in zip(placed, notes, strict=True):
            colour = INK if note.judgement is Judgement.NEUTRAL else TEXT_COLOUR[note.judgement]
            heading = shortened(note.heading, _HEADING, _room(len(notes)))
            pen.text(x, top + 20, heading, _HEADING.coloured(colour))
            draw_lines(pen, lines, x, top + 36, BODY.leading)

    flow.paint(paint)


def _columns_each(count: int) -> int:
    return {1: 8, 2: 6, 3: 4}.get(count, 3)


def _room(count: int) -> float:
    return span(_columns_each(count)) - (8 if count > 1 else 0)


def _set(flow: Flow, notes: Sequence[Note]) -> list[tuple[float, list[Line]]]:
    step = _columns_each(len(notes)) * (COLUMN + GUTTER)
    room = _room(len(notes))
    return [
        (LEFT + index * step, set_lines(note.sentence, BODY, flow.store, room, _MOST_LINES))
        for index, note in enumerate(notes)
    ]
