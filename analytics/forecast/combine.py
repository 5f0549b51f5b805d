"""Models combined by how far off each was at earlier cut-offs, series by series."""

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast.backtest import Told
from analytics.forecast.panel import WEEK

# A model that was twice as far off counts 2 to this power less.
POWER_OF_RATES = 24.0
POWER_OF_MODELS = 8.0
# What a series' own errors count beside those of all series.
OWN = 2 / 3
# Days ahead that are judged together.
BLOCKS = (slice(0, WEEK), slice(WEEK, 2 * WEEK), slice(2 * WEEK, None))


def combined(told: Told, rates: int) -> Told:
    """One forecast out of `rates` smoothings and the trees behind them (M = 1).

    The smoothings are averaged first, so that their number gives them no weight of its own.
    """
    smoothed = averaged(_part(told, slice(0, rates)), POWER_OF_RATES)
    both = Told(
        np.concatenate([smoothed.now, told.now[rates:]]),
        np.concatenate([smoothed.then, told.then[rates:]]),
        told.truth,
    )
    return averaged(both, POWER_OF_MODELS)


def _part(told: Told, models: slice) -> Told:
    return Told(told.now[models], told.then[models], told.truth)


def averaged(told: Told, power: float) -> Told:
    """The models of `told` averaged into one, the better ones at earlier cut-offs more."""
    now, then = np.empty_like(told.now[:1]), np.empty_like(told.then[:1])
    for block in BLOCKS:
        weight = _weights(told.then[..., block], told.truth[..., block], power)
        now[0, :, block] = (weight[:, :, None] * told.now[..., block]).sum(axis=0)
        then[0, ..., block] = (weight[:, None, :, None] * told.then[..., block]).sum(axis=0)
    return Told(now, then, told.truth)


def averaged_fairly(told: Told, power: float) -> Told:
    """As `averaged`, but what is said at an earlier cut-off is weighted by the other ones alone.

    Errors at the earlier cut-offs are then those of weights that had not seen them: where models
    differ much, as with and without a plan, those that had would promise too narrow ranges.
    """
    now, then = np.empty_like(told.now[:1]), np.empty_like(told.then[:1])
    origins = np.arange(told.truth.shape[0])
    for block in BLOCKS:
        off = _off(told.then[..., block], told.truth[..., block])
        now[0, :, block] = (_shares(off.sum(axis=1), power)[:, :, None] * told.now[..., block]).sum(
            axis=0
        )
        near = max(told.then[..., block].shape[3] // WEEK, 1)
        for origin in origins:
            others = np.abs(origins - origin) >= near
            weight = _shares(off[:, others].sum(axis=1), power)
            said = told.then[:, origin, :, block]
            then[0, origin, :, block] = (weight[:, :, None] * said).sum(axis=0)
    return Told(now, then, told.truth)


def _weights(then: FloatArray, truth: FloatArray, power: float) -> FloatArray:
    """(M, S), columns that sum to 1: by the error against the other models."""
    return _shares(_off(then, truth).sum(axis=1), power)


def _off(then: FloatArray, truth: FloatArray) -> FloatArray:
    """How far off each model was at each cut-off, (M, O, S), added up over the days known."""
    off: FloatArray = np.where(~np.isnan(truth), np.abs(then - truth), 0.0).sum(axis=3)
    return off


def _shares(off: FloatArray, power: float) -> FloatArray:
    """(M, S), columns that sum to 1, of how far off each model was in all."""
    usual = off.mean(axis=0)
    relative = np.divide(off, usual, out=np.ones_like(off), where=usual > 0)
    relative = OWN * relative + (1 - OWN) * relative.mean(axis=1, keepdims=True)
    weight = np.maximum(relative, 0.05) ** -power
    shares: FloatArray = weight / weight.sum(axis=0)
    return shares
