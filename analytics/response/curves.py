"""Response curves: what a week's spend brings, now and in the weeks after.

Spend is carried over geometrically, a(t) = x(t) + decay * a(t-1) (Broadbent 1979, "One way TV
advertisements work", Journal of the Market Research Society 21), and saturates by a Hill curve,
top * a^slope / (a^slope + half^slope) (Hill 1910; in marketing Jin et al. 2017, "Bayesian Methods
for Media Mix Modeling with Carryover and Shape Effects").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.arrays import FloatArray, IntArray

_PARTS = ("decay", "half", "slope", "top", "current", "most")


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Equally likely curves of C channels, B draws of each; parameters (B, C).

    `decay` is the share carried into the next week, `half` the carried-over spend that brings half
    of `top`, `top` the most a week can bring, in units of the result. `current` (C,) is the spend
    a week that counts as today's, `most` (C,) the most ever spent in one week.
    """

    names: tuple[str, ...]
    decay: FloatArray
    half: FloatArray
    slope: FloatArray
    top: FloatArray
    current: FloatArray
    most: FloatArray

    def steady(self, spend: FloatArray) -> FloatArray:
        """Result a week once `spend` (..., C) has been kept up for long; (..., B, C)."""
        carried: FloatArray = spend[..., None, :] / (1 - self.decay)
        return self.after(carried)

    def after(self, carried: FloatArray) -> FloatArray:
        """Result of a week whose carried-over spend is `carried` (..., B, C)."""
        with np.errstate(over="ignore"):
            ratio = (carried / self.half) ** self.slope
        result: FloatArray = self.top * (1 - 1 / (1 + ratio))
        return result

    def marginal(self, spend: FloatArray) -> FloatArray:
        """What one more unit a week, kept up, brings a week; shapes as in `steady`.

        With a slope below one the first unit would bring infinitely much; spend counts as at least
        a millionth of today's.
        """
        least = np.maximum(spend, 1e-6 * np.maximum(self.current, 1e-12))[..., None, :]
        ratio = (least / (1 - self.decay) / self.half) ** self.slope
        result: FloatArray = self.top * self.slope * ratio / (1 + ratio) ** 2 / least
        return result

    def carried(self, history: FloatArray) -> FloatArray:
        """What is still carried over at the end of weekly spend `history` (T, C); (B, C)."""
        weeks = self._carry(history, np.zeros_like(self.decay))
        last: FloatArray = weeks[len(history) - 1]
        return last

    def weekly(self, plan: FloatArray, carried: FloatArray | None = None) -> FloatArray:
        """Result of each week of `plan` (W, C), starting from `carried` (B, C); (W, B, C).

        Differs from `steady` while the carry-over still builds up or fades.
        """
        start = np.zeros_like(self.decay) if carried is None else carried
        return self.after(self._carry(plan, start))

    def _carry(self, plan: FloatArray, carried: FloatArray) -> FloatArray:
        weeks = np.empty((len(plan), *carried.shape))
        for week, spend in enumerate(plan):
            carried = spend + self.decay * carried
            weeks[week] = carried
        return weeks

    def only(self, channel: int, times: int = 1) -> "Curves":
        """The curves of one channel, `times` side by side as if they were so many channels."""
        parts = {name: getattr(self, name)[..., [channel] * times] for name in _PARTS}
        return Curves(names=(self.names[channel],) * times, **parts)

    def some(self, draws: IntArray) -> "Curves":
        """The draws at these positions."""
        parts = {name: getattr(self, name)[draws] for name in _PARTS[:4]}
        return Curves(names=self.names, **parts, current=self.current, most=self.most)


def curves_stored(curves: Curves) -> dict[str, Any]:
    """Plain lists for JSON, from which `curves_restored` makes the same curves."""
    parts = {name: getattr(curves, name).tolist() for name in _PARTS}
    return {"names": list(curves.names), **parts}


def curves_restored(stored: Mapping[str, Any]) -> Curves:
    """The curves that `curves_stored` wrote down. Raises KeyError when a part is missing."""
    parts = {name: np.asarray(stored[name], dtype=np.float64) for name in _PARTS}
    return Curves(names=tuple(stored["names"]), **parts)


def named_row(names: Sequence[str], values: Mapping[str, float]) -> FloatArray:
    """Values in the order of `names`. Raises ValueError unless the two name the same channels."""
    if set(values) != set(names):
        raise ValueError(f"values for {sorted(values)} given, {sorted(names)} needed")
    return np.array([values[name] for name in names], dtype=np.float64)
