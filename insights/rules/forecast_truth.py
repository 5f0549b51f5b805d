"""What came of a subject's metric after a cut-off, and what the seasonal naive would have said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.forecast import carried_on, direction, naive_scale


@dataclass(frozen=True, slots=True)
class Parts:
    """A metric as the ratio of two measures, or one measure that adds up (``bottom`` empty)."""

    top: str
    bottom: str = ""
    factor: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Measures of lines by day, (L, D) in units from the ordinal ``first`` on, NaN where nobody
    knows; ``places`` says which lines a subject is about."""

    first: int
    values: Mapping[str, FloatArray]
    places: Mapping[str, IntArray]

    def between(self, first: int, last: int) -> Grid:
        """Only the days from ``first`` to ``last`` (ordinals)."""
        days = slice(first - self.first, last - self.first + 1)
        return Grid(first, {key: rows[:, days] for key, rows in self.values.items()}, self.places)

    def rows(self, subject: str, measure: str) -> FloatArray | None:
        """A measure of a subject's lines, (L, D); None when none reports it."""
        if measure not in self.values or subject not in self.places:
            return None
        rows = self.values[measure][self.places[subject]]
        rows = rows[~np.isnan(rows).all(axis=1)]
        return rows if len(rows) else None


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A metric over H days: day by day, and over all days until then."""

    days: FloatArray
    totals: FloatArray


def truth_of(grid: Grid, subject: str, parts: Parts) -> Path | None:
    """What came; a day of which something is not known, and totals over it, are NaN."""
    top = _came(grid, subject, parts.top)
    if top is None:
        return None
    if not parts.bottom:
        return Path(top, np.cumsum(top))
    bottom = _came(grid, subject, parts.bottom)
    return None if bottom is None else _ratio(top, bottom, parts.factor)


def naive_of(seen: Grid, subject: str, parts: Parts, horizon: int) -> Path | None:
    """The latest same weekday carried on, of what was known; None of a subject without a week."""
    top = _carried(seen, subject, parts.top, horizon)
    if top is None:
        return None
    if not parts.bottom:
        return Path(top, np.cumsum(top))
    bottom = _carried(seen, subject, parts.bottom, horizon)
    return None if bottom is None else _ratio(top, bottom, parts.factor)


def scale_of(seen: Grid, subject: str, parts: Parts) -> float:
    """Mean absolute difference to the same weekday before, over the days seen; NaN if unknown."""
    top = _sum(seen, subject, parts.top)
    if top is None:
        return np.nan
    if parts.bottom:
        bottom = _sum(seen, subject, parts.bottom)
        if bottom is None:
            return np.nan
        top = _over(top, bottom, parts.factor)
    return float(naive_scale(top[None])[0])


def went(total: float, before: float) -> float:
    """1 up, 0 flat, -1 down, by the band that was fixed beforehand; NaN where it is unknown."""
    return float(direction(np.array([total]), np.array([before]))[0])


def _came(grid: Grid, subject: str, measure: str) -> FloatArray | None:
    """Sums by day; a line's day without data between days with data makes the day unknown.

    Lines without a row brought nothing: what ended is judged like everything else.
    """
    every = grid.values.get(measure)
    if every is None or np.isnan(every).all():
        return None
    rows = every[grid.places.get(subject, np.array([], dtype=np.int64))]
    known = ~np.isnan(rows)
    sums: FloatArray = np.where(_gaps(known).any(axis=0), np.nan, np.where(known, rows, 0.0).sum(axis=0))  # fmt: skip
    return sums


def _gaps(known: BoolArray) -> BoolArray:
    begun = np.logical_or.accumulate(known, axis=1)
    goes_on = np.logical_or.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    gaps: BoolArray = ~known & begun & goes_on
    return gaps


def _sum(grid: Grid, subject: str, measure: str) -> FloatArray | None:
    rows = grid.rows(subject, measure)
    if rows is None:
        return None
    known = ~np.isnan(rows)
    sums: FloatArray = np.where(known.any(axis=0), np.where(known, rows, 0.0).sum(axis=0), np.nan)
    return sums


def _carried(seen: Grid, subject: str, measure: str, horizon: int) -> FloatArray | None:
    rows = seen.rows(subject, measure)
    if rows is None:
        return None
    carried = carried_on(rows, horizon)
    if np.isnan(carried).all():
        return None
    sums: FloatArray = np.nansum(carried, axis=0)
    return sums


def _ratio(top: FloatArray, bottom: FloatArray, factor: int) -> Path:
    return Path(_over(top, bottom, factor), _over(np.cumsum(top), np.cumsum(bottom), factor))


def _over(top: FloatArray, bottom: FloatArray, factor: int) -> FloatArray:
    over: FloatArray = np.divide(
        top * factor, bottom, out=np.full(len(top), np.nan), where=np.nan_to_num(bottom) > 0
    )
    return over
