"""Every line of the plan: planned, actual, what is left, and whether it is spent at the pace of the year."""

from __future__ import annotations

from reporting.rules.pack.blocks import Block, change_block, label_block, number_block
from reporting.rules.pack.charts import plan_bar_block
from reporting.rules.pack.content.follow_up import BudgetPage, BudgetRow, CurrencyRow
from reporting.rules.pack.content.performance import Note
from reporting.rules.pack.figures import FigureStore, Ref
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.look import (
    AXIS,
    BLOCK,
    BODY,
    GREEN,
    INK,
    LEFT,
    NUMBER,
    NUMBER_STRONG,
    OCHRE,
    RIGHT,
    ROW_MEDIUM,
    RULE_GREY,
    RULE_INK,
    Style,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote
from reporting.rules.pack.typefaces import MEDIUM, SEMIBOLD
from reporting.rules.pack.wording import draw_lines, set_lines, shortened

_BAR = 206.0
_LINE = 17.0


def lay_budget(page: BudgetPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page; spend by currency and the notes follow the table."""
    flow = Flow(page.headline, store, bookmark)
    beside = bool(page.currencies) and len(page.notes) == 1
    reserve = _currencies_height(page) + (0 if beside else notes_height(flow, page.notes))
    flow_table(flow, _table(page, store), reserve=reserve, most_pad=14)
    if page.currencies:
        _flow_currencies(flow, page, store, page.notes[0] if beside else None)
    if not beside:
        flow_notes(flow, page.notes, rule=False)
    return flow


def _figures(row: BudgetRow) -> dict[str, Ref | None]:
    return {
        "planned": row.planned,
        "actual": row.actual,
        "committed": row.committed,
        "available": row.available,
        "share": row.spent_share,
        "pace": row.pace.figure if row.pace else None,
    }


def _table(page: BudgetPage, store: FigureStore) -> Table:
    everything = [page.total, *page.rows]
    ids = {
        key: shared_footnote([_figures(row)[key] for row in everything], store)
        for key in _figures(page.total)
    }
    used = {key for row in everything for key, ref in _figures(row).items() if ref is not None}
    shift = 0.0 if "committed" in used else 62.0
    columns = [
        Column("name", LEFT, 118 + shift, (page.line_head,), "left"),
        Column("planned", 166 + shift, 54, ("Planned",), footnote=ids["planned"]),
        Column("actual", 228 + shift, 54, ("Actual",), footnote=ids["actual"]),
        Column("committed", 290, 54, ("Committed",), footnote=ids["committed"]),
        Column("available", 352, 54, ("Available",), footnote=ids["available"]),
        Column("bar", 430, _BAR, ("Share of plan",), "left"),
        Column("share", 648, 56, ("Spent",), footnote=ids["share"]),
        Column("pace", 722, 66, ("Pace",), footnote=ids["pace"]),
    ]
    columns = [column for column in columns if column.key in used | {"name", "bar"}]
    rows = [Row(_cells(page.total, store, ids, page, lead=True), RULE_INK)]
    rows += [Row(_cells(row, store, ids, page, lead=False)) for row in page.rows]
    return Table(columns, rows)


def _cells(
    row: BudgetRow, store: FigureStore, ids: dict[str, str], page: BudgetPage, *, lead: bool
) -> dict[str, Block]:
    number = NUMBER_STRONG if lead else NUMBER.coloured(INK)
    name = Style(SEMIBOLD, 9, 12) if lead else ROW_MEDIUM
    cells = {
        "name": label_block(row.name.text, name, 118),
        "bar": _bar(row, store, page, lead=lead),
    }
    for key, ref in _figures(row).items():
        if ref is None or key == "pace":
            continue
        over = key == "available" and store.value(ref) < 0
        style = NUMBER_STRONG.coloured(OCHRE) if over else number
        cells[key] = number_block(ref, style, store, 54, with_id=not ids[key])
    if (pace := row.pace) is not None:
        cells["pace"] = change_block(
            pace.figure, pace.judgement, pace.word, store, 66, with_id=not ids["pace"]
        )
    return cells


def _bar(row: BudgetRow, store: FigureStore, page: BudgetPage, *, lead: bool) -> Block:
    planned = store.value(row.planned)
    spent = store.value(row.actual) / planned if planned > 0 else 0.0
    committed = store.value(row.committed) / planned if planned > 0 else 0.0
    block = plan_bar_block(
        max(0.0, spent), max(0.0, committed), _BAR, elapsed=page.elapsed, lead=lead
    )
    if not lead:
        return block
    return Block(
        block.above + 11,
        block.below,
        lambda pen, x, y: _draw_lead_bar(pen, x, y, block, page),
    )


def _draw_lead_bar(pen: Pen, x: float, y: float, block: Block, page: BudgetPage) -> None:
    """The first bar also names the marks."""
    block.paint(pen, x, y)
    small = AXIS.sized(6.8)
    plan = x + _BAR * 0.88
    pen.text(plan + 3, y - 12, "plan", small.coloured(INK))
    if page.elapsed is None:
        return
    passed = x + _BAR * 0.88 * page.elapsed
    pen.text(min(passed, plan - 30), y - 12, page.elapsed_label, small.coloured(INK), "right")


def _currencies_height(page: BudgetPage) -> float:
    return 48 + _LINE * len(page.currencies) if page.currencies else 0.0


def _flow_currencies(flow: Flow, page: BudgetPage, store: FigureStore, note: Note | None) -> None:
    """Spend by currency on the left, what it means on the right."""
    flow.need(_currencies_height(page))
    top = flow.down(24)
    flow.down(_currencies_height(page) - 24)
    lines = set_lines(note.sentence, BODY, store, RIGHT - 452, 6) if note else []

    def paint(pen: Pen) -> None:
        pen.text(LEFT, top, page.currency_heading, BLOCK)
        _draw_currencies(pen, page, store, top + 16)
        if note is not None:
            pen.text(452, top, shortened(note.heading, BLOCK, 340), BLOCK.coloured(GREEN))
            draw_lines(pen, lines, 452, top + 18, BODY.leading)

    flow.paint(paint)


def _draw_currencies(pen: Pen, page: BudgetPage, store: FigureStore, y: float) -> None:
    heads = (("Local", "local", 222), ("Plan rate", "plan_rate", 282), ("Actual rate", "actual_rate", 344),
             ("Reported", "reported", 406))  # fmt: skip
    ids = {
        key: shared_footnote([getattr(row, key) for row in page.currencies], store)
        for _, key, _ in heads
    }
    for label, key, right in heads:
        _draw_head(pen, label, ids[key], right, y)
    pen.rule(y + 5, (0.6, RULE_GREY), LEFT, 412)
    for index, row in enumerate(page.currencies):
        _draw_currency(pen, row, store, ids, y + 17 + index * _LINE)


def _draw_head(pen: Pen, label: str, footnote: str, right: float, y: float) -> None:
    from_block = Style(MEDIUM, 7.4, 9.4, AXIS.colour)
    pen.text(right, y, label, from_block, "right")
    if footnote:
        small = Style(AXIS.face, 5.6, 7, AXIS.colour)
        pen.text(right + 1, y - 2.6, footnote, small)
        pen.link(footnote, right, y, 10, 9)


def _draw_currency(
    pen: Pen, row: CurrencyRow, store: FigureStore, ids: dict[str, str], y: float
) -> None:
    pen.text(LEFT, y, row.currency, ROW_MEDIUM.sized(8.4))
    cells = (("local", row.local, 222), ("plan_rate", row.plan_rate, 282), ("actual_rate", row.actual_rate, 344),
             ("reported", row.reported, 406))  # fmt: skip
    for key, ref, right in cells:
        number_block(ref, NUMBER.sized(8.6).coloured(INK), store, 54, with_id=not ids[key]).paint(
            pen, right - 54, y
        )
