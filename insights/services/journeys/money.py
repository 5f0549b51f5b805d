"""What stands beside the credit: what channels cost, what platforms claim, what is reported."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from accounts.models import Team
from core.periods import Period
from customers.models import Touchpoint
from insights.rules.attribution import Asked, Cost
from insights.selectors.touches import Window
from metrics.selectors import query


def money_beside(team: Team, asked: Asked, window: Window, currency: str) -> dict[str, Any]:
    """Spend by channel, conversions and revenue that platforms claim, and what they add up to.

    The product's own questions: who may see them is decided where the run is shown.
    """
    lines = named_lines(team, window) if asked.cost == Cost.NAMED else []
    where: dict[str, Any] = {"team": team.pk} | ({"line": lines} if lines else {})
    answer = query(
        metrics=["spend", "conversions", "revenue"],
        by=["channel"],
        where=where,
        period=Period("run", window.first_day, window.last_day),
        viewer=None,
        currency=currency,
    )
    groups = dict(asked.groups)
    rows: dict[str, dict[str, int | None]] = defaultdict(dict)
    for row in answer.rows:
        found = rows[str(groups.get(row["channel_label"], row["channel_label"]))]
        for measure in ("spend", "conversions", "revenue"):
            found[measure] = _plus(found.get(measure), row[measure])
    return {
        "line_numbers": lines,
        "cost": {name: found["spend"] for name, found in rows.items()},
        "claims": {
            name: [found["conversions"], found["revenue"]] for name, found in rows.items()
        },
        "reported_micros": _everything(team, window, currency) if lines else answer.totals["revenue"],
        "refused": dict(answer.refused),
    }  # fmt: skip


def _plus(one: int | None, other: int | None) -> int | None:
    return one if other is None else (one or 0) + other


def named_lines(team: Team, window: Window) -> list[int]:
    """Campaign lines that a touch of the window belongs to."""
    rows = Touchpoint.objects.filter(
        team__path__startswith=team.path,
        at__gte=window.begins,
        at__lt=window.ends,
        line__isnull=False,
    )
    return sorted(rows.order_by().values_list("line", flat=True).distinct())


def _everything(team: Team, window: Window, currency: str) -> int | None:
    """The revenue that all of the team's lines report for the window."""
    answer = query(
        metrics=["revenue"],
        where={"team": team.pk},
        period=Period("run", window.first_day, window.last_day),
        viewer=None,
        currency=currency,
    )
    total: int | None = answer.totals["revenue"]
    return total
