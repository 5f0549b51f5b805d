"""The peer of `bench.response`: response curves by penalised least squares, as light tools fit them.

Same carry-over, saturation and baseline as ours, a prior N(2, 1.5) on returns, the best of eight
random starts; one answer, no draws.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares
from scipy.signal import lfilter
from scipy.special import expit

from analytics.arrays import FloatArray
from analytics.response import Market

STARTS, MOST_STEPS = 8, 25
NOISE = 0.04


def penalised(market: Market, *, seed: int) -> FloatArray:
    """Contributions (C,) over all weeks."""
    random = np.random.default_rng(seed)
    result = market.result / market.result.mean()
    basis = np.linalg.qr(_baseline(market))[0]
    spend = market.spend.sum(axis=0) / market.result.mean()

    def rest(series: FloatArray) -> FloatArray:
        without: FloatArray = series - basis @ (basis.T @ series)
        return without

    def loss(vector: FloatArray) -> FloatArray:
        decay, half, slope, roi = vector.reshape(4, -1)
        shapes = _shapes(market.spend, decay, half, slope)
        brought = shapes @ (np.exp(roi) * spend / shapes.sum(axis=0))
        missed = rest(result - brought) / NOISE
        priors = (0.5 * decay, half / 0.6, 0.5 * slope, (np.exp(roi) - 2) / 1.5)
        return np.concatenate([missed, *priors])

    fits = [
        least_squares(loss, _start(random, len(market.names)), max_nfev=MOST_STEPS)
        for _ in range(STARTS)
    ]
    best = min(fits, key=lambda fit: float(fit.cost))
    total: FloatArray = np.exp(best.x.reshape(4, -1)[3]) * market.spend.sum(axis=0)
    return total


def _baseline(market: Market) -> FloatArray:
    weeks = np.arange(len(market.result))
    year = 2 * np.pi * weeks / 52.1775
    waves = [wave(order * year) for order in (1, 2) for wave in (np.sin, np.cos)]
    return np.column_stack([np.ones(len(weeks)), weeks, *waves, market.controls])


def _start(random: np.random.Generator, channels: int) -> FloatArray:
    middle, spread = np.array([-0.5, 0.0, -0.5, 0.6]), np.array([1.0, 0.4, 0.7, 0.3])
    drawn: FloatArray = random.normal(middle[:, None], spread[:, None], (4, channels)).ravel()
    return drawn


def _shapes(
    spend: FloatArray, decay: FloatArray, half: FloatArray, slope: FloatArray
) -> FloatArray:
    columns = []
    for i, series in enumerate(spend.T):
        kept = 0.9 * expit(decay[i])
        carried = lfilter([1.0], [1.0, -kept], series)
        bend = np.exp(half[i]) * series.mean() / (1 - kept)
        ratio = (carried / bend) ** (0.5 + 2.5 * expit(slope[i]))
        columns.append(ratio / (1 + ratio))
    return np.array(columns).T
