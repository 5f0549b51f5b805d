"""What a budget line's campaigns spent each day, and what is to be expected of the days to come.

A campaign line is expected to spend its plan, evenly over the days of its flight; where none of a
month's money was given to it, what it spent a day lately. What is paused, over, silent for days or
billed for the whole month is expected to spend nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray
from analytics.flights import Flight, MonthPlan, expected_days
from analytics.spend_paths import STOPPED_DAYS

# A plan speaks for the days to come when it spoke for most of the days that are known.
COVERED = 0.8
# Without a plan the latest four weeks say what a day brings.
RECENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class Window:
    """Ordinals: history from `first` on, `over` the first day that is not over, `last` of the month."""

    first: int
    over: int
    month_first: int
    last: int

    @property
    def known(self) -> int:
        """Days that are over."""
        return self.over - self.first


@dataclass(frozen=True, slots=True, eq=False)
class PartDays:
    """A campaign line's share of a budget line: its spend (D,) on the days that are over.

    NaN is a day that never arrived. `is_stopped`: paused or over, whatever its flight says;
    `is_billed`: a bill stands for the whole month.
    """

    spend: FloatArray
    plans: tuple[MonthPlan, ...] = ()
    starts: int | None = None
    ends: int | None = None
    is_stopped: bool = False
    is_billed: bool = False


def line_days(
    parts: Sequence[PartDays], whole: tuple[MonthPlan, ...], window: Window
) -> tuple[FloatArray, FloatArray]:
    """Spend (D,) of a budget line on the days that are over, and what is expected of every day.

    A day on which nothing of the line arrived is NaN. `whole` are the line's own plans, which
    speak where none of its money was given to a campaign line.
    """
    expected = np.zeros(window.last - window.first + 1)
    if not parts:
        return np.full(window.known, np.nan), expected
    flights = [_flight(part, window) for part in parts]
    given = any(_covers(part.plans, part, window) for part in parts)
    for part, flight in zip(parts, flights, strict=True):
        if given or not _speaks(whole, parts, window):
            expected += _part_expected(part, flight, window)
    if not expected.any() and whole:
        expected += expected_days(
            [Flight(whole, *_union(flights))], first_day=window.first, last_day=window.last
        )
    rows = np.stack([part.spend for part in parts])
    lost = np.isnan(rows).all(axis=0)
    return np.where(lost, np.nan, np.nansum(rows, axis=0)), expected


def _flight(part: PartDays, window: Window) -> tuple[int | None, int | None]:
    """The first and last day on which a part runs, as far as its days and its flight tell."""
    delivered = np.flatnonzero(np.nan_to_num(part.spend) > 0)
    starts, ends = part.starts, part.ends
    if starts is None and len(delivered) and delivered[0] > 0:
        starts = window.first + delivered[0]
    if part.is_stopped or _is_silent(part):
        last = window.first + delivered[-1] if len(delivered) else window.first - 1
        ends = last if ends is None else min(ends, last)
    elif part.is_billed:
        ends = window.over - 1 if ends is None else min(ends, window.over - 1)
    return starts, ends


def _is_silent(part: PartDays) -> bool:
    """Whether the latest known days brought nothing, after some that did."""
    known = part.spend[~np.isnan(part.spend)]
    return bool(len(known) >= STOPPED_DAYS and known.any() and not known[-STOPPED_DAYS:].any())


def _union(flights: Sequence[tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    """From the first beginning to the last end; None is open."""
    starts, ends = [start for start, _ in flights], [end for _, end in flights]
    first = None if None in starts else min(day for day in starts if day is not None)
    last = None if None in ends else max(day for day in ends if day is not None)
    return first, last


def _part_expected(
    part: PartDays, flight: tuple[int | None, int | None], window: Window
) -> FloatArray:
    plans = part.plans if _covers(part.plans, part, window) else _usual(part, flight, window)
    return expected_days([Flight(plans, *flight)], first_day=window.first, last_day=window.last)


def _covers(plans: Sequence[MonthPlan], part: PartDays, window: Window) -> bool:
    """Whether plans speak for the month in question, and did for most days with spend."""
    if not any(plan.first_day == window.month_first and plan.amount > 0 for plan in plans):
        return False
    days = window.first + np.flatnonzero(np.nan_to_num(part.spend) > 0)
    planned = [
        (days >= plan.first_day) & (days <= plan.last_day) for plan in plans if plan.amount > 0
    ]
    return not len(days) or bool(np.any(planned, axis=0).mean() >= COVERED)


def _speaks(whole: Sequence[MonthPlan], parts: Sequence[PartDays], window: Window) -> bool:
    """Whether the line's own plans cover what its parts spent together."""
    total = np.nansum(np.stack([part.spend for part in parts]), axis=0)
    return _covers(whole, PartDays(total), window)


def _usual(
    part: PartDays, flight: tuple[int | None, int | None], window: Window
) -> tuple[MonthPlan, ...]:
    """One plan for all days that makes each of them what the latest ones were."""
    known = part.spend[np.nan_to_num(part.spend) > 0][-RECENT_DAYS:]
    if not len(known):
        return ()
    begins = max(window.first, flight[0] or window.first)
    ends = min(window.last, flight[1] or window.last)
    return (MonthPlan(begins, ends, known.mean() * max(ends - begins + 1, 0)),)
