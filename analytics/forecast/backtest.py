"""What each model would have said at earlier cut-offs, and how far off it was."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.forecast.panel import WEEK
from analytics.forecast.pooled import (
    FEWEST_CASES,
    LOOK_BACK,
    STEP,
    Cases,
    Features,
    Trees,
    learning_cases,
)
from analytics.forecast.smoothing import RATES

ORIGINS = 12
# Before this many known days there is nothing to forecast from.
FIRST = 6


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Forecasts of M models: now (M, S, H), and at O earlier origins (M, O, S, H) with the truth
    (O, S, H), NaN where it is not known yet."""

    now: FloatArray
    then: FloatArray
    truth: FloatArray


def origins_of(length: int) -> IntArray:
    """Earlier cut-offs, ascending columns: weekly, or closer together while history is short."""
    step = max(min(WEEK, (length - 1 - FIRST) // ORIGINS), 1)
    back = length - 1 - step * np.arange(1, ORIGINS + 1)
    return np.sort(back[back >= FIRST]).astype(np.int64)


def tell(
    values: FloatArray, days: IntArray, group: IntArray, horizon: int, *, seed: int | None
) -> Told:
    """Let every model forecast now and at each earlier origin, seeing nothing after it.

    Without a seed no trees are grown.
    """
    last = values.shape[1] - 1
    tested = origins_of(values.shape[1])
    learnt = np.arange(max(last - LOOK_BACK, 0), last, STEP)
    origins = np.unique(np.concatenate([tested, learnt, [last]])).astype(np.int64)
    features = Features(values, days, group, origins)
    rng = np.random.default_rng(seed)
    early = _trees(features, learnt, int(tested[0]) if len(tested) else 0, horizon, rng, seed)
    late = _trees(features, learnt, last, horizon, rng, seed) if early else None
    then = np.full((len(RATES) + 1, len(tested), len(values), horizon), np.nan)
    truth = np.full(then.shape[1:], np.nan)
    known = np.cumsum(~np.isnan(values), axis=1)
    for i, origin in enumerate(tested):
        then[:, i] = _models(features, int(origin), horizon, early)
        seen = values[:, origin + 1 : origin + 1 + horizon]
        truth[i, :, : seen.shape[1]] = seen
        truth[i, known[:, origin] < FIRST] = np.nan
    return Told(_models(features, last, horizon, late), then, truth)


def _trees(
    features: Features,
    origins: IntArray,
    limit: int,
    horizon: int,
    rng: np.random.Generator,
    seed: int | None,
) -> Trees | None:
    if seed is None:
        return None
    cases = learning_cases(features.values, origins, limit, horizon, rng)
    return Trees(features, cases, seed=seed) if len(cases.series) >= FEWEST_CASES else None


def _models(features: Features, origin: int, horizon: int, trees: Trees | None) -> FloatArray:
    """(M, S, H): every smoothing, and the trees, or the median smoothing where there are none."""
    count = len(features.values)
    series = np.repeat(np.arange(count), horizon)
    ahead = np.tile(np.arange(1, horizon + 1), count)
    cases = Cases(series, np.full(len(series), origin), ahead)
    smoothed = features.smoothed(cases)
    learnt = trees.ahead(cases) if trees else np.median(smoothed, axis=0)
    return np.concatenate([smoothed, learnt[None]]).reshape(-1, count, horizon)
