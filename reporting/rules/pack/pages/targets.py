"""Targets attained, as the tree of measures: what the board watches and what it is made of."""

from __future__ import annotations

from reporting.rules.pack.blocks import Block, change_block, label_block, number_block, stacked
from reporting.rules.pack.charts import attainment_block
from reporting.rules.pack.content.performance import TargetRow, TargetsPage
from reporting.rules.pack.figures import FigureStore, Ref
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.look import (
    AXIS,
    INK,
    LEFT,
    LINE_GREY,
    NOTE,
    NUMBER,
    NUMBER_STRONG,
    RULE_GROUP,
    RULE_ROW,
    TERTIARY,
    Style,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.typefaces import MEDIUM, REGULAR, SEMIBOLD

_INDENT = 18.0
_BAR = 150.0
_NAME_ROOM = 236.0
_TOP = Style(SEMIBOLD, 9.4, 12)
_MIDDLE = Style(MEDIUM, 8.8, 12)
_LEAF = Style(REGULAR, 8.6, 12)


def lay_targets(page: TargetsPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page, rows in the order of the tree."""
    flow = Flow(page.headline, store, bookmark)
    flow_table(flow, _table(page, store), reserve=notes_height(flow, page.notes), most_pad=9)
    flow_notes(flow, page.notes, rule=False)
    return flow


def _figures(row: TargetRow) -> dict[str, Ref | None]:
    change = row.change.figure if row.change else None
    return {"actual": row.actual, "target": row.target, "attained": row.attained, "change": change}


def _table(page: TargetsPage, store: FigureStore) -> Table:
    keys = ("actual", "target", "attained", "change")
    ids = {key: shared_footnote([_figures(row)[key] for row in page.rows], store) for key in keys}
    columns = [
        Column("name", LEFT, _NAME_ROOM, ("Measure and what it is made of",), "left"),
        Column("actual", 284, 62, ("Actual",), footnote=ids["actual"]),
        Column("target", 356, 60, ("Target",), footnote=ids["target"]),
        Column("bar", 440, _BAR, ("Reached, and where it should stand",), "left"),
        Column("attained", 596, 42, ("of target",), footnote=ids["attained"]),
        Column("change", 650, 62, ("vs pace",), footnote=ids["change"]),
        Column("owner", 730, 68, ("Owner and due",), "left"),
    ]
    first_bar = next((row for row in page.rows if row.attained), None)
    rows = []
    for index, row in enumerate(page.rows):
        following = page.rows[index + 1 :]
        cells = _cells(row, store, ids, named=row is first_bar)
        top_next = bool(following) and following[0].level == 0
        rows.append(Row(cells, RULE_GROUP if top_next else RULE_ROW))
    return Table(columns, rows)


def _cells(
    row: TargetRow,
    store: FigureStore,
    ids: dict[str, str],
    *,
    named: bool,
) -> dict[str, Block]:
    number = NUMBER_STRONG if row.level == 0 else NUMBER.coloured(INK)
    cells = {
        "name": _name(row),
        "actual": number_block(row.actual, number, store, 62, with_id=not ids["actual"]),
    }
    if row.target is not None:
        cells["target"] = number_block(row.target, NUMBER, store, 60, with_id=not ids["target"])
    if row.attained is not None:
        judgement = row.change.judgement if row.change else Judgement.NEUTRAL
        cells["attained"] = number_block(
            row.attained, NUMBER, store, 42, with_id=not ids["attained"]
        )
        cells["bar"] = _bar(store.value(row.attained), judgement, row.pace, named=named)
    if (change := row.change) is not None:
        with_id = not ids["change"]
        cells["change"] = change_block(
            change.figure, change.judgement, change.word, store, 62, with_id=with_id
        )
    if row.owner.text:
        owner, due = (
            label_block(row.owner.text, NOTE, 68),
            label_block(row.due.text, NOTE.coloured(TERTIARY), 68),
        )
        cells["owner"] = stacked([owner, due]) if row.due.text else owner
    return cells


def _name(row: TargetRow) -> Block:
    """The name behind an elbow of the tree; ``×``, ``÷`` and the like say how it enters its parent."""
    style = (_TOP, _MIDDLE, _LEAF)[min(row.level, 2)]
    indent = row.level * _INDENT
    sign = f"{row.relation} " if row.relation else ""
    label = label_block(sign + row.name.text, style, _NAME_ROOM - indent - 4)
    if row.level == 0:
        return label

    def paint(pen: Pen, x: float, y: float) -> None:
        stem = x + indent - _INDENT + 5
        pen.line(stem, y - 17, stem, y - 3, (0.6, LINE_GREY))
        pen.line(stem, y - 3, x + indent - 3, y - 3, (0.6, LINE_GREY))
        label.paint(pen, x + indent, y)

    return Block(label.above, label.below, paint)


def _bar(share: float, judgement: Judgement, pace: float | None, *, named: bool) -> Block:
    block = attainment_block(share, _BAR, judgement, pace=pace)
    if not named:
        return block
    small = AXIS.sized(6.8)

    def paint(pen: Pen, x: float, y: float) -> None:
        block.paint(pen, x, y)
        target = x + _BAR / 1.25
        pen.text(target - 3, y + 10.5, "target", small.coloured(INK))
        if pace is not None and 0.4 < pace < 0.93:
            pen.text(x + _BAR / 1.25 * pace + 3, y + 10.5, "due by now", small, "right")

    return Block(block.above, 13, paint)
