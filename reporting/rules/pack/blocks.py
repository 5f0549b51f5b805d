"""Blocks: pieces of a page that know their height and stand on a common baseline.

A row of a table is a set of blocks whose first baselines are one line; that is what keeps names,
numbers and marks aligned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reporting.rules.pack.errors import DoesNotFit
from reporting.rules.pack.figures import Figure, FigureStore, Ref, Sentence
from reporting.rules.pack.judgement import (
    OF_VERDICT,
    TEXT_COLOUR,
    Judgement,
    Verdict,
    draw_judgement,
    draw_verdict,
)
from reporting.rules.pack.look import HEAD, NOTE, NUMBER_STRONG, Style
from reporting.rules.pack.pen import Align, Pen
from reporting.rules.pack.wording import (
    draw_line,
    draw_lines,
    draw_span,
    figure_spans,
    id_span,
    set_balanced,
    set_lines,
    shortened,
    text_width,
)

_SMALLEST_FIGURE = 5.2  # points; smaller is not read on paper


@dataclass(frozen=True, slots=True)
class Block:
    """``above`` and ``below`` are the room needed over and under the first baseline, in points.

    ``paint`` gets the pen, the left edge of its column and the baseline.
    """

    above: float
    below: float
    paint: Callable[[Pen, float, float], None]

    def lowered(self, by: float) -> Block:
        """The same block with its baseline ``by`` points under that of its row."""
        paint = self.paint
        return Block(self.above - by, self.below + by, lambda pen, x, y: paint(pen, x, y + by))


NOTHING = Block(0.0, 0.0, lambda *_: None)


def words_block(
    sentence: Sentence,
    style: Style,
    store: FigureStore,
    room: float,
    *,
    most: int = 1,
    align: Align = "left",
) -> Block:
    """A sentence in at most ``most`` lines of ``room`` points."""
    lines = set_lines(sentence, style, store, room, most)
    shift = room if align == "right" else room / 2 if align == "centre" else 0.0
    leading = style.leading

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_lines(pen, lines, x + shift, y, leading, align)

    return Block(style.size * 0.75, style.size * 0.25 + leading * max(0, len(lines) - 1), paint)


def stacked(blocks: Sequence[Block], gap: float = 3.4) -> Block:
    """Blocks of one column under each other, the first on the row's baseline."""
    offsets = [0.0]
    for upper, lower in pairwise(blocks):
        offsets.append(offsets[-1] + upper.below + gap + lower.above)

    def paint(pen: Pen, x: float, y: float) -> None:
        for block, offset in zip(blocks, offsets, strict=True):
            block.paint(pen, x, y + offset)

    return Block(blocks[0].above, offsets[-1] + blocks[-1].below, paint)


def label_block(text: str, style: Style, room: float, align: Align = "left") -> Block:
    """A word of our own or a name on one line, cut with an ellipsis to ``room``."""
    shown = shortened(text, style, room)
    shift = room if align == "right" else room / 2 if align == "centre" else 0.0
    return Block(
        style.size * 0.75,
        style.size * 0.25,
        lambda pen, x, y: _print(pen, x + shift, y, shown, style, align),
    )


def _print(pen: Pen, x: float, y: float, text: str, style: Style, align: Align) -> None:
    pen.text(x, y, text, style, align)


def fitted(figure: Figure, style: Style, room: float) -> Style:
    """``style`` made just small enough for the figure; raises ``DoesNotFit`` where it could not be read."""
    wide = sum(span.width for span in figure_spans(figure, style, with_id=False))
    if wide <= room:
        return style
    if style.size * room / wide < _SMALLEST_FIGURE:
        raise DoesNotFit(
            f"Figure {figure.id}, “{figure.text}”, is wider than its column ({room:.0f} points)."
        )
    return style.sized(style.size * room / wide)


def number_block(
    ref: Ref,
    style: Style,
    store: FigureStore,
    room: float,
    *,
    with_id: bool = True,
    align: Align = "right",
) -> Block:
    """A figure; right-aligned, its footnote id hangs outside the edge."""
    figure = store[ref]
    small = fitted(figure, style, room)
    body = figure_spans(figure, small, with_id=False)
    wide = sum(span.width for span in body)
    mark = id_span(figure.footnote, small) if with_id else None

    def paint(pen: Pen, x: float, y: float) -> None:
        at = x + room - wide if align == "right" else x
        for span in body:
            draw_span(pen, span, at, y)
            at += span.width
        if mark is not None:
            draw_span(pen, mark, at, y)

    return Block(small.size * 0.75, small.size * 0.25, paint)


def change_block(
    ref: Ref,
    judgement: Judgement,
    word: str,
    store: FigureStore,
    room: float,
    *,
    with_id: bool = True,
) -> Block:
    """A signed difference with its mark to the left and, under it, the word that judges it."""
    style = NUMBER_STRONG.coloured(TEXT_COLOUR[judgement])
    number = number_block(ref, style, store, room - 11, with_id=with_id)
    wide = min(text_width(store[ref].text, style), room - 11)
    under = NOTE.coloured(style.colour).sized(7.4)
    shown = shortened(word, under, room + 16)

    def paint(pen: Pen, x: float, y: float) -> None:
        number.paint(pen, x + 11, y)
        draw_judgement(pen, judgement, x + room - wide - 8, y - 3.2)
        if shown:
            pen.text(x + room, y + 11, shown, under, "right")

    return Block(number.above, 13.0 if shown else number.below, paint)


def verdict_block(verdict: Verdict, room: float) -> Block:
    """A verdict: mark and word."""
    style = NUMBER_STRONG.coloured(TEXT_COLOUR[OF_VERDICT[verdict]])
    shown = shortened(verdict.value, style, room - 12)

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_verdict(pen, verdict, x + 4, y - 3.2)
        pen.text(x + 12, y, shown, style)

    return Block(style.size * 0.75, style.size * 0.25, paint)


def head_block(
    sentence: Sentence, store: FigureStore, room: float, align: Align, footnote: str = ""
) -> Block:
    """A column head; the footnote id, if any, covers every figure below and hangs outside."""
    lines = set_balanced(sentence, HEAD, store, room)
    mark = id_span(footnote, HEAD) if footnote else None

    def paint(pen: Pen, x: float, y: float) -> None:
        first = y - HEAD.leading * (len(lines) - 1)
        for index, line in enumerate(lines):
            shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
            left = x + (room - line.width) * shift
            draw_line(pen, line, left, first + index * HEAD.leading)
        if mark is not None and lines:
            draw_span(pen, mark, x + room if align == "right" else x + lines[-1].width, y)

    return Block(HEAD.size + HEAD.leading * (len(lines) - 1), HEAD.size * 0.25, paint)
