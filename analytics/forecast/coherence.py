"""Rows that add up: the sum of the series and the forecast of the total meet between the two.

Where they meet, and which row gives how much, follows from how far off each was: a row moves in
proportion to its mean square error, and the less, the worse the direct forecast of the total was.
That is minimum trace reconciliation with a diagonal matrix (Wickramasuriya, Athanasopoulos, Hyndman
2019, "Optimal forecast reconciliation for hierarchical and grouped time series"), over the sum of
all days ahead, so that rows keep their shape. Rows alone aim at a median; totals bring the mean.
"""

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.forecast.backtest import Told

# A row is multiplied or divided by this at most.
FURTHEST = 2.0
TINY = 1e-12


def scaled_to_totals(told: Told, group: IntArray) -> tuple[Told, Told]:
    """Return series and groups of `told`, whose rows are the S series and then the G groups.

    Every group becomes the sum of its rows, now and at earlier cut-offs.
    """
    count = len(group)
    share = _shares(told, group)
    now, now_total = _meet(told.now, group, share)
    then, then_total = _meet(told.then[0], group, share)
    return (
        Told(now, then[None], told.truth[:, :count]),
        Told(now_total, then_total[None], told.truth[:, count:]),
    )


def _shares(told: Told, group: IntArray) -> FloatArray:
    """What share of the gap between direct total and sum each series takes, (S,)."""
    known = ~np.isnan(told.truth)
    off = np.where(known, np.abs(told.then[0] - told.truth), 0.0).sum(axis=(0, 2))
    # Squared after the mean: a single wild day does not make a row the one that pays.
    square = (off / np.maximum(known.sum(axis=(0, 2)), 1)) ** 2
    rows, totals = square[: len(group)], square[len(group) :]
    shares: FloatArray = rows / (np.bincount(group, rows, len(totals)) + totals + TINY)[group]
    return shares


def _meet(both: FloatArray, group: IntArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rows (O, S, H) and their sums (O, G, H), of (O, S + G, H)."""
    rows, direct = both[:, : len(group)], both[:, len(group) :]
    gap = (direct - _sums(rows, group, direct.shape[1])).sum(axis=2)[:, group]
    own = rows.sum(axis=2)
    moved = np.divide(own + gap * share, own, out=np.ones_like(own), where=own > 0)
    rows = rows * np.clip(moved, 1 / FURTHEST, FURTHEST)[:, :, None]
    return rows, _sums(rows, group, direct.shape[1])


def _sums(rows: FloatArray, group: IntArray, groups: int) -> FloatArray:
    sums = np.zeros((rows.shape[0], groups, rows.shape[2]))
    for i, row in enumerate(rows):
        np.add.at(sums[i], group, row)
    return sums
