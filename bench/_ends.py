"""Cases with known ends: every month of simulated markets, looked at while it was still open.

The demo market generates the spend, so how a month ended is known; what a method may see are the
days before the look, the plans and the flights, as the product sees them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.arrays import FloatArray
from analytics.flights import Flight, MonthPlan, expected_days
from analytics.spend_paths import HISTORY_DAYS, STOPPED_DAYS
from demo.market import simulate
from demo.market.model import MICROS, Line, Market

LAST_DAY = date(2026, 11, 21)
DAYS = 730
# Days of the month that are over at each look.
LOOKS = (5, 10, 15, 20, 25)
# Kept on every budget line of the demo company and given to nobody.
RESERVE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One line or pot on one morning: history, expectation, plan, and how the month truly ended."""

    name: str
    spend: FloatArray
    expected: FloatArray
    plan: float
    spent: float
    elapsed: int
    total: int
    end: float


@dataclass(frozen=True, slots=True, eq=False)
class Morning:
    """All looks of one market on one morning, about the month `first_day` to `last_day`."""

    first_day: int
    last_day: int
    history_from: int
    looks: Sequence[Look]


def mornings(seed: int) -> Iterator[Morning]:
    """Every look into the complete months of a market that have a quarter before them."""
    market = simulate(seed, LAST_DAY - timedelta(days=DAYS - 1), LAST_DAY)
    book = _Book(market)
    for first, last in _months(market):
        for over in LOOKS:
            begins = first - HISTORY_DAYS
            yield Morning(first, last, begins, book.looks(begins, first, last, over))


def _months(market: Market) -> Iterator[tuple[int, int]]:
    first = (market.first_day + timedelta(days=HISTORY_DAYS + 31)).replace(day=1)
    while (after := (first + timedelta(days=32)).replace(day=1)) <= market.last_day:
        yield first.toordinal(), after.toordinal() - 1
        first = after


class _Book:
    """Spend and plans of every line, and the lines that share a pot (team and channel)."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.first = market.first_day.toordinal()
        self.spend = (
            market.facts.by_line_day(
                "spend_micros",
                lines=len(market.lines),
                first_day=self.first,
                last_day=market.last_day.toordinal(),
            )
            / MICROS
        )
        self.plans: dict[str, list[MonthPlan]] = defaultdict(list)
        for plan in market.plans:
            after = (plan.month + timedelta(days=32)).replace(day=1).toordinal()
            begins = plan.month.toordinal()
            self.plans[plan.line].append(MonthPlan(begins, after - 1, plan.amount_micros / MICROS))
        self.pots: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(market.lines):
            self.pots[f"pot {line.team} {line.channel}"].append(number)

    def looks(self, begins: int, first: int, last: int, over: int) -> list[Look]:
        singles = {f"line {line.key}": [n] for n, line in enumerate(self.market.lines)}
        found = [
            self._look(name, members, (begins, first, last), over)
            for name, members in {**singles, **self.pots}.items()
        ]
        return [look for look in found if look is not None]

    def _look(
        self, name: str, members: Sequence[int], span: tuple[int, int, int], over: int
    ) -> Look | None:
        begins, first, last = span
        today = first + over
        known = self.spend[list(members), begins - self.first : today - self.first]
        plan = sum(self._planned(n, first) for n in members)
        if plan <= 0 or known[:, -over:].sum() <= 0:
            return None
        expected = sum(
            (self._expected(n, row, begins, last) for n, row in zip(members, known, strict=True)),
            start=np.zeros(last - begins + 1),
        )
        truth = self.spend[list(members), first - self.first : last - self.first + 1]
        reserve = 1 + RESERVE if name.startswith("pot") else 1.0
        return Look(
            name=name,
            spend=known.sum(axis=0),
            expected=expected,
            plan=plan * reserve,
            spent=float(known[:, -over:].sum()),
            elapsed=over,
            total=last - first + 1,
            end=float(truth.sum()),
        )

    def _planned(self, number: int, first: int) -> float:
        plans = self.plans[self.market.lines[number].key]
        return sum(plan.amount for plan in plans if plan.first_day == first)

    def _expected(self, number: int, known: FloatArray, begins: int, last: int) -> FloatArray:
        """What the plan expects; nothing any more of a line that fell silent."""
        line = self.market.lines[number]
        days = expected_days([self._flight(line)], first_day=begins, last_day=last)
        delivered = np.flatnonzero(known)
        silent = len(known) - delivered[-1] - 1 if len(delivered) else 0
        if silent >= STOPPED_DAYS:
            days[delivered[-1] + 1 :] = 0
        return days

    def _flight(self, line: Line) -> Flight:
        ends = line.ends_on.toordinal() if line.ends_on else None
        return Flight(tuple(self.plans[line.key]), line.starts_on.toordinal(), ends)
