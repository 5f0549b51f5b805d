"""Builds the whole company: in one transaction, so that a demo is there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from django.db import transaction

from demo.company.answers import write_answers
from demo.company.budgets import plan_budgets
from demo.company.campaigns import plan_campaigns
from demo.company.changes import plan_changes
from demo.company.closing import close_books, settle_messages
from demo.company.experiments import plan_experiments
from demo.company.facts import plan_facts
from demo.company.forecasts import plan_forecasts
from demo.company.journeys import plan_journeys
from demo.company.later import order_chores, plan_chores, plan_readers
from demo.company.monthend import plan_month_end
from demo.company.notes import plan_notes
from demo.company.people import found_company, newcomer_waits
from demo.company.pipeline import plan_ideas
from demo.company.prospects import plan_prospects
from demo.company.purchases import plan_purchases
from demo.company.records import Company
from demo.company.requests import plan_requests
from demo.company.reset import require_empty
from demo.company.rivals import plan_rivals
from demo.company.targets import plan_team_targets
from demo.company.timeline import Moments, Progress, Timeline
from demo.company.tools import plan_tools
from demo.company.trade import plan_trade
from demo.company.uploads import plan_uploads
from demo.company.watch import plan_checks
from demo.market import simulate

ZONE = ZoneInfo("Europe/Berlin")
DAYS = 730


@dataclass(frozen=True, slots=True)
class Built:
    """What was made, and how long each part of it took."""

    company: Company
    seconds: Mapping[str, float]


@transaction.atomic
def build_company(
    *,
    seed: int,
    now: datetime,
    folder: Path,
    say: Progress,
    days: int = DAYS,
    essentials: bool = False,
) -> Built:
    """Fill an empty database with the company whose last day is yesterday.

    ``folder`` gets the truth behind the numbers. ``essentials`` leaves to the worker what
    the first page can do without. The same seed gives the same company on
    the same day.
    """
    require_empty()
    began = perf_counter()
    moments = Moments(now, ZONE)
    last_day = moments.today - timedelta(days=1)
    market = simulate(seed, last_day - timedelta(days=days - 1), last_day)
    timeline = Timeline()
    timeline.seconds["market"] = perf_counter() - began
    company = Company(market, moments, timeline)
    _in_time("people", timeline, lambda: found_company(company))
    for plan in (
        plan_requests, plan_budgets, plan_campaigns, plan_team_targets, plan_facts,
        plan_changes, plan_ideas, plan_notes, plan_tools, plan_purchases, plan_uploads, plan_trade,
        plan_prospects,
        plan_journeys,
        plan_rivals, plan_experiments, plan_checks, plan_forecasts, plan_readers, plan_month_end,
    ):  # fmt: skip
        plan(company)
    if essentials:
        order_chores(company)
    else:
        plan_chores(company)
    timeline.add(moments.ago(2, 10, 40), "people", lambda _: newcomer_waits(company))
    timeline.run(say)
    _in_time("closing", timeline, lambda: _close(company, folder))
    return Built(company, dict(timeline.seconds))


def _in_time(part: str, timeline: Timeline, do: Callable[[], None]) -> None:
    began = perf_counter()
    do()
    timeline.seconds[part] += perf_counter() - began


def _close(company: Company, folder: Path) -> None:
    settle_messages(now=company.moments.now)
    close_books(now=company.moments.now, seed=company.market.seed)
    write_answers(company, folder)
