"""Gibbs sampler over curves, effects, noise and the level of returns.

Each channel in turn draws its curve among the candidates with its effect integrated out, then the
effect itself (normal, cut off at zero), given the other channels: no step is ever refused, and a
chain cannot be stuck at one bend of an S-curve (Casella and George 1992, "Explaining the Gibbs
Sampler"). Only inner products are needed, so a sweep does not depend on the number of weeks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from analytics.arrays import FloatArray, IntArray
from analytics.response.priors import SPREAD, Priors

CHAINS, SWEEPS, WARM_UP = 8, 400, 100


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Inner products of C x N candidate columns: `gram` (C, N, C, N), with the result (C, N)."""

    gram: FloatArray
    result: FloatArray
    power: float
    weeks: int
    variance: float


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What the chains visited, (sweep, chain, C) and for `variance` (sweep, chain)."""

    curve: IntArray
    effect: FloatArray
    variance: FloatArray


def sample(products: Products, priors: Priors, *, seed: int, sweeps: int = SWEEPS) -> Draws:
    """Draws of all chains after the warm-up; the same for the same seed."""
    chains = _Chains(products, priors, seed)
    kept = []
    for sweep in range(sweeps):
        chains.sweep()
        if sweep >= WARM_UP:
            kept.append((chains.curve.copy(), chains.effect.copy(), chains.variance.copy()))
    curve, effect, variance = (np.array(part) for part in zip(*kept, strict=True))
    return Draws(curve, effect, variance)


class _Chains:
    """The present state of all chains, which start at random curves and effects."""

    def __init__(self, products: Products, priors: Priors, seed: int) -> None:
        self.products, self.priors = products, priors
        self.random = np.random.default_rng(seed)
        channels, count = products.result.shape
        self.rows, self.channels = np.arange(CHAINS), np.arange(channels)
        self.power = np.einsum("inin->in", products.gram)
        self.curve = self.random.integers(0, count, (CHAINS, channels))
        start = self.random.lognormal(0.0, 0.3, (CHAINS, channels))
        self.effect = start * priors.weight * np.median(priors.levels)
        self.variance = np.full(CHAINS, products.variance)
        self.level = np.full(CHAINS, np.median(priors.levels))
        self.factor = np.ones((CHAINS, channels))

    def sweep(self) -> None:
        for channel in self.channels:
            self._draw_channel(int(channel))
        self._draw_variance()
        self._draw_level()

    def _draw_channel(self, channel: int) -> None:
        others = self.effect.copy()
        others[:, channel] = 0.0
        rows = self.products.gram[self.channels, self.curve, channel]
        explained = np.einsum("kc,kcn->kn", others, rows)
        precision, pull = self._prior(channel)
        variance = self.variance[:, None]
        total = self.power[channel] / variance + precision[:, None]
        root = np.sqrt(total)
        centre = ((self.products.result[channel] - explained) / variance + pull[:, None]) / root
        chosen = self._pick(centre**2 / 2 + log_ndtr(centre) - np.log(root))
        self.curve[:, channel] = chosen
        drawn = self._above_zero(centre[self.rows, chosen])
        self.effect[:, channel] = drawn / root[self.rows, chosen]

    def _prior(self, channel: int) -> tuple[FloatArray, FloatArray]:
        """Precision, and precision times mean, of a channel's effect in each chain."""
        priors = self.priors
        mean = self.level * self.factor[:, channel] * priors.weight[channel]
        own = (SPREAD * mean) ** -2
        told = priors.precision[channel]
        return own + told, own * mean + told * priors.mean[channel]

    def _draw_variance(self) -> None:
        products, at = self.products, (self.channels, self.curve)
        fitted = self.products.result[at]
        gram = products.gram[
            self.channels[:, None], self.curve[:, :, None], self.channels, self.curve[:, None, :]
        ]
        left = products.power - 2 * (self.effect * fitted).sum(axis=1)
        left += np.einsum("ki,kij,kj->k", self.effect, gram, self.effect)
        # A guess worth one week keeps the variance away from zero.
        rate = (np.maximum(left, 0.0) + products.variance) / 2
        self.variance = rate / self.random.gamma((products.weeks - 1) / 2, 1.0, CHAINS)

    def _draw_level(self) -> None:
        """Own factors given the level, then the level given own factors."""
        priors = self.priors
        ratio = self.effect / (self.level[:, None] * priors.weight)
        logs = priors.factor_logs + _log_normal(ratio[..., None], priors.factors)
        channels = len(self.channels)
        picked = self._pick(logs.reshape(CHAINS * channels, -1))
        self.factor = priors.factors[picked].reshape(CHAINS, channels)
        ratio = self.effect / (self.factor * priors.weight)
        logs = priors.level_logs + _log_normal(ratio[..., None], priors.levels).sum(axis=1)
        self.level = priors.levels[self._pick(logs)]

    def _pick(self, logs: FloatArray) -> IntArray:
        """One position of each row (R, N), with probabilities in proportion to exp(logs)."""
        heaped = np.exp(logs - logs.max(axis=1, keepdims=True)).cumsum(axis=1)
        wanted = self.random.random((len(logs), 1)) * heaped[:, -1:]
        place = (heaped <= wanted).sum(axis=1, dtype=np.int64)
        found: IntArray = np.minimum(place, logs.shape[1] - 1)
        return found

    def _above_zero(self, centre: FloatArray) -> FloatArray:
        """Normal draws around `centre` with deviation one, cut off at zero."""
        below = ndtr(-centre)
        place = below + (1 - below) * self.random.random(len(centre))
        drawn: FloatArray = centre + ndtri(np.clip(place, 1e-15, 1 - 1e-15))
        return np.maximum(drawn, 1e-9)


def _log_normal(value: FloatArray, mean: FloatArray) -> FloatArray:
    """Log density up to a constant when the deviation is `SPREAD` times the mean."""
    logs: FloatArray = -np.log(mean) - ((value - mean) / (SPREAD * mean)) ** 2 / 2
    return logs
