"""How a day's results grow after the day: chain ladder with Mack's errors, and days as they will end.

Platforms report a conversion on the day of its click, up to weeks later. A triangle says what each
day was known to have at each age; the ratios from one age to the next, learnt from days that were
watched at both, carry a young day to its final value. Mack 1993, "Distribution-free calculation of
the standard error of chain ladder reserve estimates", ASTIN Bulletin 23(2); equation numbers below
are his. Scored on a simulated market whose delays are known: `bench/maturity.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np

from analytics.arrays import FloatArray, IntArray, Numbers, as_floats
from analytics.results import Interval, Reason

# Days watched at both of two neighbouring ages, below which their ratio is not believed.
MIN_DAYS = 8
LEVEL = 0.8
# A day counts as final when less than this share of it is still to come or to go.
SETTLED = 0.01
# Beyond this relative error a range says less than nothing at all.
MOST_ERROR = 0.5
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Curve:
    """How a measure grows from age to age, days after the day; arrays have one place for each age.

    `factor[k]` is the expected ratio of what is known at age k + 1 to age k, `scatter[k]` Mack's
    sigma squared in units of the measure, `error[k]` the variance of the factor, `n[k]` the days
    behind it. Ages run from 0; the curve holds from `first` to `last`, and a day of age `last`
    counts as final. `only_grows` when no watched day ever fell. Without a curve `reason` says why.
    """

    factor: FloatArray
    scatter: FloatArray
    error: FloatArray
    n: IntArray
    first: int
    last: int
    only_grows: bool
    reason: Reason | None

    @cached_property
    def growth(self) -> FloatArray:
        """What a value of each age is multiplied by to become final, (last + 1,); 1 at the end."""
        held = np.append(self.factor[: self.last], 1.0)
        growth: FloatArray = np.cumprod(held[::-1])[::-1]
        return growth

    @cached_property
    def noise(self) -> FloatArray:
        """Variance of the final value for one unit known at each age, (last + 1,).

        The first sum of equation (7): sigma squared over the factor squared and the value expected
        at each age still to come, times the square of the final value.
        """
        found = np.zeros(self.last + 1)
        for age in range(self.last - 1, -1, -1):
            later = self.growth[age + 1]
            found[age] = self.scatter[age] * later**2 + self.factor[age] * found[age + 1]
        return found

    @cached_property
    def settled(self) -> int:
        """The first age from which on a day counts as final.

        Hardly anything changes any more, or what does cannot be told from the curve's own error.
        """
        errors = np.array([self._error_from(age) for age in range(self.last + 1)])
        moves = np.flatnonzero(np.abs(self.share - 1) >= np.maximum(SETTLED, errors))
        return int(moves[-1]) + 1 if len(moves) else 0

    @cached_property
    def applied(self) -> FloatArray:
        """`growth` of days that still move; 1 for settled ones, (last + 1,).

        The little that may still come falls on few of the settled days; on most of them the number
        as it stands is the final one, and any growth would take it away from there.
        """
        applied: FloatArray = np.where(np.arange(self.last + 1) < self.settled, self.growth, 1.0)
        return applied

    @property
    def share(self) -> FloatArray:
        """The share of the final value known at each age, (last + 1,); above 1 where values fall."""
        share: FloatArray = 1 / np.maximum(self.growth, TINY)
        return share

    @property
    def is_open(self) -> bool:
        """Whether days still move at the last age that was watched: their end is not known."""
        return bool(np.abs(self.factor[max(self.last - 3, self.first) : self.last] - 1).max(initial=0) >= SETTLED)  # fmt: skip

    def share_range(self, age: int, level: float = LEVEL) -> Interval:
        """The interval of the average curve at an age: what more days would make narrower."""
        width = NormalDist().inv_cdf(0.5 + level / 2) * self._error_from(age)
        share = float(self.share[age])
        return Interval(share * exp(-width), share * exp(width), level)

    def _error_from(self, age: int) -> float:
        """Relative standard error of the growth from an age on: that of its factors."""
        held = slice(age, self.last)
        return sqrt((self.error[held] / np.maximum(self.factor[held], TINY) ** 2).sum())

    def in_units(self, rate: float) -> Curve:
        """The same curve of a measure counted in other units, `rate` of them for one of these."""
        return replace(self, scatter=self.scatter * rate)


def development(known: Numbers) -> Curve:
    """Learn a curve from days as they were known, (R, A): one row a day, one column an age from 0.

    NaN is an age at which nobody looked. Rows may come from several sources of a platform, in one
    unit. Needs eight days watched at both of two neighbouring ages; the curve ends where days
    become fewer. Refuses when no day was seen twice (SEEN_ONCE), with fewer days (TOO_FEW_DAYS),
    and when nothing ever happened (NO_VOLUME).
    """
    rows = np.atleast_2d(as_floats(known))
    ages = max(rows.shape[1] - 1, 0)
    factor, scatter, error = np.ones(ages), np.zeros(ages), np.zeros(ages)
    n = np.zeros(ages, dtype=np.int64)
    falls = False
    for age in range(ages):
        pair = rows[:, age : age + 2]
        before, after = pair[~np.isnan(pair).any(axis=1)].T
        n[age] = len(before)
        if before.sum() <= 0 or n[age] < 2:
            n[age] = n[age] if before.sum() > 0 else 0
            continue
        falls = falls or bool((after < before).any())
        factor[age] = max(after.sum() / before.sum(), 0.0)
        scatter[age] = _scatter(before, after, factor[age])
        error[age] = scatter[age] / before.sum()
    first, last = _believed(n)
    return Curve(
        factor, scatter, error, n, first, last, not falls,
        None if last > first else _why(rows, n),
    )  # fmt: skip


def _scatter(before: FloatArray, after: FloatArray, factor: float) -> float:
    """Sigma squared of equation (5): how far single days are from the factor."""
    held = before > 0
    if held.sum() < 2:
        return 0.0
    away = after[held] / before[held] - factor
    return float((before[held] * away**2).sum() / (held.sum() - 1))


def _believed(n: IntArray) -> tuple[int, int]:
    """The first run of ages with enough days: from its first age to the one it leads to."""
    enough = n >= MIN_DAYS
    if not enough.any():
        return 0, 0
    first = int(np.argmax(enough))
    gaps = np.flatnonzero(~enough[first:])
    return first, first + int(gaps[0] if len(gaps) else len(n) - first)


def _why(rows: FloatArray, n: IntArray) -> Reason:
    if n.any():
        return Reason.TOO_FEW_DAYS
    watched = rows[(~np.isnan(rows)).sum(axis=1) > 1]
    if len(watched) and not np.nansum(watched) > 0:
        return Reason.NO_VOLUME
    return Reason.SEEN_ONCE if not len(watched) else Reason.TOO_FEW_DAYS


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Days that follow one curve: what is known of each, (D,), and its age, (D,)."""

    curve: Curve
    known: FloatArray
    age: IntArray


@dataclass(frozen=True, slots=True)
class Matured:
    """What some days will have when they are final: `value` with its interval, and what is known.

    `value` stands also where no range can be said: a day without a curve counts as it is known.
    """

    known: float
    value: float
    interval: Interval | None
    reason: Reason | None

    @property
    def share(self) -> float | None:
        """The share of the final value that is known."""
        return self.known / self.value if self.value > 0 else None


def matured(parts: Iterable[Part], *, final: float = 0.0, level: float = LEVEL) -> Matured:
    """Return what days of several curves add up to when they are final; `final` is what is already.

    Errors of days that share a curve's factors add up in full, as in Mack's standard error of the
    total (his corollary to theorem 3); chance of single days averages out. The interval is that of
    a lognormal with this mean and error, as he advises, so it is never negative; where no day ever
    fell it does not go below what is known.

    Refuses a range where a curve is missing (its own reason), where a day is younger than any that
    was watched (TOO_YOUNG), and where chance outweighs the value (TOO_SPARSE).
    """
    found = list(parts)
    known = final + sum(float(part.known.sum()) for part in found)
    reasons = [reason for part in found if (reason := _refusal(part))]
    held = [part for part in found if _refusal(part) is None]
    value = known + sum(_to_come(part, part.curve.applied) for part in held)
    mean = known + sum(_to_come(part, part.curve.growth) for part in held)
    if reasons:
        return Matured(known, value, None, reasons[0])
    error = sqrt(sum(_variance(part) for part in held))
    if mean <= 0 or error > MOST_ERROR * mean:
        return Matured(known, value, None, Reason.TOO_SPARSE)
    range_ = _lognormal(mean, error, level)
    floor = known if all(part.curve.only_grows for part in held) else 0.0
    low = min(max(range_.low, floor), value)
    return Matured(known, value, Interval(low, max(range_.high, value), level), None)


def ratio_of(top: Matured, bottom: Matured, *, times: float = 1.0, level: float = LEVEL) -> Matured:
    """One matured sum over another, their errors taken as independent, which is the wider."""
    if bottom.value <= 0 or bottom.known <= 0:
        return Matured(0.0, 0.0, None, Reason.NO_VOLUME)
    known, value = times * top.known / bottom.known, times * top.value / bottom.value
    reason = top.reason or bottom.reason
    if top.interval is None or bottom.interval is None or value <= 0:
        return Matured(known, value, None, reason or Reason.TOO_SPARSE)
    error = value * sqrt(_relative(top.interval) ** 2 + _relative(bottom.interval) ** 2)
    return Matured(known, value, _lognormal(value, error, level), None)


def _relative(interval: Interval) -> float:
    """The standard error on the scale of logarithms that an interval stands for."""
    if interval.low <= 0 or interval.high <= interval.low:
        return 0.0
    return log(interval.high / interval.low) / 2 / NormalDist().inv_cdf(0.5 + interval.level / 2)


def _refusal(part: Part) -> Reason | None:
    if part.curve.reason is not None:
        return part.curve.reason
    is_young = (part.age < part.curve.first) & (part.known != 0)
    return Reason.TOO_YOUNG if bool(is_young.any()) else None


def _ages(part: Part) -> IntArray:
    """Ages on the curve; what is older than its end is final."""
    ages: IntArray = np.clip(part.age, part.curve.first, part.curve.last)
    return ages


def _times(part: Part, growth: FloatArray) -> FloatArray:
    """Each day times the growth of its age; a day below zero stays as it is."""
    ends: FloatArray = np.where(part.known > 0, part.known * growth[_ages(part)], part.known)
    return ends


def _to_come(part: Part, growth: FloatArray) -> float:
    return float((_times(part, growth) - part.known).sum())


def _variance(part: Part) -> float:
    """Process variance of the days, and that of the factors which they share."""
    curve, ages = part.curve, _ages(part)
    ends = np.maximum(_times(part, curve.growth), 0)
    process = float((np.maximum(part.known, 0) * curve.noise[ages]).sum())
    through = np.cumsum(np.bincount(ages, ends, curve.last + 1))[: curve.last]
    factor = curve.factor[: curve.last]
    shared = np.where(factor > 0, through / np.maximum(factor, TINY), 0.0) ** 2
    return process + float((shared * curve.error[: curve.last])[curve.first :].sum())


def _lognormal(mean: float, error: float, level: float) -> Interval:
    spread = sqrt(log(1 + (error / mean) ** 2))
    middle = log(mean) - spread**2 / 2
    width = NormalDist().inv_cdf(0.5 + level / 2) * spread
    return Interval(exp(middle - width), exp(middle + width), level)


def grown(curve: Curve, ages: Sequence[int] | IntArray) -> FloatArray:
    """What values of these ages are multiplied by; 1 where the curve says nothing."""
    wanted = np.asarray(ages, dtype=np.int64)
    if curve.reason is not None:
        return np.ones(len(wanted))
    held = curve.applied[np.clip(wanted, 0, curve.last)]
    factors: FloatArray = np.where(wanted < curve.first, 1.0, held)
    return factors
