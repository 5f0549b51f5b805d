"""What plans asked each line to spend a day, now and at each earlier cut-off, in three readings.

How much of a plan is spent, and how soon, differs from company to company. So nothing is assumed:
a plan is read in three ways, each also at the earlier cut-offs with what was planned by then, and
`analytics.forecast.towards` learns from these how far spend follows which of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast import origins_of
from insights.rules.forecast_series import RECENT_DAYS, Line, running_days, usual_spend

# What is left of a month may ask for this share of what was spent a day lately, at least and at
# most: what was not spent for weeks is not caught up with in the last two days of a month.
AROUND = (0.5, 1.5)
# The other readings may ask for so much less and more.
FURTHEST = (0.25, 4.0)


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """What a line is to spend in a month, in units; days are ordinals.

    ``since`` is the day on which it was planned; amounts of the same month add up.
    """

    line: int
    first: int
    last: int
    amount: float
    since: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Plans of the days ahead in R readings, (R, L, H), NaN where there is none, and on which days
    lines may run, (L, H); ``before`` (R, O, L, H) and ``ran`` (O, L, H) were known at the earlier
    cut-offs."""

    planned: FloatArray
    running: BoolArray
    before: FloatArray
    ran: BoolArray

    @property
    def is_planned(self) -> BoolArray:
        """Which lines have a plan for some day ahead, (L,)."""
        lines: BoolArray = (~np.isnan(self.planned)).sum(axis=(0, 2)) > 0
        return lines


def ahead_of(
    lines: Sequence[Line],
    plans: Sequence[MonthPlan],
    spend: FloatArray,
    days: IntArray,
    horizon: int,
) -> Ahead:
    """What is known of the days ahead, and what was known at each earlier cut-off.

    Flights count as known beforehand; a stop by hand comes as a surprise at earlier cut-offs.
    """
    origins = origins_of(len(days))
    empty = (len(origins), len(lines), horizon)
    flights = _free(lines)
    before = [
        planned_days(lines, plans, spend[:, : one + 1], days[: one + 1], horizon) for one in origins
    ]
    ran = [running_days(flights, int(days[one]) + 1, horizon) for one in origins]
    return Ahead(
        planned=planned_days(lines, plans, spend, days, horizon),
        running=running_days(lines, int(days[-1]) + 1, horizon),
        before=np.array(before).reshape(empty[0], 3, *empty[1:]).swapaxes(0, 1),
        ran=np.array(ran, dtype=np.bool_).reshape(empty),
    )


def unplanned(lines: int, days: int, horizon: int) -> Ahead:
    """Nothing planned and nothing that stops, of so many lines with so many days of history."""
    origins = len(origins_of(days))
    return Ahead(
        planned=np.full((0, lines, horizon), np.nan),
        running=np.ones((lines, horizon), dtype=np.bool_),
        before=np.full((0, origins, lines, horizon), np.nan),
        ran=np.ones((origins, lines, horizon), dtype=np.bool_),
    )


def planned_days(
    lines: Sequence[Line],
    plans: Sequence[MonthPlan],
    spend: FloatArray,
    days: IntArray,
    horizon: int,
) -> FloatArray:
    """What plans ask each line to spend on the days ahead, (3, L, H); NaN where there is no plan.

    The readings: what is left of a month over the rest of its flight; the month in even parts,
    whatever was spent of it; and what was spent lately, stepping up and down as the even parts do.
    """
    last, usual = int(days[-1]), usual_spend(spend)[:, None]
    axis = last + 1 + np.arange(-RECENT_DAYS, horizon)
    left, even = (np.full((len(lines), len(axis)), np.nan) for _ in range(2))
    starts = np.array([line.starts or 0 for line in lines], dtype=np.int64)
    ends = np.array([line.ends or 10**7 for line in lines], dtype=np.int64)
    for (first, final), amount in _amounts(lines, plans, last).items():
        begin, end = np.maximum(starts, first), np.minimum(ends, final)
        inside = (axis >= begin[:, None]) & (axis <= end[:, None]) & (amount > 0)[:, None]
        spent = np.nansum(spend[:, (days >= first) & (days <= final)], axis=1)
        rest = np.maximum(end - np.maximum(begin, last + 1) + 1, 1)
        left = np.where(inside, (np.maximum(amount - spent, 0) / rest)[:, None], left)
        even = np.where(inside, (amount / np.maximum(end - begin + 1, 1))[:, None], even)
    step = usual * even[:, RECENT_DAYS:] / _lately(even, spend)[:, None]
    return np.array(
        [
            _within(left[:, RECENT_DAYS:], usual, AROUND),
            _within(even[:, RECENT_DAYS:], usual, FURTHEST),
            _within(step, usual, FURTHEST),
        ]
    )


def _free(lines: Sequence[Line]) -> list[Line]:
    """The lines with their flights alone, none of them stopped."""
    return [replace(one, is_stopped=False) for one in lines]


def _amounts(
    lines: Sequence[Line], plans: Iterable[MonthPlan], last: int
) -> dict[tuple[int, int], FloatArray]:
    """First and last day of a month -> what was planned for each line by the day ``last``, (L,)."""
    place = {line.pk: n for n, line in enumerate(lines)}
    found: dict[tuple[int, int], FloatArray] = {}
    for one in plans:
        if one.line in place and one.since <= last:
            month = found.setdefault((one.first, one.last), np.zeros(len(lines)))
            month[place[one.line]] += one.amount
    return found


def _lately(even: FloatArray, spend: FloatArray) -> FloatArray:
    """The even parts of the latest days with spend, (L,); NaN where there is none."""
    recent = np.zeros((len(spend), RECENT_DAYS))
    recent[:, -min(RECENT_DAYS, spend.shape[1]) :] = np.nan_to_num(spend[:, -RECENT_DAYS:])
    paid = (recent > 0) & ~np.isnan(even[:, :RECENT_DAYS])
    total = np.where(paid, even[:, :RECENT_DAYS], 0.0).sum(axis=1)
    mean: FloatArray = total / np.maximum(paid.sum(axis=1), 1)
    return np.where(paid.any(axis=1), mean, np.nan)


def _within(daily: FloatArray, usual: FloatArray, ends: tuple[float, float]) -> FloatArray:
    """Near what was spent a day lately, where anything was."""
    known = ~np.isnan(usual)
    low, high = (np.where(known, one * usual, daily) for one in ends)
    return np.where(np.isnan(daily), np.nan, np.clip(daily, low, high))
