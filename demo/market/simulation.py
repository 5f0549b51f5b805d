"""Puts a market together: roster, plans, spend, delivery, records, truth."""

from datetime import date

import numpy as np

from demo.market.catalogue import (
    AUDIENCES,
    CHANNELS,
    COMPANY,
    REPORTING_CURRENCY,
    SEGMENTS,
    TEAMS,
)
from demo.market.climate import Climate, climate_of
from demo.market.delays import PLATFORMS, known_shares
from demo.market.delivery import Delivered, Task, deliver
from demo.market.model import MICROS, Facts, IntArray, Market, Maturing, MonthPlan
from demo.market.records import log_of, rates_of, targets_of
from demo.market.roster import Roster, build_roster
from demo.market.spending import daily_spend, plan_line, running_days
from demo.market.truth import truth_of

# Stories reach this far back, and the oldest change needs a month before it.
MIN_DAYS = 400


def simulate(seed: int, first_day: date, last_day: date) -> Market:
    """Return the market of the days `first_day` to `last_day`, both included.

    The same arguments give the same bytes. Stories are told from `last_day` backwards, so a market
    that ends yesterday has something to find today. Raises ValueError below 400 days.
    """
    if (last_day - first_day).days + 1 < MIN_DAYS:
        raise ValueError(f"a market needs at least {MIN_DAYS} days")
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(4)]
    climate = climate_of(first_day.toordinal(), last_day.toordinal())
    roster = build_roster(first_day, last_day)
    plans = tuple(
        plan
        for line, part in zip(roster.lines, roster.parts, strict=True)
        for plan in plan_line(line, part, last_day)
    )
    tasks = _tasks(roster, plans, climate, last_day, streams[0])
    delivered = [deliver(task, climate, streams[1]) for task in tasks]
    facts = _facts(roster, tasks, delivered, climate)
    changes = log_of(roster, last_day)
    return Market(
        company=COMPANY,
        reporting_currency=REPORTING_CURRENCY,
        seed=seed,
        first_day=first_day,
        last_day=last_day,
        channels=tuple(CHANNELS),
        teams=TEAMS,
        accounts=roster.accounts,
        audiences=AUDIENCES,
        campaigns=roster.campaigns,
        lines=roster.lines,
        creatives=roster.creatives,
        segments=SEGMENTS,
        plans=plans,
        targets=targets_of(roster, plans, first_day, last_day, streams[2]),
        changes=changes,
        fx_rates=rates_of(first_day, last_day, streams[2]),
        facts=facts,
        maturing=_maturing(roster, facts, streams[3]),
        truth=truth_of(roster, tasks, delivered, changes, last_day),
    )


def _tasks(
    roster: Roster,
    plans: tuple[MonthPlan, ...],
    climate: Climate,
    last_day: date,
    generator: np.random.Generator,
) -> list[Task]:
    """Every line that ran at all, with its spend."""
    tasks = []
    for line, part in zip(roster.lines, roster.parts, strict=True):
        positions = running_days(line, climate.days, last_day)
        own = [plan for plan in plans if plan.line == line.key]
        spend = daily_spend(line, part, own, climate.days[positions], generator)
        creatives = tuple(c for c in roster.creatives if c.line == line.key)
        if len(positions):
            tasks.append(Task(line, part, creatives, positions, spend))
    return tasks


def _facts(
    roster: Roster, tasks: list[Task], delivered: list[Delivered], climate: Climate
) -> Facts:
    """All lines' results as one table, one row per running creative and segment and day."""
    line_at = {line.key: i for i, line in enumerate(roster.lines)}
    creative_at = {creative.key: i for i, creative in enumerate(roster.creatives)}
    columns: dict[str, list[IntArray]] = {}
    for task, result in zip(tasks, delivered, strict=True):
        day, creative, segment = np.nonzero(result.shown)
        own = np.array([creative_at[c.key] for c in task.creatives])
        for name, values in (
            ("line", np.full(len(day), line_at[task.line.key])),
            ("day", climate.days[task.positions][day]),
            ("creative", own[creative]),
            ("segment", result.segments[segment]),
            ("impressions", result.impressions[result.shown]),
            ("clicks", result.clicks[result.shown]),
            ("spend_micros", result.spend_micros[result.shown]),
            ("conversions_micros", result.orders[result.shown] * MICROS),
            ("revenue_micros", result.revenue_micros[result.shown]),
        ):
            columns.setdefault(name, []).append(values.astype(np.int64))
    facts = Facts(**{name: np.concatenate(parts) for name, parts in columns.items()})
    return facts.where(np.lexsort((facts.segment, facts.creative, facts.line, facts.day)))


def _maturing(roster: Roster, facts: Facts, generator: np.random.Generator) -> Maturing:
    platform = np.array([PLATFORMS.index(line.platform) for line in roster.lines])
    return Maturing(
        share=known_shares(),
        platform=platform[facts.line].astype(np.int64),
        luck=generator.uniform(0, 1, len(facts)),
    )
