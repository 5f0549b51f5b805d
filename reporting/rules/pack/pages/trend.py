"""A measure over the year against its goal: each period, the gap so far, and what the latest was made of."""

from __future__ import annotations

from reporting.rules.pack.blocks import fitted
from reporting.rules.pack.content.performance import Contribution, PeriodBar, TrendPage
from reporting.rules.pack.errors import DoesNotFit
from reporting.rules.pack.figures import FigureStore, Sentence
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.look import (
    AXIS,
    BODY,
    GREEN,
    GREEN_FILL,
    GREEN_PALE,
    INK,
    LEFT,
    NOTE,
    NUMBER_STRONG,
    OCHRE,
    RIGHT,
    ROW_MEDIUM,
    ROW_NAME,
    RULE_ROW,
    SECONDARY,
    TERTIARY,
    Style,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Scale, round_scale, tick_text, ticks
from reporting.rules.pack.table import shared_footnote
from reporting.rules.pack.typefaces import SEMIBOLD
from reporting.rules.pack.wording import (
    Line,
    compose,
    draw_line,
    draw_lines,
    draw_span,
    figure_spans,
    id_span,
    set_lines,
    shortened,
    text_width,
)

_SPLIT = 552.0  # right edge of the charts on the left
_PARTS = 590.0
_HEADING = ROW_NAME.sized(8.8)
_BAR_NUMBER = AXIS.sized(7.6).coloured(INK)
_BAR_NUMBER_LATEST = Style(SEMIBOLD, 8.2, 10, INK)


def lay_trend(page: TrendPage, store: FigureStore, bookmark: str) -> Flow:
    """One sheet. Raises ``DoesNotFit`` for more parts than the side column holds."""
    flow = Flow(page.headline, store, bookmark)
    top = flow.y
    gaps = [period.gap for period in page.periods if period.gap is not None]
    middle = top + (160 if len(gaps) > 1 else 300)
    flow.paint(lambda pen: _draw_bars(pen, page, store, top, middle))
    if len(gaps) > 1:
        flow.paint(lambda pen: _draw_gap(pen, page, store, middle + 34, 540))
    _lay_parts(flow, page, store, top)
    return flow


def _slots(page: TrendPage) -> tuple[float, float]:
    """Left edge of the first period and the width of one."""
    return LEFT + 2, (_SPLIT - LEFT - 2) / len(page.periods)


def draw_chart_heading(
    pen: Pen, store: FigureStore, y: float, heading: Sentence, unit: Sentence, footnote: str = ""
) -> None:
    """The name of a chart and, paler, its unit; the footnote id covers every number of the chart."""
    pale = NOTE.coloured(TERTIARY)
    title = Line(tuple(compose(heading, _HEADING, store)), text_width(" ", _HEADING))
    draw_line(pen, title, LEFT, y)
    at = LEFT + title.width + 6
    line = Line(tuple(compose(unit, pale, store)), text_width(" ", pale))
    draw_line(pen, line, at, y)
    if footnote:
        draw_span(pen, id_span(footnote, pale), at + line.width, y)


def _draw_bars(pen: Pen, page: TrendPage, store: FigureStore, top: float, bottom: float) -> None:
    shared = shared_footnote([period.figure for period in page.periods], store)
    draw_chart_heading(pen, store, top + 2, page.bars_heading, page.bars_unit, shared)
    values = [store.value(period.figure) for period in page.periods]
    targets = [period.target for period in page.periods if period.target is not None]
    scale = Scale(0, max([*values, *targets, 1e-9]), bottom - 16, top + 26)
    left, step = _slots(page)
    latest = max((i for i, period in enumerate(page.periods) if period.figure), default=-1)
    for index, period in enumerate(page.periods):
        slot = (left + index * step, step)
        _draw_bar(pen, period, store, scale, slot, latest=index == latest, with_ids=not shared)
    pen.line(left, scale.left, left + step * len(page.periods), scale.left, (0.8, INK))


def _draw_bar(
    pen: Pen,
    period: PeriodBar,
    store: FigureStore,
    scale: Scale,
    slot: tuple[float, float],
    *,
    latest: bool,
    with_ids: bool,
) -> None:
    """One period in its ``slot`` (left edge, width); ids only where the heading has none."""
    x, step = slot
    centre, wide = x + step / 2, step * 0.68
    top = scale.left
    if period.figure is not None:
        top = scale.at(store.value(period.figure))
        pen.box(centre - wide / 2, top, wide, scale.left - top, GREEN if latest else GREEN_FILL)
    if period.target is not None:
        mark = scale.at(period.target)
        pen.line(
            centre - step * 0.41,
            mark,
            centre + step * 0.41,
            mark,
            (1.3, INK if period.figure else TERTIARY),
        )
        top = min(top, mark)
    if period.figure is not None:
        style = _BAR_NUMBER_LATEST if latest else _BAR_NUMBER
        figure = store[period.figure]
        word = figure_spans(figure, fitted(figure, style, step - 3), with_id=latest or with_ids)
        draw_line(pen, Line((word,), 0), centre - word[0].width / 2, top - 5)
    label = AXIS.coloured(INK if latest else TERTIARY)
    label = Style(SEMIBOLD, label.size, label.leading, INK) if latest else label
    pen.text(centre, scale.left + 11, shortened(period.label, label, step), label, "centre")


def _draw_gap(pen: Pen, page: TrendPage, store: FigureStore, top: float, bottom: float) -> None:
    """The distance from the goal, not the level: on a level chart it would be invisible."""
    draw_chart_heading(pen, store, top, page.gap_heading, page.gap_unit)
    left, step = _slots(page)
    points = [
        (index, period.gap) for index, period in enumerate(page.periods) if period.gap is not None
    ]
    scale = round_scale([gap for _, gap in points], bottom - 24, top + 24)
    for value in ticks(scale, 5):
        y = scale.at(value)
        if value == 0:
            pen.line(left, y, left + step * len(page.periods), y, (1.0, INK))
        else:
            pen.rule(y, RULE_ROW, left, left + step * len(page.periods))
            pen.text(left, y - 3, tick_text(value, signed=True), AXIS)
    line = [(left + (index + 0.5) * step, scale.at(gap)) for index, gap in points]
    pen.polyline(line, (2.0, GREEN))
    last = points[-1][1]
    _draw_gap_labels(pen, page, store, line[-1], scale, ahead=last >= 0)
    for index, period in enumerate(page.periods):
        pen.text(left + (index + 0.5) * step, bottom, period.label, AXIS, "centre")


def _draw_gap_labels(
    pen: Pen,
    page: TrendPage,
    store: FigureStore,
    end: tuple[float, float],
    scale: Scale,
    *,
    ahead: bool,
) -> None:
    left, _ = _slots(page)
    style = Style(SEMIBOLD, 8.2, 10, GREEN if ahead else OCHRE)
    pen.disc(*end, 3.2, style.colour, halo=True)
    words = compose(page.gap_latest, style, store)
    line = Line(tuple(words), text_width(" ", style))
    room_right = _SPLIT - end[0] - 8
    if line.width <= room_right:
        draw_line(pen, line, end[0] + 8, end[1] + (-6 if ahead else 12))
    else:
        draw_line(pen, line, end[0] - 8, end[1] + (-8 if ahead else 14), "right")
    goal = Style(SEMIBOLD, 7.6, 10, INK)
    words = compose(page.goal_label, goal, store)
    early = [period.gap for period in page.periods if period.gap is not None][:4]
    y = scale.at(0) + (11 if sum(early) > 0 else -5)
    draw_line(pen, Line(tuple(words), text_width(" ", goal)), left, y)


def _lay_parts(flow: Flow, page: TrendPage, store: FigureStore, top: float) -> None:
    room = RIGHT - _PARTS
    notes = set_lines(page.parts_note, NOTE, store, room, 2)
    foot = set_lines(page.footnote, NOTE, store, room, 2) if page.footnote else []
    first = top + 36 + len(notes) * NOTE.leading
    pitch = min(44.0, (540 - len(foot) * NOTE.leading - 10 - first) / max(1, len(page.parts)))
    if pitch < 23:
        raise DoesNotFit(
            "The page holds 15 parts of a total at most.", remedy="Fold the smallest into one."
        )
    full = max((store.value(part.figure) for part in page.parts), default=0.0)

    shared = shared_footnote([part.change for part in page.parts], store)

    def paint(pen: Pen) -> None:
        heading = compose(page.parts_heading, _HEADING, store)
        draw_line(pen, Line(tuple(heading), text_width(" ", _HEADING)), _PARTS, top + 2)
        draw_lines(pen, notes, _PARTS, top + 15, NOTE.leading)
        if any(part.change for part in page.parts):
            _draw_change_head(pen, page, store, first - 14, shared)
        for index, part in enumerate(page.parts):
            _draw_part(pen, part, store, first + index * pitch, full, with_id=not shared)
        draw_lines(pen, foot, _PARTS, 545 - (len(foot) - 1) * NOTE.leading, NOTE.leading)

    flow.paint(paint)


def _draw_change_head(pen: Pen, page: TrendPage, store: FigureStore, y: float, shared: str) -> None:
    line = Line(tuple(compose(page.change_head, AXIS, store)), text_width(" ", AXIS))
    draw_line(pen, line, RIGHT, y, "right")
    if shared:
        draw_span(pen, id_span(shared, AXIS), RIGHT, y)


def _draw_part(
    pen: Pen, part: Contribution, store: FigureStore, y: float, full: float, *, with_id: bool
) -> None:
    room = RIGHT - _PARTS
    word = figure_spans(store[part.figure], NUMBER_STRONG)
    name = shortened(
        part.name.text, ROW_MEDIUM.sized(8.6), room - 62 - sum(span.width for span in word)
    )
    wide = pen.text(_PARTS, y, name, ROW_MEDIUM.sized(8.6))
    draw_line(pen, Line((word,), 0), _PARTS + wide + 8, y)
    if part.change is not None:
        tone = OCHRE if part.judgement is Judgement.BEHIND else SECONDARY
        text = figure_spans(store[part.change], BODY.coloured(tone), with_id=with_id)
        draw_line(pen, Line((text,), 0), RIGHT - text[0].width, y)
    colour = GREEN_FILL if part.judgement is Judgement.AHEAD else GREEN_PALE
    value = store.value(part.figure)
    pen.box(_PARTS, y + 5.5, room * max(0.0, value) / full if full > 0 else 0, 8.5, colour)
