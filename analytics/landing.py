"""Where a budget line's spend ends, as probabilities, and until when there is time to act.

Linear pacing says one number; it is wrong by an unknown amount on most days. Here the days still
open are drawn many times (`spend_paths`) and added to what is spent and promised: the share of
draws beyond the plan is the chance of overspending. Scored against linear pacing on a simulated
market with known ends: `bench/landing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray, as_floats
from analytics.results import ActBy, Landing, Reason
from analytics.spend_paths import DRAWS, SETTINGS, Paths, Settings, Spending, spend_paths

MIN_DAYS = 14
# More than so far below its plan, money is left over.
UNDER = 0.05
# The last safe day keeps the chance of missing the plan at or below this.
SAFE = 0.20
# How far the daily rate can be lowered and raised at once: by half, and doubled.
CUT, RAISE = 0.5, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """What the books know of L lines, each (L,); all but the plan may be left out.

    `spent` in the period so far (default: the sum of its known days), `certain` what is promised
    and comes on top of daily spend, `least` the least that daily spend will still bring.
    """

    plan: FloatArray
    spent: FloatArray | None = None
    certain: FloatArray | None = None
    least: FloatArray | None = None


def landings(
    spending: Spending,
    books: Books,
    *,
    first_day: int,
    last_day: int,
    seed: int,
    cut: float = CUT,
    settings: Settings = SETTINGS,
) -> tuple[Landing, ...]:
    """Return for each line where its spend from `first_day` to `last_day` (both included) ends.

    The current period is what is spent to date and the days still open, today among them. Days
    without data are drawn like open ones. `cut` is the share by which the daily rate can be
    lowered (0.5: halved); underspend is judged with the rate doubled. A line's answer does not
    depend on its neighbours in the call, and the same seed gives the same answer.

    Refuses without a plan (NO_TARGET), before the period (NOT_STARTED), and below 14 days of data
    on which something was expected (TOO_FEW_DAYS). Raises ValueError when the period ends before
    it begins, or begins before the days of `spending`.
    """
    start = first_day - spending.first_day
    if last_day < first_day or start < 0:
        raise ValueError("the period must lie within the days of spending, and in order")
    if spending.first_day + spending.expected.shape[1] - 1 != max(
        last_day, spending.first_day + spending.over - 1
    ):
        raise ValueError("the days of spending must end with the period")
    spending = _until(spending, last_day)
    period = _Period(start, spending.over, first_day, last_day, cut)
    rows = _Rows.of(spending, books, start)
    found: list[Landing] = []
    for paths in spend_paths(spending, start=start, seed=seed, settings=settings):
        here = slice(len(found), len(found) + len(paths.days))
        found.extend(_chunk(paths, rows.of_lines(here), period))
    return tuple(_checked(landing, period) for landing in found)


@dataclass(frozen=True, slots=True)
class _Period:
    """The period's first column, the columns that are over, its days, and the cut that is possible."""

    start: int
    over: int
    first_day: int
    last_day: int
    cut: float

    @property
    def elapsed(self) -> int:
        return max(self.over - self.start, 0)

    @property
    def total(self) -> int:
        return self.last_day - self.first_day + 1

    @property
    def today(self) -> int:
        """The first day that is not over."""
        return self.first_day + self.elapsed


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Of every line, (L,) each: `missing` counts days over without data on which something ran."""

    plan: FloatArray
    spent: FloatArray
    certain: FloatArray
    least: FloatArray
    missing: IntArray

    def of_lines(self, lines: slice) -> _Rows:
        """Some of the lines."""
        return _Rows(*(getattr(self, part.name)[lines] for part in fields(self)))

    @classmethod
    def of(cls, spending: Spending, books: Books, start: int) -> _Rows:
        inside = spending.spend[:, start:]
        none = np.zeros(len(inside))
        lost = np.isnan(inside) & (spending.expected[:, start : spending.over] > 0)
        spent = np.nansum(inside, axis=1) if books.spent is None else as_floats(books.spent)
        return cls(
            plan=as_floats(books.plan),
            spent=spent,
            certain=none if books.certain is None else as_floats(books.certain),
            least=none if books.least is None else as_floats(books.least),
            missing=lost.sum(axis=1),
        )


def _until(spending: Spending, last_day: int) -> Spending:
    """Without the days after the period: a period that is over is not drawn."""
    columns = last_day - spending.first_day + 1
    if columns >= spending.expected.shape[1]:
        return spending
    return Spending(
        spending.spend[:, :columns],
        first_day=spending.first_day,
        last_day=last_day,
        expected=spending.expected[:, :columns],
        planned=spending.planned,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Draws:
    """Draws of some lines: days over without data (L, B), and sums of the days ahead (L, B, H)."""

    lost: FloatArray
    ahead: FloatArray

    @classmethod
    def of(cls, amounts: FloatArray, elapsed: int) -> _Draws:
        return cls(amounts[:, :, :elapsed].sum(axis=2), amounts[:, :, elapsed:].cumsum(axis=2))

    @property
    def rest(self) -> FloatArray:
        """What all days ahead bring, (L, B)."""
        return self.ahead[:, :, -1] if self.ahead.shape[2] else np.zeros(self.lost.shape)

    def changed(self, rate: float, fixed: FloatArray, least: FloatArray) -> FloatArray:
        """Ends (L, B, H) when the daily rate changes by a factor on each of the days ahead."""
        before = np.concatenate(
            [np.zeros_like(self.ahead[:, :, :1]), self.ahead[:, :, :-1]], axis=2
        )
        rest = (self.lost + rate * self.rest)[:, :, None] + (1 - rate) * before
        ends: FloatArray = fixed[:, None, None] + np.maximum(rest, least[:, None, None])
        return ends


def _chunk(paths: Paths, rows: _Rows, period: _Period) -> list[Landing]:
    draws = _Draws.of(paths.amounts, period.elapsed)
    fixed, plan = rows.spent + rows.certain, rows.plan
    ends = fixed[:, None] + np.maximum(draws.lost + draws.rest, rows.least[:, None])
    marks = np.quantile(ends, [0.1, 0.5, 0.9], axis=1)
    is_open = np.asarray(paths.amounts.any(axis=(1, 2)))
    floor = plan[:, None] * (1 - UNDER)
    over, under = _chance(ends > plan[:, None], is_open), _chance(ends < floor, is_open)
    lowered = draws.changed(1 - period.cut, fixed, rows.least) > plan[:, None, None]
    raised = draws.changed(1 + RAISE, fixed, rows.least) < floor[:, :, None]
    left, beyond = (np.maximum(side * (plan[:, None] - ends), 0).mean(axis=1) for side in (1, -1))
    cut_by = _last_safe(lowered), _last_safe(raised)
    return [
        Landing(
            plan=float(plan[n]),
            spent=float(rows.spent[n]),
            certain=float(rows.certain[n]),
            p10=float(marks[0, n]),
            p50=float(marks[1, n]),
            p90=float(marks[2, n]),
            chance_over=float(over[n]),
            chance_under=float(under[n]),
            leftover=float(left[n]),
            overspend=float(beyond[n]),
            cut=_act_by(float(over[n]), int(cut_by[0][n]), period),
            grow=_act_by(float(under[n]), int(cut_by[1][n]), period),
            days_elapsed=period.elapsed,
            days_total=period.total,
            days_missing=int(rows.missing[n]),
            n=int(paths.days[n]),
            reason=None,
        )
        for n in range(len(plan))
    ]


def _chance(hits: BoolArray, is_open: BoolArray) -> FloatArray:
    """Share of the draws; never quite none or all while days are open."""
    share = hits.mean(axis=1)
    chance: FloatArray = np.where(is_open, (share * DRAWS + 0.5) / (DRAWS + 1), share)
    return chance


def _last_safe(hits: BoolArray) -> IntArray:
    """Days one may wait and still keep the chance of `hits` (L, B, H) small; -1 for none."""
    safe = hits.mean(axis=1) <= SAFE
    # The first day is the safest, so the safe ones come first.
    days: IntArray = np.logical_and.accumulate(safe, axis=1).sum(axis=1) - 1
    return days


def _act_by(chance: float, wait: int, period: _Period) -> ActBy:
    if chance <= SAFE or period.elapsed >= period.total:
        return ActBy(needed=chance > SAFE, day=None)
    return ActBy(needed=True, day=period.today + wait if wait >= 0 else None)


def _checked(landing: Landing, period: _Period) -> Landing:
    """The landing, or why there is none."""
    if not landing.plan > 0:
        return _refused(landing, Reason.NO_TARGET)
    if period.over < period.start:
        return _refused(landing, Reason.NOT_STARTED)
    return _refused(landing, Reason.TOO_FEW_DAYS) if landing.n < MIN_DAYS else landing


def _refused(landing: Landing, reason: Reason) -> Landing:
    return replace(
        landing, p10=None, p50=None, p90=None, chance_over=None, chance_under=None,
        leftover=None, overspend=None, cut=None, grow=None, reason=reason,
    )  # fmt: skip
