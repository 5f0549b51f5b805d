"""Rules that give each touch a share of its own path's conversions; a path's shares add up to one.

Each function takes paths and returns the share of every touch (T,).
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.attribution.paths import Paths, sums


class Position(StrEnum):
    """Which touches count most: the first and last, and those before the lead, the opportunity."""

    U = "u"
    W = "w"
    FULL = "full"


# Shares of the first touch, that of the lead, that of the opportunity, the last, and all others.
POSITION_SHARES: dict[Position, tuple[float, float, float, float, float]] = {
    Position.U: (0.4, 0.0, 0.0, 0.4, 0.2),
    Position.W: (0.3, 0.3, 0.3, 0.0, 0.1),
    Position.FULL: (0.225, 0.225, 0.225, 0.225, 0.1),
}


def first(paths: Paths) -> FloatArray:
    return _at(paths, paths.starts[:-1][paths.lengths > 0])


def last(paths: Paths) -> FloatArray:
    return _at(paths, paths.starts[1:][paths.lengths > 0] - 1)


def last_non_direct(paths: Paths, *, direct: str) -> FloatArray:
    """The last touch that is not `direct` (any case); the last of all where there is no other."""
    is_direct = np.array([name.casefold() == direct.casefold() for name in paths.channels])
    if not is_direct.any():
        return last(paths)
    begins = paths.starts[:-1][paths.lengths > 0]
    position = np.where(is_direct[paths.touch], -1, np.arange(len(paths.touch)))
    latest = np.maximum.reduceat(position, begins) if len(begins) else begins
    ends = paths.starts[1:][paths.lengths > 0] - 1
    return _at(paths, np.where(latest >= begins, latest, ends))


def linear(paths: Paths) -> FloatArray:
    return 1 / paths.lengths[paths.path_of_touch]


def time_decay(paths: Paths, *, half_life: float) -> FloatArray:
    """A touch counts half as much as one `half_life` days after it."""
    path = paths.path_of_touch
    youngest = np.full(len(paths.lengths), np.inf)
    np.minimum.at(youngest, path, paths.age)
    # From the youngest touch, or an old path would have no weight at all.
    return _of_path(paths, np.exp2((youngest[path] - paths.age) / half_life))


def position(paths: Paths, *, form: Position) -> FloatArray:
    """Fixed shares by the touch's place, what has no place in a path going to the others in turn.

    One touch gets all, two of the U form get half each. A touch with two places gets both shares.
    """
    *keys, others = POSITION_SHARES[form]
    some = paths.lengths > 0
    begins, ends = paths.starts[:-1][some], paths.starts[1:][some] - 1
    places = (begins, *(row[row >= 0] for row in paths.milestones), ends)
    weight = np.zeros(len(paths.touch))
    for share, place in zip(keys, places, strict=True):
        weight[place] += share
    between = weight == 0
    path = paths.path_of_touch
    count = np.bincount(path[between], minlength=len(paths.lengths))
    weight[between] = others / count[path[between]]
    return _of_path(paths, weight)


def shapley(paths: Paths) -> FloatArray:
    """The Shapley value of each channel, given to its first touch in the path.

    With the worth of a set of channels the conversions whose path needs no channel outside it, the
    value (Shapley 1953, "A value for n-person games") is the sum of unanimity games, one for each
    path, and each splits equally among the path's own channels.
    """
    path = paths.path_of_touch
    pair = path * max(len(paths.channels), 1) + paths.touch
    once = np.unique(pair, return_index=True)[1]
    return _of_path(paths, _at(paths, once))


def _at(paths: Paths, places: IntArray) -> FloatArray:
    share = np.zeros(len(paths.touch))
    share[places] = 1.0
    return share


def _of_path(paths: Paths, weight: FloatArray) -> FloatArray:
    path = paths.path_of_touch
    share: FloatArray = weight / sums(path, weight, len(paths.lengths))[path]
    return share


Rule = Callable[[Paths], FloatArray]
