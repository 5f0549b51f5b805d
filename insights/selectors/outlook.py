"""What a metric's young days are expected to be when they are final, with the range of that."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import User
from analytics.maturity import SETTLED, Curve, Matured, Part, matured, ratio_of
from analytics.results import REASON_TEXT, Reason
from core.money import MICROS, Money
from core.periods import Period
from insights.selectors.maturity import curve_of, curves_known
from metrics.choices import MICRO_MEASURES
from metrics.selectors import Metric, QueryResult, metric_for, query, written
from metrics.selectors.rates import rates_between


@dataclass(frozen=True, slots=True)
class Outlook:
    """Young days of a metric, in units: by the day each of them (or its week) begins with.

    ``total`` is of the days from ``first_day`` to ``last_day`` together; ``known_at`` the moment
    of the facts that the curves were learnt from.
    """

    metric: Metric
    currency: str
    first_day: date
    last_day: date
    values: Mapping[date, Matured]
    total: Matured
    known_at: datetime

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    def amount(self, value: float) -> Money | Decimal:
        """A number in units as formats and charts take it."""
        if self.metric.is_money:
            return Money(round(value * MICROS), self.currency)
        return Decimal(repr(round(value, 6)))

    def written(self, value: float) -> str:
        return written(self.metric, self.amount(value))

    @property
    def words(self) -> str:
        """``3 young days: revenue expected €412k (€390k to €440k) when final, €380k so far.``"""
        days = "1 young day" if self.days == 1 else f"{self.days} young days"
        label = self.metric.label if self.metric.label.isupper() else self.metric.label.lower()
        total = self.total
        ends = total.interval
        range_ = f" ({self.written(ends.low)} to {self.written(ends.high)})" if ends else ""
        why = f" {REASON_TEXT[total.reason]}" if total.reason else ""
        return (
            f"{days}: {label} expected {self.written(total.value)}{range_} when final, "
            f"{self.written(total.known)} so far.{why}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """A platform's curve of a measure, and when each of its sources last brought something."""

    curve: Curve
    currency: str
    looked: Mapping[int, date]

    def in_currency(self, currency: str, day: date) -> _Followed:
        rate = _rate(self.currency, currency, day)
        return replace(self, curve=self.curve.in_units(rate), currency=currency)


# By platform and measure.
_Curves = Mapping[tuple[str, str], _Followed]


def _first_young(curves: _Curves, last_day: date) -> date | None:
    """The oldest day that may still change, None when none up to ``last_day`` does."""
    days = [
        looked - timedelta(days=one.curve.settled - 1)
        for one in curves.values()
        if one.curve.reason is None and one.curve.settled
        for looked in one.looked.values()
    ]
    first = min(days, default=None)
    return first if first and first <= last_day else None


def _rate(base: str, to: str, day: date) -> float:
    """How many of one currency are one of the other, to weigh errors by; 1 where nobody knows."""
    if not base or not to or base == to:
        return 1.0
    found = rates_between([base], to, Period("today", day, day))
    return float(found[-1].rate) if found else 1.0


def outlook(
    *,
    metric: str,
    viewer: User | None,
    starts: Sequence[date],
    last_day: date,
    where: Mapping[str, Any] | None = None,
    as_of: datetime | None = None,
    currency: str | None = None,
) -> Outlook | None:
    """What the young days up to ``last_day`` should end at; None when none is young.

    ``starts`` are the days, or first days of weeks, of the picture in their order: what is said
    of a week includes its days that are final. ``where``, ``as_of``, ``currency`` and ``viewer``
    as the one query takes them.
    """
    wanted = metric_for(metric)
    kept = [one for one in curves_known(as_of) if one.measure in wanted.measures]
    curves = {
        (one.platform, one.measure): _Followed(curve_of(one), one.currency, one.sources)
        for one in kept
    }
    young = _first_young(curves, last_day)
    inside = [day for day in starts if day <= last_day]
    if young is None or not inside:
        return None
    begin = inside[max(bisect_right(inside, young) - 1, 0)]
    answer = query(
        metrics=list(wanted.measures),
        by=["platform", "source", "day"],
        where=where,
        period=Period("young", begin, last_day),
        viewer=viewer,
        as_of=as_of,
        currency=currency,
    )
    followed = {
        key: one.in_currency(answer.currency, last_day) if one.currency else one
        for key, one in curves.items()
    }
    return _read(wanted, answer, followed, inside, max(one.known_at for one in kept))


def _read(
    metric: Metric,
    answer: QueryResult,
    curves: _Curves,
    starts: Sequence[date],
    known_at: datetime,
) -> Outlook | None:
    by_start: dict[date, list[dict[str, Any]]] = defaultdict(list)
    by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in answer.rows:
        by_start[starts[max(bisect_right(starts, row["day"]) - 1, 0)]].append(row)
        by_day[row["day"]].append(row)
    first = min(
        (d for d, rows in by_day.items() if _moves(_of(metric, rows, curves))), default=None
    )
    if first is None or answer.last_day is None:
        return None
    values = {day: _of(metric, rows, curves) for day, rows in sorted(by_start.items())}
    return Outlook(
        metric=metric,
        currency=answer.currency,
        first_day=first,
        last_day=answer.last_day,
        values={day: value for day, value in values.items() if _moves(value) or day >= first},
        total=_of(metric, [row for row in answer.rows if row["day"] >= first], curves),
        known_at=known_at,
    )


def _moves(value: Matured) -> bool:
    """Whether more is still to come, or to go, than settled days have."""
    if value.reason is Reason.NO_VOLUME:
        return False
    return abs(value.value - value.known) > SETTLED * max(abs(value.known), 1e-9)


def _of(metric: Metric, rows: Sequence[Mapping[str, Any]], curves: _Curves) -> Matured:
    top = _sum(metric.numerator, rows, curves)
    if not metric.denominator:
        return top
    return ratio_of(top, _sum(metric.denominator, rows, curves), times=metric.factor)


def _sum(measure: str, rows: Sequence[Mapping[str, Any]], curves: _Curves) -> Matured:
    """One measure of some platforms' days: those with a curve as they will be, others as they are."""
    scale = MICROS if measure in MICRO_MEASURES else 1
    final = 0.0
    days: dict[Curve, list[tuple[float, int]]] = defaultdict(list)
    for row in rows:
        if row[measure] is None:
            continue
        known = float(Decimal(row[measure]) / scale)
        follows = curves.get((row["platform"], measure))
        if follows is None or row["source"] not in follows.looked:
            final += known
        else:
            age = (follows.looked[row["source"]] - row["day"]).days
            days[follows.curve].append((known, age))
    parts = [
        Part(curve, np.array([known for known, _ in some]), np.array([age for _, age in some]))
        for curve, some in days.items()
    ]
    return matured(parts, final=final)
