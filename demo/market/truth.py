"""The market's secret: everything that was planted, as plain values that JSON can hold."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from demo.market import season, stories
from demo.market.delays import PLATFORMS, known_shares
from demo.market.delivery import Delivered, Task
from demo.market.model import Change, Creative
from demo.market.roster import Roster

RECENT_DAYS = 28


def truth_of(
    roster: Roster,
    tasks: list[Task],
    delivered: list[Delivered],
    changes: tuple[Change, ...],
    last_day: date,
) -> dict[str, Any]:
    """Return curves, delays, effects and planted stories; lines that never ran have no entry."""
    planted = {f"change-{n + 1}": c.effect for n, c in enumerate(stories.CHANGES)}
    return {
        "lines": {
            task.line.key: _line(task, result)
            for task, result in zip(tasks, delivered, strict=True)
        },
        "known_share_by_age": dict(zip(PLATFORMS, known_shares().tolist(), strict=True)),
        "changes": {
            change.key: {
                "line": change.line,
                "made_on": change.made_on.isoformat(),
                "effect": planted[change.key],
            }
            for change in changes
        },
        "outage": _outage(tasks, delivered, last_day),
        "tired_creative": _tired(roster.creatives, last_day),
        "falling": {
            "line": stories.FALLING_LINE,
            "since": _ago(last_day, stories.FALLING_DAYS),
            "change_per_month": -stories.FALLING_PER_MONTH,
        },
        "budget_limited": {
            "line": stories.LIMITED_LINE,
            "since": _ago(last_day, stories.LIMITED_DAYS - 1),
        },
        "overspending": {
            "line": stories.OVERSPENDING_LINE,
            "since": _ago(last_day, stories.OVERSPENDING_DAYS - 1),
            "share_over_plan": stories.OVERSPENDING_SHARE,
        },
        "paused": {
            "line": stories.PAUSED_LINE,
            "since": _ago(last_day, stories.PAUSED_SINCE - 1),
        },
        "demand_by_weekday": list(season.DEMAND_BY_WEEKDAY),
        "price_rise_per_year": season.PRICE_RISE_PER_YEAR,
        "black_friday_demand": {str(day): up for day, (up, _) in season.BLACK_FRIDAY.items()},
    }


def _line(task: Task, result: Delivered) -> dict[str, Any]:
    """The curve, and what the next unit of steady spend brings now (revenue per unit)."""
    recent = float(task.spend[-RECENT_DAYS:].mean())
    effective = float((task.spend / result.price)[-RECENT_DAYS:].mean())
    revenue = float(result.revenue_micros[-RECENT_DAYS:].sum())
    spent = float(result.spend_micros[-RECENT_DAYS:].sum())
    elasticity = result.curve.elasticity(effective)
    return {
        "ceiling": result.curve.ceiling,
        "half": result.curve.half,
        "carry": result.curve.carry,
        "recent_spend_a_day": recent,
        "recent_elasticity": elasticity,
        "recent_marginal_return": elasticity * revenue / spent if spent else None,
    }


def _outage(tasks: list[Task], delivered: list[Delivered], last_day: date) -> dict[str, Any]:
    lost = {
        task.line.key: int(result.lost.sum())
        for task, result in zip(tasks, delivered, strict=True)
        if np.any(result.lost)
    }
    return {
        "platform": stories.OUTAGE_PLATFORM,
        "first_day": _ago(last_day, stories.OUTAGE_FIRST),
        "last_day": _ago(last_day, stories.OUTAGE_LAST),
        "lost_conversions": lost,
    }


def _tired(creatives: tuple[Creative, ...], last_day: date) -> dict[str, Any]:
    newest = [creative for creative in creatives if creative.line == stories.TIRED_LINE][-1]
    return {
        "creative": newest.key,
        "since": _ago(last_day, stories.TIRED_SINCE),
        "fresh_days": stories.TIRED_FRESH_DAYS,
        "click_rate_lost": stories.TIRED_SHARE,
    }


def _ago(last_day: date, days: int) -> str:
    return (last_day - timedelta(days=days)).isoformat()
