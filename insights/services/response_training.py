"""Training response curves: how the registry does it, and when newer curves are put in use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from time import process_time
from typing import Any

import numpy as np

from accounts.models import Team
from core.events import AUTOMATION
from insights.models import ModelVersion
from insights.rules.response import MOST_RHAT, MOST_WEEKS, TODAY_WEEKS
from insights.services.response_data import Weeks, teams_spending, weeks_of
from insights.services.response_fits import Say, fitted_team, thin_reason
from insights.services.returns import returns_above
from insights.services.training import train_order
from insights.services.versions import Trained, version_move

State = ModelVersion.State
KIND = ModelVersion.Kind.RESPONSE
# A little less than seven days: the morning a week later counts.
WEEK = timedelta(days=6, hours=12)


def response_trained(team: Team, at: datetime, say: Say) -> Trained:
    """What a training makes of a team's own lines, as they were known at a moment."""
    weeks = weeks_of(team, now=at)
    began = process_time()
    record = {metric: fitted_team(weeks, metric, say) for metric in weeks.results}
    return Trained(
        sha256=weeks.sha256,
        rows=int((weeks.spend > 0).sum()),
        batch=weeks.batch,
        known_at=weeks.known_at,
        params=_params(weeks),
        scores=_scores(record),
        record=record,
        reason=thin_reason(weeks, record),
        cpu_seconds=round(process_time() - began, 3),
    )


def response_refresh(*, now: datetime) -> dict[str, int]:
    """Schedule: order curves of teams that spend and have none of this week, put newer ones in use.

    The method stays the same from week to week; only weeks come in, and curves of older weeks are
    worse. What did not settle (its chains disagree) stays a challenger for a person to judge.
    """
    fresh = ModelVersion.objects.filter(kind=KIND, trained_at__gt=now - WEEK)
    ordered = [
        train_order(kind=KIND, team=team, why="Curves are trained every week", at=now)
        for team in teams_spending(now=now)
        if not fresh.filter(team=team).exists()
    ]
    return {"ordered": len(ordered), "put in use": _adopt(now)}


def _adopt(now: datetime) -> int:
    newest = (
        ModelVersion.objects.filter(kind=KIND).order_by("team_id", "-number").distinct("team_id")
    )
    found = [version for version in newest if _is_better(version)]
    for version in found:
        version_move(
            version=version, state=State.CHAMPION, reason="The same method on newer weeks",
            actor=AUTOMATION, at=now,
        )  # fmt: skip
    return len(found)


def _is_better(version: ModelVersion) -> bool:
    if version.state != State.CHALLENGER or version.reason:
        return False
    return bool(version.scores.get("rhat", MOST_RHAT + 1) <= MOST_RHAT)


def _params(weeks: Weeks) -> dict[str, Any]:
    return {
        "currency": weeks.currency,
        "first_day": weeks.first_day.isoformat(),
        "weeks": weeks.count,
        "today_weeks": TODAY_WEEKS,
        "most_weeks": MOST_WEEKS,
        "tests": [row.pk for row in returns_above(weeks.team)],
    }


def _scores(record: Mapping[str, Any]) -> dict[str, float]:
    """How the fits went, over all channels: the poorest agreement of chains, the middle fit."""
    rows = [
        row["quality"] for one in record.values() for row in one["channels"] if not row["reason"]
    ]
    if not rows:
        return {"curves": 0}
    return {
        "curves": len(rows),
        "rhat": round(max(row["rhat"] for row in rows), 4),
        "r2": round(float(np.median([row["r2"] for row in rows])), 3),
        "noise": round(float(np.median([row["noise"] for row in rows])), 3),
    }
