"""Exponential smoothing of all series at once: a level, and a weekday profile around it.

Additive seasonal smoothing without trend (Hyndman, Koehler, Ord, Snyder 2008, "Forecasting with
Exponential Smoothing", model ANA) of signed square roots, which sits between additive and
multiplicative seasons and stands zeros. A surprise counts only up to a multiple of the usual one
(Gelper, Fried, Croux 2010, "Robust forecasting with exponential and Holt-Winters smoothing"). It
starts from the level x weekday profile of the first weeks, which speaks alone until then. There is
no trend: over 30 days it loses.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast.panel import WEEK
from analytics.forecast.profile import PROFILE_DAYS, profiles

# How much a day counts, for the level and for its weekday. What suits a series, its past says.
RATES = ((0.02, 0.08), (0.06, 0.08), (0.12, 0.08), (0.12, 0.2), (0.25, 0.08), (0.45, 0.08))
# Known days after which smoothing takes over from the profile.
START = 42
# A surprise counts up to this many times the usual one.
CLIP = 1.5
# Mean absolute surprise to a standard deviation.
SPREAD = 1.25
# Weight of a day in the usual size of a surprise.
SPREAD_RATE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Levels (C, O, S) and weekday profiles (C, O, S, 7) after each of O days, in roots of units."""

    levels: NDArray[np.float32]
    seasons: NDArray[np.float32]

    def ahead(self, origin: IntArray, series: IntArray, weekday: IntArray) -> FloatArray:
        """Forecasts (C, N) for N cases: number of the origin, series, and weekday aimed at."""
        rooted = self.levels[:, origin, series] + self.seasons[:, origin, series, weekday]
        return unroot(rooted.astype(np.float64))


def root(values: FloatArray) -> FloatArray:
    """Signed square root."""
    rooted: FloatArray = np.sign(values) * np.sqrt(np.abs(values))
    return rooted


def unroot(values: FloatArray) -> FloatArray:
    """The inverse of `root`."""
    squared: FloatArray = np.sign(values) * values**2
    return squared


class _Recursion:
    """Level (C, S), weekday profile (C, S, 7) and usual surprise (C, S) of every series."""

    def __init__(self, series: int) -> None:
        shape = (len(RATES), series)
        self.level, self.spread = np.zeros(shape), np.zeros(shape)
        self.season = np.zeros((*shape, WEEK))
        rates = np.array(RATES)[:, :, None]
        self.of_level, self.of_season = rates[:, 0], rates[:, 1]

    def begin(self, rows: BoolArray, past: FloatArray, days: IntArray, group: IntArray) -> None:
        """Start some series from their profile over the last columns of `past` (S, D)."""
        level, season = profiles(past, days, group)
        self.level[:, rows], self.season[:, rows] = level[rows], season[rows]
        fitted = level[:, None] + season[:, days % WEEK]
        known = ~np.isnan(past)
        off = np.where(known, np.abs(past - fitted), 0.0).sum(axis=1)
        self.spread[:, rows] = (off / np.maximum(known.sum(axis=1), 1))[rows]

    def update(self, today: FloatArray, weekday: int) -> None:
        known = ~np.isnan(today)
        error = np.where(known, today - self.level - self.season[:, :, weekday], 0.0)
        usual = SPREAD * self.spread
        step = np.clip(error, -CLIP * usual, CLIP * usual)
        size = np.minimum(np.abs(error), 2 * CLIP * usual)
        self.spread += np.where(known, SPREAD_RATE, 0.0) * (size - self.spread)
        self.level += self.of_level * step
        self.season[:, :, weekday] += self.of_season * step


def smooth(values: FloatArray, days: IntArray, group: IntArray, origins: IntArray) -> States:
    """Return the states after each origin (columns of `values`, ascending); values (S, D)."""
    rooted = root(values)
    seen = np.cumsum(~np.isnan(rooted), axis=1)
    now = _Recursion(len(values))
    levels = np.zeros((len(RATES), len(origins), len(values)), dtype=np.float32)
    seasons = np.zeros((*levels.shape, WEEK), dtype=np.float32)
    wanted = {int(column): number for number, column in enumerate(origins)}
    for t in range(int(origins[-1]) + 1):
        now.update(np.where(seen[:, t] > START, rooted[:, t], np.nan), int(days[t]) % WEEK)
        past = slice(max(t + 1 - PROFILE_DAYS, 0), t + 1)
        starting = (seen[:, t] == START) & ~np.isnan(rooted[:, t])
        if starting.any():
            now.begin(starting, rooted[:, past], days[past], group)
        if t in wanted:
            number, young = wanted[t], seen[:, t] < START
            levels[:, number], seasons[:, number] = now.level, now.season
            if young.any():
                level, season = profiles(rooted[:, past], days[past], group)
                levels[:, number, young], seasons[:, number, young] = level[young], season[young]
    return States(levels, seasons)
