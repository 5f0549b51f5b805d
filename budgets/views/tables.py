"""Tables of budgets: the months of every line for export, and exchange rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from budgets.models import FxRate
from budgets.selectors import LineMonths, MonthTable
from core.tables import Column, Table


class MonthsTable(Table):
    """One row for each line and month, in the line's own currency."""

    key = "months"
    columns = (
        Column("line", "Line"),
        Column("team", "Team"),
        Column("owner", "Owner"),
        Column("channel", "Channel"),
        Column("account", "Account in the books"),
        Column("cost_centre", "Cost centre"),
        Column("month", "Month"),
        Column("planned", "Planned", kind="money_exact"),
        Column("reserved", "Reserved", kind="money_exact"),
        Column("committed", "Committed", kind="money_exact"),
        Column("actual", "Actual", kind="money_exact"),
        Column("available", "Available", kind="money_exact"),
    )


def month_rows(table: MonthTable) -> list[Mapping[str, Any]]:
    """The rows of ``MonthsTable``."""
    return [row for line in table.lines for row in _line_rows(line, table)]


def _line_rows(line: LineMonths, table: MonthTable) -> Sequence[Mapping[str, Any]]:
    about = {
        "line": line.line.name,
        "team": line.line.team.name,
        "owner": line.line.owner.name,
        "channel": line.line.channel.name,
        "account": line.line.gl_code,
        "cost_centre": line.line.cost_centre,
    }
    return [
        {
            **about,
            "month": month.key,
            "planned": line.cells[month.key].planned,
            "reserved": line.cells[month.key].reserved,
            "committed": line.cells[month.key].committed,
            "actual": line.cells[month.key].actual,
            "available": line.cells[month.key].available,
        }
        for month in table.months
    ]


class RateTable(Table):
    key = "rates"
    noun = "rates"
    columns = (
        Column("pair", "Pair", kind="custom", sort="base", priority=1),
        Column("rate", "Rate", kind="custom", sortable=False, priority=1),
        Column("valid_from", "From", kind="date"),
        Column("get_kind_display", "Kind", sort="kind"),
        Column("source", "Source", priority=3),
        Column("entered_by", "Entered by", sort="entered_by.name", priority=3),
        Column("entered_at", "Entered", kind="datetime", default_visible=False, priority=3),
    )
    default_sort = "-valid_from"
    empty_title = "No exchange rates yet"
    empty_text = "Finance enters them. Until then amounts in other currencies are not converted."

    def cell_pair(self, row: FxRate) -> str:
        return f"1 {row.base} in {row.quote}"

    def cell_rate(self, row: FxRate) -> str:
        return f"{row.rate.normalize():f}"
