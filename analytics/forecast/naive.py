"""The seasonal naive forecast with ranges: what every other forecast is measured against, and what
stands in for one that loses to it."""

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast.backtest import origins_of
from analytics.forecast.intervals import ranges
from analytics.forecast.panel import WEEK, Panel, groups_of
from analytics.forecast.results import Forecast, Past
from analytics.forecast.scores import seasonal_naive
from analytics.results import Reason

# Known days below which the answer is called thin.
FEWEST_DAYS = 14


def carried_on(seen: FloatArray, horizon: int) -> FloatArray:
    """The latest same weekday carried on, (S, H); where it is unknown, the mean of that week.

    NaN for a series of whose latest week nothing is known.
    """
    week = seen[:, -WEEK:]
    known = ~np.isnan(week)
    n = known.sum(axis=1)
    total = np.where(known, week, 0.0).sum(axis=1)
    mean = np.divide(total, n, out=np.full(len(seen), np.nan), where=n > 0)
    carried = seasonal_naive(seen, horizon)
    filled: FloatArray = np.where(np.isnan(carried), mean[:, None], carried)
    return filled


def naive(panel: Panel, horizon: int) -> Forecast:
    """The seasonal naive forecast of every series, its ranges from its own errors at earlier cut-offs.

    A series of whose latest week nothing is known is forecast as zero.
    """
    values, days = panel.values, panel.days
    _, group = groups_of(panel.names)
    tested = origins_of(len(days))
    then = np.full((len(tested), len(values), horizon), np.nan)
    truth = np.full(then.shape, np.nan)
    for place, origin in enumerate(tested):
        then[place] = carried_on(values[:, : origin + 1], horizon)
        seen = values[:, origin + 1 : origin + 1 + horizon]
        truth[place, :, : seen.shape[1]] = seen
    truth[np.isnan(then)] = np.nan
    mean = np.nan_to_num(carried_on(values, horizon))
    ends = ranges(mean, np.nan_to_num(then), truth, group)
    below = np.nanmin(values, axis=1, initial=0.0)[:, None] < 0
    low95, low80, high80, high95 = np.moveaxis(ends, 2, 0)
    known = (~np.isnan(values)).sum(axis=1)
    return Forecast(
        names=panel.names,
        cutoff=int(days[-1]),
        days=days[-1] + 1 + np.arange(horizon),
        mean=mean,
        low80=np.minimum(np.where(below, low80, np.maximum(low80, 0.0)), mean),
        high80=np.maximum(high80, mean),
        low95=np.minimum(np.where(below, low95, np.maximum(low95, 0.0)), mean),
        high95=np.maximum(high95, mean),
        reason=tuple(Reason.TOO_FEW_DAYS if n < FEWEST_DAYS else None for n in known),
        past=Past(days[tested], then, truth),
    )
