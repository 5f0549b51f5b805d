"""What would come of another budget, price of a click or conversion rate: the stored forecast, turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.forecast.plan import ELASTICITIES

# What a share more of spend brings: the middle of what the forecast itself tries, and its ends.
MIDDLE = sorted(ELASTICITIES)[len(ELASTICITIES) // 2]
ENDS = (min(ELASTICITIES), max(ELASTICITIES))
# How far each may be turned.
LIMITS = {"budget": (-0.5, 1.0), "cpc": (-0.5, 0.5), "cvr": (-0.5, 0.5)}
RESULTS = frozenset({"conversions", "revenue", "order_value", "leads"})


@dataclass(frozen=True, slots=True)
class Turned:
    """The changes as shares: 0.1 is ten percent more. ``cpc`` is the price at today's budget."""

    budget: float = 0.0
    cpc: float = 0.0
    cvr: float = 0.0

    @classmethod
    def within(cls, **asked: float) -> Turned:
        """The changes, each held inside its limits."""
        return cls(**{name: min(max(value, LIMITS[name][0]), LIMITS[name][1])
                      for name, value in asked.items()})  # fmt: skip

    @property
    def is_nothing(self) -> bool:
        return not (self.budget or self.cpc or self.cvr)

    def factor(self, measure: str, elasticity: float = MIDDLE) -> float:
        """What a measure is multiplied by."""
        if measure == "spend":
            return 1 + self.budget
        reach: float = (1 + self.budget) ** elasticity / (1 + self.cpc)
        return reach * (1 + self.cvr) if measure in RESULTS else reach

    def of_metric(self, measures: Sequence[str], elasticity: float = MIDDLE) -> float:
        """What a metric is multiplied by; of a ratio its two measures are given."""
        top = self.factor(measures[0], elasticity)
        return top / self.factor(measures[1], elasticity) if len(measures) > 1 else top

    def ends(self, measures: Sequence[str]) -> tuple[float, float]:
        """The least and the most over all elasticities that are tried."""
        found = [self.of_metric(measures, one) for one in (*ENDS, MIDDLE)]
        return min(found), max(found)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A value with its 80 and 95 % ranges; None where nothing can be said."""

    value: float | None
    lo80: float | None
    hi80: float | None
    lo95: float | None
    hi95: float | None

    def turned(self, by: Turned, measures: Sequence[str]) -> Ahead:
        """The same after the changes: the ranges hold what more spend may bring, too."""
        least, most = by.ends(measures)
        return Ahead(
            value=_times(self.value, by.of_metric(measures)),
            lo80=_times(self.lo80, least),
            hi80=_times(self.hi80, most),
            lo95=_times(self.lo95, least),
            hi95=_times(self.hi95, most),
        )

    def plus(self, known: float) -> Ahead:
        """With something on top that is known already."""
        return Ahead(*(None if one is None else one + known for one in self.ends_and_value))

    @property
    def ends_and_value(self) -> tuple[float | None, ...]:
        return self.value, self.lo80, self.hi80, self.lo95, self.hi95


def _times(value: float | None, by: float) -> float | None:
    return None if value is None else value * by


def first_days(row: Mapping[str, Sequence[float | None]], days: int) -> Ahead:
    """Of the first ``days`` together, from the running sums of a stored forecast."""
    place = days - 1
    return Ahead(*(row[f"sum_{name}"][place] for name in ("yhat", "lo80", "hi80", "lo95", "hi95")))
