"""How much of a period had come in by the same day a year earlier.

A share of what was, not a forecast: it tells an even plan from a season that returns every year.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import Days, Numbers, as_days, as_floats
from analytics.results import Reason

# 52 weeks: the same weekdays, and most feasts that hang on a weekday.
YEAR = 364
COVERAGE = 0.9


@dataclass(frozen=True, slots=True)
class YearBefore:
    """`share` (0 to 1) of the earlier period's total that was in by the earlier day; `n` its days."""

    share: float | None
    n: int
    reason: Reason | None


def share_by_then(
    values: Numbers, days: Days, *, first_day: int, through: int, last_day: int
) -> YearBefore:
    """Return the share that came in from `first_day` to `through`, 364 days earlier.

    `values` (D,) are daily amounts on ordinal `days` (D,), NaN where a day never arrived. Refuses
    below 90 % of the earlier period's days in either part, and when nothing came in.
    """
    series, ordinals = as_floats(values), as_days(days) + YEAR
    known = ~np.isnan(series)
    gone = known & (ordinals >= first_day) & (ordinals <= through)
    ahead = known & (ordinals > through) & (ordinals <= last_day)
    n = int(gone.sum() + ahead.sum())
    if gone.sum() < COVERAGE * (through - first_day + 1):
        return YearBefore(None, n, Reason.TOO_FEW_DAYS)
    if ahead.sum() < COVERAGE * (last_day - through):
        return YearBefore(None, n, Reason.TOO_FEW_DAYS)
    total = float(series[gone | ahead].sum())
    if total <= 0 or series[gone].sum() <= 0:
        return YearBefore(None, n, Reason.NO_VOLUME)
    return YearBefore(float(series[gone].sum()) / total, n, None)
