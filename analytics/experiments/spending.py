"""Limits for planned looks that together spend alpha, no more.

Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials"; the crossing
probabilities by the recursion of Armitage, McPherson and Rowe (1969), "Repeated significance tests
on accumulating data".
"""

from enum import StrEnum
from functools import lru_cache

import numpy as np
from scipy import special

from analytics.arrays import FloatArray

NODES = 101
# Beyond this many standard errors a limit is never met.
NEVER = 8.0
HALVINGS = 44


class Spending(StrEnum):
    """How early alpha is spent: hardly at first, or evenly."""

    OBRIEN_FLEMING = "obrien_fleming"
    POCOCK = "pocock"


def spent(fraction: float, alpha: float, spending: Spending) -> float:
    """Two-sided alpha spent when `fraction` (0 to 1) of the information is there."""
    if spending is Spending.POCOCK:
        return alpha * float(np.log1p((np.e - 1) * fraction))
    return 4 * float(special.ndtr(special.ndtri(alpha / 4) / np.sqrt(fraction)))


@lru_cache(maxsize=1024)
def bounds(fractions: tuple[float, ...], alpha: float, spending: Spending) -> tuple[float, ...]:
    """Standard errors from zero that are significant at each look, for rising `fractions`.

    What was not spent before is spent at the last fraction only if that is 1.
    """
    points, weights = np.zeros(1), np.ones(1)
    before, used, limits = 0.0, 0.0, []
    for fraction in fractions:
        step = float(np.sqrt(fraction - before))
        budget = spent(fraction, alpha, spending) - used
        edge = _edge(points, weights, step, budget, NEVER * float(np.sqrt(fraction)))
        limits.append(edge / float(np.sqrt(fraction)))
        points, weights = _inside(points, weights, step, edge)
        before, used = fraction, used + budget
    return tuple(limits)


def crossing_level(fractions: tuple[float, ...], statistic: float, spending: Spending) -> float:
    """The smallest alpha at which the limits reach `statistic` at the last of the looks."""
    low, high = -30.0, 0.0
    for _ in range(24):
        middle = (low + high) / 2
        crossed = abs(statistic) >= bounds(fractions, float(np.exp(middle)), spending)[-1]
        low, high = (low, middle) if crossed else (middle, high)
    return float(np.exp(high))


@lru_cache(maxsize=1)
def _gauss() -> tuple[FloatArray, FloatArray]:
    nodes, shares = np.polynomial.legendre.leggauss(NODES)
    return nodes, shares


def _edge(points: FloatArray, weights: FloatArray, step: float, budget: float, far: float) -> float:
    """Where |B| must be for the chance to get there now, and not before, to be `budget`."""
    low, high = 0.0, far
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        tails = special.ndtr((points - middle) / step) + special.ndtr((-points - middle) / step)
        low, high = (middle, high) if float(weights @ tails) > budget else (low, middle)
    return high


def _inside(
    points: FloatArray, weights: FloatArray, step: float, edge: float
) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre points inside +-`edge` with the chance to be there without having crossed."""
    nodes, shares = _gauss()
    place = nodes * edge
    away = (place[:, None] - points[None, :]) / step
    density = np.exp(-away * away / 2) @ weights / (step * np.sqrt(2 * np.pi))
    return place, density * shares * edge
