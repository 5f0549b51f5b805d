"""The table of variances."""

from __future__ import annotations

from typing import Any

from budgets.selectors.variance import Variance
from core.tables import Column, Table


class VarianceTable(Table):
    """Planned against actual by line, each in its own currency; nothing is summed over currencies."""

    key = "variances"
    noun = "lines"
    row_id = "line_id"
    columns = (
        Column("line", "Line", kind="link", url="url", sub="about", priority=1),
        Column("channel", "Channel", kind="channel", priority=3),
        Column("planned", "Planned", kind="money_exact"),
        Column("actual", "Actual", kind="money_exact"),
        Column("variance", "Variance", kind="money_exact", priority=1, help="Actual minus planned"),
        Column("share", "Of plan", kind="percent_signed"),
        Column("state", "Comment", kind="badge", tone="state_tone"),
        Column("text", "Newest comment", sortable=False, priority=3),
        Column("by", "By", priority=3, default_visible=False),
        Column("at", "Said", kind="datetime", priority=3, default_visible=False),
    )
    search = ("line", "text")
    empty_title = "No line has a plan or spend in this month"


def variance_row(row: Variance, url: str) -> dict[str, Any]:
    """A row of ``VarianceTable``; ``url`` is where a comment is written, "" for who may not."""
    note = row.note
    state, tone = _state(row)
    return {
        "line_id": row.line.pk,
        "line": row.line.name,
        "about": f"{row.line.owner} · {row.line.team}",
        "url": url,
        "channel": row.line.channel.key,
        "planned": row.planned,
        "actual": row.actual,
        "variance": row.variance,
        "share": row.share,
        "state": state,
        "state_tone": tone,
        "text": note.text if note else "",
        "by": note.by.name if note else "",
        "at": note.at if note else None,
    }


def _state(row: Variance) -> tuple[str, str]:
    if row.is_missing:
        return "Needed", "warn"
    if row.is_outdated:
        return "Figures changed since", "warn"
    if row.note:
        return "Explained", "good"
    return "Not needed", "neutral"
