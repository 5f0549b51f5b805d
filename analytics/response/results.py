"""What a fit of response curves answers with."""

from dataclasses import dataclass

from analytics.arrays import FloatArray
from analytics.response.curves import Curves
from analytics.results import Interval, Reason


@dataclass(frozen=True, slots=True)
class ChannelResponse:
    """What a channel's spend brought over all weeks of the fit, in units of the result.

    `contribution` is the posterior mean, `roi` that over `spend`; `marginal_roi` what one more unit
    a week, kept up at today's spend, brings a week. `decay`, `half_saturation` and `slope` are
    posterior means of the curve (`Curves`). With `reason` COLLINEAR the numbers are there, but the
    split with the channels in `moves_with` rests on the prior; with any other reason there are none.
    """

    name: str
    spend: float
    contribution: float | None = None
    contribution_80: Interval | None = None
    roi: float | None = None
    roi_80: Interval | None = None
    marginal_roi: float | None = None
    marginal_roi_80: Interval | None = None
    decay: float | None = None
    half_saturation: float | None = None
    slope: float | None = None
    moves_with: tuple[str, ...] = ()
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How the fit went. None of it says that contributions are right; `r2` least of all.

    `noise` is the standard deviation of a week's residual in units of the result,
    `autocorrelation` its memory of the week before. `rhat` compares the chains, which start in
    different places (Gelman and Rubin 1992, "Inference from Iterative Simulation Using Multiple
    Sequences"); above 1.1 they have not agreed and more sweeps are needed.
    """

    r2: float
    noise: float
    autocorrelation: float
    rhat: float
    chains: int
    draws: int


@dataclass(frozen=True, slots=True, eq=False)
class ResponseFit:
    """Contributions, baseline and curves, or the reason why there are none.

    `baseline` is the result that no channel brought, over all `weeks`; with the contributions it
    sums to the fitted total. `weekly` (T, C) are posterior mean contributions by week in the order
    of `curves.names`.
    """

    channels: tuple[ChannelResponse, ...]
    weeks: int
    baseline: float | None = None
    baseline_80: Interval | None = None
    quality: Quality | None = None
    curves: Curves | None = None
    weekly: FloatArray | None = None
    reason: Reason | None = None
