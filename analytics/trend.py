"""Does a ratio (return on spend, cost per order) fall or rise over complete periods?

Every period is a ratio of sums. The slope is Theil and Sen's median of all pairwise slopes of the
log ratio, the probability Mann and Kendall's rank test, and the interval a block bootstrap of the
daily residuals. All three ignore a single odd period; none assumes a normal distribution.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, exp, log, sqrt

import numpy as np

from analytics.arrays import Days, FloatArray, IntArray
from analytics.daily import DailyRatio
from analytics.periods import complete_edges
from analytics.resample import (
    block_indices,
    block_length,
    log_sum_noise,
    percentile_interval,
    smallest_step,
)
from analytics.results import Direction, Interval, PeriodValue, Reason, Trend

MIN_PERIODS = 3
MIN_DAYS = 21
MIN_COVERAGE = 0.8
MATERIAL = 0.10
LEVEL = 0.95
# Below six periods not even a perfect order reaches p 0.05, so the rank test has no say there.
RANK_TEST_FROM = 6
RANK_TEST_P = 0.10


def ratio_trends(
    daily: DailyRatio,
    *,
    edges: Days,
    seed: int,
    last: int | None = None,
    material: float = MATERIAL,
    level: float = LEVEL,
) -> tuple[Trend, ...]:
    """Return the trend of each of S ratios over the complete periods of one grid.

    Leave out days that are still maturing, or a late conversion reads as a fall. `edges` is a
    period grid (`analytics.periods`); periods not wholly within the days, or with less than 80 %
    of their days, are left out. `last` keeps only the latest periods.

    A direction is claimed when the slope's interval is clear of zero, the change over the window
    is at least `material`, and the rank test agrees (p <= 0.10; with fewer than six periods it
    cannot, and every single step must go the same way instead). STEADY is claimed when the
    interval leaves no room for a material change. Refuses below three periods, 21 days, or
    without a denominator. One series gets the same answer alone or among others.

    By simulation the 95 % interval of the slope holds the truth 93 to 97 % of the time when a
    day's noise correlates with the next day's up to 0.5, about 90 % at 0.8.
    """
    if not len(daily.days):
        return tuple(_refusal(Reason.TOO_FEW_DAYS) for _ in daily.top)
    grid = complete_edges(edges, int(daily.days[0]), int(daily.days[-1]))
    grid = grid if last is None else grid[-(last + 1) :]
    draw = _drawer(seed)
    return tuple(
        _one_trend(_tabulate(top, bottom, daily.days, grid), draw, material, level)
        for top, bottom in zip(daily.top, daily.bottom, strict=True)
    )


def ratio_trend(
    daily: DailyRatio,
    *,
    edges: Days,
    seed: int,
    last: int | None = None,
    material: float = MATERIAL,
    level: float = LEVEL,
) -> Trend:
    """Return the trend of a single ratio; see `ratio_trends`."""
    (trend,) = ratio_trends(
        daily, edges=edges, seed=seed, last=last, material=material, level=level
    )
    return trend


def falls_in_a_row(trend: Trend, *, at_least: int = 2) -> bool:
    """Whether the ratio falls period after period: a claimed fall whose latest steps all fell."""
    return trend.direction is Direction.FALLING and trend.run <= -at_least


def rises_in_a_row(trend: Trend, *, at_least: int = 2) -> bool:
    """Whether the ratio rises period after period: a claimed rise whose latest steps all rose."""
    return trend.direction is Direction.RISING and trend.run >= at_least


def theil_sen(x: FloatArray, y: FloatArray) -> FloatArray:
    """Median of all pairwise slopes of `y` (..., P) over `x` (P,); shape (...).

    Sen (1968), "Estimates of the regression coefficient based on Kendall's tau".
    """
    i, j = np.triu_indices(len(x), k=1)
    slopes: FloatArray = np.median((y[..., j] - y[..., i]) / (x[j] - x[i]), axis=-1)
    return slopes


def mann_kendall(values: FloatArray) -> float:
    """Two-sided p that `values` (P,) has no monotone trend; ties allowed.

    Exact for at most ten values without ties (Kendall 1970, table of inversions), else the normal
    approximation with tie-corrected variance and continuity correction (Gilbert 1987, eq. 16.2-3).
    """
    n = len(values)
    i, j = np.triu_indices(n, k=1)
    score = int(np.sign(values[j] - values[i]).sum())
    _, ties = np.unique(values, return_counts=True)
    if n <= 10 and ties.max() == 1:
        return _exact_p(n, abs(score))
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if score == 0 or variance <= 0:
        return 1.0
    return min(1.0, erfc((abs(score) - 1) / sqrt(2 * variance)))


@lru_cache(maxsize=16)
def _inversion_counts(n: int) -> tuple[int, ...]:
    """How many orders of n values have 0, 1, 2, ... inversions (Mahonian numbers)."""
    counts = [1]
    for size in range(2, n + 1):
        wider = [0] * (len(counts) + size - 1)
        for inversions, count in enumerate(counts):
            for extra in range(size):
                wider[inversions + extra] += count
        counts = wider
    return tuple(counts)


def _exact_p(n: int, score: int) -> float:
    counts = _inversion_counts(n)
    most = n * (n - 1) // 2
    tail = sum(counts[: (most - score) // 2 + 1])
    return min(1.0, 2 * tail / sum(counts))


@dataclass(frozen=True, slots=True)
class _Table:
    """The days of one series that lie in a usable period, and all its complete periods."""

    top: FloatArray
    bottom: FloatArray
    period: IntArray
    used: IntArray
    periods: tuple[PeriodValue, ...]


def _tabulate(top: FloatArray, bottom: FloatArray, days: IntArray, edges: IntArray) -> _Table:
    """Sort days into periods; `used` are the period numbers that have a ratio."""
    count = max(len(edges) - 1, 0)
    period = np.searchsorted(edges, days, side="right") - 1
    keep = (period >= 0) & (period < count) & ~np.isnan(top) & ~np.isnan(bottom)
    top, bottom, period = top[keep], bottom[keep], period[keep]
    present = np.bincount(period, minlength=count)
    tops = np.bincount(period, top, minlength=count)
    bottoms = np.bincount(period, bottom, minlength=count)
    usable = (present >= MIN_COVERAGE * np.diff(edges)) & (bottoms > 0) if count else present > 0
    rows = tuple(
        PeriodValue(
            int(edges[i]),
            int(present[i]),
            float(tops[i]),
            float(bottoms[i]),
            float(tops[i] / bottoms[i]) if usable[i] else None,
        )
        for i in range(count)
    )
    inside = usable[period] if count else np.zeros(0, dtype=np.bool_)
    used = np.flatnonzero(usable).astype(np.int64)
    return _Table(top[inside], bottom[inside], period[inside], used, rows)


def _thinness(table: _Table) -> Reason | None:
    if any(p.days for p in table.periods) and not any(p.denominator for p in table.periods):
        return Reason.NO_VOLUME
    if len(table.used) < MIN_PERIODS:
        return Reason.TOO_FEW_PERIODS
    if len(table.top) < MIN_DAYS:
        return Reason.TOO_FEW_DAYS
    if np.count_nonzero(table.top > 0) < len(table.used):
        return Reason.TOO_SPARSE
    return None


_Draw = Callable[[int], IntArray]


def _drawer(seed: int) -> _Draw:
    """Draws for a number of days, made once, so that series of equal length share them."""

    @lru_cache(maxsize=8)
    def draw(n: int) -> IntArray:
        return block_indices(n, n, block=block_length(n), seed=seed)

    return draw


def _one_trend(table: _Table, draw: _Draw, material: float, level: float) -> Trend:
    reason = _thinness(table)
    if reason is not None:
        return _refusal(reason, table)
    x = table.used.astype(np.float64)
    rows = [table.periods[i] for i in table.used]
    floor = smallest_step(table.top)
    y = np.log([max(row.numerator, floor) / row.denominator for row in rows])
    slope = float(theil_sen(x, y))
    line = float(np.median(y - slope * x)) + slope * x
    noise = _log_noise(table, line, draw(len(table.top)), level)
    slopes = theil_sen(x, line + noise)
    changes = y[-1] - y[0] + noise[:, -1] - noise[:, 0]
    slope_range = percentile_interval(slopes, level)
    p, run = mann_kendall(y), _run(y)
    return Trend(
        direction=_direction(slope_range, slope, float(x[-1] - x[0]), p, run, len(x), material),
        slope=exp(slope) - 1,
        slope_interval=_as_change(slope_range),
        p=p,
        periods=table.periods,
        first_value=rows[0].value,
        last_value=rows[-1].value,
        change=exp(float(y[-1] - y[0])) - 1,
        change_interval=_as_change(percentile_interval(changes, level)),
        run=run,
        n=len(table.top),
        reason=None,
    )


def _log_noise(table: _Table, line: FloatArray, drawn: IntArray, level: float) -> FloatArray:
    """Bootstrap noise of each period's log ratio around the fitted line; shape (B, P)."""
    ratio = np.zeros(len(table.periods))
    ratio[table.used] = np.exp(line)
    expected = table.bottom * ratio[table.period]
    firsts = np.flatnonzero(np.diff(table.period, prepend=-1)).astype(np.int64)
    return log_sum_noise(table.top, expected, firsts, drawn, level=level, lost=2)


def _run(y: FloatArray) -> int:
    """How many latest steps went the same way; negative for falls."""
    steps = np.sign(np.diff(y))[::-1]
    other = np.flatnonzero(steps != steps[0])
    return int(steps[0]) * int(other[0] if len(other) else len(steps))


def _direction(
    slope_range: Interval,
    slope: float,
    span: float,
    p: float,
    run: int,
    periods: int,
    material: float,
) -> Direction:
    edge = log(1 + material)
    agreed = p <= RANK_TEST_P if periods >= RANK_TEST_FROM else abs(run) == periods - 1
    if slope_range.excludes(0) and abs(slope) * span >= edge and agreed:
        return Direction.RISING if slope > 0 else Direction.FALLING
    if max(-slope_range.low, slope_range.high) * span <= edge:
        return Direction.STEADY
    return Direction.UNCLEAR


def _as_change(interval: Interval) -> Interval:
    """An interval of log ratios as one of relative changes."""
    return Interval(exp(interval.low) - 1, exp(interval.high) - 1, interval.level)


def _refusal(reason: Reason, table: _Table | None = None) -> Trend:
    return Trend(
        direction=Direction.UNCLEAR,
        slope=None,
        slope_interval=None,
        p=None,
        periods=table.periods if table else (),
        first_value=None,
        last_value=None,
        change=None,
        change_interval=None,
        run=0,
        n=len(table.top) if table else 0,
        reason=reason,
    )
