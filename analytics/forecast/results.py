"""What a forecast says."""

from dataclasses import dataclass

from analytics.arrays import FloatArray, IntArray
from analytics.results import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The same method at O earlier cut-offs: `forecast` and `truth` (O, S, H), NaN where no day
    was known. `origins` are the days (ordinals) after whose end it was asked, shape (O,)."""

    origins: IntArray
    forecast: FloatArray
    truth: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Daily expectations of S series over the H days after `cutoff`, in the units of the series.

    `mean` is (S, H); `low95 <= low80 <= mean <= high80 <= high95` are the ends of the ranges that
    hold a single day with 95 and 80 %. `reason` says of a series why its forecast is thin or zero.
    """

    names: tuple[str, ...]
    cutoff: int
    days: IntArray
    mean: FloatArray
    low80: FloatArray
    high80: FloatArray
    low95: FloatArray
    high95: FloatArray
    reason: tuple[Reason | None, ...]
    past: Past


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """A forecast of every series, and of every group, whose rows are the sums of its series."""

    series: Forecast
    groups: Forecast
