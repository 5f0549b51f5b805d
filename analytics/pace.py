"""Where a target should stand today, and where the current run-rate ends.

A run-rate is not a forecast: it carries the level of the last four weeks, shaped by weekday, over
the days still open. It knows no season, no plan and no trend, and callers should say so.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, Days, FloatArray, IntArray, Numbers, as_days, as_floats
from analytics.daily import DailyRatio
from analytics.resample import block_indices, block_inflation, percentile_interval
from analytics.results import Pace, Reason

LEVEL = 0.80
LEVEL_DAYS = 28
HISTORY_DAYS = 91
MIN_DAYS = 14
BLOCK = 7
# Weeks of a flat profile mixed into each weekday's mean, so that one odd Sunday says little.
FLAT_WEEKS = 3


def weekday_profile(values: Numbers, days: Days) -> FloatArray:
    """Weight of each weekday, Monday first, mean 1; shape (7,).

    Means per weekday over the latest 91 days, shrunk towards flat with three pseudo-weeks. NaN
    days are left out; flat when nothing is left or everything is zero.
    """
    series, ordinals = as_floats(values)[-HISTORY_DAYS:], as_days(days)[-HISTORY_DAYS:]
    known = ~np.isnan(series)
    if not known.any() or series[known].sum() <= 0:
        return np.ones(7)
    weekday = _weekday(ordinals[known])
    mean = float(series[known].mean())
    sums = np.bincount(weekday, series[known], minlength=7) + FLAT_WEEKS * mean
    weights = sums / (np.bincount(weekday, minlength=7) + FLAT_WEEKS)
    profile: FloatArray = weights / weights.mean()
    return profile


def pace_total(
    values: Numbers,
    days: Days,
    *,
    target: float,
    first_day: int,
    last_day: int,
    seed: int,
    level: float = LEVEL,
) -> Pace:
    """Return the pace of a target that adds up (revenue, conversions, spend).

    `values` (D,) are daily amounts up to the last complete day, with the history before the
    period; NaN is a day whose data never arrived. The target covers `first_day` to `last_day`,
    both included. `expected` is the target's share of weekday weight gone by, `expected_linear`
    its share of days. Both, and `ratio`, count only days with data, so that a missing day is not
    read as being behind; in the landing such days count at run-rate.

    Refuses without a target, before the period has a day with data, and below 14 days of data.
    """
    span = _span(as_floats(values)[None, :], as_days(days), first_day, last_day)
    reason = _thinness(span, target)
    if reason is not None:
        return _refusal(reason, span)
    run = _run_rate(span, seed, level)
    actual, landing = float(span.to_date[0]), float(span.to_date[0] + run.open_mean[0])
    endings = actual + run.open_draws[:, 0]
    expected = target * run.weight_known[0] / run.weight_total[0]
    return Pace(
        actual=actual,
        expected_linear=target * span.days_known / span.days_total,
        expected=expected,
        ratio=actual / expected,
        landing=landing,
        landing_interval=percentile_interval(endings, level),
        chance=float((endings >= target).mean()),
        needed=(target - actual) / span.days_open if span.days_open else None,
        days_elapsed=span.days_elapsed,
        days_total=span.days_total,
        days_missing=span.days_elapsed - span.days_known,
        n=span.n,
        reason=None,
    )


def pace_ratio(
    daily: DailyRatio,
    *,
    target: float,
    first_day: int,
    last_day: int,
    seed: int,
    level: float = LEVEL,
) -> Pace:
    """Return the pace of a target that is a ratio of sums (return on spend, cost per order).

    `daily` holds a single series; the other arguments are those of `pace_total`. A ratio does not
    accrue: what is expected today is the target itself. `needed` is the ratio that the open days
    must have for the whole period to end on target. For a metric that is good when low, `chance`
    is the chance of missing it.

    Also refuses when the denominator is zero to date or in its run-rate.
    """
    rows = np.concatenate([daily.top, daily.bottom])
    if len(rows) != 2:
        raise ValueError("a pace is of one series at a time")
    span = _span(rows, daily.days, first_day, last_day)
    reason = _thinness(span, target)
    if reason is not None:
        return _refusal(reason, span)
    run = _run_rate(span, seed, level)
    ends = span.to_date + run.open_mean
    end_draws = np.maximum(span.to_date + run.open_draws, [0.0, float(span.to_date[1])])
    endings = end_draws[:, 0] / end_draws[:, 1]
    actual = float(span.to_date[0] / span.to_date[1])
    rest = float(run.open_mean[1])
    return Pace(
        actual=actual,
        expected_linear=target,
        expected=target,
        ratio=actual / target,
        landing=float(ends[0] / ends[1]),
        landing_interval=percentile_interval(endings, level),
        chance=float((endings >= target).mean()),
        needed=(target * float(ends[1]) - float(span.to_date[0])) / rest if rest > 0 else None,
        days_elapsed=span.days_elapsed,
        days_total=span.days_total,
        days_missing=span.days_elapsed - span.days_known,
        n=span.n,
        reason=None,
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """A target's period laid over K daily rows: `known` marks its days with data."""

    rows: FloatArray
    days: IntArray
    known: IntArray
    open: IntArray
    to_date: FloatArray
    days_elapsed: int
    days_total: int
    n: int

    @property
    def days_known(self) -> int:
        return len(self.known)

    @property
    def days_open(self) -> int:
        return len(self.open)


@dataclass(frozen=True, slots=True)
class _RunRate:
    """What K rows bring over the open days: mean (K,) and draws (B, K); and weekday weights."""

    open_mean: FloatArray
    open_draws: FloatArray
    weight_known: FloatArray
    weight_total: FloatArray


def _weekday(days: IntArray) -> IntArray:
    # Ordinal 1 (1 January of year 1) is a Monday.
    return (days - 1) % 7


def _span(rows: FloatArray, days: IntArray, first_day: int, last_day: int) -> _Span:
    if rows.shape[1] != len(days):
        raise ValueError("every daily row must have one value per day")
    if last_day < first_day:
        raise ValueError("the period ends before it begins")
    present: BoolArray = ~np.isnan(rows[0])
    inside = present & (days >= first_day) & (days <= last_day)
    known = days[inside]
    through = min(int(days[-1]), last_day) if len(days) else first_day - 1
    return _Span(
        rows=rows[:, present],
        days=days[present],
        known=known,
        open=np.setdiff1d(np.arange(first_day, last_day + 1), known),
        to_date=rows[:, inside].sum(axis=1),
        days_elapsed=max(through - first_day + 1, 0),
        days_total=last_day - first_day + 1,
        n=min(int(present.sum()), HISTORY_DAYS),
    )


def _thinness(span: _Span, target: float) -> Reason | None:
    if not target > 0:
        return Reason.NO_TARGET
    if not span.days_known:
        return Reason.NOT_STARTED
    if span.n < MIN_DAYS:
        return Reason.TOO_FEW_DAYS
    if len(span.rows) == 2 and span.to_date[1] <= 0:
        return Reason.NO_VOLUME
    return None


def _run_rate(span: _Span, seed: int, level: float) -> _RunRate:
    """Carry each row's level over the open days, with what day-to-day variation does to it.

    Both the noise of the open days and that of the level itself are drawn in weekly blocks from
    the same history; the rows share the draws, so that their correlation survives.
    """
    recent, days = span.rows[:, -HISTORY_DAYS:], span.days[-HISTORY_DAYS:]
    profiles = np.stack([weekday_profile(row, days) for row in recent])
    weights = profiles[:, _weekday(days)]
    levels = recent[:, -LEVEL_DAYS:].sum(axis=1) / weights[:, -LEVEL_DAYS:].sum(axis=1)
    residual = _residual(recent / weights, level)
    open_weight = profiles[:, _weekday(span.open)]
    n, ahead = len(days), len(span.open)
    size = LEVEL_DAYS + ahead
    drawn = block_indices(n, size, block=BLOCK, seed=seed)
    noise = residual[:, drawn]
    level_noise = noise[:, :, :LEVEL_DAYS].mean(axis=2)
    totals = open_weight.sum(axis=1)
    open_noise = np.einsum("kbd,kd->kb", noise[:, :, LEVEL_DAYS:], open_weight)
    draws = totals[:, None] * (levels[:, None] + level_noise) + open_noise
    known_weight = profiles[:, _weekday(span.known)].sum(axis=1)
    return _RunRate(
        open_mean=levels * totals,
        open_draws=np.maximum(draws, 0).T,
        weight_known=known_weight,
        weight_total=known_weight + totals,
    )


def _residual(flat: FloatArray, level: float) -> FloatArray:
    """Daily deviations of each weekday-adjusted row from its own mean, widened for few blocks.

    The mean is that of the whole history, so a level that drifted widens the range.
    """
    residual = flat - flat.mean(axis=1, keepdims=True)
    factors = [block_inflation(row, block=min(BLOCK, len(row)), level=level) for row in residual]
    widened: FloatArray = residual * np.array(factors)[:, None]
    return widened


def _refusal(reason: Reason, span: _Span) -> Pace:
    return Pace(
        actual=float(span.to_date[0]) if len(span.rows) == 1 and span.days_known else None,
        expected_linear=None,
        expected=None,
        ratio=None,
        landing=None,
        landing_interval=None,
        chance=None,
        needed=None,
        days_elapsed=span.days_elapsed,
        days_total=span.days_total,
        days_missing=span.days_elapsed - span.days_known,
        n=span.n,
        reason=reason,
    )
