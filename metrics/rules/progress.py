"""Where a target stands: expected to date, pace, and whether it was reached in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import nan

from analytics.attainment import attainment
from analytics.daily import DailyRatio
from analytics.pace import HISTORY_DAYS, pace_ratio, pace_total
from analytics.results import REASON_TEXT, Achievement, Better, Pace
from core.money import MICROS
from metrics.choices import MICRO_MEASURES
from metrics.rules.metric import Metric, Sums

HISTORY = timedelta(days=HISTORY_DAYS)


class Standing(StrEnum):
    """While the period runs: ahead, on, behind or no data; before and after it the others."""

    AHEAD = "ahead"
    ON = "on"
    BEHIND = "behind"
    NO_DATA = "no_data"
    NOT_STARTED = "not_started"
    ACHIEVED = "achieved"
    MISSED = "missed"


def history_start(first_day: date, today: date) -> date:
    """The first day that a pace looks at: of a young target those before it, of an old one its own."""
    return min(first_day, today - HISTORY)


@dataclass(frozen=True, slots=True)
class Goal:
    """A target without its people: ``value_micros`` in millionths of the metric's unit."""

    metric: Metric
    first_day: date
    last_day: date
    value_micros: int
    tolerance_percent: int
    # Draws the same range for the same target every time.
    seed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """``actual`` is exact and in micros of the metric's unit; ``pace`` is a run-rate with its range.

    ``expected_micros`` is what should stand there after the last complete day.
    """

    standing: Standing
    actual_micros: int | None
    expected_micros: int | None
    pace: Pace | None
    reason: str


def better_of(metric: Metric) -> Better:
    """Which side of a target is good; spend is neither, it should be on target."""
    if metric.up_is_good is None:
        return Better.ON_TARGET
    return Better.HIGHER if metric.up_is_good else Better.LOWER


def progress(goal: Goal, daily: Mapping[date, Sums], total: Sums, *, today: date) -> Progress:
    """Judge a goal by the days before ``today``.

    ``daily`` holds the sums of each day with data, from ``history_start`` on; ``total`` the
    sums of the goal's own days. A day without sums is a day whose data
    never arrived. Below 14 days of history there is no pace, and that is said.
    """
    actual = in_micros(goal.metric, goal.metric.value(total))
    if today <= goal.first_day:
        return Progress(Standing.NOT_STARTED, None, None, None, "It has not started yet.")
    if today > goal.last_day:
        return _ended(goal, actual)
    pace = _pace(goal, daily, today)
    expected = None if pace.expected is None else round(pace.expected * MICROS)
    if pace.reason is not None:
        return Progress(Standing.NO_DATA, actual, None, pace, REASON_TEXT[pace.reason])
    return Progress(_running(goal, pace), actual, expected, pace, "")


def _ended(goal: Goal, actual: int | None) -> Progress:
    found = attainment(
        actual,
        goal.value_micros,
        better=better_of(goal.metric),
        tolerance=Fraction(goal.tolerance_percent, 100),
    )
    if found.achievement is None:
        return Progress(Standing.NO_DATA, actual, goal.value_micros, None, "No data arrived.")
    missed = found.achievement is Achievement.MISSED
    near = found.achievement is Achievement.WITHIN_TOLERANCE
    reason = f"Within the tolerance of {goal.tolerance_percent} %." if near else ""
    standing = Standing.MISSED if missed else Standing.ACHIEVED
    return Progress(standing, actual, goal.value_micros, None, reason)


def _running(goal: Goal, pace: Pace) -> Standing:
    """Ahead or behind by more than the tolerance; for what is good when low the other way round."""
    gap, allowed = (pace.ratio or 0.0) - 1, goal.tolerance_percent / 100
    if abs(gap) <= allowed:
        return Standing.ON
    is_good = gap > 0 if better_of(goal.metric) is not Better.LOWER else gap < 0
    return Standing.AHEAD if is_good else Standing.BEHIND


def _pace(goal: Goal, daily: Mapping[date, Sums], today: date) -> Pace:
    start = history_start(goal.first_day, today)
    days = [start + timedelta(days=n) for n in range((today - start).days)]
    ordinals = [day.toordinal() for day in days]
    top = [_natural(goal.metric.numerator, daily.get(day), goal.metric.factor) for day in days]
    target, seed = goal.value_micros / MICROS, goal.seed
    first, last = goal.first_day.toordinal(), goal.last_day.toordinal()
    if not goal.metric.denominator:
        return pace_total(top, ordinals, target=target, first_day=first, last_day=last, seed=seed)
    bottom = [_natural(goal.metric.denominator, daily.get(day)) for day in days]
    series = DailyRatio(top, bottom, ordinals)
    return pace_ratio(series, target=target, first_day=first, last_day=last, seed=seed)


def _natural(measure: str, sums: Sums | None, factor: int = 1) -> float:
    value = sums.get(measure) if sums else None
    if value is None:
        return nan
    return float(value) * factor / (MICROS if measure in MICRO_MEASURES else 1)


def in_micros(metric: Metric, value: object) -> int | None:
    """A metric's value in micros of its unit, as targets are kept: 4.2 is 4,200,000."""
    if value is None:
        return None
    return int(value) if metric.in_micros else round(Fraction(str(value)) * MICROS)  # type: ignore[call-overload]
