"""Daily series whose truth is known, for the simulations of this folder."""

import numpy as np

from analytics.arrays import FloatArray, IntArray

START = 739_000  # 24 April 2024, a Wednesday


def days(count: int) -> IntArray:
    return np.arange(START, START + count, dtype=np.int64)


def noise(rng: np.random.Generator, shape: tuple[int, int], sd: float, phi: float) -> FloatArray:
    """AR(1) noise of standard deviation `sd`; one row per series."""
    shocks = rng.normal(0, sd * np.sqrt(1 - phi**2), shape)
    values = np.empty(shape)
    values[:, 0] = rng.normal(0, sd, shape[0])
    for day in range(1, shape[1]):
        values[:, day] = phi * values[:, day - 1] + shocks[:, day]
    return values


def weekly(count: int, depth: float = 0.2) -> FloatArray:
    """A weekday pattern around one."""
    pattern: FloatArray = 1 + depth * np.sin(2 * np.pi * days(count) / 7)
    return pattern


def spend_and_return(
    seed: int, series: int, count: int, *, phi: float = 0.5, per_day: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Spend around 100 a day and a return around 4 times that, its log drifting by `per_day`."""
    rng = np.random.default_rng(seed)
    spend = 100 * np.exp(rng.normal(0, 0.2, (series, count)))
    drift = per_day * np.arange(count)
    ratio = 4 * weekly(count) * np.exp(drift + noise(rng, (series, count), 0.3, phi))
    return spend * ratio, spend
