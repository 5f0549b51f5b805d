"""What a planned spend may bring, read from the past months of the same channel.

Results answer to spend with one elasticity, r = a * s^e. The elasticity of what platforms credit
lies between 0.5 (the square-root rule) and 0.9 for campaigns that run already; see `marginal` for
the sources and for why it is credited return, not sales. History moves the elasticity inside these
bounds only as far as it is precise: log results on log spend by ordinary least squares, combined
with the prior by precision. The level comes from the months themselves.

What is said is a range, not a promise: it holds the elasticity's own range, the scatter of the
months around the curve, and nothing about price, season or competition that history does not show.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, as_floats
from analytics.results import Reason

LOW, MID, HIGH = 0.5, 0.7, 0.9
Z80 = 1.2815515655446004
PRIOR_DEVIATION = (HIGH - LOW) / 2 / Z80
# Below this no level can be read; below the second the elasticity is the prior's alone.
MIN_MONTHS, MIN_FIT = 3, 8
# Below this standard deviation of log monthly spend, history holds no experiment.
MIN_VARIATION = 0.10
# A plan beyond this multiple of the largest (below this part of the smallest) month is a guess.
FAR = 2.0


@dataclass(frozen=True, slots=True)
class Projection:
    """Results of all planned months together: low, middle, high in the unit of the history.

    All None with a `reason` when there are too few months. With numbers, `reason` says why the
    elasticity is assumed and not read from history (None: history had its say). `elasticity` is
    (low, middle, high); `n` counts the months of history; `is_far` that the plan leaves the
    range of what was ever spent.
    """

    low: float | None
    mid: float | None
    high: float | None
    elasticity: tuple[float, float, float]
    n: int
    reason: Reason | None
    is_far: bool = False


def project(
    spend: Sequence[float], results: Sequence[float], planned: Sequence[float]
) -> Projection:
    """Return what `planned` spend by month may bring after months of `spend` with `results`.

    `spend` and `results` have one entry for each past month, in any one unit each; months where
    either is not positive are left out. Refuses (TOO_FEW_PERIODS) below three such months and
    (NO_SPEND) when nothing is planned.
    """
    past, back = as_floats(spend), as_floats(results)
    known = (past > 0) & (back > 0)
    x, y = np.log(past[known]), np.log(back[known])
    ahead = as_floats([value for value in planned if value > 0])
    prior = (LOW, MID, HIGH)
    if len(x) < MIN_MONTHS:
        return Projection(None, None, None, prior, len(x), Reason.TOO_FEW_PERIODS)
    if not len(ahead):
        return Projection(None, None, None, prior, len(x), Reason.NO_SPEND)
    slopes, reason = _slopes(x, y)
    middle, scatter = _total(x, y, slopes[1], ahead)
    ends = [_total(x, y, slope, ahead)[0] for slope in (slopes[0], slopes[2])]
    noise = Z80 * scatter * np.sqrt(1 / len(x) + 1 / len(ahead))
    low, high = min(*ends, middle) * np.exp(-noise), max(*ends, middle) * np.exp(noise)
    return Projection(
        float(low), float(middle), float(high), slopes, len(x), reason, _is_far(x, ahead)
    )


def _slopes(x: FloatArray, y: FloatArray) -> tuple[tuple[float, float, float], Reason | None]:
    """The elasticity's low, middle and high, and why history had no say in it."""
    prior = (LOW, MID, HIGH)
    if len(x) < MIN_FIT:
        return prior, Reason.TOO_FEW_PERIODS
    if x.std() < MIN_VARIATION:
        return prior, Reason.SPEND_TOO_STEADY
    centred = x - x.mean()
    slope = float((centred * y).sum() / (centred**2).sum())
    left = y - y.mean() - slope * centred
    error = float(np.sqrt((left**2).sum() / (len(x) - 2) / (centred**2).sum()))
    weight, own = 1 / PRIOR_DEVIATION**2, 1 / max(error, 0.05) ** 2
    mean = (MID * weight + slope * own) / (weight + own)
    width = Z80 / np.sqrt(weight + own)
    low, mid, high = (float(min(max(e, LOW), HIGH)) for e in (mean - width, mean, mean + width))
    return (low, mid, high), None


def _total(x: FloatArray, y: FloatArray, slope: float, ahead: FloatArray) -> tuple[float, float]:
    """Expected results of the planned months, and the scatter of log results around the curve.

    The mean of a skewed result lies above its median: residuals are smeared back (Duan 1983,
    "Smearing estimate", Journal of the American Statistical Association 78).
    """
    level = y - slope * x
    left = level - level.mean()
    smeared = np.exp(level.mean()) * np.exp(left).mean()
    return float((smeared * ahead**slope).sum()), float(left.std(ddof=1))


def _is_far(x: FloatArray, ahead: FloatArray) -> bool:
    largest, smallest = np.exp(x.max()), np.exp(x.min())
    return bool(ahead.max() > FAR * largest or ahead.min() < smallest / FAR)
