"""How good forecasts turned out, horizon by horizon: what the honesty board shows."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, FloatArray
from analytics.forecast.panel import WEEK
from analytics.results import Interval, Reason

# Forecasts below which no score is given.
FEWEST = 8
# Two-sided 95 % of a standard normal.
Z95 = 1.959963984540054
# A change smaller than this share of what was is flat; said before anything is scored.
FLAT = 0.05
# A forecast has drifted when its recent error is this much above that of the time before, and the
# ranges that should hold 80 % hold fewer than this.
DRIFT_RATIO, DRIFT_COVERAGE = 1.25, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """N forecasts of one horizon whose days have come, each (N,).

    `naive` is the seasonal naive forecast of the same day from the same cut-off, `scale` the mean
    absolute seasonal difference of the series until then, `base` the value a change is judged
    against (the same weekday before the cut-off). NaN in `truth` is a day nobody knows.
    """

    truth: FloatArray
    forecast: FloatArray
    naive: FloatArray
    scale: FloatArray
    base: FloatArray
    low80: FloatArray
    high80: FloatArray


@dataclass(frozen=True, slots=True)
class Score:
    """How good N forecasts of one horizon were.

    `accuracy` is 1 - WAPE (sum of absolute errors over the sum of absolute truths), which may be
    negative. `mase` is the mean absolute error in units of the scale (Hyndman and Koehler 2006,
    "Another look at measures of forecast accuracy"), `skill` 1 - error / error of the seasonal
    naive forecast: below zero, the naive is better. `coverage` is the share of truths in the 80 %
    range. `direction` is the share of forecasts that went up, down or stayed flat as the truth
    did, with its 95 % interval (Wilson 1927, "Probable inference, the law of succession, and
    statistical inference"). `bias` is the sum of errors over the sum of truths.
    """

    n: int
    accuracy: float | None
    mase: float | None
    skill: float | None
    coverage: float | None
    direction: float | None
    direction_interval: Interval | None
    bias: float | None
    reason: Reason | None

    @property
    def loses_to_naive(self) -> bool:
        """Whether the model belongs on the bench."""
        return self.skill is not None and self.skill < 0


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether forecasts became worse than they were: `ratio` of the recent error (in scales) to
    the error before, `coverage` of the recent 80 % ranges."""

    drifted: bool
    ratio: float | None
    coverage: float | None
    reason: Reason | None


def score(scored: Scored) -> Score:
    """Return the scores of forecasts of one horizon; thin ones are refused with a reason."""
    known = ~np.isnan(scored.truth) & ~np.isnan(scored.forecast)
    n = int(known.sum())
    if n < FEWEST:
        return Score(n, None, None, None, None, None, None, None, Reason.TOO_FEW_DAYS)
    truth, told = scored.truth[known], scored.forecast[known]
    error, size = np.abs(told - truth), float(np.abs(truth).sum())
    against = known & ~np.isnan(scored.naive)
    naive = float(np.abs(scored.naive - scored.truth)[against].sum())
    ours = float(np.abs(scored.forecast - scored.truth)[against].sum())
    hits, judged = _hits(scored, known)
    return Score(
        n=n,
        accuracy=1 - float(error.sum()) / size if size > 0 else None,
        mase=_mean(np.abs(scored.forecast - scored.truth)[known] / _positive(scored.scale[known])),
        skill=1 - ours / naive if naive > 0 else None,
        coverage=_coverage(scored, known),
        direction=hits / judged if judged else None,
        direction_interval=wilson(hits, judged),
        bias=float((told - truth).sum()) / size if size > 0 else None,
        reason=None,
    )


def wilson(hits: int, n: int) -> Interval | None:
    """The 95 % interval of a share (Wilson 1927); None without a case."""
    if n == 0:
        return None
    share, z2 = hits / n, Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Interval(max(float(middle - half), 0.0), min(float(middle + half), 1.0), 0.95)


def direction(values: FloatArray, base: FloatArray) -> FloatArray:
    """1 up, 0 flat, -1 down against `base`; NaN where either is unknown."""
    change = values - base
    flat = np.abs(change) <= FLAT * np.abs(base)
    unknown = np.isnan(change)
    moved: FloatArray = np.where(unknown, np.nan, np.where(flat, 0.0, np.sign(change)))
    return moved


def drift(recent: Scored, before: Scored) -> Drift:
    """Compare the latest forecasts with those before: a reason to fit anew, or to look closer."""
    ratios = [
        _mean(np.abs(part.forecast - part.truth) / _positive(part.scale))
        for part in (recent, before)
    ]
    known = ~np.isnan(recent.truth)
    if min(int(known.sum()), int((~np.isnan(before.truth)).sum())) < FEWEST:
        return Drift(False, None, None, Reason.TOO_FEW_DAYS)
    now, then = ratios
    if now is None or not then:
        return Drift(False, None, None, Reason.NO_VARIATION)
    coverage = _coverage(recent, known)
    worse = now / then > DRIFT_RATIO and coverage is not None and coverage < DRIFT_COVERAGE
    return Drift(worse, now / then, coverage, None)


def seasonal_naive(seen: FloatArray, horizon: int) -> FloatArray:
    """The latest same weekday carried on, (S, H), from the days seen (S, D); NaN if unknown."""
    columns = seen.shape[1] - WEEK + np.arange(horizon) % WEEK
    naive: FloatArray = np.where(columns >= 0, seen[:, np.maximum(columns, 0)], np.nan)
    return naive


def naive_scale(seen: FloatArray) -> FloatArray:
    """Mean absolute difference to the same weekday before, (S,); NaN below eight days."""
    apart = np.abs(seen[:, WEEK:] - seen[:, :-WEEK])
    known = ~np.isnan(apart)
    top = np.where(known, apart, 0.0).sum(axis=1)
    n = known.sum(axis=1)
    scale: FloatArray = np.divide(top, n, out=np.full(len(seen), np.nan), where=n > 0)
    return scale


def _hits(scored: Scored, known: BoolArray) -> tuple[int, int]:
    came = direction(scored.truth, scored.base)
    told = direction(scored.forecast, scored.base)
    judged = known & ~np.isnan(came) & ~np.isnan(told)
    return int((came == told)[judged].sum()), int(judged.sum())


def _coverage(scored: Scored, known: BoolArray) -> float | None:
    inside = (scored.truth >= scored.low80) & (scored.truth <= scored.high80)
    return _mean(inside[known & ~np.isnan(scored.low80)].astype(np.float64))


def _positive(scale: FloatArray) -> FloatArray:
    positive: FloatArray = np.where(scale > 0, scale, np.nan)
    return positive


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
