"""Maturity curves as they were learnt, and how much days still grow by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from analytics.maturity import Curve, grown
from analytics.results import REASON_TEXT, Reason
from core.once import once
from insights.models import MaturityCurve
from metrics.choices import MEASURES
from metrics.selectors import Growing
from metrics.selectors.labels import labels

# Of a factor: so fine that no rounding of it shows in whole micros.
PLACES = 12


def curves_known(as_of: datetime | None = None) -> list[MaturityCurve]:
    """The newest curve of each platform and measure, or what was the newest at a moment."""

    def read() -> list[MaturityCurve]:
        rows = MaturityCurve.objects.all()
        if as_of is not None:
            rows = rows.filter(known_at__lte=as_of)
        newest = rows.order_by("platform", "measure", "-known_at", "-pk")
        return list(newest.distinct("platform", "measure"))

    return once(("maturity_curves", as_of), read)


def curve_of(kept: MaturityCurve) -> Curve:
    """A stored curve as ``analytics`` takes it."""
    return Curve(
        factor=np.array(kept.factor, dtype=np.float64),
        scatter=np.array(kept.scatter, dtype=np.float64),
        error=np.array(kept.error, dtype=np.float64),
        n=np.array(kept.pairs, dtype=np.int64),
        first=kept.first_age,
        last=kept.last_age,
        only_grows=kept.only_grows,
        reason=Reason(kept.reason) if kept.reason else None,
    )


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the final value known at an age, with its 80 % interval."""

    age: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlatformGrowth:
    """How a platform's days grow, for people; ``reason`` says why there is no curve."""

    platform: str
    name: str
    measure: str
    curve: Curve
    known_at: datetime
    reason: str

    @property
    def days(self) -> int:
        """Days of all sources behind the first factor; what there is when that is too little."""
        n = self.curve.n
        return int(n.max(initial=0) if self.reason else n[self.curve.first])

    def share_at(self, age: int) -> Share | None:
        """None where the curve says nothing."""
        if self.reason or age < self.curve.first:
            return None
        place = min(age, self.curve.last)
        range_ = self.curve.share_range(place)
        return Share(age, float(self.curve.share[place]), range_.low, range_.high)


def growth_known(as_of: datetime | None = None) -> list[PlatformGrowth]:
    """Every platform's curve of every measure, named, the measures in their order."""
    kept = curves_known(as_of)
    names = labels("platform", {one.platform for one in kept})
    found = [
        PlatformGrowth(
            platform=one.platform,
            name=names[one.platform],
            measure=one.measure,
            curve=curve_of(one),
            known_at=one.known_at,
            reason=REASON_TEXT[Reason(one.reason)] if one.reason else "",
        )
        for one in kept
    ]
    return sorted(found, key=lambda one: (MEASURES.index(one.measure), one.name))


def days_growing(first_day: date, last_day: date, as_of: datetime | None) -> list[Growing]:
    """Every platform's and source's day that still grows, with the factor of each measure."""
    factors: dict[tuple[str, int, date], dict[str, Decimal]] = {}
    for kept in curves_known(as_of):
        for source, day, factor in _growing(kept, first_day, last_day):
            factors.setdefault((kept.platform, source, day), {})[kept.measure] = factor
    return [Growing(*key, factors=found) for key, found in factors.items()]


def _growing(
    kept: MaturityCurve, first_day: date, last_day: date
) -> Iterator[tuple[int, date, Decimal]]:
    if kept.reason:
        return
    curve = curve_of(kept)
    ages = range(curve.first, curve.settled)
    factors = [Decimal(repr(round(float(one), PLACES))) for one in grown(curve, ages)]
    for source, looked in kept.sources.items():
        for age, factor in zip(ages, factors, strict=True):
            day = looked - timedelta(days=age)
            if first_day <= day <= last_day:
                yield source, day, factor
