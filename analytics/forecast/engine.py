"""Forecasts of all series of an account at once, as of a cut-off."""

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast.backtest import Told, origins_of, tell
from analytics.forecast.coherence import scaled_to_totals
from analytics.forecast.combine import combined
from analytics.forecast.intervals import ranges
from analytics.forecast.panel import Panel, group_totals, groups_of
from analytics.forecast.pause import paused
from analytics.forecast.plan import Spend, with_plan
from analytics.forecast.pooled import YEAR
from analytics.forecast.results import Combined, Forecast, Past
from analytics.forecast.smoothing import RATES
from analytics.results import Reason

# Days of history that count, and known days below which the answer is called thin.
HISTORY_DAYS, FEWEST_DAYS = 800, 14
# A forecast without a plan stays below this many times the largest day, its range below the square.
CAP = 2.0
# A day counts for at most this many times the 99th percentile of its series.
WILD, USUAL = 10.0, 0.99


def forecast(
    panel: Panel,
    horizon: int,
    *,
    plan: Panel | None = None,
    foretold: FloatArray | None = None,
    seed: int = 1,
    trees: bool = True,
) -> Combined:
    """Forecast every series and every group over the `horizon` days after the panel's last day.

    Days ahead that `plan` knows the spend of, it shapes; spend of the days seen is read from it too.
    `foretold` (O, P, H), rows as in `plan`, is the spend that was expected at each of `origins_of`
    the panel's days; without it ranges take the plan as kept.
    Without `trees` the smoothings speak alone, which takes a tenth of the time.
    Raises ValueError when the horizon is not 1 to 364 days, or no series has begun.
    """
    if not 1 <= horizon <= YEAR or not panel.names:
        raise ValueError(f"a forecast needs a series that has begun and 1 to {YEAR} days")
    panel = panel.latest(HISTORY_DAYS).until(int(panel.days[-1]))
    names, group = groups_of(panel.names)
    values = _tamed(panel.values)
    totals = group_totals(values, group, len(names))
    values = np.concatenate([values, totals])
    belongs = np.concatenate([group, np.arange(len(names))])
    told = combined(
        tell(values, panel.days, belongs, horizon, seed=seed if trees else None), len(RATES)
    )
    told = _capped(told, values)
    resting = paused(values)
    told.now[0, resting] = 0.0
    tested = origins_of(len(panel.days))
    unplanned = np.zeros(len(panel.names), dtype=np.bool_)
    if plan is not None:
        spend = Spend.of(plan, foretold, panel.names, panel.days, horizon)
        spend = spend.with_totals(group, len(names))
        told = with_plan(told, values, panel.days, tested, spend)
        resting &= ~(spend.usable & (spend.ahead > 0).any(axis=1))
        unplanned = np.isin(panel.names, plan.names) & ~spend.usable[: len(panel.names)]
    series, groups = scaled_to_totals(told, group)
    origins = panel.days[tested]
    count = len(panel.names)
    known = (~np.isnan(values)).sum(axis=1)
    reasons = _reasons(known[:count], resting[:count], unplanned)
    own = np.arange(len(names))
    return Combined(
        _answer(panel.names, panel.days, origins, series, values[:count], group, reasons),
        _answer(names, panel.days, origins, groups, totals, own, (None,) * len(names)),
    )


def _tamed(values: FloatArray) -> FloatArray:
    """Values without the days that can only be an error or never come again."""
    usual = np.nanquantile(np.abs(values), USUAL, axis=1)[:, None]
    most = np.where(usual > 0, WILD * usual, np.inf)
    return np.clip(values, -most, most)


def _capped(told: Told, values: FloatArray) -> Told:
    """No forecast beyond what the series ever did, nor below zero where it never went."""
    largest = CAP * np.nanmax(np.abs(values), axis=1)[:, None]
    lowest = np.where(np.nanmin(values, axis=1)[:, None] < 0, -largest, 0.0)
    return Told(np.clip(told.now, lowest, largest), np.clip(told.then, lowest, largest), told.truth)


def _answer(
    names: tuple[str, ...],
    seen: IntArray,
    origins: IntArray,
    told: Told,
    values: FloatArray,
    group: IntArray,
    reason: tuple[Reason | None, ...],
) -> Forecast:
    mean = told.now[0]
    ends = ranges(mean, told.then[0], told.truth, group)
    ever = np.concatenate([np.abs(values), np.abs(mean)], axis=1)
    largest = CAP**2 * np.nanmax(ever, axis=1)[:, None, None]
    lowest = np.where(np.nanmin(values, axis=1)[:, None, None] < 0, -largest, 0.0)
    low95, low80, high80, high95 = np.moveaxis(np.clip(ends, lowest, largest), 2, 0)
    return Forecast(
        names=names,
        cutoff=int(seen[-1]),
        days=seen[-1] + 1 + np.arange(mean.shape[1]),
        mean=mean,
        low80=np.minimum(low80, mean),
        high80=np.maximum(high80, mean),
        low95=np.minimum(low95, mean),
        high95=np.maximum(high95, mean),
        reason=reason,
        past=Past(origins, told.then[0], told.truth),
    )


def _reasons(
    known: IntArray, resting: BoolArray, unplanned: BoolArray
) -> tuple[Reason | None, ...]:
    chosen = np.select(
        [resting, known < FEWEST_DAYS, unplanned],
        [Reason.PAUSED, Reason.TOO_FEW_DAYS, Reason.PLAN_TOO_SHORT],
        "",
    )
    return tuple(Reason(text) if text else None for text in chosen)
