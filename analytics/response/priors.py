"""What is assumed about returns before a week is looked at, in the units of `Priors.scale`.

A channel's effect is its share of the whole result. It is normal around level x own factor x its
share of spend, cut off at zero. The level is common to the channels and learnt: media brings about
a quarter of a result give or take a factor of 1.4, and, when the result is money, about two for
each one spent, give or take 1.35. The own factor gives channels room to differ from each other.
Of a result that is credited to the channels themselves seven tenths are theirs, give or take a
factor of 1.4: experiments find from next to nothing to all of it (Blake, Nosko and Tadelis 2015,
"Consumer Heterogeneity and Paid Search Effectiveness"; Gordon et al. 2019, "A Comparison of
Approaches to Advertising Measurement").
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray
from analytics.response.market import Market

SHARE, SHARE_DEVIATION = 0.25, 0.35
RETURN, RETURN_DEVIATION = 2.0, 0.30
CREDITED = 0.7
# Relative deviation around level x own factor; deviation of the log of the own factor.
SPREAD, OWN_DEVIATION = 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Experiment:
    """Return on spend of a channel as a holdout or geo test measured it, with standard error."""

    roi: float
    standard_error: float

    def __post_init__(self) -> None:
        if not self.standard_error > 0:
            raise ValueError("a standard error must be positive")


@dataclass(frozen=True, slots=True, eq=False)
class Priors:
    """Grids of levels (L,) and own factors (F,) with log probabilities, and experiments.

    `weight` (C,) are shares of spend; `scale` (C,) turns an effect into a return on spend;
    `mean` and `precision` (C,) are what experiments say of effects, precision 0 where none was.
    """

    weight: FloatArray
    scale: FloatArray
    levels: FloatArray
    level_logs: FloatArray
    factors: FloatArray
    factor_logs: FloatArray
    mean: FloatArray
    precision: FloatArray


def priors_of(market: Market, experiments: Mapping[str, Experiment]) -> Priors:
    """Priors for the channels of `market`; experiments of other channels are left out."""
    spend, total = market.spend.sum(axis=0), float(market.result.sum())
    scale = total / spend
    mean, precision = np.zeros(len(spend)), np.zeros(len(spend))
    for i, name in enumerate(market.names):
        if name in experiments:
            mean[i] = experiments[name].roi / scale[i]
            precision[i] = (scale[i] / experiments[name].standard_error) ** 2
    centre, deviation = _level(market, float(spend.sum()) / total)
    steps = np.linspace(-2.5, 2.5, 25)
    factors = np.linspace(-2.5, 2.5, 21)
    return Priors(
        weight=spend / spend.sum(),
        scale=scale,
        levels=np.exp(centre + deviation * steps),
        level_logs=-(steps**2) / 2,
        factors=np.exp(OWN_DEVIATION * factors),
        factor_logs=-(factors**2) / 2,
        mean=mean,
        precision=precision,
    )


def _level(market: Market, spend_share: float) -> tuple[float, float]:
    """Mean and deviation of the log of media's share; spend is `spend_share` of the result."""
    if market.credited:
        return float(np.log(CREDITED)), SHARE_DEVIATION
    share = np.array([SHARE, RETURN * spend_share])
    precision = np.array([SHARE_DEVIATION**-2, RETURN_DEVIATION**-2 if market.money else 0.0])
    centre = float(precision @ np.log(share) / precision.sum())
    return centre, float(precision.sum() ** -0.5)
