"""Daily series with known ends, for tests of forecasts."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast import Panel

FIRST = date(2026, 1, 5)
WEEKDAYS = np.array([1.2, 1.1, 1.0, 1.0, 0.9, 0.6, 0.5])


def counts(seed: int, series: int = 6, days: int = 150, level: float = 60.0) -> FloatArray:
    """Counts around a steady level with a weekday profile, (S, D)."""
    rng = np.random.default_rng(seed)
    levels = level * np.exp(rng.normal(0, 0.4, series))
    drawn = rng.poisson(levels[:, None] * WEEKDAYS[np.arange(days) % 7])
    values: FloatArray = drawn.astype(np.float64)
    return values


def panel(values: FloatArray, names: Sequence[str] | None = None) -> Panel:
    named = tuple(names) if names else tuple(f"ads/clicks/c{i:02d}" for i in range(len(values)))
    return Panel(named, FIRST.toordinal() + np.arange(values.shape[1]), values)


def write(path: Path, values: FloatArray, column: str = "y") -> Path:
    """The series as a file of the command; an unknown day has no row."""
    named = panel(values)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unique_id", "ds", column])
        for name, row in zip(named.names, values, strict=True):
            for i, value in enumerate(row):
                if not np.isnan(value):
                    writer.writerow([name, FIRST + timedelta(days=i), value])
    return path
