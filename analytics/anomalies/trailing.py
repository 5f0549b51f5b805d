"""Statistics of what came before: no result at a place knows the value of that place.

All take and return (N,); NaN is no value. `least` values must be there, else the result is NaN.
"""

import numpy as np
import pandas as pd

from analytics.arrays import FloatArray


def trailing_mean(values: FloatArray, window: int, least: int) -> FloatArray:
    """The mean of the `window` places before."""
    return _before(pd.Series(values).rolling(window, min_periods=least).mean())


def trailing_median(values: FloatArray, window: int, least: int) -> FloatArray:
    """The median of the `window` places before."""
    return _before(pd.Series(values).rolling(window, min_periods=least).median())


def trailing_quantile(values: FloatArray, window: int, share: float, least: int) -> FloatArray:
    """The value that `share` (0 to 1) of the `window` places before stay below."""
    return _before(pd.Series(values).rolling(window, min_periods=least).quantile(share))


def trailing_smooth(values: FloatArray, weight: float) -> FloatArray:
    """Exponential smoothing of all places before; the last value has `weight` (0 to 1)."""
    return _before(pd.Series(values).ewm(alpha=weight, ignore_na=True).mean())


def trailing_same_slot(values: FloatArray, places: int, periods: int, least: int) -> FloatArray:
    """The median of the same slot of up to `periods` earlier periods of `places` places each."""
    short = -len(values) % places
    by_period = np.append(values, np.full(short, np.nan)).reshape(-1, places)
    medians = pd.DataFrame(by_period).rolling(periods, min_periods=least).median().shift(1)
    return np.asarray(medians, dtype=np.float64).ravel()[: len(values)]


def _before(result: pd.Series) -> FloatArray:
    return np.asarray(result.shift(1), dtype=np.float64)
