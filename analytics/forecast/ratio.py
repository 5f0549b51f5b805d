"""Ratios (cost per order, return on spend) from the forecasts of their two parts."""

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast.intervals import both_ways, ranges
from analytics.forecast.results import Forecast, Past


def ratio(numerator: Forecast, denominator: Forecast, *, of_sums: bool = False) -> Forecast:
    """Forecast the ratio of two metrics of the same rows; NaN where the denominator is zero.

    The ranges come from how far off the ratio of the parts was at earlier cut-offs, so parts that
    rise and fall together make them no wider. Sum both parts before a ratio of several rows or
    days is asked for; ratios are never averaged. `of_sums`: the parts are sums, whose errors count
    on both sides as in `sums`.

    Raises ValueError unless both have as many rows, the same cut-off, horizon and origins.
    """
    top, bottom = numerator, denominator
    if (
        top.mean.shape != bottom.mean.shape
        or top.cutoff != bottom.cutoff
        or not np.array_equal(top.past.origins, bottom.past.origins)
    ):
        raise ValueError("both parts must be forecast for the same rows from the same cut-off")
    mean = _divided(top.mean, bottom.mean)
    past = Past(
        top.past.origins,
        _divided(top.past.forecast, bottom.past.forecast),
        _divided(top.past.truth, bottom.past.truth),
    )
    rows = np.arange(len(top.names))
    unknown = np.isnan(past.forecast)
    then = np.where(unknown, 0.0, past.forecast)
    truth = np.where(unknown, np.nan, past.truth)
    if of_sums:
        then, truth = both_ways(then, truth)
    ends = ranges(np.nan_to_num(mean), then, truth, np.zeros_like(rows))
    if not (top.mean < 0).any():
        ends = np.maximum(ends, 0.0)
    low95, low80, high80, high95 = np.moveaxis(
        np.where(np.isnan(mean)[:, :, None], np.nan, ends), 2, 0
    )
    return Forecast(
        names=top.names,
        cutoff=top.cutoff,
        days=top.days,
        mean=mean,
        low80=np.minimum(low80, mean),
        high80=np.maximum(high80, mean),
        low95=np.minimum(low95, mean),
        high95=np.maximum(high95, mean),
        reason=top.reason,
        past=past,
    )


def _divided(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
