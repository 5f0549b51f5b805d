"""Ranges of what follows planned spend hold what they say, and learn how far plans are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from analytics.arrays import BoolArray, FloatArray
from insights.rules.forecast_plans import MonthPlan, ahead_of
from insights.rules.forecast_run import Block, Series, Settings, blocks
from insights.rules.forecast_series import Line

pytestmark = pytest.mark.feature("5.1")

LINES, SEEN, HORIZON, MONTH = 16, 168, 30, 28
SHARES = {"clicks": 2.0, "impressions": 150.0}


@dataclass(frozen=True)
class Asked:
    """A company at a cut-off, and what came of each measure of its lines, (L, H)."""

    series: Series
    came: dict[str, FloatArray]


def company(seed: int, *, kept: bool = False) -> Asked:
    """Lines with a plan for every month, spent as it was made or, unless it is ``kept``, with a level
    that wanders away from it from week to week; impressions and clicks follow what is spent."""
    rng = np.random.default_rng(seed)
    days = np.arange(1000, 1000 + SEEN + HORIZON)
    months = len(days) // MONTH + 1
    daily = np.exp(rng.normal(4.5, 0.5, (LINES, 1)) + rng.normal(0, 0.2, (LINES, months)))
    even = np.repeat(daily, MONTH, axis=1)[:, : len(days)]
    weeks = np.zeros((LINES, len(days) // 7 + 1))
    for week in range(1, weeks.shape[1]):
        weeks[:, week] = 0.85 * weeks[:, week - 1] + rng.normal(0, 0.1, LINES)
    off = np.repeat(weeks, 7, axis=1)[:, : len(days)] * (not kept)
    spend = even * np.exp(off + rng.normal(0, 0.03, even.shape))
    values = {"spend": spend} | {
        key: rng.poisson(spend * each).astype(np.float64) for key, each in SHARES.items()
    }
    lines = [Line(n, n // 2, 1, 1, (1,), False, None, None) for n in range(LINES)]
    plans = [
        MonthPlan(n, 1000 + MONTH * m, 999 + MONTH * (m + 1), float(daily[n, m] * MONTH))
        for n in range(LINES)
        for m in range(months)
    ]
    campaigns = [(f"campaign:{n}", np.array([2 * n, 2 * n + 1])) for n in range(LINES // 2)]
    series = Series(
        days=days[:SEEN],
        values={key: rows[:, :SEEN] for key, rows in values.items()},
        ahead=ahead_of(lines, plans, spend[:, :SEEN], days[:SEEN], HORIZON),
        kept=np.ones(LINES, dtype=np.bool_),
        lines=range(LINES),
        levels={"campaign": campaigns},
    )
    return Asked(series, {key: rows[:, SEEN:] for key, rows in values.items()})


def inside(block: Block, came: FloatArray) -> Iterator[tuple[str, BoolArray]]:
    """Whether the seventh day, and the total of 30 days, lay in the 80 % range and in the 95 % one."""
    for name, told, truth, day in (
        ("day 7", block.told, came, 6),
        ("30 days", block.running, came.cumsum(axis=1), 29),
    ):
        for low, high in ((told.low80, told.high80), (told.low95, told.high95)):
            yield name, (low[:, day] <= truth[:, day]) & (truth[:, day] <= high[:, day])


@pytest.fixture(scope="module")
def coverage() -> dict[tuple[str, str], tuple[float, float]]:
    """(measure, of what) -> how many in the ranges of 80 and 95 %, over lines and campaigns."""
    found: dict[tuple[str, str], list[FloatArray]] = defaultdict(list)
    for seed in range(12):
        asked = company(seed)
        for block in blocks(asked.series, [], Settings(trees=False)):
            came = asked.came[block.metric]
            if block.level == "campaign":
                came = came.reshape(LINES // 2, 2, HORIZON).sum(axis=1)
            pairs = list(inside(block, came))
            for (name, in80), (_, in95) in zip(pairs[::2], pairs[1::2], strict=True):
                found[block.metric, name].append(np.array([in80, in95], dtype=np.float64))
    means = {key: np.concatenate(parts, axis=1).mean(axis=1) for key, parts in found.items()}
    return {key: (float(one), float(other)) for key, (one, other) in means.items()}


@pytest.mark.parametrize("measure", ["spend", *SHARES])
@pytest.mark.parametrize("span", ["day 7", "30 days"])
def test_ranges_hold_where_plans_are_followed_only_roughly(
    coverage: dict[tuple[str, str], tuple[float, float]], measure: str, span: str
) -> None:
    in80, in95 = coverage[measure, span]
    assert 0.68 <= in80 <= 0.92
    assert 0.87 <= in95 <= 1


def test_a_plan_that_is_kept_makes_ranges_narrow_and_one_that_is_not_leaves_them_wide() -> None:
    widths = {}
    for kept in (True, False):
        told = {
            one.metric: one.running
            for one in blocks(company(1, kept=kept).series, [], Settings(trees=False))
            if one.level == "line"
        }
        wide = (told["impressions"].high80 - told["impressions"].low80)[:, 29]
        widths[kept] = float(np.median(wide / told["impressions"].mean[:, 29]))
    assert widths[True] < 0.5 * widths[False]
