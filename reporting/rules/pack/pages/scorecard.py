"""The month on one page: every measure against target and last year, then what the board is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reporting.rules.pack.blocks import Block, change_block, number_block, stacked, words_block
from reporting.rules.pack.charts import trend_block
from reporting.rules.pack.content.performance import Ask, MetricRow, Outlook, ScorecardPage
from reporting.rules.pack.figures import FigureStore, Name
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import PALE_COLOUR, TEXT_COLOUR
from reporting.rules.pack.look import (
    AXIS,
    BLOCK,
    GREEN,
    HERO,
    INK,
    LEFT,
    NOTE,
    NUMBER,
    ROW_MEDIUM,
    ROW_NAME,
    RULE_GREY,
    RULE_GROUP,
    RULE_ROW,
    Style,
    column,
    span,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Scale
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.typefaces import SEMIBOLD, TITLE
from reporting.rules.pack.wording import (
    Line,
    draw_line,
    draw_lines,
    figure_spans,
    set_lines,
    text_width,
)

_LOWER = 6.0  # numbers stand between the name and its sentence
_TREND_X = 536.0
_OUTLOOK_X = 634.0
_NUMERAL = Style(TITLE, 27, 30, GREEN)
_OWNER = Style(SEMIBOLD, 7.6, 10.8, INK)


# Columns that are left out when no row fills them.
_EMPTY: Mapping[str, Callable[[MetricRow], object]] = {
    "target": lambda row: row.target,
    "vs_target": lambda row: row.vs_target,
    "vs_year": lambda row: row.vs_last_year,
}


def lay_scorecard(page: ScorecardPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page. Columns without a single figure are left out."""
    flow = Flow(page.headline, store, bookmark)
    asks = [_set_ask(ask, store) for ask in page.asks]
    flow_table(flow, _table(page, store), reserve=_asks_height(asks), most_pad=16)
    _flow_asks(flow, page, asks)
    return flow


def _table(page: ScorecardPage, store: FigureStore) -> Table:
    rows = page.rows
    targets = shared_footnote([row.target for row in rows], store)
    changes = shared_footnote(
        [row.vs_target.figure if row.vs_target else None for row in rows], store
    )
    years = shared_footnote([row.vs_last_year for row in rows], store)
    outlook = any(row.outlook for row in rows)
    trend_room = 86.0 if outlook else 262.0
    columns = [
        Column("name", LEFT, 214, ("Measure",), "left"),
        Column("value", 258, 68, (page.period,)),
        Column("target", 334, 52, ("Target",), footnote=targets),
        Column("vs_target", 394, 56, ("vs target",), footnote=changes),
        Column("vs_year", 458, 56, ("vs ", page.compared), footnote=years),
        Column("trend", _TREND_X, trend_room, _trend_head(page), "left"),
    ]
    if outlook:
        columns.append(Column("outlook", _OUTLOOK_X, 164, page.outlook_head, "left"))
    columns = [c for c in columns if c.key not in _EMPTY or any(_EMPTY[c.key](r) for r in rows)]
    shared = {"target": not targets, "vs_target": not changes, "vs_year": not years}
    cells = [_cells(row, store, shared, trend_room) for row in rows]
    rules = [RULE_GROUP if row.ends_group else RULE_ROW for row in rows]
    return Table(columns, [Row(found, rule) for found, rule in zip(cells, rules, strict=True)])


def _trend_head(page: ScorecardPage) -> tuple[str | Name, ...]:
    dashed = any(row.trend_target is not None for row in page.rows)
    return (Name(page.trend_span.text), "; dashed: target" if dashed else "")


def _cells(
    row: MetricRow, store: FigureStore, ids: dict[str, bool], trend_room: float
) -> dict[str, Block]:
    name = words_block((Name(row.name),), ROW_NAME, store, 214)
    cells = {
        "name": stacked([name, words_block(row.sentence, NOTE, store, 212, most=2)])
        if row.sentence
        else name,
        "value": number_block(row.value, HERO, store, 68).lowered(_LOWER),
        "trend": trend_block(row.trend, trend_room, 29, target=row.trend_target).lowered(
            _LOWER + 4
        ),
    }
    if row.target is not None:
        cells["target"] = number_block(
            row.target, NUMBER, store, 52, with_id=ids["target"]
        ).lowered(_LOWER)
    if (change := row.vs_target) is not None:
        block = change_block(
            change.figure, change.judgement, change.word, store, 56, with_id=ids["vs_target"]
        )
        cells["vs_target"] = block.lowered(_LOWER)
    if row.vs_last_year is not None:
        cells["vs_year"] = number_block(
            row.vs_last_year, NUMBER, store, 56, with_id=ids["vs_year"]
        ).lowered(_LOWER)
    if row.outlook is not None:
        cells["outlook"] = _outlook_block(row.outlook, store).lowered(_LOWER)
    return cells


def _outlook_block(outlook: Outlook, store: FigureStore) -> Block:
    """A stored forecast with its range and target on a scale of its own, all values printed."""
    values = [
        store.value(ref) for ref in (outlook.low, outlook.middle, outlook.high, outlook.target)
    ]
    margin = (max(values) - min(values) or 1.0) * 0.2
    scale = Scale(min(values) - margin, max(values) + margin, 0, 136)
    low, middle, high, target = (scale.at(value) for value in values)
    tone = TEXT_COLOUR[outlook.judgement]

    def paint(pen: Pen, x: float, y: float) -> None:
        centre = y - 3.2
        pen.line(x, centre, x + 136, centre, (0.5, RULE_GREY))
        pen.box(x + low, centre - 3, high - low, 6, PALE_COLOUR[outlook.judgement])
        for edge in (low, high):
            pen.line(x + edge, centre - 3.4, x + edge, centre + 3.4, (0.9, tone))
        pen.line(x + target, centre - 7, x + target, centre + 7, (1.0, INK))
        pen.disc(x + middle, centre, 2.9, tone, halo=True)
        _outlook_numbers(pen, x, y, outlook, store, (low, middle, high, target), tone)
        pen.text(x + 164, y, outlook.horizon.text, AXIS, "right")

    return Block(17, 14, paint)


def _outlook_numbers(
    pen: Pen,
    x: float,
    y: float,
    outlook: Outlook,
    store: FigureStore,
    at: tuple[float, ...],
    tone: str,
) -> None:
    low, middle, high, target = at
    strong = Style(SEMIBOLD, 7.8, 10, tone)
    apart = 3.0 if middle >= target else -3.0
    for ref, style, spot, height, side in (
        (outlook.middle, strong, middle + apart, -10.0, apart),
        (outlook.target, AXIS, target - apart, -10.0, -apart),
        (outlook.low, AXIS, low, 13.0, 0.0),
        (outlook.high, AXIS, high, 13.0, 0.0),
    ):
        word = figure_spans(store[ref], style, with_id=ref is outlook.middle)
        wide = word[0].width
        left = spot if side > 0 else spot - wide if side < 0 else spot - wide / 2
        draw_line(pen, Line((word,), 0), x + left, y + height)


_SetAsk = tuple[Ask, list[Line], list[Line]]


def _set_ask(ask: Ask, store: FigureStore) -> _SetAsk:
    room = span(4) - 26
    return (
        ask,
        set_lines(ask.title, ROW_MEDIUM, store, room, 3),
        set_lines(ask.sentence, NOTE, store, room, 2),
    )


def _asks_height(asks: list[_SetAsk]) -> float:
    if not asks:
        return 0.0
    rows = (len(asks) + 2) // 3
    tallest = max(
        len(title) * ROW_MEDIUM.leading + len(note) * NOTE.leading for _, title, note in asks
    )
    return 30 + rows * (tallest + 22)


def _flow_asks(flow: Flow, page: ScorecardPage, asks: list[_SetAsk]) -> None:
    if not asks:
        return
    flow.need(_asks_height(asks))
    top = flow.down(20)
    step = (_asks_height(asks) - 30) / ((len(asks) + 2) // 3)

    def paint(pen: Pen) -> None:
        pen.text(LEFT, top, page.asks_heading, BLOCK)
        for index, ask in enumerate(asks):
            _draw_ask(pen, column(1 + index % 3 * 4), top + 18 + index // 3 * step, index + 1, ask)

    flow.paint(paint)


def _draw_ask(pen: Pen, x: float, y: float, number: int, ask: _SetAsk) -> None:
    content, title, note = ask
    pen.text(x, y + 9, str(number), _NUMERAL)
    inner = x + 22
    y = draw_lines(pen, title, inner, y, ROW_MEDIUM.leading) + 14
    y = draw_lines(pen, note, inner, y, NOTE.leading) + 13 if note else y
    owner = f"{content.owner.text}, {content.due.text}"
    pen.text(
        inner, y, owner if text_width(owner, _OWNER) < span(4) - 26 else content.due.text, _OWNER
    )
