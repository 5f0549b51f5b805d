"""Initiatives, planned optimisations, steps of growth: what, for how much, how far, with which effect."""

from __future__ import annotations

from reporting.rules.pack.blocks import Block, label_block, number_block, stacked, words_block
from reporting.rules.pack.charts import attainment_block, interval_block
from reporting.rules.pack.content.follow_up import PlanPage, PlanRow
from reporting.rules.pack.figures import FigureStore, Ref
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import TEXT_COLOUR, Judgement, draw_judgement
from reporting.rules.pack.look import (
    LEFT,
    NOTE,
    NUMBER,
    NUMBER_STRONG,
    ROW_MEDIUM,
    SECONDARY,
    TERTIARY,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Interval, Scale, round_scale
from reporting.rules.pack.table import Axis, Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.wording import figure_spans, shortened

_AXIS = 156.0
_NAME = 250.0


def lay_plan(page: PlanPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page; columns nobody fills are left out."""
    flow = Flow(page.headline, store, bookmark)
    flow_table(flow, _table(page, store), reserve=notes_height(flow, page.notes), most_pad=18)
    flow_notes(flow, page.notes, rule=False)
    return flow


def _scale(page: PlanPage) -> Scale | None:
    ends = [value for row in page.rows if row.interval for value in row.interval.ends]
    if not ends:
        return None
    inner = round_scale(ends, 0, 0)
    return Scale(inner.low, inner.high, 10 if inner.low >= 0 else 30, _AXIS - 36)


def _table(page: PlanPage, store: FigureStore) -> Table:
    rows = page.rows
    scale = _scale(page)
    ids = {
        "money": shared_footnote([row.money for row in rows], store),
        "progress": shared_footnote([row.progress for row in rows], store),
        "expected": shared_footnote([row.expected for row in rows], store),
    }
    shift = 0.0 if any(row.expected for row in rows) else 132.0
    columns = [Column("name", LEFT, _NAME + shift, (page.name_head,), "left")]
    if any(row.money for row in rows):
        columns.append(Column("money", 306 + shift, 58, page.money_head, footnote=ids["money"]))
    if any(row.progress for row in rows):
        columns.append(Column("bar", 392 + shift, 76, ("Progress",), "left"))
        head = ("done",) if ids["progress"] else ()
        columns.append(Column("progress", 472 + shift, 36, head, footnote=ids["progress"]))
    if scale:
        columns.append(Column("effect", 522, _AXIS, page.expected_head, "centre", axis=Axis(scale)))
    elif not shift:
        columns.append(Column("effect", 560, 62, page.expected_head, footnote=ids["expected"]))
    columns += [Column("state", 688, 110, ("State, owner and date",), "left")]
    return Table(columns, [Row(_cells(row, store, scale, ids, _NAME + shift)) for row in rows])


def _cells(
    row: PlanRow, store: FigureStore, scale: Scale | None, ids: dict[str, str], room: float
) -> dict[str, Block]:
    name = label_block(row.name.text, ROW_MEDIUM, room)
    under = label_block(f"{row.owner.text}, {row.due.text}", NOTE.coloured(TERTIARY), 110)
    cells = {
        "name": stacked([name, words_block(row.sentence, NOTE, store, room, most=2)])
        if row.sentence
        else name,
        "state": stacked([_state(row), under]),
    }
    if row.money is not None:
        cells["money"] = number_block(row.money, NUMBER, store, 58, with_id=not ids["money"])
    if row.progress is not None:
        cells["progress"] = number_block(
            row.progress, NUMBER, store, 36, with_id=not ids["progress"]
        )
        cells["bar"] = attainment_block(store.value(row.progress), 76, row.judgement, full=1.0)
    if row.expected is not None:
        cells["effect"] = _effect(row.expected, row.interval, store, scale, ids["expected"])
    return cells


def _effect(
    ref: Ref, interval: Interval | None, store: FigureStore, scale: Scale | None, shared: str
) -> Block:
    style = NUMBER_STRONG.sized(8.6)
    if scale is None or interval is None:
        return number_block(ref, style, store, 62, with_id=scale is not None or not shared)
    judgement = _of_interval(interval)
    number = figure_spans(store[ref], style.coloured(TEXT_COLOUR[judgement]), with_id=True)
    return interval_block(scale, interval, judgement, number)


def _of_interval(interval: Interval) -> Judgement:
    """The range alone says which: clear of zero, or we cannot tell."""
    low, high = min(interval.ends), max(interval.ends)
    if low > 0:
        return Judgement.AHEAD
    return Judgement.BEHIND if high < 0 else Judgement.CANNOT_TELL


def _state(row: PlanRow) -> Block:
    colour = SECONDARY if row.judgement is Judgement.NEUTRAL else TEXT_COLOUR[row.judgement]
    style = ROW_MEDIUM.sized(8.4).coloured(colour)
    lead = 0 if row.judgement is Judgement.NEUTRAL else 11
    shown = shortened(row.state, style, 110 - lead)

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_judgement(pen, row.judgement, x + 3.5, y - 3)
        pen.text(x + lead, y, shown, style)

    return Block(7, 3, paint)
