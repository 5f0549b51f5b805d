"""Tables of versions, scenarios and targets from above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from budgets.models import Scenario
from core.tables import Column, Table


class CompareTable(Table):
    """An amount at two points; each that differs leads to who changed it."""

    key = "cells"
    noun = "amounts"
    per_page = 50
    columns = (
        Column("line", "Line", kind="link", url="url", priority=1),
        Column("team", "Team", priority=3),
        Column("channel", "Channel", priority=3),
        Column("month_label", "Month", sort="month"),
        Column("currency", "Currency", default_visible=False, priority=3),
        Column("old", "From", kind="money_exact"),
        Column("new", "To", kind="money_exact"),
        Column("change", "Difference", kind="money_change", strong=True, priority=1),
    )
    empty_title = "Nothing differs"
    empty_text = "Every amount you may see is the same at both points."


class ScenarioTable(Table):
    key = "scenarios"
    noun = "scenarios"
    columns = (
        Column("name", "Scenario", kind="link", url="url", priority=1, sub="note"),
        Column("team", "Team", sort="team.name"),
        Column("total", "Planned", kind="money", sortable=False, priority=1),
        Column("get_state_display", "State", kind="badge", tone="tone", sort="state"),
        Column("owner", "Owner", sort="owner.name", priority=3),
        Column("changed_at", "Changed", kind="datetime", priority=3),
    )
    default_sort = "-changed_at"
    search = ("name", "note")
    empty_title = "No scenario yet"
    empty_text = "Begin with the plan, a version of it, or what was spent in the year before."


class TopDownTableView(Table):
    """Every target with its difference, one row each: for files."""

    key = "targets"
    noun = "targets"
    columns = (
        Column("team", "Team", priority=1),
        Column("channel", "Channel"),
        Column("month", "Month"),
        Column("target", "From above", kind="money_exact"),
        Column("planned", "Sum of lines", kind="money_exact"),
        Column("difference", "Difference", kind="money_exact"),
    )


def side_by_side(
    request: HttpRequest, names: Sequence[str], rows: Sequence[dict[str, Any]]
) -> Table:
    """A table with a column of amounts for each plan.

    Rows hold ``what``, an amount ``p0``, ``p1`` for each plan, and the small text below it, ``d1``.
    """
    amounts = [
        Column(
            f"p{number}",
            name,
            kind="money",
            sub=f"d{number}",
            sortable=False,
            priority=1 if number < 2 else 2,
        )
        for number, name in enumerate(names)
    ]
    what = Column("what", "Amount", sortable=False, priority=1)
    kind = type(
        "SideBySide",
        (Table,),
        {"key": "plans", "columns": (what, *amounts), "per_page": 100, "row_id": "what"},
    )
    table: Table = kind(request, rows)
    return table


class Shown:
    """A scenario as its list shows it."""

    def __init__(self, scenario: Scenario, total: Any, url: str, tone: str) -> None:
        self.scenario, self.total, self.url, self.tone = scenario, total, url, tone

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scenario, name)
