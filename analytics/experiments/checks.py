"""Is the test sound: were units split as planned, and do other tests lean on it."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy import special

from analytics.arrays import IntArray, Numbers, as_floats
from analytics.experiments.corrections import Correction, corrected
from analytics.experiments.results import Overlap, SplitCheck

SRM_THRESHOLD = 0.01


def split_check(
    units: Numbers, weights: Numbers, *, threshold: float = SRM_THRESHOLD
) -> SplitCheck:
    """Pearson's chi-squared of units (A,) against weights (A,), which need not sum to one.

    Fabijan et al. (2019), "Diagnosing sample ratio mismatch in online controlled experiments".
    Raises ValueError on a weight that is not above zero or when there are no units.
    """
    observed, shares = as_floats(units), as_floats(weights)
    if (shares <= 0).any() or observed.sum() <= 0:
        raise ValueError("weights must be above zero and there must be units")
    expected = shares / shares.sum() * observed.sum()
    chi2 = float(((observed - expected) ** 2 / expected).sum())
    p = float(special.chdtrc(len(observed) - 1, chi2))
    return SplitCheck(tuple(observed.tolist()), tuple(expected.tolist()), chi2, p, threshold)


def overlaps(
    assignments: Mapping[str, IntArray], *, threshold: float = SRM_THRESHOLD
) -> tuple[Overlap, ...]:
    """Find tests that are tested by accident with another: one (N,) array of arms per test.

    -1 is a unit that is not in that test. Pearson's chi-squared of independence over the units in
    both, with the strength of Cramer (1946), "Mathematical Methods of Statistics".
    """
    pairs = list(combinations(assignments, 2))
    found = [_association(assignments[one], assignments[two]) for one, two in pairs]
    if not found:
        return ()
    p = corrected([chance for _, _, chance in found], Correction.HOLM)
    return tuple(
        Overlap(one, two, units, strength, float(chance), bool(chance < threshold))
        for (one, two), (units, strength, _), chance in zip(pairs, found, p, strict=True)
    )


def _association(first: IntArray, second: IntArray) -> tuple[int, float, float]:
    """Units in both tests, Cramer's V, and the probability of independence."""
    both = (first >= 0) & (second >= 0)
    _, rows = np.unique(first[both], return_inverse=True)
    _, columns = np.unique(second[both], return_inverse=True)
    units = int(both.sum())
    if units == 0 or rows.max() == 0 or columns.max() == 0:
        return units, 0.0, 1.0
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / units
    chi2 = float(((table - expected) ** 2 / expected).sum())
    smaller = min(table.shape) - 1
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    return units, float(np.sqrt(chi2 / units / smaller)), float(special.chdtrc(freedom, chi2))


def shares(weights: Sequence[float]) -> tuple[float, ...]:
    """Weights as shares of one."""
    return tuple(weight / sum(weights) for weight in weights)
