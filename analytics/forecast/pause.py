"""Series that stopped: zeros in a row that are no chance."""

import numpy as np

from analytics.arrays import BoolArray, FloatArray

# Zeros in a row that mean a pause, where zeros are rare; and how unlikely they must be.
FEWEST_ZEROS, CHANCE = 3, 0.01
# Days before the zeros in which their usual share is counted, and days added as if half were zero.
LOOK_BACK, PSEUDO_DAYS = 56, 2


def paused(values: FloatArray) -> BoolArray:
    """Which series (S, D) rest at the end: so many zeros as the days before make unlikely."""
    return np.array([_paused(row[~np.isnan(row)]) for row in values], dtype=np.bool_)


def _paused(row: FloatArray) -> bool:
    active = np.flatnonzero(row)
    if not len(active):
        return False
    zeros = len(row) - int(active[-1]) - 1
    before = row[: active[-1] + 1][-LOOK_BACK:]
    share = ((before == 0).sum() + PSEUDO_DAYS / 2) / (len(before) + PSEUDO_DAYS)
    return bool(zeros >= FEWEST_ZEROS and share**zeros < CHANCE)
