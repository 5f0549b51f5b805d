"""What was decided and what came of it, grouped by verdict: helped, cannot tell, hurt, still measuring."""

from __future__ import annotations

from collections.abc import Sequence

from reporting.rules.pack.blocks import (
    Block,
    fitted,
    label_block,
    number_block,
    stacked,
    verdict_block,
    words_block,
)
from reporting.rules.pack.charts import interval_block
from reporting.rules.pack.content.follow_up import DecisionRow, DecisionsPage
from reporting.rules.pack.figures import FigureStore
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import OF_VERDICT, TEXT_COLOUR, Verdict
from reporting.rules.pack.look import (
    AXIS,
    GREEN,
    INK,
    LEFT,
    NOTE,
    NUMBER,
    NUMBER_STRONG,
    ROW_MEDIUM,
    RULE_GROUP,
    RULE_ROW,
    TERTIARY,
    WHITE,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.scale import Scale, round_scale
from reporting.rules.pack.table import Axis, Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.wording import Line, draw_line, figure_spans, text_width

_ORDER = (Verdict.HELPED, Verdict.CANNOT_TELL, Verdict.HURT, Verdict.MEASURING)
_AXIS_X, _AXIS_ROOM = 444.0, 198.0


def lay_decisions(page: DecisionsPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page; rows keep their order within each verdict."""
    flow = Flow(page.headline, store, bookmark)
    lay_decision_table(flow, page)
    flow_notes(flow, page.notes, rule=False)
    return flow


def lay_decision_table(flow: Flow, page: DecisionsPage) -> None:
    """The table alone, where the flow stands."""
    if page.rows:
        flow_table(
            flow, _table(page, flow.store), reserve=notes_height(flow, page.notes), most_pad=10
        )


def _scale(rows: Sequence[DecisionRow]) -> Scale | None:
    ends = [value for row in rows if row.interval for value in row.interval.ends]
    if not ends:
        return None
    inner = round_scale(ends, 0, 0)
    return Scale(inner.low, inner.high, 34, _AXIS_ROOM - 38)


def _table(page: DecisionsPage, store: FigureStore) -> Table:
    rows = sorted(page.rows, key=lambda row: _ORDER.index(row.verdict))
    scale = _scale(rows)
    effects = shared_footnote([row.effect for row in rows], store)
    name_room = 180.0 if scale else 254.0
    method_x = LEFT + 42 + name_room + 12
    measure_x = method_x + (76 if scale else 116)
    columns = [
        Column("taken", LEFT, 38, ("Taken",), "left"),
        Column("name", LEFT + 42, name_room, ("Decision and owner",), "left"),
        Column("method", method_x, 72 if scale else 110, ("How measured",), "left"),
        Column("measure", measure_x, 84, page.measure_head, "left"),
        Column("verdict", 652, 72, ("Verdict",), "left"),
        Column("since", 728, 70, ("Since then",), "left"),
    ]
    if scale:
        axis = Axis(scale, signed=True, unit=page.axis_unit)
        columns.append(Column("effect", _AXIS_X, _AXIS_ROOM, page.effect_head, "centre", axis=axis))
    elif any(row.effect for row in rows):
        columns.append(Column("effect", 580, 56, page.effect_head, footnote=effects))
    return Table(columns, [_row(row, rows[index + 1 :], store, scale, (name_room, effects), first=index == 0)
                           for index, row in enumerate(rows)])  # fmt: skip


def _row(
    row: DecisionRow, after: Sequence[DecisionRow], store: FigureStore, scale: Scale | None,
    setting: tuple[float, str], *, first: bool,
) -> Row:  # fmt: skip
    name_room, effects = setting
    small = NOTE.coloured(TERTIARY)
    method_room = 72.0 if scale else 110.0
    cells = {
        "taken": label_block(row.taken.text, NOTE, 38),
        "name": stacked([label_block(row.name.text, ROW_MEDIUM.sized(8.8), name_room),
                         label_block(row.owner.text, small, name_room)]),
        "method": stacked([label_block(row.method.text, NOTE, method_room),
                           words_block(row.method_note, small, store, method_room)]),
        "verdict": verdict_block(row.verdict, 72).lowered(5),
        "since": _since(row, store),
    }  # fmt: skip
    if row.before is not None or row.after is not None:
        cells["measure"] = _before_and_after(row, store, 82).lowered(5)
    if effect := _effect(row, store, scale, effects, named=first):
        cells["effect"] = effect.lowered(5)
    ends_group = bool(after) and after[0].verdict is not row.verdict
    return Row(cells, RULE_GROUP if ends_group else RULE_ROW)


def _since(row: DecisionRow, store: FigureStore) -> Block:
    block = words_block((row.since,), NOTE, store, 70, most=2)
    return block.lowered(5) if block.below < NOTE.leading else block


def _before_and_after(row: DecisionRow, store: FigureStore, room: float) -> Block:
    """The measure before, an arrow, and after in semi-bold, set smaller where they are long."""
    before, after = (store[ref] if ref else None for ref in (row.before, row.after))
    share = (room - 14) / 2 if before and after else room
    plain, strong = NUMBER.sized(8.4), NUMBER_STRONG.sized(8.4)
    first = figure_spans(before, fitted(before, plain, share), with_id=not after) if before else ()
    second = figure_spans(after, fitted(after, strong, share)) if after else ()
    wide = sum(span.width for span in first)

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_line(pen, Line((first,), 0), x, y)
        at = x + wide
        if first and second:
            at += 4 + pen.text(at + 2, y, "→", plain.coloured(TERTIARY))
        draw_line(pen, Line((second,), 0), at, y)

    return Block(7, 3, paint)


def _effect(
    row: DecisionRow, store: FigureStore, scale: Scale | None, shared: str, *, named: bool
) -> Block | None:
    if row.effect is None:
        return None
    judgement = OF_VERDICT[row.verdict]
    style = NUMBER_STRONG.sized(8.4).coloured(TEXT_COLOUR[judgement])
    if scale is None or row.interval is None:
        room = 56 if scale is None else _AXIS_ROOM - 34
        return number_block(row.effect, style, store, room, with_id=not shared)
    number = figure_spans(store[row.effect], style, with_id=True)
    block = interval_block(scale, row.interval, judgement, number)
    if not named or row.interval.expected is None:
        return block
    expected, measured = (scale.at(v) for v in (row.interval.expected, row.interval.middle))

    def paint(pen: Pen, x: float, y: float) -> None:
        block.paint(pen, x, y)
        _name_marks(pen, x + expected, x + measured, y + 10)

    return Block(block.above, 13, paint)


def _name_marks(pen: Pen, expected: float, measured: float, y: float) -> None:
    """The words for tick and dot, once, side by side whichever comes first."""
    small = AXIS.sized(6.8)
    left_first = expected <= measured
    wide = text_width("expected", small)
    pen.box(expected + 2 - wide if left_first else expected - 2, y - 6, wide, 7, WHITE)
    pen.text(
        expected + (2 if left_first else -2),
        y,
        "expected",
        small.coloured(INK),
        "right" if left_first else "left",
    )
    pen.text(
        measured + (-2 if left_first else 2),
        y,
        "measured",
        small.coloured(GREEN),
        "left" if left_first else "right",
    )
