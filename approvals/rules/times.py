"""How long decisions take: buckets of age, quantiles, and a share with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

# Below this nothing is said: one slow decision would be the whole picture.
ENOUGH = 10
# The specification's promise: five minutes from opened evidence to a decision.
PROMISE = timedelta(minutes=5)
# Whole working days, up to and including; what is older is the last bucket.
BUCKETS = ((0, "Under 1 day"), (2, "1–2 days"), (5, "3–5 days"), (10, "6–10 days"))
OLDEST = "Over 10 days"
LABELS = (*(label for _, label in BUCKETS), OLDEST)
Z_95 = 1.959964


def bucket(days: int) -> str:
    """The bucket of an age in whole working days."""
    return next((label for most, label in BUCKETS if days <= most), OLDEST)


def rank(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """The nearest-rank quantile of sorted lengths; None of nothing."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of ``n``, from 0 to 1 (Wilson 1927, score interval without correction)."""
    share, square = hits / n, Z_95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z_95 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    # Exact at the ends, where rounding would leave the share outside.
    return (middle - half if hits else 0.0), (middle + half if hits < n else 1.0)


@dataclass(frozen=True, slots=True)
class Times:
    """How long ``n`` decisions took. Below ``ENOUGH`` only ``n`` is given (reason code thin)."""

    n: int
    waiting_p50: timedelta | None = None
    waiting_p90: timedelta | None = None
    reading_p50: timedelta | None = None
    reading_p90: timedelta | None = None
    in_time: int = 0
    share: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_thin(self) -> bool:
        return self.n < ENOUGH


def times(pairs: Sequence[tuple[timedelta, timedelta]]) -> Times:
    """From pairs of (waiting until opened, reading until decided)."""
    n = len(pairs)
    if n < ENOUGH:
        return Times(n)
    waiting = sorted(wait for wait, _ in pairs)
    reading = sorted(read for _, read in pairs)
    hits = sum(read <= PROMISE for read in reading)
    low, high = wilson(hits, n)
    return Times(
        n, rank(waiting, 50), rank(waiting, 90), rank(reading, 50), rank(reading, 90),
        hits, hits / n, low, high,
    )  # fmt: skip
