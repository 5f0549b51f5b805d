"""A test as it was designed, with what its arms brought."""

from dataclasses import dataclass, field
from enum import StrEnum

from analytics.arrays import FloatArray
from analytics.experiments.checks import SRM_THRESHOLD
from analytics.experiments.corrections import Correction
from analytics.experiments.moments import (
    Moments,
    PairMoments,
    count_moments,
    proportion_moments,
    ratio_moments,
)
from analytics.experiments.plan import Plan, PlannedMetric
from analytics.experiments.sequential import Looks
from analytics.results import Better


class Kind(StrEnum):
    """What is measured of each unit: yes or no, a value, a ratio of two sums, a number of events."""

    PROPORTION = "proportion"
    MEAN = "mean"
    RATIO = "ratio"
    COUNT = "count"


class Role(StrEnum):
    """What decides, what is watched, and what must not get worse."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What one arm brought for one metric.

    `events` is the number of successes or events where only totals are known; else `pair` holds
    the moments of the outcome with its covariate or denominator, and `values` (N,) the outcomes
    themselves, if there.
    """

    n: float
    events: float | None = None
    pair: PairMoments | None = None
    values: FloatArray | None = None

    def moments(self, kind: Kind) -> Moments:
        if self.pair is None:
            total = self.events or 0.0
            return (count_moments if kind is Kind.COUNT else proportion_moments)(total, self.n)
        return ratio_moments(self.pair) if kind is Kind.RATIO else self.pair.outcome


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One metric with a sample for every arm, control first.

    `minimum_effect` is the relative effect worth finding (0.05: five percent). `has_covariate`
    says that the second number of each pair was measured before anybody saw an arm.
    """

    name: str
    kind: Kind
    samples: tuple[Sample, ...]
    role: Role = Role.PRIMARY
    better: Better = Better.HIGHER
    minimum_effect: float | None = None
    has_covariate: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """A whole test. `arms` has control first, `split` its planned weights in the same order.

    `units` counts who was assigned, where that is not the units of the primary metric;
    `daily_units` how many join a day, all arms together.
    """

    __test__ = False  # pytest takes every class of this name for one of its own

    name: str
    arms: tuple[str, ...]
    metrics: tuple[Metric, ...]
    split: tuple[float, ...]
    hypothesis: str = ""
    looks: Looks = field(default_factory=Looks)
    alpha: float = 0.05
    power: float = 0.8
    correction: Correction = Correction.HOLM
    srm_threshold: float = SRM_THRESHOLD
    units: tuple[float, ...] | None = None
    daily_units: float | None = None

    @property
    def primary(self) -> Metric:
        return next(metric for metric in self.metrics if metric.role is Role.PRIMARY)

    @property
    def assigned(self) -> tuple[float, ...]:
        return self.units or tuple(sample.n for sample in self.primary.samples)

    @property
    def plan(self) -> Plan:
        """What of this must have been settled before the test began."""
        metrics = tuple(
            PlannedMetric(
                metric.name,
                str(metric.kind),
                str(metric.role),
                str(metric.better),
                metric.minimum_effect,
            )
            for metric in self.metrics
        )
        return Plan(
            self.hypothesis,
            self.arms,
            self.split,
            metrics,
            self.looks,
            self.alpha,
            self.power,
            self.correction,
        )
