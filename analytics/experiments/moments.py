"""Sufficient statistics: what a test needs to know of an arm, for one experiment or many at once.

Every field is a number, or an array with one entry per experiment; the functions of this package
take either, so that thousands of experiments are analysed by one call.
"""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, Numbers, as_floats

Number = float | FloatArray


def divide(top: Number, bottom: Number) -> Number:
    """`top` over `bottom`; NaN or infinite, without a warning, where `bottom` is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient: Number = np.divide(top, bottom)
    return quotient


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Units of an arm, the mean of what they did, and its variance from unit to unit."""

    n: Number
    mean: Number
    variance: Number


@dataclass(frozen=True, slots=True, eq=False)
class PairMoments:
    """Moments of an outcome and of a second number of each unit: a covariate or a denominator.

    `other_mean`, `other_variance` and `covariance` are None without a second number.
    """

    n: float
    mean: float
    variance: float
    other_mean: float = 0.0
    other_variance: float = 0.0
    covariance: float = 0.0

    @property
    def outcome(self) -> Moments:
        return Moments(self.n, self.mean, self.variance)

    @property
    def other(self) -> Moments:
        return Moments(self.n, self.other_mean, self.other_variance)


def proportion_moments(successes: Number, n: Number) -> Moments:
    """Moments of `n` units of which `successes` said yes; the variance is p(1 - p)."""
    share = divide(successes, n)
    return Moments(n, share, share * (1 - share))


def count_moments(events: Number, n: Number) -> Moments:
    """Moments of `events` spread over `n` units as a Poisson process: the variance is the mean."""
    rate = divide(events, n)
    return Moments(n, rate, rate)


def total_moments(n: Number, total: Number, squares: Number) -> Moments:
    """Moments from the sum of `n` values and the sum of their squares; the variance over n - 1."""
    mean = divide(total, n)
    return Moments(n, mean, np.maximum(squares - total * mean, 0.0) / (n - 1))


def value_moments(values: Numbers) -> Moments:
    """Moments of one value per unit, shape (N,); the variance over n - 1."""
    array = as_floats(values)
    return Moments(float(len(array)), float(array.mean()), float(array.var(ddof=1)))


def pair_moments(values: FloatArray, other: FloatArray) -> PairMoments:
    """Moments of two values per unit, both of shape (N,)."""
    both = np.cov(values, other)
    means = float(values.mean()), float(other.mean())
    variance, covariance, other_variance = both[0, 0], both[0, 1], both[1, 1]
    return PairMoments(
        float(len(values)),
        means[0],
        float(variance),
        means[1],
        float(other_variance),
        float(covariance),
    )


def ratio_moments(pair: PairMoments) -> Moments:
    """A ratio of sums (revenue per click) judged by the units that were drawn.

    The variance is that of the linearised ratio, the delta method of Deng, Knoblich and Lu (2018),
    "Applying the delta method in metric analytics", equation 8.
    """
    ratio = pair.mean / pair.other_mean
    spread = (
        pair.variance - 2 * ratio * pair.covariance + ratio**2 * pair.other_variance
    ) / pair.other_mean**2
    return Moments(pair.n, ratio, max(spread, 0.0))
