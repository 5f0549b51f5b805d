"""The conditions of a best split, and what each bound it touches costs."""

import numpy as np

from analytics.allocation.bounds import CENT, Box
from analytics.allocation.results import KKT, Binding
from analytics.arrays import BoolArray, FloatArray

MOST_GAP = 0.01


def kkt_check(box: Box, split: FloatArray, marginal: FloatArray) -> KKT:
    """Whether no unit can be moved for a gain; `marginal` (C,) is what the next unit brings."""
    at_low, at_high = _edges(box, split)
    free = ~at_low & ~at_high
    price = _price(marginal, split, at_low, at_high)
    breach = np.where(free, np.abs(marginal - price), 0.0)
    breach = np.where(at_low & ~at_high, np.maximum(marginal - price, 0.0), breach)
    breach = np.where(at_high & ~at_low, np.maximum(price - marginal, 0.0), breach)
    gap = float(breach.max() / price) if price > 0 else 0.0
    return KKT(price, gap, gap <= MOST_GAP)


def binding_of(
    box: Box, split: FloatArray, marginal: FloatArray, price: float
) -> tuple[Binding, ...]:
    """The bounds that `split` touches, the one worth most first, and the budget itself."""
    at_low, at_high = _edges(box, split)
    found = [Binding(None, "budget", round(float(split.sum()), 2), price)]
    for i, name in enumerate(box.names):
        if at_high[i]:
            worth = float(marginal[i] - price)
            found.append(Binding(name, box.why_high[i], float(box.high[i]), worth))
        elif at_low[i]:
            worth = float(price - marginal[i])
            found.append(Binding(name, box.why_low[i], float(box.low[i]), worth))
    return tuple(sorted(found, key=lambda binding: -binding.worth))


def _edges(box: Box, split: FloatArray) -> tuple[BoolArray, BoolArray]:
    return split <= box.low + CENT, split >= box.high - CENT


def _price(marginal: FloatArray, split: FloatArray, at_low: BoolArray, at_high: BoolArray) -> float:
    """What one more unit of budget brings: the common marginal of the channels off their bounds.

    With every channel at a bound, any price between the two sides will do.
    """
    free = ~at_low & ~at_high
    if free.any():
        return float(np.average(marginal[free], weights=split[free]))
    kept, full = marginal[at_low & ~at_high], marginal[at_high & ~at_low]
    if len(full) and len(kept):
        return float(full.min() + kept.max()) / 2
    return float(full.min() if len(full) else marginal.max())
