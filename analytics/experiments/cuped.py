"""CUPED: what units did before the test takes noise out of what they did in it.

Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity of online controlled experiments by
utilizing pre-experiment data". The coefficient is one for all arms, and the covariate must have
been measured before anybody saw an arm: what the arms moved would take their effect away.
"""

from collections.abc import Sequence

import numpy as np

from analytics.experiments.frequentist import welch
from analytics.experiments.moments import Moments, PairMoments
from analytics.experiments.results import Adjusted

# Below this probability the arms differ on the covariate already: it was not measured before.
MOVED = 0.001


def cuped(arms: Sequence[PairMoments]) -> Adjusted:
    """Adjust the outcome of every arm by its covariate, with theta over the units of all arms."""
    n = np.array([arm.n for arm in arms])
    mean = np.array([arm.mean for arm in arms])
    other = np.array([arm.other_mean for arm in arms])
    total = n.sum()
    centre, other_centre = (n @ mean) / total, (n @ other) / total
    within = np.array([[arm.covariance, arm.variance, arm.other_variance] for arm in arms])
    between = np.stack(
        (
            (mean - centre) * (other - other_centre),
            (mean - centre) ** 2,
            (other - other_centre) ** 2,
        ),
        axis=1,
    )
    covariance, variance, other_variance = (n - 1) @ within + n @ between
    if other_variance <= 0 or variance <= 0:
        return Adjusted(tuple(arm.outcome for arm in arms), 0.0, 0.0, 0.0)
    theta = float(covariance / other_variance)
    adjusted = tuple(_adjust(arm, theta, float(other_centre)) for arm in arms)
    before = sum(arm.variance / arm.n for arm in arms)
    after = sum(float(arm.variance / arm.n) for arm in adjusted)
    rho = float(covariance / np.sqrt(variance * other_variance))
    return Adjusted(adjusted, theta, rho, 1 - after / before)


def _adjust(arm: PairMoments, theta: float, centre: float) -> Moments:
    variance = arm.variance - 2 * theta * arm.covariance + theta**2 * arm.other_variance
    return Moments(arm.n, arm.mean - theta * (arm.other_mean - centre), max(variance, 0.0))


def covariate_moved(control: PairMoments, treated: PairMoments) -> bool:
    """Whether the arms differ on the covariate by more than chance."""
    if control.other_variance + treated.other_variance <= 0:
        return control.other_mean != treated.other_mean
    return bool(welch(control.other, treated.other).p < MOVED)
