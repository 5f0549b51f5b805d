"""What changed since the last pack: the bridge of one figure, the restated ones, and why."""

from __future__ import annotations

from reporting.rules.pack.blocks import fitted, label_block, number_block, words_block
from reporting.rules.pack.content.follow_up import Bridge, BridgeStep, ChangesPage, RestatedRow
from reporting.rules.pack.figures import FigureStore, Name, Ref
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import TEXT_COLOUR, Judgement
from reporting.rules.pack.look import (
    BLOCK,
    GREEN,
    GREEN_FILL,
    INK,
    LEFT,
    NOTE,
    NUMBER,
    NUMBER_STRONG,
    OCHRE,
    RIGHT,
    ROW_MEDIUM,
    RULE_ROW,
    TERTIARY,
    Style,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pages.trend import draw_chart_heading
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Scale
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.typefaces import ITALIC, SEMIBOLD
from reporting.rules.pack.wording import Line, draw_line, figure_spans, shortened

_BRIDGE = 196.0


def lay_changes(page: ChangesPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page: bridge if there is one, restated figures, notes."""
    flow = Flow(page.headline, store, bookmark)
    if page.bridge is not None:
        _flow_bridge(flow, page.bridge)
    if page.restated:
        _flow_restated(flow, page)
    flow_notes(flow, page.notes, rule=not page.restated)
    return flow


def _flow_bridge(flow: Flow, bridge: Bridge) -> None:
    top = flow.y
    flow.down(_BRIDGE + 22)
    flow.paint(lambda pen: _draw_bridge(pen, flow.store, bridge, top))


def _levels(bridge: Bridge, store: FigureStore) -> list[float]:
    """The level reached after the start and after each step."""
    levels = [store.value(bridge.start)]
    for step in bridge.steps:
        levels.append(levels[-1] + store.value(step.figure))
    return levels


def _draw_bridge(pen: Pen, store: FigureStore, bridge: Bridge, top: float) -> None:
    draw_chart_heading(pen, store, top + 2, bridge.heading, bridge.unit)
    pen.text(
        RIGHT,
        top + 2,
        "The axis is cut: only the change is to scale",
        Style(ITALIC, 7.2, 9, TERTIARY),
        "right",
    )
    levels = [*_levels(bridge, store), store.value(bridge.end)]
    margin = (max(levels) - min(levels) or 1.0) * 0.25
    scale = Scale(min(levels) - margin, max(levels) + margin, top + _BRIDGE - 34, top + 26)
    step = (RIGHT - LEFT) / (len(bridge.steps) + 2)
    floor = top + _BRIDGE - 26
    pen.rule(floor, RULE_ROW)
    _draw_end(pen, store, bridge.start, bridge.start_name, (LEFT, step), (scale, floor))
    for index, item in enumerate(bridge.steps):
        box = (LEFT + (index + 1) * step, step)
        _draw_step(
            pen, store, item, box, (scale.at(levels[index]), scale.at(levels[index + 1]), floor)
        )
    last = (LEFT + (len(bridge.steps) + 1) * step, step)
    _draw_end(pen, store, bridge.end, bridge.end_name, last, (scale, floor))


def _draw_end(
    pen: Pen,
    store: FigureStore,
    ref: Ref,
    name: Name,
    slot: tuple[float, float],
    at: tuple[Scale, float],
) -> None:
    x, step = slot
    scale, floor = at
    y = scale.at(store.value(ref))
    pen.box(x + step * 0.05, y - 1.6, step * 0.9, 3.2, GREEN)
    figure = store[ref]
    word = figure_spans(figure, fitted(figure, Style(SEMIBOLD, 15, 18, GREEN), step * 0.8))
    draw_line(pen, Line((word,), 0), x + step / 2 - word[0].width / 2, y - 8)
    style = ROW_MEDIUM.sized(8.2)
    pen.text(x + step / 2, floor + 13, shortened(name.text, style, step - 6), style, "centre")


def _draw_step(
    pen: Pen,
    store: FigureStore,
    item: BridgeStep,
    slot: tuple[float, float],
    at: tuple[float, float, float],
) -> None:
    x, step = slot
    before, after, floor = at
    tone = TEXT_COLOUR[item.judgement] if item.judgement is not Judgement.NEUTRAL else INK
    pen.line(x - step * 0.05, before, x + step * 0.26, before, (0.5, TERTIARY), (1.4, 1.4))
    pen.line(x + step * 0.74, after, x + step * 1.05, after, (0.5, TERTIARY), (1.4, 1.4))
    top, high = min(before, after), max(abs(after - before), 0.8)
    pen.box(
        x + step * 0.26,
        top,
        step * 0.48,
        high,
        OCHRE if item.judgement is Judgement.BEHIND else GREEN_FILL,
    )
    figure = store[item.figure]
    word = figure_spans(figure, fitted(figure, NUMBER_STRONG.coloured(tone), step * 0.8))
    y = top - 6 if after <= before else top + high + 12
    draw_line(pen, Line((word,), 0), x + step / 2 - word[0].width / 2, y)
    name, note = ROW_MEDIUM.sized(8.2), NOTE.sized(7.4).coloured(TERTIARY)
    pen.text(x + step / 2, floor + 13, shortened(item.name.text, name, step - 6), name, "centre")
    pen.text(x + step / 2, floor + 24, shortened(item.note.text, note, step - 6), note, "centre")


def _flow_restated(flow: Flow, page: ChangesPage) -> None:
    flow.need(70)
    y = flow.down(8)
    flow.paint(lambda pen: pen.text(LEFT, y, page.restated_heading, BLOCK))
    flow.down(8)
    flow_table(flow, _table(page, flow.store), reserve=notes_height(flow, page.notes), most_pad=8)


def _table(page: ChangesPage, store: FigureStore) -> Table:
    rows = page.restated
    ids = {
        "was": shared_footnote([row.was for row in rows], store),
        "now": shared_footnote([row.now for row in rows], store),
        "change": shared_footnote([row.change.figure for row in rows], store),
    }
    columns = [
        Column("name", LEFT, 206, ("Figure",), "left"),
        Column("was", 258, 56, ("Was",), footnote=ids["was"]),
        Column("now", 326, 58, ("Is now",), footnote=ids["now"]),
        Column("change", 398, 56, ("Change",), footnote=ids["change"]),
        Column("why", 490, 208, ("Why",), "left"),
        Column("approved", 706, 92, ("Approved",)),
    ]
    return Table(columns, [_row(row, store, ids) for row in rows])


def _row(row: RestatedRow, store: FigureStore, ids: dict[str, str]) -> Row:
    change = NUMBER_STRONG.coloured(TEXT_COLOUR[row.change.judgement])
    return Row({
        "name": label_block(row.name.text, ROW_MEDIUM.sized(8.8), 206),
        "was": number_block(row.was, NUMBER, store, 56, with_id=not ids["was"]),
        "now": number_block(row.now, NUMBER_STRONG, store, 58, with_id=not ids["now"]),
        "change": number_block(row.change.figure, change, store, 56, with_id=not ids["change"]),
        "why": words_block(row.why, NOTE, store, 208, most=3),
        "approved": label_block(row.approved.text, NOTE, 92, "right"),
    })  # fmt: skip
