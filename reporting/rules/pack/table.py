"""Tables of blocks: heads, rows on common baselines, groups, shared axes, as many pages as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reporting.rules.pack.blocks import Block, head_block
from reporting.rules.pack.figures import Figure, FigureStore, Ref, Sentence
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.look import (
    AXIS,
    INK,
    LEFT,
    RIGHT,
    RULE_INK,
    RULE_PALE,
    RULE_ROW,
    TERTIARY,
)
from reporting.rules.pack.pen import Align, Pen, Rule
from reporting.rules.pack.scale import Scale, tick_text, ticks

_HEAD_GAP = 6.0
_USUAL_PAD = 5.5
_TIGHTEST_PAD = 2.6
_MOST_PAD = 15.0
_GUTTER_AT_AXIS = 6.0
_TICK_LINE = 10.5  # the head of an axis stands over its ticks


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale shared by every row of a column, with its ticks in the head."""

    scale: Scale
    signed: bool = True
    unit: str = ""
    lines: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column from ``x``, ``room`` points wide; ``footnote`` covers every figure in it."""

    key: str
    x: float
    room: float
    head: Sentence = ()
    align: Align = "right"
    footnote: str = ""
    axis: Axis | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Blocks by column key. ``rule`` is the line under the row, ``pad`` extra room above and below."""

    cells: Mapping[str, Block]
    rule: Rule = RULE_ROW
    pad: float = 0.0

    @property
    def above(self) -> float:
        return max((block.above for block in self.cells.values()), default=0.0) + self.pad

    @property
    def below(self) -> float:
        return max((block.below for block in self.cells.values()), default=0.0) + self.pad

    @property
    def height(self) -> float:
        return self.above + self.below


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows, ready to flow."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    left: float = LEFT
    right: float = RIGHT


def shared_footnote(refs: Sequence[Ref | None], store: FigureStore) -> str:
    """The footnote all these figures have in common ("" when they differ): it goes to the column head."""
    found: list[Figure] = [store[ref] for ref in refs if ref is not None]
    ids = {figure.footnote for figure in found}
    return ids.pop() if len(ids) == 1 and len(found) > 1 else ""


def with_unit(head: str, unit: Sentence) -> Sentence:
    """A column head with its unit behind a comma, if there is one."""
    return (f"{head}, ", *unit) if unit else (head,)


def flow_table(
    flow: Flow, table: Table, *, reserve: float = 0.0, most_pad: float = _MOST_PAD
) -> None:
    """Lay the table from where the flow stands, heads repeated on every page.

    Rows are spread to use the page but keep ``reserve`` points free for what follows.
    """
    heads = {column.key: _head(column, flow.store) for column in table.columns if column.head}
    head_height = max((block.above for block in heads.values()), default=0.0) + _HEAD_GAP
    pad = _pad(table.rows, flow.room - reserve - head_height, most_pad)
    rows = list(table.rows)
    while rows:
        flow.need(head_height + rows[0].height + 2 * pad)
        _draw_heads(flow, table, heads, head_height)
        rows = rows[_place_rows(flow, table, rows, pad) :]
        if rows:
            flow.open_sheet()


def _pad(rows: Sequence[Row], room: float, most: float) -> float:
    """Room over and under each row: wide where the page has it, tighter if that saves a second page."""
    each = (room - sum(row.height for row in rows)) / (2 * max(1, len(rows)))
    return min(most, each) if each >= _TIGHTEST_PAD else _USUAL_PAD


def _head(column: Column, store: FigureStore) -> Block:
    block = head_block(column.head, store, column.room, column.align, column.footnote)
    return block.lowered(-_TICK_LINE) if column.axis is not None else block


def _draw_heads(flow: Flow, table: Table, heads: Mapping[str, Block], height: float) -> None:
    baseline = flow.y + height - _HEAD_GAP
    rule_y = flow.down(height)

    def paint(pen: Pen) -> None:
        for column in table.columns:
            if column.key in heads:
                heads[column.key].paint(pen, column.x, baseline)
            if column.axis is not None:
                _draw_ticks(pen, column, column.axis, baseline)
        pen.rule(rule_y, RULE_INK, table.left, table.right)

    flow.paint(paint)


def _tick_count(axis: Axis) -> int:
    return max(2, int(abs(axis.scale.right - axis.scale.left) / 22))


def _draw_ticks(pen: Pen, column: Column, axis: Axis, baseline: float) -> None:
    for value in ticks(axis.scale, _tick_count(axis)):
        style = AXIS.coloured(INK if value == 0 else TERTIARY)
        text = tick_text(value, signed=axis.signed, unit=axis.unit)
        pen.text(column.x + axis.scale.at(value), baseline, text, style, "centre")


def _place_rows(flow: Flow, table: Table, rows: Sequence[Row], pad: float) -> int:
    """Place as many rows as fit; returns how many."""
    top = flow.y
    placed: list[tuple[Row, float, float]] = []
    for row in rows:
        height = row.height + 2 * pad
        if placed and height > flow.room + 0.01:
            break
        placed.append((row, flow.y + pad + row.above, flow.y + height))
        flow.down(height)
    bottom = flow.y

    def paint(pen: Pen) -> None:
        for column in table.columns:
            if column.axis is not None and column.axis.lines:
                _draw_axis_lines(pen, column, column.axis, top, bottom)
        for number, (row, baseline, end) in enumerate(placed, 1):
            _draw_row(pen, table, row, baseline)
            rule = RULE_INK if number == len(placed) else row.rule
            _draw_rule(pen, table, rule, end)

    flow.paint(paint)
    return len(placed)


def _draw_axis_lines(pen: Pen, column: Column, axis: Axis, top: float, bottom: float) -> None:
    for value in ticks(axis.scale, _tick_count(axis)):
        x = column.x + axis.scale.at(value)
        rule = (0.8, INK) if value == 0 else (0.5, RULE_PALE)
        pen.line(x, top + 1.5, x, bottom - 1.5, rule)


def _draw_row(pen: Pen, table: Table, row: Row, baseline: float) -> None:
    for column in table.columns:
        block = row.cells.get(column.key)
        if block is not None:
            block.paint(pen, column.x, baseline)


def _draw_rule(pen: Pen, table: Table, rule: Rule, y: float) -> None:
    """Pale rules pause at an axis, so that its own lines stay readable; group and end rules run through."""
    left = table.left
    if rule == RULE_ROW:
        for column in table.columns:
            if column.axis is not None and column.axis.lines:
                pen.rule(y, rule, left, column.x - _GUTTER_AT_AXIS)
                left = column.x + column.room + _GUTTER_AT_AXIS
    pen.rule(y, rule, left, table.right)
