"""What the result would be without media: level, trend, season, controls, and noise with memory.

All of it enters linearly with normal priors, so it is integrated out exactly: only inner products
in the metric that is left are needed (Lindley and Smith 1972, "Bayes Estimates for the Linear
Model").
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray
from analytics.response.market import Market

YEAR = 365.2425 / 7
HARMONICS = 2
# Prior standard deviations as shares of the mean result: half the way along the trend, the first
# harmonic of the year (the second half of it), and a control at its largest.
TREND, SEASON, CONTROL = 0.30, 0.15, 0.30
MAX_MEMORY = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """Inner products of weekly series with the baseline integrated out.

    `variance` is the first guess of the noise, as a share of the mean result squared; `memory` its
    correlation with the week before.
    """

    design: FloatArray
    precision: FloatArray
    variance: float
    memory: float

    def whitened(self, series: FloatArray) -> FloatArray:
        """Series (T, ...) with the noise's memory taken out (Prais and Winsten 1954)."""
        scale = np.sqrt(1 - self.memory**2)
        rest = series.copy()
        rest[1:] -= self.memory * series[:-1]
        rest[0] *= scale
        white: FloatArray = rest / scale
        return white

    def without_baseline(self, white: FloatArray) -> FloatArray:
        """The other factor of an inner product: `a.T @ without_baseline(b)`, both whitened."""
        design = self.whitened(self.design)
        inner = design.T @ design + np.diag(self.variance * self.precision)
        rest: FloatArray = white - design @ np.linalg.solve(inner, design.T @ white)
        return rest

    def baseline(self, rest: FloatArray) -> FloatArray:
        """Posterior mean of the baseline (T,) given the result without media `rest` (T,)."""
        design, white = self.whitened(self.design), self.whitened(rest)
        inner = design.T @ design + np.diag(self.variance * self.precision)
        fitted: FloatArray = self.design @ np.linalg.solve(inner, design.T @ white)
        return fitted


def metric_of(market: Market, result: FloatArray) -> Metric:
    """The metric for `result` (T,), which has mean one.

    Noise and its memory come from a first fit with the square root of spend for media.
    """
    design, deviation = _design(market.controls)
    media = np.sqrt(market.spend / market.spend.mean(axis=0))
    columns = np.hstack([design, media])
    precision = np.concatenate([deviation**-2, np.full(media.shape[1], 100.0)])
    variance, rest = _first_fit(columns, precision, result)
    memory = float(rest[1:] @ rest[:-1] / (rest @ rest)) + 2 / len(rest)
    return Metric(design, deviation**-2, variance, float(np.clip(memory, 0.0, MAX_MEMORY)))


def _design(controls: FloatArray) -> tuple[FloatArray, FloatArray]:
    weeks = np.arange(len(controls))
    columns = [np.ones(len(weeks)), np.linspace(-1, 1, len(weeks))]
    deviation = [1e3, TREND]
    for order in range(1, HARMONICS + 1):
        phase = 2 * np.pi * order * weeks / YEAR
        columns += [np.sin(phase), np.cos(phase)]
        deviation += [SEASON / order] * 2
    for control in controls.T:
        if control.std() > 0:
            columns.append((control - control.mean()) / np.abs(control).max())
            deviation.append(CONTROL)
    return np.array(columns).T, np.array(deviation)


def _first_fit(
    columns: FloatArray, precision: FloatArray, result: FloatArray
) -> tuple[float, FloatArray]:
    """Residual variance and residuals of a ridge fit whose weight follows its own noise."""
    gram, variance = columns.T @ columns, 0.05**2
    rest = result
    for _ in range(5):
        inner = gram + variance * np.diag(precision)
        rest = result - columns @ np.linalg.solve(inner, columns.T @ result)
        used = float(np.trace(np.linalg.solve(inner, gram)))
        variance = max(float(rest @ rest) / max(len(rest) - used, 1.0), 1e-8)
    return variance, rest
