"""Sums of forecasts: of several series, and of the first days together, with ranges of their own.

The ends of ranges do not add up, because errors partly cancel. So a sum gets its range the way a
series does: from how far off the same sum was at the earlier cut-offs (`intervals.ranges`). The
cut-offs of a sum are few and overlap, so its errors may all lie on one side; each counts on both.
Of sums over many days there are fewer still that share no day: the ends of their ranges move out as
those of Student's distribution do when so few cases are known.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from analytics.arrays import FloatArray, IntArray
from analytics.forecast.intervals import QUANTILES, both_ways, ranges, widened
from analytics.forecast.results import Forecast, Past
from analytics.results import Reason

# Sums that share no day, below which Student's distribution is taken no wider.
FEWEST_CASES = 2.0


def summed(told: Forecast, members: Sequence[tuple[str, IntArray]]) -> Forecast:
    """Return a row for each named set of rows of `told`: day by day the sum of its members.

    A member's day that nobody knows is left out of truth and forecast of an earlier cut-off alike.
    A sum has a reason when all its members have the same one. Ranges of all sums are learnt
    together, so ask for one kind of set (campaigns, teams) at a time.

    Raises ValueError for a set without members.
    """
    if not members or any(not len(rows) for _, rows in members):
        raise ValueError("a sum needs members")
    of = np.zeros((len(members), len(told.names)))
    for place, (_, rows) in enumerate(members):
        of[place, rows] = 1.0
    unknown = np.isnan(told.past.truth)
    seen = np.einsum("gs,osh->ogh", of, ~unknown) > 0
    then, truth = (
        np.einsum("gs,osh->ogh", of, np.where(unknown, 0.0, values))
        for values in (told.past.forecast, told.past.truth)
    )
    past = Past(told.past.origins, then, np.where(seen, truth, np.nan))
    reasons = tuple(_shared([told.reason[row] for row in rows]) for _, rows in members)
    return _ranged(
        told, tuple(name for name, _ in members), of @ told.mean, past, reasons, of @ told.low95
    )


def running(told: Forecast) -> Forecast:
    """Return the same rows with, at each day ahead, the sum of all days up to it.

    A day that nobody knows is left out of truth and forecast of an earlier cut-off alike; where
    the days are not over, the sum is not known.
    """
    truth = told.past.truth
    unknown = np.isnan(truth)
    over = np.logical_or.accumulate(~unknown[:, :, ::-1], axis=2)[:, :, ::-1]
    then = np.where(unknown & over, 0.0, told.past.forecast).cumsum(axis=2)
    sums = np.where(unknown, 0.0, truth).cumsum(axis=2)
    past = Past(told.past.origins, then, np.where(over, sums, np.nan))
    lowest = told.low95.cumsum(axis=1)
    mean = told.mean.cumsum(axis=1)
    wider = _fewer(told.past.origins, told.cutoff, mean.shape[1])
    return _ranged(told, told.names, mean, past, told.reason, lowest, wider)


def _fewer(origins: IntArray, cutoff: int, horizon: int) -> FloatArray:
    """How much further out the ends of sums over 1 to H days lie, (H, 4), because fewer of the
    earlier ones share no day than there are cut-offs."""
    if not len(origins):
        return np.ones((horizon, len(QUANTILES)))
    apart = (cutoff - int(origins[0])) / np.arange(1, horizon + 1)
    cases = np.clip(apart, FEWEST_CASES, len(origins))[:, None]
    wider: FloatArray = special.stdtrit(cases, QUANTILES) / special.stdtrit(len(origins), QUANTILES)
    return np.maximum(wider, 1.0)


def _shared(reasons: Sequence[Reason | None]) -> Reason | None:
    return reasons[0] if len(set(reasons)) == 1 else None


def _ranged(
    told: Forecast,
    names: tuple[str, ...],
    mean: FloatArray,
    past: Past,
    reasons: tuple[Reason | None, ...],
    lowest: FloatArray,
    wider: FloatArray | None = None,
) -> Forecast:
    """The sums with their ranges, which end at zero where no member's range goes below."""
    rows = np.zeros(len(names), dtype=np.int64)
    ends = ranges(mean, *both_ways(past.forecast, past.truth), rows)
    if wider is not None:
        ends = widened(mean, ends, wider)
    positive = lowest.min(axis=1) >= 0
    ends = np.where(positive[:, None, None], np.maximum(ends, 0.0), ends)
    low95, low80, high80, high95 = np.moveaxis(ends, 2, 0)
    return Forecast(
        names=names,
        cutoff=told.cutoff,
        days=told.days,
        mean=mean,
        low80=np.minimum(low80, mean),
        high80=np.maximum(high80, mean),
        low95=np.minimum(np.minimum(low95, low80), mean),
        high95=np.maximum(np.maximum(high95, high80), mean),
        reason=reasons,
        past=past,
    )


def picked(told: Forecast, rows: IntArray) -> Forecast:
    """Return some rows of a forecast in the order given."""
    past = Past(told.past.origins, told.past.forecast[:, rows], told.past.truth[:, rows])
    return Forecast(
        names=tuple(told.names[row] for row in rows),
        cutoff=told.cutoff,
        days=told.days,
        mean=told.mean[rows],
        low80=told.low80[rows],
        high80=told.high80[rows],
        low95=told.low95[rows],
        high95=told.high95[rows],
        reason=tuple(told.reason[row] for row in rows),
        past=past,
    )


def scaled(told: Forecast, by: FloatArray) -> Forecast:
    """Return a forecast with its days to come times `by` (S, H), ranges too; 0 is no day at all.

    What was said at earlier cut-offs stays as it was said.
    """
    return replace(
        told,
        mean=told.mean * by,
        low80=told.low80 * by,
        high80=told.high80 * by,
        low95=told.low95 * by,
        high95=told.high95 * by,
    )


def in_units(told: Forecast, size: float) -> Forecast:
    """Return a forecast in units that are `size` times smaller, its past too."""
    past = Past(told.past.origins, told.past.forecast * size, told.past.truth * size)
    return replace(scaled(told, np.full(told.mean.shape, size)), past=past)
