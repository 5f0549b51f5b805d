"""Level x weekday profile: what a short history allows to say.

The level is a mean that forgets; the profile leans on that of the group, as if the group had been
watched for some weeks in the series' place (shrinkage as in empirical Bayes; Efron and Morris 1977,
"Stein's paradox in statistics"). A trend is never fitted: on a few days it is noise carried on.
"""

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.forecast.panel import WEEK

# Days the profile is read from, at most.
PROFILE_DAYS = 56
# Weeks for which the profile of the group stands, and nothing at all stands behind that.
PSEUDO_WEEKS = 3.0
# What a day still counts for the level a day later.
MEMORY = 0.93
TINY = 1e-9


def profiles(rooted: FloatArray, days: IntArray, group: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return levels (S,) and weekday profiles (S, 7) after the last column of `rooted` (S, D)."""
    rooted, days = rooted[:, -PROFILE_DAYS:], days[-PROFILE_DAYS:]
    known = ~np.isnan(rooted)
    weekday = days % WEEK
    of_weekday = np.equal.outer(weekday, np.arange(WEEK)).astype(np.float64)
    values = np.where(known, rooted, 0.0)
    middle = values.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    size = np.maximum(np.abs(values).sum(axis=1) / np.maximum(known.sum(axis=1), 1), TINY)
    apart = np.where(known, rooted - middle[:, None], 0.0) @ of_weekday
    seen = known @ of_weekday
    groups = int(group.max()) + 1
    top, bottom = np.zeros((groups, WEEK)), np.zeros((groups, WEEK))
    np.add.at(top, group, apart / size[:, None])
    np.add.at(bottom, group, seen)
    shared = (top / (bottom + PSEUDO_WEEKS))[group] * size[:, None]
    season = (apart + PSEUDO_WEEKS * shared) / (seen + PSEUDO_WEEKS)
    season -= season.mean(axis=1, keepdims=True)
    weight = known * MEMORY ** np.arange(len(days))[::-1]
    plain = np.where(known, rooted - season[:, weekday], 0.0)
    level = (plain * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), TINY)
    return level, season
