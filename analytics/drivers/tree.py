"""The driver tree: a change split by segments into volume, rate and mix, without a remainder.

A total N is volume times rate in every segment, N = sum of V s r (V all volume, s a segment's share
of it, r its rate); a ratio is the sum of s r. Each factor's part is taken at the midpoint of what
the other did, which is its Shapley value for two factors and leaves no remainder (Sun 1998,
"Changes in energy consumption and energy intensity: a complete decomposition model", Energy
Economics 20):

    rate    mean volume of the segment times the change of its rate
    mix     mean rate of the segment times the change of its share; of a ratio, its mean rate less
            that of the whole, so that only growing at the cost of better ones counts as a loss
    volume  mean rate and share times the change of all volume; none of a ratio

Dimensions are ranked by how far their segments are from having all moved alike, counting only the
few that differ most, as people read no more; the idea is that of Bhagwan and others 2014,
"Adtributor: Revenue Debugging in Advertising Systems" (NSDI).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.arrays import FloatArray, IntArray, Numbers, as_floats
from analytics.drivers.results import Driver

MAX_SEGMENTS = 8
TOLD = 5
OTHER = "All others"


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Cells:
    """Sums of two periods in N cells: numerator and volume before and after, and their labels.

    `labels` name the value of each dimension in each cell. Raises ValueError when lengths differ,
    a value is unknown (NaN) or infinite, or a volume is negative.
    """

    top: FloatArray
    volume: FloatArray
    labels: dict[str, NDArray[np.str_]]

    def __init__(
        self,
        labels: Mapping[str, Sequence[str]],
        *,
        before: Numbers,
        after: Numbers,
        volume_before: Numbers,
        volume_after: Numbers,
    ) -> None:
        top = np.array([as_floats(before), as_floats(after)])
        volume = np.array([as_floats(volume_before), as_floats(volume_after)])
        named = {name: np.array(values, dtype=np.str_) for name, values in labels.items()}
        if top.shape != volume.shape or any(len(v) != top.shape[1] for v in named.values()):
            raise ValueError("every cell needs its labels, numerators and volumes")
        if np.isnan(top).any() or np.isnan(volume).any() or (volume < 0).any():
            raise ValueError("numerators must be known, and volumes known and not negative")
        object.__setattr__(self, "top", top)
        object.__setattr__(self, "volume", volume)
        object.__setattr__(self, "labels", named)

    def part(self, rows: IntArray) -> "Cells":
        """Some of the cells."""
        labels = {name: values[rows].tolist() for name, values in self.labels.items()}
        return Cells(
            labels,
            before=self.top[0, rows],
            after=self.top[1, rows],
            volume_before=self.volume[0, rows],
            volume_after=self.volume[1, rows],
        )


def explain(cells: Cells, *, is_ratio: bool, depth: int = 2, first: str = "") -> Driver:
    """Explain the change of the sum of numerators, or of their ratio to volume, down to `depth`.

    Children are split by `first`, else by the dimension that says most, each then by the best of
    those left, and stand in the order of what they add, the most first. At most eight segments
    stand alone; the rest is "All others", the last. A ratio without volume in a period is unknown: the root then has no
    children and a change of zero.
    """
    value = _values(cells.top.sum(axis=1), cells.volume.sum(axis=1), is_ratio)
    if value[0] is None or value[1] is None:
        return Driver(None, None, *value, 0.0, 0.0, 0.0, 0.0, ())
    children = _children(cells, tuple(cells.labels), is_ratio, depth, 1.0, first)
    change = value[1] - value[0]
    volume, rate, mix = (sum(getattr(one, key) for one in children) for key in _PARTS)
    if not children:
        volume, rate = (0.0, change) if is_ratio else _volume_and_rate(cells)
    return Driver(None, None, *value, change, volume, rate, mix, children)


_PARTS = ("volume", "rate", "mix")


def _values(
    top: FloatArray, volume: FloatArray, is_ratio: bool
) -> tuple[float | None, float | None]:
    if not is_ratio:
        return float(top[0]), float(top[1])
    before, after = (float(t / v) if v > 0 else None for t, v in zip(top, volume, strict=True))
    return before, after


def _volume_and_rate(cells: Cells) -> tuple[float, float]:
    """A total without segments: what more volume brought at the mean rate, and the rest."""
    top, volume = cells.top.sum(axis=1), cells.volume.sum(axis=1)
    mean = float(_rates(top[:, None], volume[:, None]).mean())
    by_volume = mean * float(volume[1] - volume[0])
    return by_volume, float(top[1] - top[0]) - by_volume


def _children(
    cells: Cells,
    dimensions: tuple[str, ...],
    is_ratio: bool,
    depth: int,
    weight: float,
    first: str = "",
) -> tuple[Driver, ...]:
    """The segments of `first`, else of the best dimension.

    `weight` is what a change in `cells` is worth above.
    """
    offered = [name for name in dimensions if len(np.unique(cells.labels[name])) > 1]
    if depth == 0 or not offered:
        return ()
    if first in offered:
        offered = [first]
    best = max(offered, key=lambda name: _departure(cells, name, is_ratio)[:TOLD].sum())
    left = tuple(name for name in dimensions if name != best)
    segments, place = _segments(cells, best, is_ratio)
    top, volume = _sums(cells.top, place), _sums(cells.volume, place)
    parts = _parts_of_ratio(top, volume) if is_ratio else _parts_of_total(top, volume)
    worth = weight * (_mean_shares(volume) if is_ratio else np.ones(len(segments)))
    found = []
    for number, segment in enumerate(segments):
        by_volume, rate, mix = (float(part[number]) * weight for part in parts)
        inside = cells.part(np.flatnonzero(place == number))
        is_there = not is_ratio or bool((volume[:, number] > 0).all())
        found.append(
            Driver(
                best,
                segment,
                *_values(top[:, number], volume[:, number], is_ratio),
                by_volume + rate + mix,
                by_volume,
                rate,
                mix,
                _children(inside, left, is_ratio, depth - 1, worth[number]) if is_there else (),
            )
        )
    return tuple(
        sorted(found, key=lambda one: (one.segment == OTHER, -abs(one.change), one.segment or ""))
    )


def _departure(cells: Cells, dimension: str, is_ratio: bool) -> FloatArray:
    """How far each segment is from having moved like the whole, the farthest first."""
    _, place = np.unique(cells.labels[dimension], return_inverse=True)
    return np.sort(_apart(cells, place, is_ratio))[::-1]


def _apart(cells: Cells, place: IntArray, is_ratio: bool) -> FloatArray:
    top, volume = _sums(cells.top, place), _sums(cells.volume, place)
    if is_ratio:
        _, rate, mix = _parts_of_ratio(top, volume)
        change = float(rate.sum() + mix.sum())
        alike = change * _mean_shares(volume)
        return np.asarray(np.abs(rate + mix - alike), dtype=np.float64)
    before, after = top.sum(axis=1)
    growth = after / before if before else 1.0
    return np.asarray(np.abs(top[1] - top[0] * growth), dtype=np.float64)


def _segments(cells: Cells, dimension: str, is_ratio: bool) -> tuple[list[str], IntArray]:
    """Names of the segments, and that of each cell; those that differ least are one together."""
    names, place = np.unique(cells.labels[dimension], return_inverse=True)
    if len(names) <= MAX_SEGMENTS:
        return [str(name) for name in names], place.astype(np.int64)
    order = np.argsort(-_apart(cells, place.astype(np.int64), is_ratio), kind="stable")
    kept = order[: MAX_SEGMENTS - 1]
    new = np.full(len(names), MAX_SEGMENTS - 1, dtype=np.int64)
    new[kept] = np.arange(MAX_SEGMENTS - 1)
    return [*(str(names[one]) for one in kept), OTHER], new[place]


def _sums(values: FloatArray, place: IntArray) -> FloatArray:
    """Sums of both periods by segment, (2, S)."""
    count = int(place.max()) + 1
    return np.array([np.bincount(place, row, count) for row in values])


def _mean_shares(volume: FloatArray) -> FloatArray:
    """Each segment's share of the volume, averaged over both periods, (S,)."""
    shares: FloatArray = (volume / volume.sum(axis=1, keepdims=True)).mean(axis=0)
    return shares


def _rates(top: FloatArray, volume: FloatArray) -> FloatArray:
    """Rates of both periods, (2, S); where one has no volume the other's, where neither has, 0."""
    rates = np.divide(top, volume, out=np.full_like(top, np.nan), where=volume > 0)
    rates = np.where(np.isnan(rates), rates[::-1], rates)
    return np.nan_to_num(rates)


def _parts_of_total(top: FloatArray, volume: FloatArray) -> tuple[FloatArray, ...]:
    """Volume, rate and mix of each segment of a total, (S,) each."""
    rates, whole = _rates(top, volume), volume.sum(axis=1, keepdims=True)
    shares = np.divide(volume, whole, out=np.zeros_like(volume), where=whole > 0)
    mean = rates.mean(axis=0)
    rate = volume.mean(axis=0) * (rates[1] - rates[0])
    mix = mean * whole.mean() * (shares[1] - shares[0])
    # What came without any volume is counted with volume, so that nothing is lost.
    return (top[1] - top[0]) - rate - mix, rate, mix


def _parts_of_ratio(top: FloatArray, volume: FloatArray) -> tuple[FloatArray, ...]:
    """No volume; rate and mix of each segment of a ratio, (S,) each."""
    whole = volume.sum(axis=1, keepdims=True)
    rates, shares = _rates(top, volume), volume / whole
    rate = shares.mean(axis=0) * (rates[1] - rates[0])
    centre = float((top.sum(axis=1) / whole[:, 0]).mean())
    added = (top / whole)[1] - (top / whole)[0]
    # The centre cancels over all segments, as shares add up to one before and after.
    return np.zeros_like(rate), rate, added - rate - centre * (shares[1] - shares[0])
