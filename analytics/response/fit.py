"""How each channel's spend brought the result of past weeks."""

from collections.abc import Mapping

import numpy as np

from analytics.arrays import FloatArray
from analytics.resample import percentile_interval
from analytics.response.baseline import Metric, metric_of
from analytics.response.candidates import Candidates, candidates_of
from analytics.response.curves import Curves
from analytics.response.market import Market
from analytics.response.priors import Experiment, priors_of
from analytics.response.results import ChannelResponse, Quality, ResponseFit
from analytics.response.sampler import CHAINS, SWEEPS, Draws, Products, sample
from analytics.results import Reason

LEVEL = 0.80
# Curves kept for optimiser and scenarios.
KEPT = 200


def fit_response(
    market: Market,
    *,
    seed: int,
    experiments: Mapping[str, Experiment] | None = None,
    current: Mapping[str, float] | None = None,
    sweeps: int = SWEEPS,
) -> ResponseFit:
    """Contribution, return and curve of each channel, with 80 % intervals.

    Carry-over and saturation (`curves`), trend, season and controls (`baseline`) with stated priors
    (`priors`, `candidates`), sampled from several starts (`sampler`). `experiments` are returns by
    channel that tests measured. `current` is the spend a week that counts as today's, without it
    the mean of all weeks. With one channel, which has nobody to be confused with, half the `sweeps`
    do.

    Refuses below 52 weeks or eight weeks a channel, without result, and when no channel's spend
    varied. A channel without spend or with steady spend is left out with its reason: its effect, if
    any, is in the baseline.
    """
    reason = market.refusal()
    if reason is not None:
        return ResponseFit(
            _unread(market, market.refusals(), reason), len(market.result), reason=reason
        )
    readable = market.readable()
    result = readable.result / readable.result.mean()
    metric, candidates = metric_of(readable, result), candidates_of(readable.spend)
    products = _products(metric, candidates, result)
    draws = sample(products, priors_of(readable, experiments or {}), seed=seed, sweeps=sweeps)
    return _answer(market, readable, _Sampled(metric, candidates, draws, readable), current or {})


class _Sampled:
    """Draws in units of the result, chains one after the other: totals (B, C) and the rest."""

    def __init__(
        self, metric: Metric, candidates: Candidates, draws: Draws, market: Market
    ) -> None:
        channels = np.arange(len(market.names))
        picked = draws.curve.reshape(-1, len(channels))
        self.metric, self.market = metric, market
        self.by_chain = draws.effect
        self.total = draws.effect.reshape(picked.shape) * market.result.sum()
        sums = candidates.shape.sum(axis=2)
        self.top = self.total / sums[channels, picked]
        self.decay = candidates.decay[channels, picked]
        self.half = candidates.half[channels, picked]
        self.slope = candidates.slope[channels, picked]
        self.deviation = float(np.sqrt(draws.variance.mean()) * market.result.mean())
        weights = np.zeros(candidates.half.shape)
        for channel in channels:
            np.add.at(weights[channel], picked[:, channel], self.top[:, channel] / len(picked))
        self.weekly = np.einsum("cn,cnt->tc", weights, candidates.shape)

    def curves(self, current: FloatArray) -> Curves:
        kept = np.linspace(0, len(self.total) - 1, KEPT).round().astype(np.int64)
        return Curves(
            names=self.market.names,
            decay=self.decay[kept],
            half=self.half[kept],
            slope=self.slope[kept],
            top=self.top[kept],
            current=current,
            most=self.market.spend.max(axis=0),
        )

    def quality(self) -> Quality:
        result = self.market.result
        rest = result - self.weekly.sum(axis=1)
        rest = rest - self.metric.baseline(rest)
        return Quality(
            r2=float(1 - rest @ rest / ((result - result.mean()) ** 2).sum()),
            noise=self.deviation,
            autocorrelation=self.metric.memory,
            rhat=_rhat(self.by_chain),
            chains=CHAINS,
            draws=len(self.total),
        )


def _products(metric: Metric, candidates: Candidates, result: FloatArray) -> Products:
    """Inner products of columns that have mean one, so that an effect is a share of the result."""
    channels, count, weeks = candidates.shape.shape
    columns = candidates.shape / candidates.shape.mean(axis=2, keepdims=True)
    white = metric.whitened(columns.reshape(-1, weeks).T)
    target = metric.whitened(result)
    rest = metric.without_baseline(white)
    return Products(
        gram=(white.T @ rest).reshape(channels, count, channels, count),
        result=(rest.T @ target).reshape(channels, count),
        power=float(target @ metric.without_baseline(target)),
        weeks=weeks,
        variance=metric.variance,
    )


def _rhat(effect: FloatArray) -> float:
    """Largest ratio over the channels of the deviation of all draws to that within chains."""
    within = effect.var(axis=0, ddof=1).mean(axis=0)
    between = effect.mean(axis=0).var(axis=0, ddof=1)
    return float(np.sqrt(1 + between / within).max())


def _answer(
    market: Market, readable: Market, sampled: _Sampled, current: Mapping[str, float]
) -> ResponseFit:
    means = readable.spend.mean(axis=0)
    today = np.array([current.get(n, m) for n, m in zip(readable.names, means, strict=True)])
    curves = sampled.curves(today)
    read = {channel.name: channel for channel in _channels(readable, sampled, curves)}
    left_out = {channel.name: channel for channel in _unread(market, market.refusals(), None)}
    base = market.result.sum() - sampled.total.sum(axis=1)
    return ResponseFit(
        channels=tuple((left_out | read)[name] for name in market.names),
        weeks=len(market.result),
        baseline=float(base.mean()),
        baseline_80=percentile_interval(base, LEVEL),
        quality=sampled.quality(),
        curves=curves,
        weekly=sampled.weekly,
    )


def _channels(market: Market, sampled: _Sampled, curves: Curves) -> list[ChannelResponse]:
    partners = market.partners()
    marginal = curves.marginal(curves.current)
    return [
        ChannelResponse(
            name=name,
            spend=float(spend),
            contribution=float(sampled.total[:, i].mean()),
            contribution_80=percentile_interval(sampled.total[:, i], LEVEL),
            roi=float(sampled.total[:, i].mean() / spend),
            roi_80=percentile_interval(sampled.total[:, i] / spend, LEVEL),
            marginal_roi=float(marginal[:, i].mean()),
            marginal_roi_80=percentile_interval(marginal[:, i], LEVEL),
            decay=float(sampled.decay[:, i].mean()),
            half_saturation=float(sampled.half[:, i].mean()),
            slope=float(sampled.slope[:, i].mean()),
            moves_with=partners[name],
            reason=Reason.COLLINEAR if partners[name] else None,
        )
        for i, (name, spend) in enumerate(zip(market.names, market.spend.sum(axis=0), strict=True))
    ]


def _unread(
    market: Market, reasons: Mapping[str, Reason], otherwise: Reason | None
) -> tuple[ChannelResponse, ...]:
    totals = dict(zip(market.names, market.spend.sum(axis=0), strict=True))
    return tuple(
        ChannelResponse(name, float(total), reason=reasons.get(name, otherwise))
        for name, total in totals.items()
        if otherwise is not None or name in reasons
    )
