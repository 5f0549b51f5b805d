"""What is known of marketing's effect: what was measured first, what merely moves together after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from accounts.selectors import teams_for
from analytics.association import Association, association
from core.money import MICROS
from core.periods import Period
from insights.models import Verdict
from metrics.selectors import query

WEEKS, MOST_LAG = 78, 6
# Results of the last days are not final yet.
SETTLED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ChannelMove:
    """How a channel's weekly spend and all revenue move together."""

    name: str
    found: Association


def moves_together(user: User, team: Team | None, today: date) -> tuple[list[ChannelMove], Period]:
    """Every channel's spend against the revenue of all, week by week, and the weeks looked at."""
    last = today - SETTLED
    last -= timedelta(days=(last.weekday() + 1) % 7)
    period = Period("impact", last - timedelta(days=7 * WEEKS - 1), last)
    where: dict[str, Any] = {"team": team.pk} if team else {}
    spent = query(
        metrics=["spend"], by=["channel", "week"], where=where, period=period, viewer=user
    )
    earned = query(
        metrics=["revenue"], by=["week"], where=where, period=period, viewer=user,
        currency=spent.currency or None,
    )  # fmt: skip
    revenue = _weeks(earned.rows, "revenue", period)
    channels: dict[str, list[Mapping[str, Any]]] = {}
    for row in spent.rows:
        channels.setdefault(row["channel_label"], []).append(row)
    found = [
        ChannelMove(name, association(_weeks(rows, "spend", period), revenue, most=MOST_LAG))
        for name, rows in sorted(channels.items())
    ]
    return found, period


def _weeks(rows: Sequence[Mapping[str, Any]], measure: str, period: Period) -> Any:
    """Units by week of the period; a week without a row had none."""
    found = np.zeros(WEEKS)
    for row in rows:
        place = (row["week_start"] - period.start).days // 7
        if 0 <= place < WEEKS and row[measure] is not None:
            found[place] += row[measure] / MICROS
    return found


def measured_effects(user: User, team: Team | None) -> list[Verdict]:
    """Changes whose effect was measured against untouched neighbours, newest first."""
    rows = Verdict.objects.filter(
        scope_for(user, Act.VIEW_CAMPAIGNS).where("optimisation__campaign__team__path")
    ).exclude(outcome=Verdict.Outcome.MEASURING)
    if team:
        rows = rows.filter(optimisation__campaign__team__path__startswith=team.path)
    return list(rows.select_related("optimisation__campaign__team", "optimisation__line")[:200])


def impact_teams(user: User) -> list[Team]:
    """Teams to look at, from the top down."""
    return list(teams_for(user).order_by("path"))
