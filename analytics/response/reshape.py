"""Curves put into other units, side by side, or several of them as one."""

from collections.abc import Sequence

import numpy as np

from analytics.arrays import FloatArray
from analytics.response.curves import Curves

# Multiples of today's spend at which a merged curve is held against the sum of its parts, and the
# shares of the most a week can bring that today may have reached.
POINTS = np.array([0.25, 0.5, 1.5, 2.0])
REACHED = np.linspace(0.001, 0.98, 120)


def scaled(curves: Curves, *, spend: float = 1.0, result: float = 1.0) -> Curves:
    """The same curves with spend and result in other units.

    With both set to a number of weeks, spend and result of that many weeks.
    """
    return Curves(
        names=curves.names,
        decay=curves.decay,
        half=curves.half * spend,
        slope=curves.slope,
        top=curves.top * result,
        current=curves.current * spend,
        most=curves.most * spend,
    )


def side_by_side(parts: Sequence[Curves]) -> Curves:
    """The channels of all parts as one; they were fitted apart, so their draws are independent.

    Raises ValueError without a part or when parts differ in their number of draws.
    """
    if len({len(part.top) for part in parts}) != 1:
        raise ValueError("curves of one number of draws are needed")

    def joined(name: str) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in parts], axis=-1)

    return Curves(
        names=tuple(name for part in parts for name in part.names),
        decay=joined("decay"),
        half=joined("half"),
        slope=joined("slope"),
        top=joined("top"),
        current=joined("current"),
        most=joined("most"),
    )


def merged(curves: Curves, name: str) -> Curves:
    """One curve of all channels together, which share its spend as they do today.

    A sum of Hill curves is none. Draw by draw the curve has the sum's value and its marginal return
    at today's spend, and of all such curves it is the one nearest to the sum from a quarter to twice
    of that. Carry-over is the mean of the parts', weighted by what each brings.
    """
    total = float(curves.current.sum() or curves.most.sum())
    share = (curves.current if curves.current.any() else curves.most) / total
    brought = curves.steady(total * share)
    value = brought.sum(axis=1)
    pull = (curves.marginal(total * share) * total * share).sum(axis=1) / value
    wanted = np.array(
        [curves.steady(point * total * share).sum(axis=1) / value for point in POINTS]
    )
    reached, slope = _nearest(wanted, pull)
    decay = (brought * curves.decay).sum(axis=1) / value
    half = total / (1 - decay) * (1 / reached - 1) ** (1 / slope)
    return Curves(
        names=(name,),
        decay=decay[:, None],
        half=half[:, None],
        slope=slope[:, None],
        top=(value / reached)[:, None],
        current=np.array([float(curves.current.sum())]),
        most=np.array([float(curves.most.sum())]),
    )


def _nearest(wanted: FloatArray, pull: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of the top reached today, and slope (B,), for values `wanted` (P, B) at `POINTS`.

    `pull` (B,) is the elasticity at today's spend, which is the slope times what is not reached.
    """
    slope = pull[:, None] / (1 - REACHED)
    grown = POINTS[:, None, None] ** slope
    tried = grown / (REACHED * grown + 1 - REACHED)
    off = ((tried / wanted[:, :, None] - 1) ** 2).sum(axis=0)
    best = off.argmin(axis=1)
    return REACHED[best], slope[np.arange(len(best)), best]
