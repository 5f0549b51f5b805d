"""Which way it goes: how likely a sum of days ends below, near or above what was before."""

from math import erf, sqrt

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast.results import Forecast
from analytics.forecast.scores import FLAT
from analytics.forecast.smoothing import root

# The five points of a forecast that are known, in standard normal deviations.
POINTS = np.array([-1.959964, -1.281552, 0.0, 1.281552, 1.959964])
# Nothing is certain.
LEAST = 0.01
TINY = 1e-9


def chances(told: Forecast, base: FloatArray, day: int) -> FloatArray:
    """How likely the value at column `day` is below, near and above `base`, (S, 3); rows sum to 1.

    Near is within `scores.FLAT` of `base`. Between the five points of the forecast, signed square
    roots are normal. NaN where the forecast or the base is unknown, and where the base is nothing:
    of nothing there is no direction.
    """
    points = (told.low95, told.low80, told.mean, told.high80, told.high95)
    ends = root(np.stack([one[:, day] for one in points], axis=1))
    limits = np.sort(root(np.stack([base * (1 - FLAT), base * (1 + FLAT)], axis=1)), axis=1)
    found = np.full((len(base), 3), np.nan)
    for row in np.flatnonzero(~np.isnan(ends).any(axis=1) & (base > 0)):
        below, not_above = (_below(ends[row], float(limit)) for limit in limits[row])
        found[row] = below, not_above - below, 1 - not_above
    found = np.clip(found, LEAST, 1.0)
    shares: FloatArray = found / found.sum(axis=1, keepdims=True)
    return shares


def _below(ends: FloatArray, value: float) -> float:
    """How likely a value is not reached; outside the points the last slope goes on."""
    apart = np.diff(ends)
    if value < ends[0]:
        place = POINTS[0] - (ends[0] - value) / max(apart[0], TINY) * (POINTS[1] - POINTS[0])
    elif value > ends[-1]:
        place = POINTS[-1] + (value - ends[-1]) / max(apart[-1], TINY) * (POINTS[-1] - POINTS[-2])
    else:
        place = float(np.interp(value, ends + TINY * np.arange(len(ends)), POINTS))
    return 0.5 * (1 + erf(float(np.clip(place, -9, 9)) / sqrt(2)))
