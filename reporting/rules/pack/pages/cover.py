"""The cover: what it is, one sentence of verdict, the period's own data as art, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reporting.rules.pack.content.cover import Completeness, CoverArt, Fact, SourceDays
from reporting.rules.pack.content.documents import PackContent
from reporting.rules.pack.figures import FigureStore, Name, Sentence
from reporting.rules.pack.frame import Running, draw_accent, draw_footer
from reporting.rules.pack.look import (
    AXIS,
    COVER_PERIOD,
    COVER_TITLE,
    GREEN,
    INK,
    LEFT,
    NOTE,
    OCHRE,
    OCHRE_FILL,
    RIGHT,
    ROW_MEDIUM,
    RULE_INK,
    RULE_ROW,
    SECONDARY,
    SECTION,
    TERTIARY,
    VERDICT,
    WHITE,
    Style,
    column,
    span,
)
from reporting.rules.pack.pen import Pen, Point
from reporting.rules.pack.typefaces import MEDIUM, SEMIBOLD
from reporting.rules.pack.wording import draw_lines, set_lines, shortened

_FACTS_TOP = 381.0
_FACT_STEP = 77.0
_ART = (398.0, 798.0, 108.0, 338.0)  # left, right, top, bottom
_STATEMENT = ROW_MEDIUM.sized(9.2)
_SMALL = NOTE.sized(8.2)
_STREAM_SHADES = (
    "#0E5A4F",
    "#47877B",
    "#7AA8A0",
    "#A3C5BE",
    "#BDD6D1",
    "#CFE1DD",
    "#DCE9E6",
    "#E6EFED",
)
_TITLE_ROOM = 330.0


def draw_cover(pen: Pen, content: PackContent, store: FigureStore, running: Running) -> None:
    """The whole first page."""
    imprint = content.imprint
    draw_accent(pen, 40)
    brand = Style(SEMIBOLD, 13, 16, INK)
    wide = pen.text(LEFT, 59.5, "Adroit", brand)
    pen.text(LEFT + wide + 9, 59.5, "Marketing performance", Style(NOTE.face, 9, 12, SECONDARY))
    mark = Style(SEMIBOLD, 9.2, 12, INK)
    pen.text(RIGHT, 59.5, shortened(imprint.classification, mark, 300), mark, "right")
    organisation = Style(MEDIUM, 11, 14, SECONDARY)
    pen.text(LEFT, 104, shortened(imprint.organisation, organisation, _TITLE_ROOM), organisation)
    _draw_title(pen, imprint.document, COVER_TITLE, 145)
    _draw_title(pen, imprint.period, COVER_PERIOD, 189)
    verdict = set_lines(content.verdict, VERDICT, store, 240, 7)
    draw_lines(pen, verdict, LEFT, 222, VERDICT.leading)
    if content.art is not None:
        draw_streams(pen, content.art, store)
    _draw_facts(pen, content, store, running)
    draw_footer(pen, running)


def _draw_title(pen: Pen, text: str, style: Style, y: float) -> None:
    from_width = set_fitting(text, style, _TITLE_ROOM)
    pen.text(LEFT, y, shortened(text, from_width, _TITLE_ROOM), from_width)


def set_fitting(text: str, style: Style, room: float) -> Style:
    """``style`` made smaller, to six tenths at most, until ``text`` needs no ellipsis."""
    scale = 1.0
    while scale > 0.6 and shortened(text, style.sized(style.size * scale), room) != text:
        scale -= 0.05
    return style.sized(style.size * scale)


def _digest_fact(running: Running) -> Fact:
    first = " ".join(running.digest[index : index + 4] for index in range(0, 16, 4))
    return Fact(
        "Pack hash",
        (Name(first),),
        (
            Name(
                f"SHA-256 over figures, provenance and text. The full hash is on page {running.pages}."
            ),
        ),
    )


def _draw_facts(pen: Pen, content: PackContent, store: FigureStore, running: Running) -> None:
    """Two rows of four: the given facts, completeness, hash, status."""
    pen.rule(_FACTS_TOP, RULE_INK)
    pen.rule(_FACTS_TOP + _FACT_STEP + 1, RULE_ROW)
    facts: list[Fact | Completeness] = list(content.facts[:5])
    facts += [content.completeness, _digest_fact(running), content.status]
    for index, fact in enumerate(facts[:8]):
        x, y = column(1 + index % 4 * 3), _FACTS_TOP + 16 + index // 4 * _FACT_STEP
        if isinstance(fact, Completeness):
            _draw_completeness(pen, fact, store, x, y)
        else:
            _draw_fact(pen, fact.label, fact.statement, fact.note, store, (x, y))


def _draw_fact(
    pen: Pen,
    label: str,
    statement: Sentence,
    note: Sentence,
    store: FigureStore,
    at: tuple[float, float],
) -> None:
    x, y = at
    pen.text(x, y, label, SECTION)
    draw_lines(pen, set_lines(statement, _STATEMENT, store, span(3), 1), x, y + 13.5, 12)
    draw_lines(pen, set_lines(note, _SMALL, store, span(3) - 6, 3), x, y + 26, 11.6)


def _draw_completeness(
    pen: Pen, fact: Completeness, store: FigureStore, x: float, y: float
) -> None:
    _draw_fact(pen, "Completeness of data", fact.statement, (), store, (x, y))
    _draw_squares(pen, fact.sources, x, y + 19)
    draw_lines(pen, set_lines(fact.note, _SMALL, store, span(3) - 6, 2), x, y + 41, 11.2)


def _draw_squares(pen: Pen, sources: Sequence[SourceDays], x: float, y: float) -> None:
    """One square a source; a late one is ochre, filled from the left as far as its days came in."""
    pitch = min(12.2, span(3) / max(1, len(sources)))
    side = pitch * 0.78
    for index, source in enumerate(sources):
        left = x + index * pitch
        share = min(1.0, source.received / source.due) if source.due else 1.0
        if share >= 1:
            pen.box(left, y, side, side, GREEN)
        else:
            pen.box(left, y + side * (1 - share), side, side * share, OCHRE_FILL)
            pen.outline(left, y, side, side, (0.8, OCHRE))


def draw_streams(pen: Pen, art: CoverArt, store: FigureStore) -> None:
    """Ridges, one a stream, each on its own base line; heights share one scale that is said to be compressed."""
    streams = [stream for stream in art.streams if len(stream.points) > 1]
    if not streams:
        return
    left, right, top, bottom = _ART
    label = Style(AXIS.face, 7.4, 9, SECONDARY)
    highest = (
        max(math.sqrt(max(0.0, value)) for stream in streams for value in stream.points) or 1.0
    )
    first = math.sqrt(max(0.0, *streams[0].points)) * 78 / highest
    step = min(64.0, (bottom - top - first) / max(1, len(streams) - 1))
    for index, stream in enumerate(streams):
        base = bottom - (len(streams) - 1 - index) * step
        shade = _STREAM_SHADES[min(len(streams) - 1 - index, len(_STREAM_SHADES) - 1)]
        _draw_ridge(pen, stream.points, (left, right, base), 78 / highest, shade)
        pen.text(left - 6, base - 3, shortened(stream.name, label, 90), label, "right")
    for index, tick in enumerate(art.ticks):
        x = left + (right - left) * (index + 0.5) / len(art.ticks)
        pen.text(x, bottom + 12, tick, AXIS, "centre")
    caption = set_lines(art.caption, NOTE.sized(7.6).coloured(TERTIARY), store, right - left, 2)
    draw_lines(pen, caption, left, bottom + 26, 10)


def _draw_ridge(
    pen: Pen, values: Sequence[float], box: tuple[float, float, float], scale: float, shade: str
) -> None:
    left, right, base = box
    heights = [math.sqrt(max(0.0, value)) * scale for value in values]
    line = _smooth(heights, left, right, base)
    pen.area([(left, base), *line, (right, base)], shade, (1.2, WHITE))


def _smooth(heights: Sequence[float], left: float, right: float, base: float) -> list[Point]:
    """Catmull-Rom through the points, four steps between two of them, never under the base line."""
    padded = [heights[0], *heights, heights[-1]]
    step = (right - left) / (len(heights) - 1)
    points = []
    for index in range(len(heights) - 1):
        a, b, c, d = padded[index : index + 4]
        for quarter in range(4):
            t = quarter / 4
            value = b + 0.5 * t * (
                c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))
            )
            points.append((left + (index + t) * step, base - max(0.0, value)))
    return [*points, (right, base - heights[-1])]
