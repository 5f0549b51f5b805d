"""Whether a split still gains when somebody looks at the data in another way."""

from collections.abc import Mapping

import numpy as np

from analytics.allocation.results import Badge, Robustness
from analytics.arrays import FloatArray
from analytics.response import Curves, named_row

Returns = Mapping[str, float]
MOST_DRAWS = 0.9


def robustness(
    curves: Curves, stay: FloatArray, best: FloatArray, returns: Mapping[str, Returns]
) -> Robustness:
    """Judge the move from `stay` to `best` (C,) by every draw and by other models' returns.

    `returns` are returns on spend at today's spend by attribution model and channel: the curves
    keep their bend and are raised or lowered until they return that. Raises ValueError when a model
    does not name every channel.
    """
    gain = curves.steady(best) - curves.steady(stay)
    share = float((gain.sum(axis=-1) > 0).mean())
    today = curves.steady(curves.current).mean(axis=0)
    change = gain.mean(axis=0)
    models = {}
    for model, by_channel in returns.items():
        wanted = named_row(curves.names, by_channel) * curves.current
        factor = np.divide(wanted, today, out=np.zeros_like(wanted), where=today > 0)
        models[model] = float(factor @ change)
    return Robustness(_badge(share, models), share, models)


def returns_of_credits(curves: Curves, credit: Returns) -> dict[str, float]:
    """Returns on spend when all that media brings is split as a model splits its credits.

    Credits of attribution models cover tracked conversions only, so their level says nothing here;
    their shares do. Raises ValueError unless every channel, and no other, has a credit of zero or
    more and one has some, or when a channel with credit spends nothing today.
    """
    row = named_row(curves.names, credit)
    if (row < 0).any() or row.sum() <= 0 or ((curves.current <= 0) & (row > 0)).any():
        raise ValueError("credits must be zero or more, not all zero, and only where spend is")
    total = float(curves.steady(curves.current).mean(axis=0).sum())
    spend = np.where(curves.current > 0, curves.current, 1.0)
    return dict(zip(curves.names, (total * row / row.sum() / spend).tolist(), strict=True))


def _badge(share: float, models: Mapping[str, float]) -> Badge:
    agreeing = sum(gain > 0 for gain in models.values())
    if share >= MOST_DRAWS and agreeing == len(models):
        return Badge.ROBUST
    if share < 0.5 or 2 * agreeing < len(models):
        return Badge.FRAGILE
    return Badge.MIXED
