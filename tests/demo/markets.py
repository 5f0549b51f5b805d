"""Markets for the tests of this folder, each made once."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from demo.market import Market, simulate
from demo.market.model import FloatArray

LAST_DAY = date(2026, 11, 21)
# In the reporting currency, near enough to add teams up in a test.
EUR = {"EUR": 1.0, "GBP": 1.165, "USD": 0.921}


@lru_cache(maxsize=8)
def market(seed: int = 7, last_day: date = LAST_DAY) -> Market:
    return simulate(seed, last_day - timedelta(days=729), last_day)


def line_position(of: Market, key: str) -> int:
    return [line.key for line in of.lines].index(key)


def line_days(of: Market, measure: str, *, known_at: date | None = None) -> FloatArray:
    """Sums per line and day, shape (lines, days), in units; final unless a date is given."""
    facts = of.facts if known_at is None else of.known_at(known_at)
    sums = facts.by_line_day(
        measure,
        lines=len(of.lines),
        first_day=of.first_day.toordinal(),
        last_day=of.last_day.toordinal(),
    )
    return sums / 1e6 if measure.endswith("_micros") else sums.astype(float)


def to_eur(of: Market) -> FloatArray:
    """Factor per line, shape (lines, 1)."""
    return np.array([[EUR[line.currency]] for line in of.lines])
