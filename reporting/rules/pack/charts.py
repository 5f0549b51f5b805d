"""Small charts that stand in a row of a table: trends, bars, intervals, progress."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.rules.pack.blocks import NOTHING, Block
from reporting.rules.pack.judgement import FILL_COLOUR, PALE_COLOUR, TEXT_COLOUR, Judgement
from reporting.rules.pack.look import (
    GREEN,
    GREEN_FILL,
    GREEN_PALE,
    INK,
    LINE_GREY,
    OCHRE,
    RULE_PALE,
    TERTIARY,
    WHITE,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Interval, Scale
from reporting.rules.pack.wording import Word, draw_span


def trend_block(
    points: Sequence[float], room: float, high: float = 20.0, *, target: float | None = None
) -> Block:
    """A line through equally spaced ``points``, open at the start, full at the last; the target dashed.

    The vertical scale is cut to the data. Fewer than two points print nothing: there is no trend.
    """
    rise = high - 6.0
    if len(points) < 2:
        return NOTHING
    values = [*points, target] if target is not None else list(points)
    low, top = min(values), max(values)
    top = top if top > low else low + 1
    step = (room - 6) / (len(points) - 1)

    def place(y: float, value: float) -> float:
        return y + 3 - (value - low) / (top - low) * rise

    def paint(pen: Pen, x: float, y: float) -> None:
        line = [(x + 3 + index * step, place(y, value)) for index, value in enumerate(points)]
        if target is not None:
            level = place(y, target)
            pen.line(x + 3, level, x + room - 3, level, (0.6, TERTIARY), (1.6, 1.6))
        pen.polyline(line, (1.0, LINE_GREY))
        pen.disc(*line[0], 1.6, LINE_GREY)
        pen.disc(*line[-1], 2.2, INK)

    return Block(rise - 3, 5, paint)


def bar_block(
    value: float,
    full: float,
    room: float,
    judgement: Judgement = Judgement.NEUTRAL,
    high: float = 9.0,
) -> Block:
    """A bar from zero; ``full`` is the value that would fill ``room``. Negative values print no bar."""
    wide = room * max(0.0, min(1.0, value / full)) if full > 0 else 0.0
    colour = GREEN_FILL if judgement is Judgement.NEUTRAL else FILL_COLOUR[judgement]
    return Block(high - 1, 1.5, lambda pen, x, y: pen.box(x, y - high + 1.5, wide, high, colour))


def plan_bar_block(
    spent: float,
    committed: float,
    room: float,
    *,
    elapsed: float | None,
    lead: bool,
    high: float = 10.0,
) -> Block:
    """How much of a plan is spent and committed (shares of one), against how much of its time has passed.

    The plan ends at a tick at 88% of ``room``; what exceeds it is hatched in ochre.
    """
    scale = Scale(0.0, 1 / 0.88, 0.0, room)

    def paint(pen: Pen, x: float, y: float) -> None:
        top, end = y - high + 1.5, x + scale.at(1.0)
        used = x + scale.at(min(spent, 1.0))
        pen.outline(x, top, end - x, high, (0.5, GREEN_FILL))
        pen.box(x, top, used - x, high, GREEN if lead else GREEN_FILL)
        pen.box(used, top, x + scale.at(min(spent + committed, 1.0)) - used, high, GREEN_PALE)
        if spent + committed > 1.0:
            hatch(pen, end, top, x + scale.at(spent + committed) - end, high, OCHRE)
        if elapsed is not None:
            passed = x + scale.at(elapsed)
            pen.line(passed, top - 2.5, passed, top + high + 2.5, (2.2, WHITE))
            pen.line(passed, top - 2.5, passed, top + high + 2.5, (0.8, INK))
        pen.line(end, top - 1.5, end, top + high + 1.5, (1.2, INK))

    return Block(high, 3.5, paint)


def hatch(
    pen: Pen, x: float, y: float, wide: float, high: float, colour: str, gap: float = 2.4
) -> None:
    """A rectangle filled with 45 degree lines and outlined."""
    pen.outline(x, y, wide, high, (0.5, colour))
    offset = gap
    while offset < wide + high:
        start = (x + min(offset, wide), y + max(0.0, offset - wide))
        finish = (x + max(0.0, offset - high), y + min(offset, high))
        pen.line(*start, *finish, (0.5, colour))
        offset += gap


def interval_block(
    scale: Scale, interval: Interval, judgement: Judgement, number: Word = ()
) -> Block:
    """A pale bar with dark caps and a dot (a ring when it cannot tell); ``number`` outside, away from zero.

    ``scale`` counts points from the left edge of the column.
    """
    colour = TEXT_COLOUR[judgement]
    wide = sum(span.width for span in number)

    def paint(pen: Pen, x: float, y: float) -> None:
        centre = y - 3.2
        _bar_with_caps(pen, x, centre, scale, interval, judgement)
        if interval.expected is not None:
            tick = x + scale.at(interval.expected)
            pen.line(tick, centre - 5.5, tick, centre + 5.5, (1.2, INK))
        _dot(pen, x + scale.at(interval.middle), centre, judgement, colour)
        measured = [v for v in (interval.low, interval.middle, interval.high) if v is not None]
        left, right = x + scale.at(min(measured)), x + scale.at(max(measured))
        at = right + 6 if interval.middle >= 0 else left - 6 - wide
        for span in number:
            draw_span(pen, span, at, y)
            at += span.width

    return Block(8, 4, paint)


def _bar_with_caps(
    pen: Pen, x: float, y: float, scale: Scale, interval: Interval, judgement: Judgement
) -> None:
    if interval.low is None or interval.high is None:
        return
    left, right = x + scale.at(interval.low), x + scale.at(interval.high)
    pen.box(left, y - 3, right - left, 6, PALE_COLOUR[judgement])
    for edge in (left, right):
        pen.line(edge, y - 3.4, edge, y + 3.4, (0.9, TEXT_COLOUR[judgement]))


def _dot(pen: Pen, x: float, y: float, judgement: Judgement, colour: str) -> None:
    if judgement in (Judgement.CANNOT_TELL, Judgement.NEUTRAL):
        pen.ring(x, y, 2.6, colour)
    else:
        pen.disc(x, y, 2.9, colour, halo=True)


def attainment_block(
    share: float,
    room: float,
    judgement: Judgement,
    *,
    pace: float | None = None,
    full: float = 1.25,
) -> Block:
    """How much of a target is reached: a bar over a pale track, the target a tick at the same place in every row.

    ``pace`` is the share that should be reached by now. The track ends at ``full`` times the target;
    where that is the target itself it needs no tick.
    """
    scale = Scale(0.0, full, 0.0, room)
    colour = FILL_COLOUR[judgement]

    def paint(pen: Pen, x: float, y: float) -> None:
        centre = y - 3.2
        pen.box(x, centre - 2.5, room, 5, RULE_PALE)
        pen.box(x, centre - 2.5, scale.at(share), 5, colour)
        if pace is not None and pace < 1:
            pen.line(
                x + scale.at(pace), centre - 4, x + scale.at(pace), centre + 4, (0.8, TERTIARY)
            )
        if full > 1:
            pen.line(x + scale.at(1), centre - 5.5, x + scale.at(1), centre + 5.5, (1.4, INK))

    return Block(9, 3, paint)
