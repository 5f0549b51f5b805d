"""Days that grow by a known curve, for tests of maturity."""

from __future__ import annotations

import numpy as np

from analytics.arrays import FloatArray

AGES = 29
# Three fifths known the morning after, the rest within four weeks.
SHARES = np.where(
    np.arange(AGES) == 0,
    0.0,
    1 - 0.4 * np.exp(-(np.arange(AGES) - 1) / 4.5) * (np.arange(AGES) < 28),
)


def days_known(*, seed: int, days: int = 120, size: float = 60) -> FloatArray:
    """Days (D,) by age (29,): each result of a day comes in at an age drawn from the curve."""
    generator = np.random.default_rng(seed)
    arriving = np.diff(SHARES, prepend=0)
    counts = generator.poisson(size * generator.lognormal(0, 0.2, days))
    rows: FloatArray = generator.multinomial(counts, arriving).cumsum(axis=1).astype(np.float64)
    return rows


def watched(rows: FloatArray, mornings: int = 45) -> FloatArray:
    """What one sees who has looked every morning of the last weeks: NaN before, and in the future."""
    days, ages = rows.shape
    morning = np.arange(days)[:, None] + np.arange(ages)[None, :]
    seen = (morning > days - mornings) & (morning <= days) & (np.arange(ages) > 0)
    return np.where(seen, rows, np.nan)
