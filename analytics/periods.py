"""Days to complete periods: sums over weeks, months or any fiscal calendar.

A period grid is an ascending row of P + 1 day ordinals: period i runs from `edges[i]` to the day
before `edges[i + 1]`. Fiscal calendars (4-4-5 and others) are handed in as such a row.
"""

from datetime import date

import numpy as np

from analytics.arrays import Days, IntArray, as_days


def week_edges(first_day: int, last_day: int, *, week_start: int = 0) -> IntArray:
    """Edges of the weeks that lie wholly within the two days (both included).

    `week_start` is 0 for Monday to 6 for Sunday. Fewer than two edges: no complete week.
    """
    # Ordinal 1 (1 January of year 1) is a Monday.
    first = first_day + (week_start - (first_day - 1)) % 7
    return np.arange(first, last_day + 2, 7, dtype=np.int64)


def month_edges(first_day: int, last_day: int) -> IntArray:
    """Edges of the calendar months that lie wholly within the two days (both included)."""
    edges = []
    year, month = date.fromordinal(first_day).year, date.fromordinal(first_day).month
    while (edge := date(year, month, 1).toordinal()) <= last_day + 1:
        if edge >= first_day:
            edges.append(edge)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return np.array(edges, dtype=np.int64)


def complete_edges(edges: Days, first_day: int, last_day: int) -> IntArray:
    """The part of a period grid whose periods lie wholly within the two days (both included)."""
    grid = as_days(edges)
    inside: IntArray = grid[(grid >= first_day) & (grid <= last_day + 1)]
    return inside
