"""Array types used throughout, and the checks on what callers hand in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Numbers = Sequence[float] | FloatArray | IntArray
Days = Sequence[int] | IntArray


def as_floats(values: Numbers) -> FloatArray:
    """Return `values` as float64, any shape; NaN stays NaN.

    Raises ValueError on an infinite value, which can only come from a mistake upstream.
    """
    array = np.asarray(values, dtype=np.float64)
    if np.isinf(array).any():
        raise ValueError("a value is infinite")
    return array


def as_days(days: Days) -> IntArray:
    """Return day ordinals as int64, shape (D,).

    Raises ValueError unless they rise strictly: one entry per day, in order.
    """
    array = np.asarray(days, dtype=np.int64)
    if array.ndim != 1 or (np.diff(array) <= 0).any():
        raise ValueError("days must be one ascending row without repeats")
    return array
