"""When a target is missed, will be missed, or is off its pace.

A finding opens when the whole 80 % range of the run-rate lies on the wrong side, and stays as long
as the middle of it does: what opens on certainty does not close on a wobble. The tolerance is
the target's own, so nobody is called for a gap that was agreed to be small.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from analytics.results import REASON_TEXT, Better, Interval, Pace

# A week has every weekday once; of longer periods a fifth must be over before a pace says much.
LEAST_DAYS, LEAST_SHARE = 7, 0.2
# With more days missing than that, the gap may be the data's.
MOST_MISSING = 0.2
# Being ahead is only worth a word beyond twice what is tolerated.
AHEAD_TIMES = 2
# From three tolerances on a gap is critical.
CRITICAL_TIMES = 3


class Stand(StrEnum):
    """What there is to say of a target, the gravest first."""

    MISSED = "missed"
    WILL_MISS = "will_miss"
    BEHIND = "behind"
    AHEAD = "ahead"


GRAVITY = list(Stand)


@dataclass(frozen=True, slots=True)
class Reading:
    """``gap`` is the relative distance to the target (0.1: a tenth short, or ahead)."""

    stand: Stand | None
    gap: float
    reason: str = ""


def read_running(
    pace: Pace,
    *,
    target: float,
    tolerance: float,
    better: Better,
    share_before: float | None = None,
    held: Stand | None = None,
) -> Reading:
    """Judge a target whose period runs.

    ``share_before`` is the share of the period's total that was in by this day a year earlier;
    where it is known, the even pace and last year's shape must agree before anything is said.
    ``held`` is what the open finding says.
    """
    if why := _too_thin(pace):
        return Reading(None, 0.0, why)
    range_, landing, actual = pace.landing_interval, pace.landing, pace.actual
    if range_ is None or landing is None or actual is None:
        return Reading(None, 0.0)
    short = _Shortfall(target, better)
    season = None if not share_before else short.of(actual / share_before)
    ends = short.nearest(range_)
    gap = short.of(landing)
    pace_gap = _pace_gap(pace, better)
    if _misses(ends, gap, season, tolerance, held):
        return Reading(Stand.WILL_MISS, gap)
    if _behind(ends, gap, pace_gap, season, tolerance, held):
        return Reading(Stand.BEHIND, pace_gap)
    if better is not Better.ON_TARGET and _ahead(short, range_, pace_gap, season, tolerance, held):
        return Reading(Stand.AHEAD, -pace_gap)
    return Reading(None, gap, _why_silent(ends, season, tolerance, share_before))


def is_grave(gap: float, tolerance: float) -> bool:
    """Whether somebody must act today."""
    return gap >= CRITICAL_TIMES * max(tolerance, 0.01) - 1e-9


@dataclass(frozen=True, slots=True)
class _Shortfall:
    """How far a value falls short of a target, as a share of it; negative when it is better."""

    target: float
    better: Better

    def of(self, value: float) -> float:
        share = value / self.target - 1
        if self.better is Better.ON_TARGET:
            return abs(share)
        return -share if self.better is Better.HIGHER else share

    def nearest(self, range_: Interval) -> float:
        """The shortfall of the end of a range that is best."""
        if self.better is Better.ON_TARGET and range_.low <= self.target <= range_.high:
            return 0.0
        return min(self.of(range_.low), self.of(range_.high))

    def farthest(self, range_: Interval) -> float:
        return max(self.of(range_.low), self.of(range_.high))


def _too_thin(pace: Pace) -> str:
    """Why nothing can be said yet; "" when it can."""
    if pace.reason is not None:
        return REASON_TEXT[pace.reason]
    known = pace.days_elapsed - pace.days_missing
    needed = min(max(LEAST_DAYS, ceil(LEAST_SHARE * pace.days_total)), pace.days_total)
    if known < needed:
        return f"Only {known} of {pace.days_total} days are in; a pace needs {needed}."
    if pace.days_missing > MOST_MISSING * pace.days_elapsed:
        return f"{pace.days_missing} of {pace.days_elapsed} days are missing; the data comes first."
    return ""


def _pace_gap(pace: Pace, better: Better) -> float:
    """How far behind what should stand there today."""
    share = (pace.ratio or 0.0) - 1
    if better is Better.ON_TARGET:
        return abs(share)
    return -share if better is Better.HIGHER else share


def _misses(
    ends: float, gap: float, season: float | None, tolerance: float, held: Stand | None
) -> bool:
    if held is Stand.WILL_MISS:
        return gap > tolerance and (season is None or season > tolerance / 2)
    return ends > tolerance and (season is None or season > tolerance)


def _behind(
    ends: float,
    gap: float,
    pace_gap: float,
    season: float | None,
    tolerance: float,
    held: Stand | None,
) -> bool:
    if held in (Stand.BEHIND, Stand.WILL_MISS):
        return pace_gap > tolerance / 2 and gap > 0 and (season is None or season > 0)
    return pace_gap > tolerance and ends > 0 and (season is None or season > tolerance)


def _ahead(
    short: _Shortfall,
    range_: Interval,
    pace_gap: float,
    season: float | None,
    tolerance: float,
    held: Stand | None,
) -> bool:
    edge = -AHEAD_TIMES * tolerance
    if held is Stand.AHEAD:
        edge /= 2
    return max(pace_gap, short.farthest(range_)) < edge and (season is None or season < edge)


def _why_silent(
    ends: float, season: float | None, tolerance: float, share_before: float | None
) -> str:
    if ends > tolerance and season is not None and share_before is not None:
        return (
            f"Behind an even pace, but a year ago only {share_before:.0%} was in by this day; "
            "by that shape it is within tolerance."
        )
    return ""
