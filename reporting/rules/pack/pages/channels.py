"""Every channel of the month: what it cost, what it brought, against target and last year."""

from __future__ import annotations

from reporting.rules.pack.blocks import Block, change_block, label_block, number_block
from reporting.rules.pack.charts import trend_block
from reporting.rules.pack.content.performance import ChannelRow, ChannelsPage
from reporting.rules.pack.figures import FigureStore, Ref
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.look import (
    GREEN_FILL,
    LEFT,
    LINE_GREY,
    NUMBER,
    NUMBER_STRONG,
    ROW_MEDIUM,
    RULE_GROUP,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote, with_unit
from reporting.rules.pack.typefaces import SEMIBOLD

_BARS = 150.0


def lay_channels(page: ChannelsPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page: total first, channels in the order given."""
    flow = Flow(page.headline, store, bookmark)
    flow_table(flow, _table(page, store), reserve=notes_height(flow, page.notes), most_pad=12)
    flow_notes(flow, page.notes, rule=False)
    return flow


def _columns(page: ChannelsPage, ids: dict[str, str]) -> list[Column]:
    return [
        Column("name", LEFT, 96, ("Channel",), "left"),
        Column("spend", 140, 56, with_unit("Spend", page.unit), footnote=ids["spend"]),
        Column("revenue", 206, 60, with_unit("Revenue", page.unit), footnote=ids["revenue"]),
        Column("bars", 288, _BARS, ("Revenue above, spend below",), "left"),
        Column("ratio", 446, 52, page.ratio_head, footnote=ids["ratio"]),
        Column("vs_target", 508, 58, ("vs target",), footnote=ids["vs_target"]),
        Column("cost", 572, 58, page.cost_head, footnote=ids["cost"]),
        Column("year", 642, 54, ("vs ", page.compared), footnote=ids["year"]),
        Column("trend", 716, 82, (page.trend_span,), "left"),
    ]


def _figures(row: ChannelRow) -> dict[str, Ref | None]:
    return {
        "spend": row.spend,
        "revenue": row.revenue,
        "ratio": row.ratio,
        "vs_target": row.vs_target.figure if row.vs_target else None,
        "cost": row.cost_per,
        "year": row.vs_last_year,
    }


def _table(page: ChannelsPage, store: FigureStore) -> Table:
    everything = [page.total, *page.rows]
    ids = {
        key: shared_footnote([_figures(row)[key] for row in everything], store)
        for key in _figures(page.total)
    }
    full = max(
        [store.value(row.revenue) for row in page.rows]
        + [store.value(row.spend) for row in page.rows]
        + [0]
    )
    used = {key for row in everything for key, ref in _figures(row).items() if ref is not None}
    columns = [c for c in _columns(page, ids) if c.key in used | {"name", "bars", "trend"}]
    rows = [Row(_cells(page.total, store, ids, columns, total=True), RULE_GROUP)]
    for row in page.rows:
        cells = _cells(row, store, ids, columns, total=False)
        cells["bars"] = _bars(store.value(row.revenue), store.value(row.spend), full)
        rows.append(Row(cells))
    return Table(columns, rows)


def _cells(
    row: ChannelRow, store: FigureStore, ids: dict[str, str], columns: list[Column], *, total: bool
) -> dict[str, Block]:
    rooms = {column.key: column.room for column in columns}
    strong = NUMBER_STRONG if total else NUMBER
    name = type(ROW_MEDIUM)(SEMIBOLD, 9, 12) if total else ROW_MEDIUM
    cells = {"name": label_block(row.name.text, name, 96)}
    for key, ref in _figures(row).items():
        if ref is not None and key != "vs_target":
            style = NUMBER_STRONG if key == "ratio" else strong
            cells[key] = number_block(ref, style, store, rooms[key], with_id=not ids[key])
    if (change := row.vs_target) is not None:
        with_id = not ids["vs_target"]
        cells["vs_target"] = change_block(
            change.figure, change.judgement, change.word, store, rooms["vs_target"], with_id=with_id
        )
    if len(row.trend) > 1:
        cells["trend"] = trend_block(row.trend, 82, 22).lowered(3)
    return cells


def _bars(revenue: float, spend: float, full: float) -> Block:
    """Revenue over spend from one zero line."""
    over, under = (
        _BARS * max(0.0, value) / full if full > 0 else 0.0 for value in (revenue, spend)
    )

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.box(x, y - 8, over, 6.5, GREEN_FILL)
        pen.box(x, y - 0.5, under, 3, LINE_GREY)

    return Block(8, 3, paint)
