"""Closing a month: what becomes of money that orders still hold and of plan that was not spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.money import split


class Treatment(StrEnum):
    """What is done about an open order, unspent plan, or a line that spent too much."""

    ROLL = "roll"
    RELEASE = "release"
    ACCRUE = "accrue"
    LEAVE = "leave"
    COVER = "cover"
    FLAG = "flag"


FOR_ORDERS = (Treatment.ROLL, Treatment.RELEASE, Treatment.ACCRUE)
FOR_UNSPENT = (Treatment.ROLL, Treatment.RELEASE, Treatment.LEAVE)
FOR_OVERSPENT = (Treatment.COVER, Treatment.FLAG)
# A difference up to this share of the plan is proposed to stay where it is.
SMALL = Decimal("0.10")
FREE = 0


@dataclass(frozen=True, slots=True)
class Account:
    """Planned money of a line's month: given to campaign line ``part`` (0: to none), and used there."""

    part: int
    balance: int
    used: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """What an order line holds in the month: ``left`` is what reported spend has not used up."""

    order_line: int
    part: int
    reserved: int
    committed: int
    left: int
    treatment: Treatment

    @property
    def micros(self) -> int:
        return self.reserved + self.committed


@dataclass(frozen=True, slots=True)
class LineMonth:
    """A budget line's month as it stands, with what was chosen for it: micros of its currency."""

    line: int
    planned: int
    actual: int
    treatment: Treatment
    accounts: Sequence[Account] = ()
    orders: Sequence[Held] = ()
    # What the next month has free of use, and where it lies.
    ahead: int = 0
    ahead_accounts: Sequence[Account] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What closing does to a line's plan.

    ``rest`` is what is left of the plan (negative: spent beyond it) once orders are dealt
    with. ``now`` and ``next`` are changes of plan by campaign line (0: given to none), in
    the closing month and in the one after it; what they do not share comes from or goes
    back to the year's source.
    """

    rest: int
    carried: int
    rolled: int = 0
    released: int = 0
    covered: int = 0
    now: Mapping[int, int] = field(default_factory=dict)
    next: Mapping[int, int] = field(default_factory=dict)

    @property
    def own(self) -> int:
        """What changes place besides the plan that goes along with orders."""
        return self.rolled + self.released + self.covered


def fitting(treatment: Treatment, rest: int) -> Treatment:
    """A treatment as it applies: what was chosen for unspent money means nothing where none is left."""
    if rest < 0:
        return treatment if treatment in FOR_OVERSPENT else Treatment.FLAG
    return treatment if treatment in FOR_UNSPENT else Treatment.LEAVE


def proposed(planned: int, rest: int, *, has_next: bool) -> Treatment:
    """What is proposed for a line: small differences stay, larger ones move on."""
    if abs(rest) <= planned * SMALL:
        return Treatment.FLAG if rest < 0 else Treatment.LEAVE
    if rest < 0:
        return Treatment.COVER if has_next else Treatment.FLAG
    return Treatment.ROLL if has_next else Treatment.RELEASE


def rest_of(line: LineMonth) -> tuple[int, int]:
    """(what is left of the plan once orders are dealt with, plan that goes along with them)."""
    left = line.planned - line.actual
    carried = 0
    for order in line.orders:
        if order.treatment == Treatment.ACCRUE:
            left -= order.left
    for order in line.orders:
        if order.treatment == Treatment.ROLL:
            along = min(order.left, max(0, left))
            carried, left = carried + along, left - along
    return left, carried


def settle(line: LineMonth) -> Settled:
    """The changes of plan that closing a line's month brings."""
    rest, carried = rest_of(line)
    treatment = fitting(line.treatment, rest)
    rolled = rest if treatment == Treatment.ROLL else 0
    released = rest if treatment == Treatment.RELEASE else 0
    covered = max(0, min(-rest, line.ahead)) if treatment == Treatment.COVER else 0
    forward = _shared(_surplus(line), carried + rolled)
    back = _shared(_less(_surplus(line), forward), released)
    now = _sum({part: -micros for part, micros in forward.items()},
               {part: -micros for part, micros in back.items()},
               _shared(_deficit(line), covered))  # fmt: skip
    taken = _taken_ahead(line.ahead_accounts, covered)
    following = _sum(forward, {part: -micros for part, micros in taken.items()})
    return Settled(rest, carried, rolled, released, covered, now, following)


def _surplus(line: LineMonth) -> dict[int, int]:
    """Campaign line -> plan beyond what was used there, accruals included."""
    used = _used(line)
    return {a.part: max(0, a.balance - used.get(a.part, 0)) for a in line.accounts}


def _deficit(line: LineMonth) -> dict[int, int]:
    planned = {account.part: account.balance for account in line.accounts}
    over = {part: used - planned.get(part, 0) for part, used in _used(line).items()}
    return {part: micros for part, micros in over.items() if micros > 0} or {FREE: 1}


def _used(line: LineMonth) -> dict[int, int]:
    used = {account.part: account.used for account in line.accounts}
    for order in line.orders:
        if order.treatment == Treatment.ACCRUE:
            used[order.part] = used.get(order.part, 0) + order.left
    return used


def _shared(weights: Mapping[int, int], micros: int) -> dict[int, int]:
    """``micros`` over places in proportion to ``weights``, exactly."""
    if not micros:
        return {}
    places = sorted(weights)
    parts = split(micros, [weights[place] for place in places])
    return {place: part for place, part in zip(places, parts, strict=True) if part}


def _taken_ahead(accounts: Sequence[Account], micros: int) -> dict[int, int]:
    """What the next month gives: money that no campaign line has first, then all in proportion."""
    balances = {account.part: account.balance for account in accounts}
    first = min(micros, balances.pop(FREE, 0))
    given = _shared(balances, micros - first)
    return {**({FREE: first} if first else {}), **given}


def _less(have: Mapping[int, int], taken: Mapping[int, int]) -> dict[int, int]:
    return {place: micros - taken.get(place, 0) for place, micros in have.items()}


def _sum(*rows: Mapping[int, int]) -> dict[int, int]:
    total: dict[int, int] = {}
    for row in rows:
        for place, micros in row.items():
            total[place] = total.get(place, 0) + micros
    return {place: micros for place, micros in total.items() if micros}
