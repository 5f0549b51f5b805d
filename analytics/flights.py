"""What a plan expects of every day: each month's money, even over the days its campaigns run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """Money planned from `first_day` to `last_day` (ordinals, both included)."""

    first_day: int
    last_day: int
    amount: float


@dataclass(frozen=True, slots=True)
class Flight:
    """A campaign line's plans and the days it runs: None begins before or ends after them all."""

    plans: tuple[MonthPlan, ...]
    first_day: int | None = None
    last_day: int | None = None


def expected_days(flights: Iterable[Flight], *, first_day: int, last_day: int) -> FloatArray:
    """Return what the plans expect of each day from `first_day` to `last_day`; shape (D,).

    A month's money is spread evenly over the days of the month on which the flight runs; money of
    a month in which it does not run expects nothing of any day.
    """
    expected = np.zeros(last_day - first_day + 1)
    for flight in flights:
        for plan in flight.plans:
            begins = max(plan.first_day, flight.first_day or plan.first_day)
            ends = min(plan.last_day, flight.last_day or plan.last_day)
            if begins <= ends:
                inside = slice(max(begins - first_day, 0), max(ends - first_day + 1, 0))
                expected[inside] += plan.amount / (ends - begins + 1)
    return expected
