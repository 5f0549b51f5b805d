"""A robust detector that sees only the past, for any metric at any regular step.

Each row is compared with what was expected of it; how far off counts as unusual is learnt from how
far off earlier rows were. Nothing is set per series: one threshold holds for all.

    scale        log of one plus the value over a small share of its level, so that a fall to a
                 tenth weighs like a rise to ten times, whatever the unit; zeros and negative
                 values pass
    expectation  a mean of three (level; same time of day; same time of week), each corrected by
                 its own recent errors and weighted by the inverse square of its mean error: Bates
                 and Granger 1969, "The Combination of Forecasts", Operational Research Quarterly
                 20(4). A season that the data do not have earns no weight.
    score        distance over the geometric mean of the 90th and 98th percentile of earlier
                 distances: the first holds the width of the distribution, the second its tail
    flag         score at or over the threshold, once within the cool-down

How the settings were chosen, and what they reach on other series: `bench/anomalies.py`.
"""

from typing import Final

import numpy as np

from analytics.anomalies.results import Detection
from analytics.anomalies.trailing import (
    trailing_mean,
    trailing_median,
    trailing_quantile,
    trailing_same_slot,
    trailing_smooth,
)
from analytics.arrays import BoolArray, FloatArray, IntArray, Numbers, as_floats
from analytics.results import Reason

THRESHOLD: Final = 2.5
# Rows whose distances must be known before one is judged.
MIN_ROWS = 35
# Rows from which usual distances are learnt, and those from which the best expectation is.
MEMORY, RECENT = 3000, 300
FEW_RECENT = 14
# Of the typical level: values far below it differ by their amount, far above by their ratio.
SOFTENING = 0.3
SMOOTHING = 0.3
WIDTH, TAIL = 0.90, 0.98
# In logs: no series is so steady that a change of less than 2.5 % is an anomaly.
SMALLEST_WIDTH = 0.01
DAY, WEEK = 86_400.0, 604_800.0
# Length in seconds, how many are looked back on, how many must be there.
SEASONS = ((DAY, 14, 3), (WEEK, 4, 2))
# More empty places than this for each row and the rows have no regular step.
MAX_GAPS = 3


def detect(times: Numbers, values: Numbers, *, until: float | None = None) -> Detection:
    """Judge each row of a series from the rows before it.

    `times` (N,) are seconds that never go back, at any roughly regular step from minutes to weeks;
    `values` (N,) may hold NaN for what is not known, which is never taken as zero. Rows at or
    after `until` are not complete yet: they are neither judged nor learnt from. A row that is the
    second in its place (a clock set back) replaces the first for those after it.

    Refuses below 36 rows and where the rows have no regular step. Raises ValueError when shapes
    differ, times go back or a value is infinite.
    """
    moments, amounts = as_floats(times), as_floats(values)
    if moments.shape != amounts.shape or moments.ndim != 1:
        raise ValueError("times and values must be two rows of the same length")
    gaps = np.diff(moments)
    if (gaps < 0).any() or np.isnan(moments).any():
        raise ValueError("times must never go back")
    if until is not None:
        amounts = np.where(moments < until, amounts, np.nan)
    if (~np.isnan(amounts)).sum() <= MIN_ROWS or not (gaps > 0).any():
        return _refusal(len(amounts), Reason.TOO_FEW_ROWS)
    step = float(np.median(gaps[gaps > 0]))
    place = np.rint((moments - moments[0]) / step).astype(np.int64)
    if place[-1] > (1 + MAX_GAPS) * len(place):
        return _refusal(len(amounts), Reason.IRREGULAR_TIMES)
    return _judged(moments, amounts, place, step)


def _judged(moments: FloatArray, amounts: FloatArray, place: IntArray, step: float) -> Detection:
    grid = np.full(place[-1] + 1, np.nan)
    grid[place] = amounts
    soft = _softener(grid, step)
    logs = _to_logs(grid, soft)
    expected = _expected(logs, step)
    usual = _usual(np.abs(logs - expected))[place]
    middle, reach = expected[place], THRESHOLD * usual
    score = np.abs(_to_logs(amounts, soft) - middle) / usual
    return Detection(
        score=score,
        flag=_first_of_each(score >= THRESHOLD, moments, max(DAY, 3 * step)),
        expected=_from_logs(middle, soft),
        low=_from_logs(middle - reach, soft),
        high=_from_logs(middle + reach, soft),
        threshold=THRESHOLD,
        step=step,
        n=int((~np.isnan(score)).sum()),
        reason=None,
    )


def _softener(grid: FloatArray, step: float) -> float:
    """A small share of the level of the first two days, or of the rows that are not judged yet."""
    known = np.abs(grid[~np.isnan(grid)][: max(round(2 * DAY / step), MIN_ROWS)])
    level = float(np.median(known)) or float(np.mean(known)) or 1.0
    return SOFTENING * level


def _to_logs(values: FloatArray, soft: float) -> FloatArray:
    logs: FloatArray = np.sign(values) * np.log1p(np.abs(values) / soft)
    return logs


def _from_logs(logs: FloatArray, soft: float) -> FloatArray:
    values: FloatArray = np.sign(logs) * soft * np.expm1(np.abs(logs))
    return values


def _expected(logs: FloatArray, step: float) -> FloatArray:
    """The weighted mean of all expectations that exist, place by place; NaN where none does."""
    found = [_corrected(logs, base) for base in _bases(logs, step)]
    weights = [
        np.maximum(trailing_mean(np.abs(logs - one), RECENT, FEW_RECENT), SMALLEST_WIDTH) ** -2
        for one in found
    ]
    table, share = np.array(found), np.array(weights)
    share = np.where(np.isnan(table), np.nan, share)
    total = np.nansum(share, axis=0)
    expected: FloatArray = np.nansum(share * table, axis=0) / np.where(total > 0, total, np.nan)
    return expected


def _bases(logs: FloatArray, step: float) -> list[FloatArray]:
    """The recent level, and each season that the step can show."""
    bases = [trailing_median(logs, max(round(DAY / step), 7), 3)]
    for length, periods, least in SEASONS:
        places = round(length / step)
        if places >= 2 and abs(places * step / length - 1) < 1 / 100:
            bases.append(trailing_same_slot(logs, places, periods, least))
    return bases


def _corrected(logs: FloatArray, base: FloatArray) -> FloatArray:
    """An expectation moved by its own recent errors, where single wild ones count as large ones."""
    errors = logs - base
    large = trailing_quantile(np.abs(errors), RECENT, WIDTH, FEW_RECENT)
    moved = trailing_smooth(np.clip(errors, -large, large), SMOOTHING)
    corrected: FloatArray = base + np.nan_to_num(moved)
    return corrected


def _usual(distance: FloatArray) -> FloatArray:
    """How far off earlier rows were; NaN until enough of them are known."""
    width, tail = (
        np.maximum(trailing_quantile(distance, MEMORY, share, MIN_ROWS), SMALLEST_WIDTH)
        for share in (WIDTH, TAIL)
    )
    usual: FloatArray = np.sqrt(width * tail)
    return usual


def _first_of_each(over: BoolArray, moments: FloatArray, cool_down: float) -> BoolArray:
    """The rows over the threshold that come longer than `cool_down` after the last one kept."""
    flag = np.zeros(len(over), dtype=np.bool_)
    last = -np.inf
    for row in np.flatnonzero(over):
        if moments[row] - last > cool_down:
            flag[row], last = True, moments[row]
    return flag


def _refusal(rows: int, reason: Reason) -> Detection:
    nothing = np.full(rows, np.nan)
    no_flag = np.zeros(rows, dtype=np.bool_)
    return Detection(nothing, no_flag, nothing, nothing, nothing, THRESHOLD, 0.0, 0, reason)
