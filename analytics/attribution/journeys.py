"""What journeys look like: top paths, steps and days to a conversion, and what comes next."""

from collections import defaultdict
from math import sqrt
from statistics import NormalDist

import numpy as np

from analytics.arrays import FloatArray
from analytics.attribution.chain import chain, states
from analytics.attribution.models import LEAST_CONVERSIONS
from analytics.attribution.paths import Paths, sums
from analytics.attribution.results import NextStep, PathRow, Quantiles, Steps
from analytics.results import Interval, Reason

LEVEL = 0.95


def rate_interval(hits: float, n: float, level: float = LEVEL) -> Interval | None:
    """Wilson's score interval of a rate (Wilson 1927, "Probable inference, the law of succession,
    and statistical inference"); None without a trial."""
    if n <= 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    rate, spread = hits / n, z * z / n
    middle = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / n + spread / (4 * n)) / (1 + spread)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0), level)


def top_paths(paths: Paths, count: int) -> tuple[PathRow, ...]:
    """The paths that converted most often, the same path from several rows taken together."""
    amounts: dict[bytes, FloatArray] = defaultdict(lambda: np.zeros(3))
    first: dict[bytes, int] = {}
    rows = np.stack([paths.conversions, paths.value, paths.nulls], axis=1)
    for number in map(int, np.flatnonzero(paths.lengths)):
        touches = paths.touch[paths.starts[number] : paths.starts[number + 1]].tobytes()
        amounts[touches] += rows[number]
        first.setdefault(touches, number)
    found = [_path_row(paths, first[key], *map(float, amounts[key])) for key in amounts]
    return tuple(sorted(found, key=lambda row: (-row.conversions, -row.value, row.path))[:count])


def _path_row(paths: Paths, number: int, conversions: float, value: float, nulls: float) -> PathRow:
    touches = paths.touch[paths.starts[number] : paths.starts[number + 1]]
    n = conversions + nulls
    return PathRow(
        path=tuple(paths.channels[touch] for touch in touches),
        conversions=conversions,
        value=value,
        n=n,
        rate=conversions / n if n > 0 else None,
        interval=rate_interval(conversions, n),
    )


def steps(paths: Paths) -> Steps:
    """How many touches a conversion took, and how many days from the first touch to it."""
    some = paths.lengths > 0
    weight = paths.conversions[some]
    n = float(weight.sum())
    lengths = paths.lengths[some].astype(np.float64)
    days = paths.age[paths.starts[:-1][some]]
    by_length = sums(paths.lengths[some], weight, int(paths.lengths.max(initial=0)) + 1)
    return Steps(
        touches=quantiles(lengths, weight),
        days=quantiles(days, weight),
        by_touches=tuple((k, float(x)) for k, x in enumerate(by_length) if x > 0),
        n=n,
        reason=Reason.TOO_FEW_CONVERSIONS if n < LEAST_CONVERSIONS else None,
    )


def quantiles(values: FloatArray, weight: FloatArray) -> Quantiles | None:
    """Mean and the values that one, five and nine of ten stay at or below; None without weight."""
    total = float(weight.sum())
    if total <= 0:
        return None
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / total
    at = np.minimum(np.searchsorted(reached, [0.1, 0.5, 0.9]), len(values) - 1)
    p10, p50, p90 = (float(x) for x in values[order][at])
    return Quantiles(p10, p50, p90, float(values @ weight) / total)


def next_steps(paths: Paths) -> tuple[NextStep, ...]:
    """What follows a touch of each channel, and how likely a conversion is from there at last.

    Of the chain of order 1; raises TooManyStates with more channels than it bears.
    """
    model = chain(paths, states(paths, 1), paths.conversions)
    times = sums(
        paths.touch, (paths.conversions + paths.nulls)[paths.path_of_touch], len(paths.channels)
    )
    eventually = np.linalg.solve(np.eye(len(times)) - model.move, model.convert)
    return tuple(
        NextStep(
            channel=channel,
            then=tuple(zip(paths.channels, map(float, model.move[k]), strict=True)),
            converts=float(model.convert[k]),
            interval=rate_interval(float(model.convert[k]) * n, n),
            ends=max(1 - float(model.convert[k]) - float(model.move[k].sum()), 0.0),
            eventually=float(eventually[k]),
            n=n,
        )
        for k, (channel, n) in enumerate(zip(paths.channels, map(float, times), strict=True))
        if n > 0
    )
