"""The register of alerts and risks: evidence, money at stake, state, who does what by when."""

from __future__ import annotations

from reporting.rules.pack.blocks import Block, label_block, number_block, stacked, words_block
from reporting.rules.pack.charts import bar_block
from reporting.rules.pack.content.follow_up import AlertGroup, AlertRow, AlertsPage
from reporting.rules.pack.figures import FigureStore
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import TEXT_COLOUR, Judgement, draw_judgement
from reporting.rules.pack.look import (
    BLOCK,
    LEFT,
    NOTE,
    NUMBER_STRONG,
    ROW_MEDIUM,
    SECONDARY,
    TERTIARY,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.wording import shortened

_BAR = 110.0


def lay_alerts(page: AlertsPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page; a stake is drawn as a bar from zero, all on one scale."""
    flow = Flow(page.headline, store, bookmark)
    flow_table(flow, _table(page, store), reserve=notes_height(flow, page.notes), most_pad=10)
    flow_notes(flow, page.notes, rule=False)
    return flow


def _table(page: AlertsPage, store: FigureStore) -> Table:
    rows = [row for group in page.groups for row in group.rows]
    stakes = [row.stake for row in rows] + [group.total for group in page.groups]
    shared = shared_footnote(stakes, store)
    full = max((abs(store.value(row.stake)) for row in rows), default=0.0)
    columns = [
        Column("raised", LEFT, 40, ("Raised",), "left"),
        Column("name", LEFT + 46, 270, ("What, and the evidence",), "left"),
        Column("bar", 376, _BAR, (), "left"),
        Column("stake", 490, 56, page.stake_head, footnote=shared),
        Column("state", 574, 84, ("State",), "left"),
        Column("response", 664, 134, ("Owner and response",), "left"),
    ]
    if not any(row.stake for row in rows):
        columns = [column for column in columns if column.key not in ("bar", "stake")]
    found = [row for group in page.groups for row in _group(group, store, full, shared)]
    return Table(columns, found)


def _group(group: AlertGroup, store: FigureStore, full: float, shared: str) -> list[Row]:
    tone = BLOCK.coloured(TEXT_COLOUR[group.judgement])
    cells = {"raised": label_block(group.heading, tone, 300)}
    if group.total is not None:
        strong = NUMBER_STRONG.coloured(tone.colour)
        cells["stake"] = number_block(group.total, strong, store, 56, with_id=not shared)
        cells["bar"] = label_block("total", NOTE.coloured(TERTIARY), _BAR - 8, "right")
    return [Row(cells), *(Row(_cells(row, store, full, shared)) for row in group.rows)]


def _cells(row: AlertRow, store: FigureStore, full: float, shared: str) -> dict[str, Block]:
    name = label_block(row.name.text, ROW_MEDIUM, 270)
    owner = label_block(row.owner.text, ROW_MEDIUM.sized(8.4), 134)
    cells = {
        "raised": label_block(row.raised.text, NOTE, 40),
        "name": stacked([name, words_block(row.evidence, NOTE, store, 270, most=2)]),
        "state": _state(row, 84),
        "response": stacked([owner, words_block(row.response, NOTE, store, 134, most=2)]),
    }
    if row.stake is not None:
        style = NUMBER_STRONG.coloured(TEXT_COLOUR[row.judgement])
        cells["stake"] = number_block(row.stake, style, store, 56, with_id=not shared)
        cells["bar"] = bar_block(abs(store.value(row.stake)), full, _BAR, row.judgement, 6.5)
    return cells


def _state(row: AlertRow, room: float) -> Block:
    """Mark and word for how the alert stands."""
    colour = SECONDARY if row.judgement is Judgement.NEUTRAL else TEXT_COLOUR[row.judgement]
    style = ROW_MEDIUM.sized(8.4).coloured(colour)
    shown = shortened(row.state, style, room - 12)

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_judgement(pen, row.judgement, x + 4, y - 3)
        pen.text(x + 12, y, shown, style)

    return Block(7, 3, paint)
