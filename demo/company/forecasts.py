"""Forecasts of past mornings, as they were made then from what was known, and this morning's."""

from __future__ import annotations

from datetime import datetime

from demo.company.records import Company
from insights.services.forecasts import Settings, forecasts_issue, issue_with

# Weeks that were forecast, one morning each: what was said then can be held against what came.
WEEKS = 8
# The first version is the quick one, without trees; one that learns more may challenge it.
FIRST = Settings(trees=False)


def plan_forecasts(company: Company) -> None:
    """Issue forecasts on a morning of each of the latest weeks, and this morning."""
    at = company.moments.ago
    company.timeline.add(at(7 * WEEKS, 6, 15), "forecasts", _first)
    for week in range(WEEKS - 1, -1, -1):
        company.timeline.add(at(7 * week, 6, 15), "forecasts", _issue)


def _first(at: datetime) -> None:
    issue_with(settings=FIRST, version=None, now=at)


def _issue(at: datetime) -> None:
    forecasts_issue(now=at)
