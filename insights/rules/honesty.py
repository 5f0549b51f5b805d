"""What forecasts are judged by: sums of their errors, what they amount to, and who goes to the bench.

Pure. Sums add up over teams, metrics and cut-offs, so that every figure of the board is a ratio of
sums and never a mean of ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from analytics.arrays import BoolArray, FloatArray
from analytics.forecast import direction, wilson
from analytics.results import Interval

WEEK = 7
# Cases below which no figure is given.
FEWEST = 8
# A version goes to the bench when it is behind the seasonal naive over all, and on so many
# cut-offs that chance does not explain it: the 95 % interval of that share lies above half.
CHANCE = 0.5
BAND80, BAND95 = (0.78, 0.82), (0.94, 0.96)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """N forecasts over H days: points and ranges (N, H); ``calls`` (N,) of the first week, NaN
    where none was made."""

    mean: FloatArray
    low80: FloatArray
    high80: FloatArray
    low95: FloatArray
    high95: FloatArray
    calls: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Came:
    """What came of them: ``truth`` and ``naive`` (N, H), NaN where it is not final; ``scale`` and
    ``came`` (N,), the week's direction."""

    truth: FloatArray
    naive: FloatArray
    scale: FloatArray
    came: FloatArray


@dataclass(frozen=True, slots=True)
class Sums:
    """What stands in a row of the board's sums, for one number of days ahead."""

    n: int = 0
    size: float = 0.0
    error: float = 0.0
    naive_error: float = 0.0
    bias: float = 0.0
    weighed: int = 0
    scaled: float = 0.0
    scaled_naive: float = 0.0
    ranged: int = 0
    inside80: int = 0
    inside95: int = 0
    judged: int = 0
    hits: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, one) + getattr(other, one) for one in SUMS))

    @property
    def accuracy(self) -> float | None:
        """1 - WAPE; below zero when errors are larger than what came."""
        return 1 - self.error / self.size if self.n >= FEWEST and self.size > 0 else None

    @property
    def naive_accuracy(self) -> float | None:
        return 1 - self.naive_error / self.size if self.n >= FEWEST and self.size > 0 else None

    @property
    def mase(self) -> float | None:
        return self.scaled / self.weighed if self.weighed >= FEWEST else None

    @property
    def naive_mase(self) -> float | None:
        return self.scaled_naive / self.weighed if self.weighed >= FEWEST else None

    @property
    def skill(self) -> float | None:
        """1 - error / error of the seasonal naive: below zero the naive is better."""
        enough = self.n >= FEWEST and self.naive_error > 0
        return 1 - self.error / self.naive_error if enough else None

    @property
    def coverage80(self) -> float | None:
        return self.inside80 / self.ranged if self.ranged >= FEWEST else None

    @property
    def coverage95(self) -> float | None:
        return self.inside95 / self.ranged if self.ranged >= FEWEST else None

    @property
    def hit_rate(self) -> float | None:
        return self.hits / self.judged if self.judged >= FEWEST else None

    @property
    def hit_interval(self) -> Interval | None:
        return wilson(self.hits, self.judged) if self.judged >= FEWEST else None


SUMS = tuple(one.name for one in fields(Sums))


def day_sums(told: Told, came: Came) -> list[Sums]:
    """The sums of single days, one for each number of days ahead."""
    scale = np.where(came.scale > 0, came.scale, np.nan)[:, None]
    return _sums(told, came, scale)


def total_sums(told: Told, came: Came) -> list[Sums]:
    """The sums of all days until then together; the week is judged by the call as it was issued."""
    found = _sums(told, came, np.full((len(came.scale), 1), np.nan))
    if len(found) >= WEEK:
        judged = ~np.isnan(told.calls) & ~np.isnan(came.came)
        hits = judged & (told.calls == came.came)
        week = {"judged": int(judged.sum()), "hits": int(hits.sum())}
        kept = {one: getattr(found[WEEK - 1], one) for one in SUMS}
        found[WEEK - 1] = Sums(**(kept | week))
    return found


def _sums(told: Told, came: Came, scale: FloatArray) -> list[Sums]:
    known = ~np.isnan(came.truth) & ~np.isnan(told.mean) & ~np.isnan(came.naive)
    off, naive_off = told.mean - came.truth, np.abs(came.naive - came.truth)
    weighed = known & ~np.isnan(scale)
    ranged = known & ~np.isnan(told.low80) & ~np.isnan(told.low95)
    went, said = direction(came.truth, came.naive), direction(told.mean, came.naive)
    columns = {
        "n": known.sum(axis=0),
        "size": _total(np.abs(came.truth), known),
        "error": _total(np.abs(off), known),
        "naive_error": _total(naive_off, known),
        "bias": _total(off, known),
        "weighed": weighed.sum(axis=0),
        "scaled": _total(np.abs(off) / scale, weighed),
        "scaled_naive": _total(naive_off / scale, weighed),
        "ranged": ranged.sum(axis=0),
        "inside80": _inside(came.truth, told.low80, told.high80, ranged),
        "inside95": _inside(came.truth, told.low95, told.high95, ranged),
        "judged": known.sum(axis=0),
        "hits": (known & (went == said)).sum(axis=0),
    }
    rows = zip(*(columns[one].tolist() for one in SUMS), strict=True)
    return [Sums(*row) for row in rows]


def _total(values: FloatArray, among: BoolArray) -> FloatArray:
    found: FloatArray = np.where(among, values, 0.0).sum(axis=0)
    return found


def _inside(truth: FloatArray, low: FloatArray, high: FloatArray, among: BoolArray) -> FloatArray:
    found: FloatArray = (among & (truth >= low) & (truth <= high)).sum(axis=0)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """How a version stands against the seasonal naive over its cut-offs."""

    error: float
    naive_error: float
    behind: int
    cutoffs: int
    n: int

    @property
    def skill(self) -> float:
        return 1 - self.error / self.naive_error if self.naive_error > 0 else 0.0

    @property
    def loses(self) -> bool:
        """Whether it belongs on the bench."""
        share = wilson(self.behind, self.cutoffs)
        return self.skill < 0 and share is not None and share.low > CHANCE


def standing(by_cutoff: Mapping[Any, Sequence[Sums]]) -> Standing:
    """Errors in units of each series' own scale, added up over all days ahead of each cut-off."""
    pairs = []
    n = 0
    for rows in by_cutoff.values():
        whole = sum(rows, Sums())
        n += whole.weighed
        if whole.weighed:
            pairs.append((whole.scaled, whole.scaled_naive))
    return Standing(
        error=sum(one for one, _ in pairs),
        naive_error=sum(other for _, other in pairs),
        behind=sum(one > other for one, other in pairs),
        cutoffs=len(pairs),
        n=n,
    )
