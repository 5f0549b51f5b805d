"""Journeys as flat arrays: every touch of every path in one row, and where each path starts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analytics.arrays import FloatArray, IntArray

SEPARATOR = ">"


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """P journeys with T touches in all, T over P as it comes.

    `touch` (T,) is the channel of each touch as a position in `channels`, path after path, in the
    order of time; path p is `touch[starts[p]:starts[p + 1]]`, `starts` is (P + 1,). `conversions`,
    `value` and `nulls` (P,) say how often the path ended in a conversion, what those were worth
    in all, and how often it ended in none. `age` (T,) is the time from the touch to the end of
    its path in days. `milestones` (M, P) are positions in `touch` of the touch that led to the
    lead and to the opportunity, -1 for none.

    A path without touches holds conversions that nothing led to. Raises ValueError on arrays that
    do not fit together and on negative amounts.
    """

    channels: tuple[str, ...]
    touch: IntArray
    starts: IntArray
    conversions: FloatArray
    value: FloatArray
    nulls: FloatArray
    age: FloatArray
    milestones: IntArray

    def __post_init__(self) -> None:
        count = len(self.starts) - 1
        per_path = (self.conversions, self.value, self.nulls)
        if self.starts[0] != 0 or self.starts[-1] != len(self.touch):
            raise ValueError("starts must lead from the first touch to the last")
        if any(len(array) != count for array in per_path) or len(self.age) != len(self.touch):
            raise ValueError("one number for each path and one age for each touch are needed")
        if any((array < 0).any() or not np.isfinite(array).all() for array in per_path):
            raise ValueError("conversions, value and nulls must be zero or more")
        if (self.value[self.conversions == 0] > 0).any():
            raise ValueError("a path has value but no conversion")

    @property
    def lengths(self) -> IntArray:
        """Touches of each path (P,)."""
        return np.diff(self.starts)

    @property
    def path_of_touch(self) -> IntArray:
        """The path of each touch (T,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def touched(self) -> FloatArray:
        """One for paths with a touch, else zero (P,)."""
        return (self.lengths > 0).astype(np.float64)


def paths_from_texts(
    texts: Iterable[str],
    *,
    conversions: FloatArray,
    value: FloatArray | None = None,
    nulls: FloatArray | None = None,
) -> Paths:
    """Paths such as "search > e-mail > search", in the order of time, each (P,) numbers beside.

    Without times a touch counts as one day before the next, the last as the end itself. Raises
    ValueError naming the path where a channel between two separators is missing.
    """
    codes = _Codes()
    rows = [_coded(text, codes) for text in texts]
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    starts = np.concatenate(([0], np.cumsum(lengths)))
    touch = np.fromiter(chain.from_iterable(rows), np.int64, int(starts[-1]))
    none = np.zeros(len(rows))
    return Paths(
        channels=tuple(sorted(codes.names)),
        touch=by_name(tuple(codes.names))[touch],
        starts=starts,
        conversions=conversions,
        value=none if value is None else value,
        nulls=none if nulls is None else nulls,
        age=(np.repeat(starts[1:], lengths) - 1 - np.arange(len(touch))).astype(np.float64),
        milestones=np.full((2, len(rows)), -1),
    )


class _Codes(dict[str, int]):
    """A number for each channel name, as it stands in the text, spaces around it and all."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, int] = {}

    def __missing__(self, raw: str) -> int:
        name = raw.strip()
        if not name:
            raise ValueError("a channel is missing between two separators")
        self[raw] = code = self.names.setdefault(name, len(self.names))
        return code


def _coded(text: str, codes: _Codes) -> list[int]:
    if not text.strip():
        return []
    try:
        return [codes[raw] for raw in text.split(SEPARATOR)]
    except ValueError as error:
        raise ValueError(f"path {text!r}: {error}") from None


def by_name(channels: Sequence[str]) -> IntArray:
    """The alphabetical place of each channel (K,), so that the order of rows leaves no trace."""
    return np.argsort(np.argsort(np.array(channels, dtype=object), kind="stable"))


def sums(where: IntArray, amounts: FloatArray, size: int) -> FloatArray:
    """The sum of `amounts` for each number 0 to `size` - 1 in `where`."""
    return np.bincount(where, amounts, size).astype(np.float64, copy=False)
