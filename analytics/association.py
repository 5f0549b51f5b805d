"""Whether two series move together, and how long one lags behind: association, not effect.

Changes from one period to the next are compared, so that a common trend or level counts for
nothing. The interval of a correlation is Fisher's (1921), with as many independent pairs as the
series' own memory leaves (Bartlett 1946). Of several lags the strongest looks strong by chance:
its probability counts how often one series turned against the other shows as strong a lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, sqrt, tanh
from statistics import NormalDist

import numpy as np

from analytics.arrays import FloatArray
from analytics.results import Interval, Reason

LEAST, LEVEL = 26, 0.9
# Of periods between two turns: near ones are hardly turned at all.
APART = 4


@dataclass(frozen=True, slots=True)
class AtLag:
    """The correlation (-1 to 1) of changes with those `lag` periods later, over `n` pairs."""

    lag: int
    value: float
    interval: Interval
    n: int


@dataclass(frozen=True, slots=True)
class Association:
    """All lags from 0, the strongest of them, and how often chance alone shows one as strong."""

    lags: tuple[AtLag, ...]
    strongest: AtLag | None
    chance: float | None
    n: int
    reason: Reason | None


def association(cause: FloatArray, effect: FloatArray, *, most: int) -> Association:
    """Correlate the changes of `cause` (W,) with those of `effect` (W,) up to `most` periods later.

    Both in units of zero or more; changes are of log(1 + value), near to relative ones.
    """
    first, second = np.diff(np.log1p(cause)), np.diff(np.log1p(effect))
    count = len(first)
    if count < LEAST + most:
        return Association((), None, None, count, Reason.TOO_FEW_WEEKS)
    if first.std() < 1e-9 or second.std() < 1e-9:
        why = Reason.SPEND_TOO_STEADY if first.std() < 1e-9 else Reason.NO_VOLUME
        return Association((), None, None, count, why)
    lags = tuple(_at(first, second, lag) for lag in range(most + 1))
    strongest = max(lags, key=lambda one: abs(one.value))
    turned = [
        max(abs(_r(np.roll(first, turn), second, lag)) for lag in range(most + 1))
        for turn in range(APART + most, count - APART)
    ]
    as_strong = sum(value >= abs(strongest.value) for value in turned)
    chance = (as_strong + 1) / (len(turned) + 1)
    return Association(lags, strongest, chance, count, None)


def _at(first: FloatArray, second: FloatArray, lag: int) -> AtLag:
    value, n = _r(first, second, lag), len(first) - lag
    memory = _memory(first) * _memory(second)
    independent = max(n * (1 - memory) / (1 + memory), 5.0) if memory > 0 else float(n)
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) / sqrt(independent - 3)
    middle = atanh(min(max(value, -0.999999), 0.999999))
    return AtLag(lag, value, Interval(tanh(middle - half), tanh(middle + half), LEVEL), n)


def _r(first: FloatArray, second: FloatArray, lag: int) -> float:
    a, b = first[: len(first) - lag], second[lag:]
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean()) / spread if spread > 0 else 0.0


def _memory(series: FloatArray) -> float:
    """How alike neighbours are."""
    return _r(series, series, 1)
