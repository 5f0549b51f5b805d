"""The input most functions share: daily sums whose ratio is the metric."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, Days, FloatArray, IntArray, Numbers, as_days, as_floats


@dataclass(frozen=True, slots=True, eq=False, init=False)
class DailyRatio:
    """Numerators and denominators of S series over D days, both (S, D), and the D day ordinals.

    The metric of any set of days is the ratio of the two sums. NaN marks a day whose data never
    arrived; a day missing in one row is missing in both. Without a denominator the metric is the
    daily amount itself. A single series may be given as plain rows of length D.

    Raises ValueError when shapes differ, a day repeats or is out of order, or a value is infinite.
    """

    top: FloatArray
    bottom: FloatArray
    days: IntArray

    def __init__(
        self,
        numerator: Numbers,
        denominator: Numbers | None,
        days: Days,
    ) -> None:
        top = np.atleast_2d(as_floats(numerator)).copy()
        bottom = np.ones_like(top) if denominator is None else as_floats(denominator).copy()
        bottom = np.atleast_2d(bottom)
        ordinals = as_days(days)
        if top.shape != bottom.shape or top.shape[1:] != ordinals.shape:
            raise ValueError("numerator and denominator must have one value per series and day")
        missing = np.isnan(top) | np.isnan(bottom)
        top[missing] = bottom[missing] = np.nan
        object.__setattr__(self, "top", top)
        object.__setattr__(self, "bottom", bottom)
        object.__setattr__(self, "days", ordinals)

    @property
    def present(self) -> BoolArray:
        """Which days have data; shape (S, D)."""
        present: BoolArray = ~np.isnan(self.top)
        return present
