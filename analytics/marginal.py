"""What the next unit of spend returns, and the best single move of budget between two lines.

No response curve is fitted here, only one number per line: the elasticity of return to spend, read
from the line's own ups and downs and shrunk to a stated prior. That is enough for moves of some
ten percent, and too little for more; larger moves are refused by the limits.

The prior, 0.6 give or take 0.2, is an assumption. Return that platforms credit to a campaign grows
almost in proportion to spend at best (1.0) and by the common square-root rule at worst (0.5).
Elasticities of a brand's total sales are far lower, 0.12 within the period and 0.24 in the long run
(Sethuraman, Tellis and Briesch 2011, "How Well Does Advertising Work? Generalizations from
Meta-Analysis of Brand Advertising Elasticities", Journal of Marketing Research 48), because most
sales need no advertisement; so a gain computed here is of credited return, not of sales.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray
from analytics.daily import DailyRatio
from analytics.results import Elasticity, Interval, Reason

PRIOR_MEAN, PRIOR_DEVIATION = 0.6, 0.2
LEVEL = 0.80
Z80 = 1.2815515655446004
WINDOW = 182
MIN_DAYS = 56
MIN_WEEKS = 12
# Below this standard deviation of log weekly spend, history holds no experiment.
MIN_VARIATION = 0.05
# Below this weight the answer would be the prior's alone.
MIN_WEIGHT = 0.10
# With more zero days than this, weeks are compared instead of days.
MAX_ZERO_SHARE = 0.05
# Lines that must be there before their common ups and downs count as the season.
MIN_NEIGHBOURS = 5
# Standard errors of quasi-differenced daily data came out a fifth too small in simulation.
WIDENING = 1.25


def elasticities(daily: DailyRatio) -> tuple[Elasticity, ...]:
    """Return how each line's return (`top`) answers to its spend (`bottom`).

    Regresses log return on log spend over up to 26 weeks, with weekdays, a straight trend, and the
    season that at least five other lines have in common taken out; residuals that remember the day
    before are quasi-differenced (Cochrane and Orcutt 1949, "Application of least squares regression
    to relationships containing auto-correlated error terms"). Days without spend are left out; where
    returns are too rare for daily logs, weeks take the place of days. The estimate is then combined
    with the prior by precision and kept within 0 and 1.

    Refuses without spend in the last four weeks, below eight weeks of days (or twelve weeks), when
    spend hardly varied, and when history would weigh less than a tenth beside the prior. Leave out
    days that still mature.
    """
    recent = DailyRatio(daily.top[:, -WINDOW:], daily.bottom[:, -WINDOW:], daily.days[-WINDOW:])
    by_day = _Grid.of_days(recent)
    by_week = _Grid.of_weeks(recent)
    return tuple(
        _elasticity(recent, by_day, by_week, position) for position in range(len(recent.top))
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Log spend and log return by line and time, (S, T), NaN where either is not positive."""

    spend: FloatArray
    back: FloatArray
    cycle: int

    @classmethod
    def of_days(cls, daily: DailyRatio) -> "_Grid":
        return cls(_log(daily.bottom), _log(daily.top), 7)

    @classmethod
    def of_weeks(cls, daily: DailyRatio) -> "_Grid":
        return cls(_log(_weeks(daily.bottom)), _log(_weeks(daily.top)), 1)

    def season(self, position: int) -> FloatArray:
        """What the other lines have in common once their own spend is accounted for; (T,).

        NaN where fewer than five of them delivered.
        """
        others = np.delete(self.back - PRIOR_MEAN * self.spend, position, axis=0)
        known = ~np.isnan(others)
        others = others[known.mean(axis=1) > 0.5]
        if len(others) < MIN_NEIGHBOURS:
            return np.full(self.spend.shape[1], np.nan)
        others = others - np.nanmean(others, axis=1, keepdims=True)
        enough = (~np.isnan(others)).sum(axis=0) >= MIN_NEIGHBOURS
        common = np.full(self.spend.shape[1], np.nan)
        common[enough] = np.nanmedian(others[:, enough], axis=0)
        return common


def _log(values: FloatArray) -> FloatArray:
    return np.log(np.where(values > 0, values, np.nan))


def _weeks(values: FloatArray) -> FloatArray:
    """Sums of whole weeks counted back from the last day; NaN where a day is missing."""
    whole = values.shape[1] // 7 * 7
    weeks: FloatArray = values[:, values.shape[1] - whole :].reshape(len(values), -1, 7).sum(axis=2)
    return weeks


def _elasticity(daily: DailyRatio, by_day: _Grid, by_week: _Grid, position: int) -> Elasticity:
    top, bottom = daily.top[position], daily.bottom[position]
    weeks = by_week.spend[position]
    variation = float(np.nanstd(weeks)) if (~np.isnan(weeks)).any() else 0.0
    n = int((~np.isnan(weeks)).sum())
    if not np.nansum(bottom[-28:]) > 0:
        return _refusal(Reason.NO_SPEND, variation, n)
    spending = bottom > 0
    rare = float((top[spending] <= 0).mean()) > MAX_ZERO_SHARE
    x, y, grid = _rows(by_week if rare else by_day, position)
    if len(x) < (MIN_WEEKS if rare else MIN_DAYS):
        return _refusal(Reason.TOO_FEW_WEEKS, variation, n)
    if variation < MIN_VARIATION:
        return _refusal(Reason.SPEND_TOO_STEADY, variation, n)
    measured, error = _slope(x, y, grid)
    weight = PRIOR_DEVIATION**2 / (PRIOR_DEVIATION**2 + error**2)
    if weight < MIN_WEIGHT:
        return _refusal(Reason.RETURN_TOO_NOISY, variation, n)
    value = float(np.clip(weight * measured + (1 - weight) * PRIOR_MEAN, 0.0, 1.0))
    reach = Z80 * PRIOR_DEVIATION * float(np.sqrt(1 - weight))
    return Elasticity(
        value=value,
        interval=Interval(max(value - reach, 0.0), min(value + reach, 1.0), LEVEL),
        measured=measured,
        standard_error=error,
        weight=weight,
        spend_variation=variation,
        n=n,
        reason=None,
    )


def _rows(grid: _Grid, position: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log spend and season-free log return (N,), and what else to regress on (N, K)."""
    spend, back = grid.spend[position], grid.back[position]
    used = ~np.isnan(spend) & ~np.isnan(back)
    season = grid.season(position)
    # A season with gaps would hide days; better none at all.
    if np.isnan(season[used]).any():
        season = np.zeros_like(season)
    time = np.flatnonzero(used)
    cycle = (time[:, None] % grid.cycle == np.arange(grid.cycle)).astype(np.float64)
    others = np.column_stack([cycle[:, cycle.any(axis=0)], time / len(used)])
    return spend[used], back[used] - season[used], others


def _slope(x: FloatArray, y: FloatArray, others: FloatArray) -> tuple[float, float]:
    """Slope of `y` on `x` beside the other columns, and its standard error."""
    table: FloatArray = np.column_stack([x, others])
    _, residual = _least_squares(table, y)
    power = float(residual @ residual)
    memory = float(residual[1:] @ residual[:-1]) / power if power > 0 else 0.0
    # Kendall's correction for the downward bias of a short series.
    memory = float(np.clip(memory + (2 + 4 * memory) / len(x), 0.0, 0.9))
    fresh = table[1:] - memory * table[:-1]
    slopes, residual = _least_squares(fresh, y[1:] - memory * y[:-1])
    scale = float(residual @ residual) / (len(fresh) - fresh.shape[1])
    error = float(np.sqrt(scale * np.linalg.pinv(fresh.T @ fresh)[0, 0])) * WIDENING
    return float(slopes[0]), error


def _least_squares(table: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    slopes = np.asarray(np.linalg.lstsq(table, y, rcond=None)[0], dtype=np.float64)
    return slopes, y - table @ slopes


def _refusal(reason: Reason, variation: float, weeks: int) -> Elasticity:
    return Elasticity(
        value=None,
        interval=None,
        measured=None,
        standard_error=None,
        weight=0.0,
        spend_variation=variation,
        n=weeks,
        reason=reason,
    )
