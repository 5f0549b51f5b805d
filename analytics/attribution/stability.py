"""How firmly shares of credit stand: journeys drawn anew, every model run again.

Poisson bootstrap of Chamandy, Muralidharan, Najmi and Naidu (2012), "Estimating uncertainty for
massive data streams": each journey counts a Poisson number of times, on average as often as it was
seen. What journeys were never seen cannot show; the interval covers chance only.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from analytics.arrays import FloatArray
from analytics.attribution.chain import TooManyStates, chain, removal_effects, states
from analytics.attribution.models import LEAST_CONVERSIONS, MARKOV_ORDERS, Settings, rules
from analytics.attribution.paths import Paths, sums
from analytics.attribution.results import ShareStability, Stability
from analytics.resample import percentile_interval
from analytics.results import Reason

DRAWS, LEVEL = 200, 0.9


def stability(
    paths: Paths,
    *,
    seed: int,
    whole: Paths | None = None,
    settings: Settings | None = None,
    draws: int = DRAWS,
) -> Stability:
    """Every model's share of credit by channel with its interval, or the reason why there is none.

    `paths`, `whole` and `settings` as in `attribute`. Raises ValueError where `whole` are not the
    same journeys.
    """
    journeys = whole or paths
    if len(journeys.starts) != len(paths.starts):
        raise ValueError("the whole paths must be the same journeys")
    n = float(paths.conversions @ paths.touched)
    if n < LEAST_CONVERSIONS:
        return Stability({}, n, draws, Reason.TOO_FEW_CONVERSIONS)
    models = _weighted(paths, journeys, settings or Settings())
    as_seen = {name: credit(paths.conversions, paths.nulls) for name, credit in models.items()}
    generator = np.random.default_rng(seed)
    drawn: dict[str, list[FloatArray]] = {name: [] for name in models}
    for _ in range(draws):
        gained = generator.poisson(paths.conversions).astype(np.float64)
        lost = generator.poisson(paths.nulls).astype(np.float64)
        for name, credit in models.items():
            drawn[name].append(credit(gained, lost))
    found = {
        name: _rows(paths.channels, as_seen[name], np.array(rows)) for name, rows in drawn.items()
    }
    return Stability(found, n, draws, None)


# Shares of credit (K,) when paths (P,) convert and do not convert so often.
_Weighted = Callable[[FloatArray, FloatArray], FloatArray]


def _weighted(paths: Paths, journeys: Paths, settings: Settings) -> dict[str, _Weighted]:
    found = {name: _by_rule(paths, rule(paths)) for name, rule in rules(settings).items()}
    for name, order in MARKOV_ORDERS.items():
        try:
            found[name] = _by_chain(journeys, order)
        except TooManyStates:
            continue
    return found


def _by_rule(paths: Paths, share: FloatArray) -> _Weighted:
    path, count = paths.path_of_touch, len(paths.channels)

    def credit(gained: FloatArray, _lost: FloatArray) -> FloatArray:
        return _normed(sums(paths.touch, share * gained[path], count))

    return credit


def _by_chain(journeys: Paths, order: int) -> _Weighted:
    of, count = states(journeys, order), len(journeys.channels)

    def credit(gained: FloatArray, lost: FloatArray) -> FloatArray:
        again = replace(journeys, nulls=lost)
        return _normed(removal_effects(chain(again, of, gained), count))

    return credit


def _normed(credit: FloatArray) -> FloatArray:
    total = float(credit.sum())
    return credit / total if total > 0 else credit


def _rows(
    channels: tuple[str, ...], shares: FloatArray, drawn: FloatArray
) -> tuple[ShareStability, ...]:
    top = np.bincount(drawn.argmax(axis=1), minlength=len(channels)) / len(drawn)
    return tuple(
        ShareStability(
            channel, float(shares[k]), percentile_interval(drawn[:, k], LEVEL), float(top[k])
        )
        for k, channel in enumerate(channels)
    )
