"""Ranges around forecasts, from how far off the same forecasts were at earlier cut-offs.

Errors are taken between signed square roots, where counts of any size err alike; ranges are thus
wider upwards and end at zero. Each error is divided by what is usual for the series and for so many
days ahead, and quantiles are those of the group (split conformal prediction: Lei, G'Sell, Rinaldo,
Tibshirani, Wasserman 2018, "Distribution-free predictive inference for regression"). Days err
together and earlier cut-offs are few, so the quantiles are widened by factors fixed beforehand.
"""

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast.smoothing import root, unroot

# Lower and upper, 95 and 80 %, and what quantiles are widened by.
QUANTILES = np.array([0.025, 0.1, 0.9, 0.975])
WIDENED = np.array([1.15, 1.05, 1.05, 1.15])
# Of usual errors, where too few were seen to tell: rather wide.
FALLBACK = np.array([-3.0, -1.8, 1.8, 3.0])
FEWEST = 20
# Error over level of a group nothing was tested of.
UNTESTED = 0.25
# Earlier cut-offs for which the group's usual error stands.
PSEUDO_ORIGINS = 3.0
# Days ahead on either side that are taken together.
NEAR = 3
TINY = 1e-9


def ranges(now: FloatArray, then: FloatArray, truth: FloatArray, group: IntArray) -> FloatArray:
    """Return lo95, lo80, hi80, hi95 as (S, H, 4) around `now` (S, H).

    `then` and `truth` are (O, S, H), forecasts at earlier origins and what came; NaN if unknown.
    """
    missed = root(truth) - root(then)
    out = np.empty((*now.shape, len(QUANTILES)))
    for g in np.unique(group):
        rows = np.flatnonzero(group == g)
        middle = root(now[rows])
        apart = _apart(missed[:, rows], np.abs(middle).mean(axis=1))
        out[rows] = unroot(middle[:, :, None] + apart)
    return out


def widened(now: FloatArray, ends: FloatArray, by: FloatArray) -> FloatArray:
    """Ends (S, H, 4) of ranges around `now` (S, H), `by` (H, 4) times as far away in roots."""
    middle = root(now)[:, :, None]
    return unroot(middle + (root(ends) - middle) * by)


def both_ways(then: FloatArray, truth: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Forecasts at earlier origins with what came, and again with each error on the other side."""
    mirrored = unroot(2 * root(then) - root(truth))
    return np.concatenate([then, then]), np.concatenate([truth, mirrored])


def _apart(missed: FloatArray, level: FloatArray) -> FloatArray:
    """Distances of the four ends in roots, (S, H, 4), for one group."""
    known = ~np.isnan(missed)
    usual = _usual(missed, known, np.maximum(level, TINY))
    relative = missed / usual[None, :, None]
    growth = _growth(relative, known)
    seen = (relative / growth)[known]
    if len(seen) >= FEWEST:
        ends = np.quantile(seen, QUANTILES) * WIDENED
    else:
        ends = FALLBACK
    ends = np.concatenate([np.minimum(ends[:2], 0), np.maximum(ends[2:], 0)])
    apart: FloatArray = (usual[:, None] * growth[None, :])[:, :, None] * ends
    return apart


def _usual(missed: FloatArray, known: BoolArray, level: FloatArray) -> FloatArray:
    """Mean absolute error of each series, leaning on that of the group in ratio to the level."""
    size = np.where(known, np.abs(missed), 0.0)
    weight = (known * level[None, :, None]).sum()
    ratio = size.sum() / weight if weight > 0 else UNTESTED
    origins = known.any(axis=2).sum(axis=0)
    own = size.sum(axis=(0, 2)) / np.maximum(known.sum(axis=(0, 2)), 1)
    mixed: FloatArray = (origins * own + PSEUDO_ORIGINS * ratio * level) / (
        origins + PSEUDO_ORIGINS
    )
    return np.maximum(mixed, TINY)


def _growth(relative: FloatArray, known: BoolArray) -> FloatArray:
    """How errors grow with the days ahead, (H,), never shrinking, about 1 in the first week."""
    horizon = relative.shape[2]
    size = np.where(known, np.abs(relative), 0.0).sum(axis=(0, 1))
    count = known.sum(axis=(0, 1))
    windows = [slice(max(h - NEAR, 0), h + NEAR + 1) for h in range(horizon)]
    mean = np.array([(size[w].sum() + TINY) / max(count[w].sum(), 1) for w in windows])
    unseen = np.array([count[w].sum() == 0 for w in windows])
    mean[unseen] = mean[~unseen].max() if (~unseen).any() else 1.0
    growth = np.maximum.accumulate(mean)
    relative_growth: FloatArray = growth / growth[: 2 * NEAR + 1].mean()
    return relative_growth
