"""From readings to what the engine takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from analytics.experiments import (
    Kind,
    Metric,
    Moments,
    PairMoments,
    Role,
    Sample,
    Test,
    thompson_shares,
    thompson_shares_of_means,
)
from analytics.results import Better
from campaigns.choices import MetricKind
from campaigns.models import Experiment, ExperimentMetric, ExperimentReading
from campaigns.selectors import looks_of

# A split is looked at every night, so a mismatch must be rarer than the usual one in a hundred
# before it stops a test.
SRM = 0.001
# No variant of a rotation starves: every share stays above this.
FLOOR = 0.05
SEED = 7
SUMS = ("units", "total", "squares", "second_total", "second_squares", "products")
# The sums of each arm and metric, by their numbers.
Totals = dict[tuple[int, int], list[float]]


def totals_of(readings: Sequence[ExperimentReading]) -> Totals:
    found: Totals = defaultdict(lambda: [0.0] * len(SUMS))
    for one in readings:
        sums = found[one.arm_id, one.metric_id]
        for place, name in enumerate(SUMS):
            sums[place] += float(getattr(one, name) or 0)
    return found


def readable(experiment: Experiment, totals: Totals) -> bool:
    """Whether every arm has units of the metric that decides."""
    primary = primary_of(experiment)
    least = 2 if primary.kind == MetricKind.MEAN else 1
    return all(
        totals[arm.pk, primary.pk][0] >= least if (arm.pk, primary.pk) in totals else False
        for arm in experiment.arms.all()
    )


def primary_of(experiment: Experiment) -> ExperimentMetric:
    return next(one for one in experiment.metrics.all() if one.role == Role.PRIMARY)


def units_of(experiment: Experiment, totals: Totals) -> int:
    primary = primary_of(experiment)
    return int(sum(sums[0] for (_, metric), sums in totals.items() if metric == primary.pk))


def engine_test(experiment: Experiment, totals: Totals, daily: float | None) -> Test:
    """The engine's test of the totals; metrics without units in every arm are left out."""
    arms = list(experiment.arms.all())
    metrics = [
        _metric(one, [totals[arm.pk, one.pk] for arm in arms])
        for one in experiment.metrics.all()
        if all((arm.pk, one.pk) in totals and totals[arm.pk, one.pk][0] >= 2 for arm in arms)
        or one.role == Role.PRIMARY
    ]
    return Test(
        name=experiment.name,
        arms=tuple(arm.name for arm in arms),
        metrics=tuple(metrics),
        split=tuple(arm.weight for arm in arms),
        hypothesis=experiment.hypothesis,
        looks=looks_of(experiment),
        alpha=experiment.alpha,
        power=experiment.power,
        srm_threshold=SRM,
        daily_units=daily,
    )


def _metric(one: ExperimentMetric, totals: Sequence[Sequence[float]]) -> Metric:
    kind = Kind(one.kind)
    return Metric(
        one.name,
        kind,
        tuple(_sample(kind, sums) for sums in totals),
        Role(one.role),
        Better(one.better),
        one.minimum_effect,
        has_covariate=kind is Kind.MEAN and all(sums[4] > 0 for sums in totals),
    )


def _sample(kind: Kind, sums: Sequence[float]) -> Sample:
    n, total, squares, second, second_squares, products = sums
    if kind is not Kind.MEAN:
        return Sample(n, events=total)
    spare = max(n - 1, 1.0)
    return Sample(
        n,
        pair=PairMoments(
            n,
            total / n,
            max(squares - total * total / n, 0.0) / spare,
            second / n,
            max(second_squares - second * second / n, 0.0) / spare,
            (products - total * second / n) / spare if second_squares else 0.0,
        ),
    )


def next_shares(test: Test, *, floor: float = FLOOR) -> dict[str, float]:
    """The shares a rotation should have next: how often each arm is drawn as the best."""
    primary = test.primary
    floor = min(floor, 0.5 / len(test.arms))
    sign = 1.0 if primary.better is Better.HIGHER else -1.0
    arms = [sample.moments(primary.kind) for sample in primary.samples]
    n, mean, variance = (
        np.array([float(getattr(arm, name)) for arm in arms]) for name in ("n", "mean", "variance")
    )
    if primary.kind is Kind.PROPORTION:
        wins = mean * n if sign > 0 else n - mean * n
        shares = thompson_shares(wins, n, seed=SEED, floor=floor)
    else:
        shares = thompson_shares_of_means(Moments(n, sign * mean, variance), seed=SEED, floor=floor)
    return {arm: float(share) for arm, share in zip(test.arms, shares, strict=True)}
