"""Several factors tested at once: what each does, and whether they change each other's effect."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product

import numpy as np

from analytics.arrays import FloatArray
from analytics.experiments.corrections import Correction, corrected
from analytics.experiments.frequentist import normal_difference
from analytics.experiments.moments import Moments
from analytics.experiments.results import Effect

Cell = tuple[str, ...]


def factor_effects(
    factors: Mapping[str, Sequence[str]],
    cells: Mapping[Cell, Moments],
    *,
    alpha: float = 0.05,
    correction: Correction = Correction.HOLM,
) -> tuple[Effect, ...]:
    """Main effects and interactions of two, over a full grid of cells.

    `factors` names the levels of each factor, the first one its base; `cells` has one entry for
    each combination, in the order of the factors. Raises ValueError when a combination is missing.
    Contrasts of cell means with equal weights: Wu and Hamada (2009), "Experiments", chapter 4.
    """
    grid = list(product(*factors.values()))
    if missing := [cell for cell in grid if cell not in cells]:
        raise ValueError(f"no arm has {' and '.join(missing[0])}")
    mean = np.array([float(cells[cell].mean) for cell in grid])
    spread = np.array([float(cells[cell].variance / cells[cell].n) for cell in grid])
    found = []
    for levels, weights in _contrasts(factors, grid):
        error = float(np.sqrt(weights**2 @ spread))
        found.append((levels, normal_difference(float(weights @ mean), error, alpha=alpha)))
    p = corrected([float(difference.p) for _, difference in found], correction)
    return tuple(
        Effect(levels, difference, float(chance))
        for (levels, difference), chance in zip(found, p, strict=True)
    )


def _contrasts(
    factors: Mapping[str, Sequence[str]], grid: Sequence[Cell]
) -> list[tuple[tuple[tuple[str, str], ...], FloatArray]]:
    single = [
        (((name, level),), _signs(place, (factors[name][0], level), grid))
        for place, name in enumerate(factors)
        for level in factors[name][1:]
    ]
    double = [
        (one + two, first * second)
        for (one, first), (two, second) in combinations(single, 2)
        if one[0][0] != two[0][0]
    ]
    return [
        (levels, signs * 2 ** len(levels) / np.abs(signs).sum())
        for levels, signs in single + double
    ]


def _signs(place: int, levels: tuple[str, str], grid: Sequence[Cell]) -> FloatArray:
    """-1 at the base, +1 at the level, 0 elsewhere."""
    sign = {levels[0]: -1.0, levels[1]: 1.0}
    return np.array([sign.get(cell[place], 0.0) for cell in grid])
