"""One model learnt over all series at once: what smoothing cannot see, most of all the year.

Gradient-boosted trees on scaled lags, each day ahead forecast directly (no forecast is fed back),
with absolute loss, so that one wild day does not move it.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.forecast.panel import WEEK
from analytics.forecast.smoothing import States, smooth

YEAR = 364
# Cases the trees learn from, and fewer than which nothing is learnt.
CASES, FEWEST_CASES = 60_000, 1_500
# Origins they are asked at: so many days back, every so many days.
LOOK_BACK, STEP = 480, 5
FIRST_ORIGIN = 13
MEANS = (3, 7, 14, 28, 182)
SCALE_DAYS = 56
WEEKS_BACK = 8
LARGEST = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """N questions: what is series `series`, `ahead` days after column `origin`? Each shape (N,)."""

    series: IntArray
    origin: IntArray
    ahead: IntArray


class Features:
    """What is known of a case at its origin, for any number of cases of a panel at once."""

    def __init__(self, values: FloatArray, days: IntArray, group: IntArray, origins: IntArray):
        self.values, self.days, self.origins = values, days, origins
        self.states: States = smooth(values, days, group, origins)
        known = ~np.isnan(values)
        filled = np.where(known, values, 0.0)
        self.counts, self.sums = _running(known), _running(filled)
        self.squares, self.zeros = _running(filled**2), _running(known & (values == 0))
        dates = np.arange(days[0], days[-1] + YEAR).astype(np.int64) - 719_163
        moments = dates.astype("datetime64[D]")
        months = moments.astype("datetime64[M]")
        self.day_of_month = (moments - months.astype("datetime64[D]")).astype(np.int64) + 1
        years = moments.astype("datetime64[Y]").astype("datetime64[D]")
        self.day_of_year = (moments - years).astype(np.int64)

    def of(self, cases: Cases) -> tuple[FloatArray, FloatArray]:
        """Features (N, K) in units of the scale, and the scale (N,) of each case."""
        s, o, h = cases.series, cases.origin, cases.ahead
        scale = self._scale(s, o)
        level = [self._mean(s, o - k + 1, o) / scale for k in MEANS]
        smooth_ahead = self.smoothed(cases) / scale
        columns = [
            *level,
            self._deviation(s, o) / scale,
            self._share(self.zeros, s, o - SCALE_DAYS + 1, o),
            *smooth_ahead,
            *self._same_weekday(s, o, h, scale),
            *self._year_before(s, o, h),
            (self.days[0] + o + h) % WEEK,
            self.day_of_month[o + h],
            self.day_of_year[o + h],
            h,
        ]
        return np.stack(columns, axis=1), scale

    def smoothed(self, cases: Cases) -> FloatArray:
        """What each smoothing says, (C, N)."""
        number = np.searchsorted(self.origins, cases.origin)
        weekday = (self.days[0] + cases.origin + cases.ahead) % WEEK
        return self.states.ahead(number, cases.series, weekday)

    def _weekdays(self, s: IntArray, o: IntArray, h: IntArray) -> FloatArray:
        latest = o - (-h) % WEEK
        columns = latest[:, None] - WEEK * np.arange(WEEKS_BACK)
        return np.where(columns >= 0, self.values[s[:, None], np.maximum(columns, 0)], np.nan)

    def _share(
        self, running: FloatArray, s: IntArray, first: IntArray, last: IntArray
    ) -> FloatArray:
        first, last = np.maximum(first, 0), np.maximum(last + 1, 0)
        n = self.counts[s, last] - self.counts[s, first]
        total = running[s, last] - running[s, first]
        share: FloatArray = np.divide(total, n, out=np.full(len(s), np.nan), where=n > 0)
        return share

    def _mean(self, s: IntArray, first: IntArray, last: IntArray) -> FloatArray:
        return self._share(self.sums, s, first, last)

    def _scale(self, s: IntArray, o: IntArray) -> FloatArray:
        recent = np.abs(self._mean(s, o - SCALE_DAYS + 1, o))
        ever = np.abs(self._mean(s, np.zeros_like(o), o))
        scale = np.where(recent > 0, recent, ever)
        return np.where(scale > 0, scale, 1.0)

    def _deviation(self, s: IntArray, o: IntArray) -> FloatArray:
        mean = self._mean(s, o - SCALE_DAYS + 1, o)
        square = self._share(self.squares, s, o - SCALE_DAYS + 1, o)
        deviation: FloatArray = np.sqrt(np.maximum(square - mean**2, 0))
        return deviation

    def _same_weekday(
        self, s: IntArray, o: IntArray, h: IntArray, scale: FloatArray
    ) -> list[FloatArray]:
        found = self._weekdays(s, o, h)
        known = ~np.isnan(found[:, :4])
        mean = np.divide(
            np.where(known, found[:, :4], 0).sum(axis=1),
            known.sum(axis=1),
            out=np.full(len(s), np.nan),
            where=known.any(axis=1),
        )
        return [found[:, 0] / scale, mean / scale, _median(found) / scale]

    def _year_before(self, s: IntArray, o: IntArray, h: IntArray) -> list[FloatArray]:
        """The day a year before and the week around it, over the level of that time."""
        then = o - YEAR
        level = np.where(then >= WEEK, self._mean(s, then - 27, then), np.nan)
        level = np.where(level > 0, level, np.nan)
        day = then + h
        there = (day >= 0) & (day <= o)
        same = np.where(there, self.values[s, np.clip(day, 0, o)], np.nan)
        week = np.where(there, self._mean(s, day - 3, np.minimum(day + 3, o)), np.nan)
        return [same / level, week / level]


def _running(values: FloatArray) -> FloatArray:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _median(found: FloatArray) -> FloatArray:
    """Row medians without the NaN; NaN where a row has nothing else."""
    ordered = np.sort(found, axis=1)
    n = (~np.isnan(found)).sum(axis=1)
    rows = np.arange(len(found))
    low, high = np.maximum(n - 1, 0) // 2, np.minimum(n // 2, found.shape[1] - 1)
    median: FloatArray = (ordered[rows, low] + ordered[rows, high]) / 2
    return median


def learning_cases(
    values: FloatArray, origins: IntArray, limit: int, horizon: int, rng: np.random.Generator
) -> Cases:
    """At most CASES random questions whose answers were known at column `limit`."""
    allowed = origins[(origins >= FIRST_ORIGIN) & (origins < limit)]
    if not len(allowed):
        none = np.zeros(0, dtype=np.int64)
        return Cases(none, none, none)
    drawn = min(2 * CASES, len(values) * len(allowed) * horizon)
    s = rng.integers(len(values), size=drawn)
    o = allowed[rng.integers(len(allowed), size=drawn)]
    h = rng.integers(1, horizon + 1, size=drawn)
    fits = o + h <= limit
    s, o, h = s[fits], o[fits], h[fits]
    answered = ~np.isnan(values[s, o + h])
    return Cases(s[answered][:CASES], o[answered][:CASES], h[answered][:CASES])


class Trees:
    """The pooled model, learnt from cases whose answers are known."""

    def __init__(self, features: Features, cases: Cases, *, seed: int) -> None:
        # A second to import, which whoever asks for no forecast need not wait for.
        from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415
        from threadpoolctl import threadpool_limits  # noqa: PLC0415

        x, scale = features.of(cases)
        y = features.values[cases.series, cases.origin + cases.ahead] / scale
        # A year before is unknown to all while history is short, and trees want some value.
        self.unknown = np.isnan(x).all(axis=0)
        x[:, self.unknown] = 0.0
        self.features = features
        self.model = HistGradientBoostingRegressor(
            loss="absolute_error",
            max_iter=120,
            learning_rate=0.06,
            max_leaf_nodes=15,
            min_samples_leaf=100,
            l2_regularization=5.0,
            early_stopping=False,
            random_state=seed,
        )
        self.one_thread = threadpool_limits
        # Threads add up in another order each time, and crowd out whatever else runs.
        with self.one_thread(limits=1):
            self.model.fit(x, np.clip(y, -LARGEST, LARGEST))

    def ahead(self, cases: Cases) -> FloatArray:
        """Forecasts in units, (N,)."""
        x, scale = self.features.of(cases)
        x[:, self.unknown] = 0.0
        with self.one_thread(limits=1):
            ahead: FloatArray = self.model.predict(x) * scale
        return ahead
