"""Where a campaign stands among its own past: those of the same channel and objective."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Numbers, as_floats
from analytics.results import Better, Interval, Reason

# Below so many a percentile would only sound like one.
MIN_PEERS = 8
LEVEL = 0.80
Z80 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Standing:
    """A value among earlier ones: `percentile` 0 to 100, the share that it beats, ties half.

    90 is better than nine of ten, whether high or low is good. `median` is that of the earlier
    ones; `n` counts them.
    """

    percentile: float | None
    interval: Interval | None
    median: float | None
    n: int
    reason: Reason | None


def standing(value: float | None, past: Numbers, better: Better) -> Standing:
    """Place `value` among `past` (N,), values of ended campaigns of the same kind without itself.

    NaN in `past` is a campaign without a value (a cost per result without results) and does not
    count. The 80 % interval is Wilson's (1927, "Probable Inference, the Law of Succession, and
    Statistical Inference", Journal of the American Statistical Association 22) and says how far
    another past of the same size might have put it.

    Refuses with fewer than 8 in the past, and without a value. Raises ValueError for a metric that
    is best on target, where neither end is better.
    """
    if better is Better.ON_TARGET:
        raise ValueError("a metric that is best on target has no better end to rank by")
    known = as_floats(past)
    known = known[~np.isnan(known)]
    n = len(known)
    if n < MIN_PEERS:
        return Standing(None, None, None, n, Reason.TOO_FEW_PEERS)
    median = float(np.median(known))
    if value is None or np.isnan(value):
        return Standing(None, None, median, n, Reason.NO_VALUE)
    beaten = known < value if better is Better.HIGHER else known > value
    share = float((beaten.sum() + (known == value).sum() / 2) / n)
    return Standing(100 * share, _wilson(share, n), median, n, None)


def _wilson(share: float, n: int) -> Interval:
    centre = (share + Z80**2 / (2 * n)) / (1 + Z80**2 / n)
    reach = Z80 / (1 + Z80**2 / n) * float(np.sqrt(share * (1 - share) / n + Z80**2 / (4 * n**2)))
    return Interval(100 * max(centre - reach, 0), 100 * min(centre + reach, 1), LEVEL)
