"""How many units a test needs, and what it can see with those it has.

Every function names its formula, because tools differ by a few percent: Cohen's h, the unpooled
and the pooled variance give 26,153, 26,152 and 25,835 units for the same question.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from analytics.experiments.moments import Number


def size_pooled_null(
    share: Number, difference: Number, *, alpha: float = 0.05, power: float = 0.8
) -> Number:
    """Units per arm for two shares, `difference` absolute; the variance without effect is
    2p(1 - p) at the base share, as the calculator of Miller (2013), "Sample size calculator", has it.

    (z_a sqrt(2 p q) + z_b sqrt(p q + p' q'))^2 / d^2. That calculator mirrors shares above one
    half: ask it, and this, for 1 - p.
    """
    other = share + difference
    base = share * (1 - share)
    root = _z(alpha) * np.sqrt(2 * base) + special.ndtri(power) * np.sqrt(
        base + other * (1 - other)
    )
    size: Number = np.square(root / difference)
    return size


def size_unpooled(
    share: Number, difference: Number, *, alpha: float = 0.05, power: float = 0.8
) -> Number:
    """Units per arm for two shares: (z_a + z_b)^2 (p q + p' q') / d^2, the Wald test."""
    other = share + difference
    size: Number = np.square((_z(alpha) + special.ndtri(power)) / difference) * (
        share * (1 - share) + other * (1 - other)
    )
    return size


def size_cohen_h(
    share: float, difference: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Units per arm for two shares by the arcsine: Cohen (1988), "Statistical power analysis"."""
    h = 2 * np.arcsin(np.sqrt(share + difference)) - 2 * np.arcsin(np.sqrt(share))
    return _solve(lambda n: normal_power(h, np.sqrt(2 / n), alpha=alpha), power)


def size_t_test(effect: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Units per arm for two means `effect` standard deviations apart, by the noncentral t."""
    return _solve(lambda n: t_test_power(effect, n, alpha=alpha), power)


def size_of_variance(
    difference: Number, variances: tuple[Number, Number], *, critical: Number, power: float = 0.8
) -> Number:
    """Units per arm from variances per unit: (c + z_b)^2 (v + v') / d^2.

    `critical` is the number of standard errors that will be significant at the end.
    """
    size: Number = np.square((critical + special.ndtri(power)) / difference) * sum(variances)
    return size


def normal_power(difference: Number, standard_error: Number, *, alpha: float = 0.05) -> Number:
    """Chance that a true `difference` comes out significant, on either side."""
    return power_at(difference, standard_error, critical=_z(alpha))


def power_at(difference: Number, standard_error: Number, *, critical: Number) -> Number:
    """The same for a limit of `critical` standard errors."""
    shift = np.abs(difference) / standard_error
    chance: Number = special.ndtr(shift - critical) + special.ndtr(-shift - critical)
    return chance


def t_test_power(effect: float, n: float, *, alpha: float = 0.05) -> float:
    """Chance of significance with `n` units per arm, `effect` in standard deviations."""
    freedom, shift = 2 * n - 2, abs(effect) * np.sqrt(n / 2)
    limit = special.stdtrit(freedom, 1 - alpha / 2)
    above = 1 - special.nctdtr(freedom, shift, limit)
    return float(above + special.nctdtr(freedom, shift, -limit))


def minimum_detectable(standard_error: Number, *, critical: Number, power: float = 0.8) -> Number:
    """The smallest true difference that would be found with this `power`."""
    found: Number = (critical + special.ndtri(power)) * standard_error
    return found


def _z(alpha: float) -> float:
    return -float(special.ndtri(alpha / 2))


def _solve(chance: Callable[[float], Number], power: float) -> float:
    """The size, 2 to 1e12, at which a rising chance reaches `power`."""
    low, high = np.log(2.0), np.log(1e12)
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(float(np.exp(middle))) < power else (low, middle)
    return float(np.exp(high))
