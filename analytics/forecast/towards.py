"""Spend that is planned: how far it follows its plan, learnt from how far it did.

A plan is no promise. At each earlier cut-off stands what was planned by then; the forecast without
a plan and every reading of the plan are averaged by how far off each was there, and ranges come
from how far off that average was. So a plan that is kept makes ranges narrow, and one that is not
leaves them as they were.
"""

from dataclasses import replace

import numpy as np

from analytics.arrays import BoolArray, FloatArray
from analytics.forecast.backtest import Told
from analytics.forecast.combine import averaged_fairly
from analytics.forecast.intervals import ranges
from analytics.forecast.panel import groups_of
from analytics.forecast.results import Forecast, Past

# A reading that was twice as far off counts 2 to this power less. Readings stand for spend that one
# decides on, and decisions change: less than for models.
POWER_OF_READINGS = 4.0


def towards(told: Forecast, planned: FloatArray, before: FloatArray) -> Forecast:
    """Return the forecast of spend with its plan taken into account, where there is one.

    `planned` (R, S, H) are readings of the plan of the days ahead, `before` (R, O, S, H) the same as
    they stood at the earlier cut-offs; NaN where nothing was planned. A row at rest stays at rest.
    """
    days = (~np.isnan(planned)).sum(axis=(0, 2))
    before = np.where((days > 0)[:, None], before, np.nan)
    now = [told.mean, *(_shaped(one, told.mean) for one in planned)]
    then = [told.past.forecast, *(_shaped(one, told.past.forecast) for one in before)]
    both = averaged_fairly(Told(np.array(now), np.array(then), told.past.truth), POWER_OF_READINGS)
    return ranged(told, both.now[0], Past(told.past.origins, both.then[0], told.past.truth))


def left_out(told: Forecast, ran: BoolArray) -> Forecast:
    """Return a forecast whose ranges leave out the earlier days (O, S, H) on which a row could not
    run: of them there was nothing to forecast."""
    if ran.all():
        return told
    truth = np.where(ran, told.past.truth, np.nan)
    return ranged(told, told.mean, Past(told.past.origins, told.past.forecast, truth))


def ranged(told: Forecast, mean: FloatArray, past: Past) -> Forecast:
    """Return a forecast with other expectations, and ranges from how far off they were before."""
    _, group = groups_of(told.names)
    ends = ranges(mean, past.forecast, past.truth, group)
    positive = told.low95.min(axis=1) >= 0
    ends = np.where(positive[:, None, None], np.maximum(ends, 0.0), ends)
    low95, low80, high80, high95 = np.moveaxis(ends, 2, 0)
    return replace(
        told,
        mean=mean,
        low80=np.minimum(low80, mean),
        high80=np.maximum(high80, mean),
        low95=np.minimum(low95, mean),
        high95=np.maximum(high95, mean),
        past=past,
    )


def _shaped(planned: FloatArray, told: FloatArray) -> FloatArray:
    """The plan with the weekdays of the forecast (..., H); the forecast where nothing is planned."""
    moves = ~np.isnan(planned) & (told > 0)
    mean = np.where(moves, told, 0.0).sum(axis=-1) / np.maximum(moves.sum(axis=-1), 1)
    shape = np.divide(told, mean[..., None], out=np.ones_like(told), where=moves)
    return np.where(moves, planned * shape, told)
