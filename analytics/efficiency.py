"""What a result costs, what the last fifth of spend paid for one more, and whether it got dearer.

Everything is a ratio of sums of the same days. Intervals come from the block bootstrap of days
(`resample`), so that a week that repeats and a day that drifts are no surprises.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, log

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray, Numbers, as_floats
from analytics.resample import block_indices, block_length, log_sum_noise, percentile_interval
from analytics.results import Interval, Reason

LEVEL = 0.80
# The top of spend whose extra results are counted.
TOP = 0.20
MIN_MARGINAL_DAYS = 42
# The dearest days must stand out by so much, or their extra results say nothing of extra spend.
LEAST_STEP = 0.10
# In so many draws at least the extra spend must have brought extra results.
MOST_EMPTY = 0.10
# A third of the days of either window must have a result at all.
MIN_ACTIVE = 1 / 3
NEW_DAYS, BASE_DAYS = 7, 28


@dataclass(frozen=True, slots=True)
class Marginal:
    """Cost of one more result in the top fifth of spend, with its interval; `n` counts days."""

    value: float | None
    interval: Interval | None
    n: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class CostChange:
    """Relative change of the cost per result (0.2: a fifth dearer) with its interval.

    `chance_worse` is the chance that it is dearer at all. `before` and `after` are the two costs.
    """

    value: float | None
    interval: Interval | None
    chance_worse: float | None
    before: float | None
    after: float | None
    n: int
    reason: Reason | None


def cost_per_result(spend: Numbers, results: Numbers) -> float | None:
    """Spend over results of the days (D,) that have both; None without a result."""
    money, count = as_floats(spend), as_floats(results)
    known = ~np.isnan(money) & ~np.isnan(count)
    total = float(count[known].sum())
    return float(money[known].sum()) / total if total > 0 else None


def marginal_cost(spend: Numbers, results: Numbers, *, seed: int, level: float = LEVEL) -> Marginal:
    """Return what one more result cost on the days that make up the top fifth of spend.

    Days are sorted by spend; the dearest that hold a fifth of all spend are set against the rest:
    extra spend a day over extra results a day. Results are taken free of their weekday first, since
    a dear Sunday may bring more for being a Sunday. NaN days are left out.

    Refuses below 42 days, when spend hardly varied, when results are too sparse, and when the
    extra spend of too many draws brought nothing (RETURN_TOO_NOISY).
    """
    money, count = as_floats(spend), as_floats(results)
    known = ~np.isnan(money) & ~np.isnan(count) & (money > 0)
    weekday = np.flatnonzero(known) % 7
    money, count = money[known], count[known]
    n = len(money)
    if n < MIN_MARGINAL_DAYS:
        return Marginal(None, None, n, Reason.TOO_FEW_DAYS)
    if (count > 0).mean() < MIN_ACTIVE:
        return Marginal(None, None, n, Reason.TOO_SPARSE)
    count = _without_weekday(count, weekday)
    step, extra = _top_against_rest(money[None, :], count[None, :])
    if step[0] < LEAST_STEP * money.mean():
        return Marginal(None, None, n, Reason.SPEND_TOO_STEADY)
    drawn = block_indices(n, n, block=block_length(n), seed=seed)
    steps, extras = _top_against_rest(money[drawn], count[drawn])
    if extra[0] <= 0 or (extras <= 0).mean() > MOST_EMPTY:
        return Marginal(None, None, n, Reason.RETURN_TOO_NOISY)
    costs = steps[extras > 0] / extras[extras > 0]
    return Marginal(float(step[0] / extra[0]), percentile_interval(costs, level), n, None)


def _without_weekday(count: FloatArray, weekday: IntArray) -> FloatArray:
    """Results divided by what their weekday usually brings, on their own scale."""
    days = np.bincount(weekday, minlength=7)
    means = np.bincount(weekday, count, minlength=7) / np.maximum(days, 1)
    usual = count.mean()
    # Three weeks of an ordinary day are mixed in, so that one odd Sunday says little.
    profile = (means * days + 3 * usual) / (days + 3) / usual
    even: FloatArray = count / profile[weekday]
    return even


def _top_against_rest(money: FloatArray, count: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Extra spend and extra results a day of the dearest days against the others; (B,) each."""
    order = np.argsort(-money, axis=1, kind="stable")
    money, count = (np.take_along_axis(rows, order, axis=1) for rows in (money, count))
    share = money.cumsum(axis=1) / money.sum(axis=1, keepdims=True)
    top = share <= TOP
    top[:, 0] = True
    return _mean_gap(money, top), _mean_gap(count, top)


def _mean_gap(rows: FloatArray, top: BoolArray) -> FloatArray:
    inside = (rows * top).sum(axis=1) / top.sum(axis=1)
    outside = (rows * ~top).sum(axis=1) / np.maximum((~top).sum(axis=1), 1)
    gap: FloatArray = inside - outside
    return gap


def cost_change(spend: Numbers, results: Numbers, *, seed: int, level: float = LEVEL) -> CostChange:
    """Return how the cost per result of the last 7 days stands against the 28 days before.

    Rows (D,) end with the last day whose results have matured. Only results are taken as noisy:
    what was spent is known. Refuses when either window has too few days with data, or results on
    fewer than a third of them.
    """
    money, count = as_floats(spend), as_floats(results)
    money, count = (rows[-(NEW_DAYS + BASE_DAYS) :] for rows in (money, count))
    known = ~np.isnan(money) & ~np.isnan(count)
    new = np.arange(len(money)) >= len(money) - NEW_DAYS
    n = int(known.sum())
    reason = _thin(money, count, known, new)
    if reason is not None:
        return CostChange(None, None, None, None, None, n, reason)
    sides = [known & ~new, known & new]
    costs = [float(money[side].sum() / count[side].sum()) for side in sides]
    expected = np.concatenate([money[side] / cost for side, cost in zip(sides, costs, strict=True)])
    actual = np.concatenate([count[side] for side in sides])
    drawn = block_indices(n, n, block=block_length(n), seed=seed)
    firsts = np.array([0, int(sides[0].sum())])
    noise = log_sum_noise(actual, expected, firsts, drawn, level=level, lost=2)
    estimate = log(costs[1] / costs[0])
    draws = estimate - (noise[:, 1] - noise[:, 0])
    low_high = percentile_interval(draws, level)
    return CostChange(
        value=expm1(estimate),
        interval=Interval(expm1(low_high.low), expm1(low_high.high), level),
        chance_worse=float((draws > 0).mean()),
        before=costs[0],
        after=costs[1],
        n=n,
        reason=None,
    )


def _thin(money: FloatArray, count: FloatArray, known: BoolArray, new: BoolArray) -> Reason | None:
    for side, least in ((known & new, NEW_DAYS - 2), (known & ~new, BASE_DAYS - 7)):
        if side.sum() < least:
            return Reason.TOO_FEW_DAYS
        if money[side].sum() <= 0:
            return Reason.NO_SPEND
        if (count[side] > 0).mean() < MIN_ACTIVE:
            return Reason.TOO_SPARSE
    return None
