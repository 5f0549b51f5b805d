"""How a period's budget would best be split, against how it is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from accounts.models import Team, User
from analytics.allocation import (
    InfeasibleBounds,
    Optimum,
    PhaseBudget,
    PhasedPlan,
    Rules,
    Scenario,
    optimum,
    phased_plan,
    scenario,
)
from analytics.allocation.bounds import box_of, stay_within, to_cents
from analytics.arrays import FloatArray
from analytics.response import Curves, scaled, side_by_side
from core.errors import Invalid
from core.money import Money
from core.periods import Period
from insights.rules.allocation import MOST_PERCENT, SHIFT, Bound, amount, counted, factor
from insights.selectors.allocation_money import Held, held_by, months_of
from insights.selectors.credits import credits_of
from insights.selectors.response import Board, Unit

DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What a split has to keep; ``total`` micros of the board's currency, None: what is planned.

    ``bounds`` by unit, ``shift`` the largest change of any in percent (None: any).
    """

    period: Period
    total: int | None = None
    shift: int | None = SHIFT
    bounds: Mapping[str, Bound] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "period": self.period.key,
            "first_day": self.period.start.isoformat(),
            "last_day": self.period.end.isoformat(),
            "total_micros": self.total,
            "shift_percent": self.shift,
            "bounds": {key: [bound.low, bound.high] for key, bound in self.bounds.items()},
        }


@dataclass(frozen=True, slots=True)
class Share:
    """A channel's part of the budget: as planned, as recommended, and between what it may be.

    ``held`` is what orders hold or what is spent; ``marginal`` what the next unit would bring at
    the recommended amount; ``limit`` names the bound it stands at.
    """

    unit: Unit
    now: Money
    best: Money
    low: Money
    high: Money
    held: Money
    marginal: float
    limit: str = ""
    is_beyond: bool = False

    @property
    def change(self) -> Money:
        return self.best - self.now


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Curves and plan of a period in one count: what both optimiser and sliders begin from.

    ``curves`` count spend and results of the whole period; ``planned`` are the parts of the plan.
    Without money in the plan, ``is_planned`` is false and today's spend stands in its place.
    """

    board: Board
    period: Period
    months: Sequence[Period]
    units: Sequence[Unit]
    curves: Curves
    now: Mapping[str, int]
    held: Mapping[str, int]
    planned: Mapping[str, Mapping[str, Sequence[Held]]]
    is_planned: bool

    @property
    def weeks(self) -> float:
        return _weeks(self.months)

    @property
    def currency(self) -> str:
        return self.board.currency

    @property
    def total(self) -> int:
        return sum(self.now.values())

    def money(self, micros: int) -> Money:
        return Money(micros, self.currency)


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """The answer: the split, what it should gain, what it touches, and its checks.

    ``by_month`` holds for each month the amount of every unit in micros; of several months the
    split of each counts what the months before carry over (``phases``).
    """

    basis: Basis
    asked: Asked
    total: Money
    shares: Sequence[Share]
    best: Optimum
    by_month: Mapping[str, Mapping[str, int]]
    phases: PhasedPlan | None


def basis_of(user: User, board: Board, period: Period) -> Basis | None:
    """Curves and plan of a period; None when no channel has a curve."""
    planned = held_by(user, board.read, months_of(period))
    months = _planned_months(period, planned)
    totals = {unit.key: _total(planned.get(unit.key, {}), unit, "planned") for unit in board.read}
    is_planned = any(totals.values())
    weeks = _weeks(months)
    if is_planned:
        units = [unit for unit in board.read if totals[unit.key]]
    else:
        units = [unit for unit in board.read if unit.spend_today > 0]
        count = factor(board.currency)
        totals = {u.key: amount(u.spend_today * weeks * count, board.currency) for u in units}
    if not units:
        return None
    now = {unit.key: totals[unit.key] for unit in units}
    return Basis(
        board=board,
        period=period,
        months=months,
        units=units,
        curves=_curves(units, now, weeks, board.currency),
        now=now,
        held={u.key: _total(planned.get(u.key, {}), u, "floor") for u in units},
        planned=planned if is_planned else {},
        is_planned=is_planned,
    )


def _planned_months(
    period: Period, planned: Mapping[str, Mapping[str, Sequence[Held]]]
) -> list[Period]:
    """The months of the period in which something is planned; all of them where nothing is."""
    found = {month for by_month in planned.values() for month in by_month}
    months = months_of(period)
    return [month for month in months if month.key in found] or months


def _weeks(months: Sequence[Period]) -> float:
    return sum(month.days for month in months) / DAYS_A_WEEK


def _total(months: Mapping[str, Sequence[Held]], unit: Unit, what: str) -> int:
    """Micros in the board's currency, in whole payable units."""
    own = sum(getattr(held, what) for parts in months.values() for held in parts)
    return int(own if unit.rate == 1.0 else round(own * unit.rate / 10_000) * 10_000)


def _curves(units: Sequence[Unit], now: Mapping[str, int], weeks: float, currency: str) -> Curves:
    """Side by side, counting the whole period, with what is planned as today's."""
    joined = side_by_side([unit.curves for unit in units if unit.curves is not None])
    period = scaled(joined, spend=weeks * factor(currency), result=weeks)
    current = np.array([counted(now[unit.key], currency) for unit in units])
    return replace(period, current=current)


def allocate(basis: Basis, asked: Asked) -> Allocation:
    """The best split of the total within what is asked.

    Raises ``Invalid`` when no split keeps all bounds; the message says what to change.
    """
    total = basis.total if asked.total is None else asked.total
    budget, rules = counted(total, basis.currency), _rules(basis, asked)
    try:
        best = optimum(basis.curves, budget, rules, returns=credits_of(basis.board, basis.curves))
        box = box_of(basis.curves.names, basis.curves.current, budget, rules)
        by_month, phases = _by_month(basis, total, rules, best)
    except InfeasibleBounds as error:
        raise Invalid(f"No split keeps these limits: {_named(basis, str(error))}.", code="infeasible",
                      where="total", remedy="Change the limits or the total.") from error  # fmt: skip
    marginal = basis.curves.marginal(_row(basis, best.allocation)).mean(axis=0)
    limits = {one.channel: one.constraint for one in best.binding if one.channel}
    shares = [
        Share(
            unit=unit,
            now=basis.money(basis.now[unit.key]),
            best=basis.money(sum(month[unit.key] for month in by_month.values())),
            low=basis.money(amount(float(box.low[place]), basis.currency)),
            high=basis.money(amount(float(box.high[place]), basis.currency)),
            held=basis.money(basis.held[unit.key]),
            marginal=float(marginal[place]) * factor(basis.currency),
            limit=limits.get(unit.key, ""),
            is_beyond=unit.key in best.beyond,
        )
        for place, unit in enumerate(basis.units)
    ]
    return Allocation(basis, asked, basis.money(total), shares, best, by_month, phases)


def _row(basis: Basis, split: Mapping[str, float]) -> FloatArray:
    return np.array([split[unit.key] for unit in basis.units])


def _named(basis: Basis, text: str) -> str:
    for unit in basis.units:
        text = text.replace(f"'{unit.key}'", unit.name).replace(unit.key, unit.name)
    return text


def _rules(basis: Basis, asked: Asked) -> Rules:
    factors: dict[str, tuple[float, float]] = {}
    for unit in basis.units:
        bound = asked.bounds.get(unit.key)
        if bound and (bound.low is not None or bound.high is not None):
            low, high = bound.low or 0, bound.high
            if low < 0 or low > MOST_PERCENT or (high is not None and not low <= high):
                raise Invalid(f"{unit.name}: {low} % to {high} % is no range.", where="bounds")
            factors[unit.key] = (low / 100, np.inf if high is None else high / 100)
    held = {key: counted(micros, basis.currency) for key, micros in basis.held.items() if micros}
    shift = None if asked.shift is None else asked.shift / 100
    return Rules(factors=factors, committed=held, max_shift=shift)


def _by_month(
    basis: Basis, total: int, rules: Rules, best: Optimum
) -> tuple[dict[str, dict[str, int]], PhasedPlan | None]:
    """Month -> unit -> micros, which sum to the total; of one month that is the split itself."""
    if len(basis.months) == 1 or not basis.is_planned:
        return {basis.months[0].key: _micros(basis, best.allocation)}, None
    shapes = [_month_plan(basis, month.key) for month in basis.months]
    weights = [float(shape.sum()) for shape in shapes]
    totals = _totals(basis, total, weights)
    weeks = [max(round(month.days / DAYS_A_WEEK), 1) for month in basis.months]
    boxes = [
        (counted(part, basis.currency), _month_rules(basis, month.key, rules, shape))
        for part, month, shape in zip(totals, basis.months, shapes, strict=True)
    ]
    plan = None
    if best.recommend:
        plan = _phased(basis, weeks, boxes, shapes)
    found = {}
    for place, (month, (budget, own)) in enumerate(zip(basis.months, boxes, strict=True)):
        box = box_of(basis.curves.names, shapes[place], budget, own)
        if plan is None:
            row = stay_within(box, shapes[place], budget)
        else:
            week = _row(basis, plan.phases[place].allocation) * weeks[place]
            row = to_cents(week, box, budget)
        found[month.key] = {
            unit.key: amount(float(value), basis.currency)
            for unit, value in zip(basis.units, row, strict=True)
        }
    return found, plan


def _totals(basis: Basis, total: int, weights: Sequence[float]) -> list[int]:
    """The total by month as it is planned, in payable amounts; the last month takes the rest."""
    parts = [
        amount(counted(total, basis.currency) * w / sum(weights), basis.currency) for w in weights
    ]
    parts[-1] += total - sum(parts)
    return parts


def _month_plan(basis: Basis, month: str) -> FloatArray:
    """What each unit is planned to spend in a month, as the optimiser counts."""
    return np.array(
        [
            counted(
                _total({month: basis.planned.get(u.key, {}).get(month, ())}, u, "planned"),
                basis.currency,
            )
            for u in basis.units
        ]
    )


def _month_rules(basis: Basis, month: str, rules: Rules, planned: FloatArray) -> Rules:
    """The limits of one month: shares of what it plans, and what its own orders hold."""
    held = {}
    for unit in basis.units:
        parts = basis.planned.get(unit.key, {}).get(month, ())
        if floor := _total({month: parts}, unit, "floor"):
            held[unit.key] = counted(floor, basis.currency)
    empty = {u.key for u, value in zip(basis.units, planned, strict=True) if not value}
    factors = {k: v for k, v in (rules.factors or {}).items() if k not in empty}
    # Nothing is planned there in this month: the line may not run at all then.
    factors |= dict.fromkeys(empty, (0.0, 0.0))
    return Rules(factors=factors, committed=held, max_shift=rules.max_shift)


def _phased(
    basis: Basis,
    weeks: Sequence[int],
    boxes: Sequence[tuple[float, Rules]],
    shapes: Sequence[FloatArray],
) -> PhasedPlan:
    """Month after month, with what the weeks before still carry over.

    Bounds are those of each month, told as amounts a week.
    """
    period = basis.weeks
    weekly = scaled(basis.curves, spend=1 / period, result=1 / period)
    phases = []
    for count, (budget, rules), shape in zip(weeks, boxes, shapes, strict=True):
        box = box_of(basis.curves.names, shape, budget, rules)
        current = np.maximum(weekly.current, 1e-9)
        bounds = {
            unit.key: (float(low) / count / now, float(high) / count / now)
            for unit, low, high, now in zip(basis.units, box.low, box.high, current, strict=True)
        }
        phases.append(PhaseBudget(count, round(budget / count, 2), _loose(bounds)))
    today = np.array([unit.spend_today for unit in basis.units]) * factor(basis.currency)
    return phased_plan(weekly, phases, today / (1 - weekly.decay))


def _loose(bounds: Mapping[str, tuple[float, float]]) -> Rules:
    """A hair of room: a month's exact bounds are kept when its amounts are rounded."""
    return Rules(factors={k: (low * 0.999, high * 1.001) for k, (low, high) in bounds.items()})


def _micros(basis: Basis, split: Mapping[str, float]) -> dict[str, int]:
    return {key: amount(value, basis.currency) for key, value in split.items()}


def tried(basis: Basis, amounts: Mapping[str, int]) -> Scenario:
    """What any split of the period would bring, against what is planned.

    ``amounts`` are micros of every unit. Raises ``Invalid`` for an unknown or missing one and for
    amounts below zero.
    """
    counts = {key: counted(micros, basis.currency) for key, micros in amounts.items()}
    try:
        return scenario(basis.curves, counts)
    except ValueError as error:
        raise Invalid("These amounts do not fit the channels.", where="amounts",
                      remedy="Give every channel of the page one amount of zero or more.") from error  # fmt: skip


def team_named(teams: Sequence[Team], wanted: str) -> Team | None:
    """The team asked for by number, else the first."""
    return next((team for team in teams if str(team.pk) == wanted), next(iter(teams), None))
