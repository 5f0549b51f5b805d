"""Block bootstrap of daily data: whole runs of neighbouring days are drawn, not single days.

Daily marketing data repeat by the week and drift from day to day; drawing single days would
forget both and make every interval too narrow.
"""

from statistics import NormalDist

import numpy as np

from analytics.arrays import FloatArray, IntArray
from analytics.results import Interval

RESAMPLES = 999


def block_length(n: int) -> int:
    """Days per block: two weeks when the history holds at least twelve of them, else one week."""
    return 14 if n >= 168 else min(7, n)


def block_indices(n: int, size: int, *, block: int, seed: int | tuple[int, ...]) -> IntArray:
    """Draw positions 0..n-1 in circular blocks; shape (RESAMPLES, size).

    Circular block bootstrap of Politis and Romano (1992), "A circular block-resampling procedure
    for stationary data": every day has the same chance, the ends included.
    """
    generator = np.random.default_rng(seed)
    starts = generator.integers(0, n, size=(RESAMPLES, -(-size // block)))
    positions = (starts[:, :, None] + np.arange(block)) % n
    drawn: IntArray = positions.reshape(RESAMPLES, -1)[:, :size].astype(np.int64)
    return drawn


def percentile_interval(draws: FloatArray, level: float) -> Interval:
    """The middle `level` share of the draws."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def block_inflation(residual: FloatArray, *, block: int, level: float, lost: int = 1) -> float:
    """Factor by which block draws of `residual` (D,) are too narrow for a `level` interval.

    Two repairs. Blocks forget what lasts longer than themselves: the long-run variance of an
    AR(1) with the residual's own correlation, over the part that blocks of this length keep
    (Bartlett weights, Kuensch 1989, "The jackknife and the bootstrap for general stationary
    observations"). And few blocks understate variance: m over m - `lost` parameters, and
    Student's quantile in place of the normal one (the expanded percentile interval of Hesterberg
    2015, "What Teachers Should Know About the Bootstrap", section 3.3).
    """
    rho = _persistence(residual, lost)
    lags = np.arange(1, block)
    kept = 1 + 2 * float(((1 - lags / block) * rho**lags).sum())
    blocks = len(residual) / block
    freedom = max(blocks - lost, 2.0)
    widening = (1 + rho) / (1 - rho) / kept * max(blocks, freedom) / freedom
    return float(np.sqrt(widening)) * _student_over_normal(freedom, level)


def _student_over_normal(freedom: float, level: float) -> float:
    """Ratio of the two-sided quantiles at `level`; Cornish and Fisher's expansion, ample here."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    return 1 + (z**2 + 1) / (4 * freedom) + (5 * z**4 + 16 * z**2 + 3) / (96 * freedom**2)


def _persistence(residual: FloatArray, lost: int) -> float:
    """Day-to-day correlation without the weekly pattern, 0 to 0.9.

    Corrected for the downward bias of a short series (Kendall 1954, "Note on bias in the
    estimation of autocorrelation").
    """
    n = len(residual)
    weekday = np.arange(n) % 7
    pattern = np.bincount(weekday, residual) / np.bincount(weekday)
    rest = residual - pattern[weekday]
    power = float(rest @ rest)
    if power <= 0 or n < 14:
        return 0.0
    rho = float(rest[1:] @ rest[:-1]) / power
    return float(np.clip(rho + (lost + (lost + 2) * rho) / n, 0.0, 0.9))


def log_sum_noise(
    actual: FloatArray,
    expected: FloatArray,
    firsts: IntArray,
    drawn: IntArray,
    *,
    level: float,
    lost: int,
) -> FloatArray:
    """Bootstrap noise of the log of sums of days; shape (B, G) for G groups of days.

    `actual` and `expected` (D,) are daily amounts, group g starts at position `firsts[g]`, `drawn`
    (B, D) are positions from `block_indices`. Residuals are divided by the root of what was
    expected of the day (their variance grows with volume), drawn, and scaled back. A sum cannot
    fall below `smallest_step`.
    """
    root = np.sqrt(expected)
    residual = np.divide(actual - expected, root, out=np.zeros_like(root), where=root > 0)
    residual *= block_inflation(residual, block=block_length(len(root)), level=level, lost=lost)
    noise = np.add.reduceat(residual[drawn] * root, firsts, axis=1)
    sums = np.add.reduceat(expected, firsts)
    logs: FloatArray = np.log(np.maximum(sums + noise, smallest_step(actual)) / sums)
    return logs


def smallest_step(values: FloatArray) -> float:
    """Half the smallest positive day: what stands in for a sum without any result.

    Taken from the data so that no answer depends on the unit.
    """
    return float(values[values > 0].min()) / 2
