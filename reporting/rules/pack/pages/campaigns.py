"""The ranking of campaigns: what needs attention first, then what works."""

from __future__ import annotations

from reporting.rules.pack.blocks import (
    Block,
    change_block,
    label_block,
    number_block,
    stacked,
    words_block,
)
from reporting.rules.pack.charts import trend_block
from reporting.rules.pack.content.performance import CampaignGroup, CampaignRow, CampaignsPage
from reporting.rules.pack.figures import FigureStore, Ref
from reporting.rules.pack.flow import Flow
from reporting.rules.pack.judgement import TEXT_COLOUR
from reporting.rules.pack.look import (
    BLOCK,
    LEFT,
    NOTE,
    NUMBER,
    NUMBER_STRONG,
    ROW_MEDIUM,
    RULE_ROW,
    TERTIARY,
)
from reporting.rules.pack.pages.notes import flow_notes, notes_height
from reporting.rules.pack.table import Column, Row, Table, flow_table, shared_footnote, with_unit


def lay_campaigns(page: CampaignsPage, store: FigureStore, bookmark: str) -> Flow:
    """The sheets of the page, one group after the other in one table."""
    flow = Flow(page.headline, store, bookmark)
    flow_table(flow, _table(page, store), reserve=notes_height(flow, page.notes), most_pad=9)
    flow_notes(flow, page.notes, rule=False)
    return flow


def _figures(row: CampaignRow) -> dict[str, Ref | None]:
    change = row.vs_target.figure if row.vs_target else None
    return {"spend": row.spend, "revenue": row.revenue, "ratio": row.ratio, "vs_target": change}


def _table(page: CampaignsPage, store: FigureStore) -> Table:
    rows = [row for group in page.groups for row in group.rows]
    keys = ("spend", "revenue", "ratio", "vs_target")
    ids = {key: shared_footnote([_figures(row)[key] for row in rows], store) for key in keys}
    columns = [
        Column("name", LEFT, 206, ("Campaign and channel",), "left"),
        Column("spend", 262, 56, with_unit("Spend", page.unit), footnote=ids["spend"]),
        Column("revenue", 330, 58, with_unit("Revenue", page.unit), footnote=ids["revenue"]),
        Column("ratio", 400, 54, page.ratio_head, footnote=ids["ratio"]),
        Column("vs_target", 464, 60, ("vs target",), footnote=ids["vs_target"]),
        Column("trend", 546, 74, (page.trend_span,), "left"),
        Column("attention", 640, 158, ("What to look at",), "left"),
    ]
    used = {key for row in rows for key, ref in _figures(row).items() if ref is not None}
    columns = [column for column in columns if column.key in used or column.key not in keys]
    return Table(columns, [row for group in page.groups for row in _group_rows(group, store, ids)])


def _group_rows(group: CampaignGroup, store: FigureStore, ids: dict[str, str]) -> list[Row]:
    heading = label_block(group.heading, BLOCK.coloured(TEXT_COLOUR[group.judgement]), 206)
    return [Row({"name": heading}, RULE_ROW), *(Row(_cells(row, store, ids)) for row in group.rows)]


def _cells(row: CampaignRow, store: FigureStore, ids: dict[str, str]) -> dict[str, Block]:
    name = label_block(row.name.text, ROW_MEDIUM, 206)
    channel = label_block(row.channel.text, NOTE.coloured(TERTIARY), 206)
    cells = {
        "name": stacked([name, channel]),
        "spend": number_block(row.spend, NUMBER, store, 56, with_id=not ids["spend"]),
        "revenue": number_block(row.revenue, NUMBER, store, 58, with_id=not ids["revenue"]),
        "ratio": number_block(row.ratio, NUMBER_STRONG, store, 54, with_id=not ids["ratio"]),
    }
    if (change := row.vs_target) is not None:
        with_id = not ids["vs_target"]
        cells["vs_target"] = change_block(
            change.figure, change.judgement, change.word, store, 60, with_id=with_id
        )
    if len(row.trend) > 1:
        cells["trend"] = trend_block(row.trend, 74, 20).lowered(3)
    if row.attention:
        cells["attention"] = words_block(row.attention, NOTE, store, 158, most=2)
    return cells
