"""Ranges of the product's forecasts on the demo market: plans as they are made, spend as it came.

Every measure of lines, campaigns, channels and the company, from several cut-offs of markets that
no setting was chosen on, with the plans of their months and without. Amounts keep their currency.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.arrays import FloatArray
from demo.market import simulate
from demo.market.model import MICROS, Market
from insights.rules.forecast_plans import MonthPlan, ahead_of
from insights.rules.forecast_run import Block, Series, Settings, blocks
from insights.rules.forecast_series import Line, spoken_of, subjects_of

# Settings were chosen on seeds 1 to 3; these are others.
SEEDS, LAST_DAY, DAYS = (11, 12, 13, 14), date(2026, 11, 21), 640
CUTOFFS_AGO, HORIZON, HISTORY, FORGOTTEN = (30, 65, 100, 135), 30, 400, 120
MEASURES = {
    "spend": "spend_micros", "impressions": "impressions", "clicks": "clicks",
    "conversions": "conversions_micros", "revenue": "revenue_micros",
}  # fmt: skip
# What is asked: single days, and totals of so many days.
ASKED = {"day 7": (6, False), "day 30": (29, False), "7 days": (6, True), "30 days": (29, True)}
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """A market as tables: measure -> (L, D) from the ordinal `first`, its lines and their plans."""

    first: int
    values: dict[str, FloatArray]
    lines: list[Line]
    plans: list[MonthPlan]
    channels: dict[int, str]


def measured(*, planned: bool) -> dict[Key, tuple[float, float, int]]:
    """(what is asked, level) -> shares inside the 80 and the 95 % range, and of how many."""
    found: dict[Key, list[tuple[bool, bool]]] = defaultdict(list)
    for seed in SEEDS:
        books = _books(simulate(seed, LAST_DAY - timedelta(days=DAYS - 1), LAST_DAY))
        for ago in CUTOFFS_AGO:
            for key, inside in _asked(books, DAYS - ago, planned=planned):
                found[key].append(inside)
                found[key[0], "all"].append(inside)
    return {
        key: (*np.array(rows, dtype=np.float64).mean(axis=0).tolist(), len(rows))
        for key, rows in found.items()
    }


def _books(market: Market) -> Books:
    first, last = market.first_day.toordinal(), market.last_day.toordinal()
    values = {}
    for name, column in MEASURES.items():
        table = market.facts.by_line_day(
            column, lines=len(market.lines), first_day=first, last_day=last
        ).astype(np.float64)
        values[name] = table / MICROS if column.endswith("micros") else table
    campaigns, channels, teams = (
        {name: n for n, name in enumerate(dict.fromkeys(names), 1)}
        for names in (
            [one.campaign for one in market.lines],
            [one.channel for one in market.lines],
            [one.team for one in market.lines],
        )
    )
    lines = [
        Line(
            pk=n,
            campaign=campaigns[one.campaign],
            channel=channels[one.channel],
            team=teams[one.team],
            teams=(0, teams[one.team]),
            is_stopped=False,
            starts=one.starts_on.toordinal(),
            ends=one.ends_on.toordinal() if one.ends_on else None,
        )
        for n, one in enumerate(market.lines)
    ]
    place = {one.key: n for n, one in enumerate(market.lines)}
    plans = [
        MonthPlan(
            place[one.line],
            one.month.toordinal(),
            one.month.toordinal() + monthrange(one.month.year, one.month.month)[1] - 1,
            one.amount_micros / MICROS,
        )
        for one in market.plans
    ]
    return Books(first, values, lines, plans, {n: name for name, n in channels.items()})


def _asked(books: Books, until: int, *, planned: bool) -> Iterator[tuple[Key, tuple[bool, bool]]]:
    """What was inside the ranges of a forecast that saw the first `until` days only."""
    spend = books.values["spend"]
    begun = np.cumsum(spend, axis=1) > 0
    rows = np.flatnonzero(
        begun[:, until - 1] & (spend[:, until - FORGOTTEN : until] > 0).any(axis=1)
    )
    seen = slice(max(until - HISTORY, 0), until)
    values = {
        name: np.where(begun, table, np.nan)[rows, seen] for name, table in books.values.items()
    }
    days, lines = books.first + np.arange(seen.start, until), [books.lines[row] for row in rows]
    plans = books.plans if planned else []
    levels = subjects_of(lines, 0, books.channels)
    series = Series(
        days=days,
        values=values,
        ahead=ahead_of(lines, plans, values["spend"], days, HORIZON),
        kept=spoken_of(lines, values),
        lines=[line.pk for line in lines],
        levels=levels,
    )
    places = {f"line:{line.pk}": [line.pk] for line in lines}
    for members in levels.values():
        places |= {name: [lines[row].pk for row in own] for name, own in members}
    for block in blocks(series, [], Settings(trees=False)):
        came = books.values[block.metric][:, until : until + HORIZON]
        truth = np.array([came[places[name]].sum(axis=0) for name in block.told.names])
        yield from _inside(block, truth)


def _inside(block: Block, truth: FloatArray) -> Iterator[tuple[Key, tuple[bool, bool]]]:
    """Rows of which neither the forecast nor the truth says nothing at all."""
    for name, (day, is_total) in ASKED.items():
        told = block.running if is_total else block.told
        came = (truth.cumsum(axis=1) if is_total else truth)[:, day]
        held = [
            (low[:, day] <= came) & (came <= high[:, day])
            for low, high in ((told.low80, told.high80), (told.low95, told.high95))
        ]
        for row in np.flatnonzero((came != 0) | (told.mean[:, day] != 0)):
            yield (name, block.level), (bool(held[0][row]), bool(held[1][row]))


def levels_of(found: dict[Key, tuple[float, float, int]]) -> Sequence[str]:
    """The levels in the order of their size."""
    own = {level: n for (_, level), (_, _, n) in found.items()}
    return sorted(own, key=lambda level: -own[level])
