"""What an order holds of a budget line: reserved while it waits, committed while it is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from budgets.choices import OrderKind, OrderState

# (budget line, campaign line or 0, month)
Where = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Hold:
    """Micros of the budget line's currency that a line of an order holds somewhere."""

    reserved: int = 0
    committed: int = 0

    def __add__(self, other: Hold) -> Hold:
        return Hold(self.reserved + other.reserved, self.committed + other.committed)

    def __sub__(self, other: Hold) -> Hold:
        return Hold(self.reserved - other.reserved, self.committed - other.committed)

    def __bool__(self) -> bool:
        return bool(self.reserved or self.committed)


def held_by_line(
    kind: OrderKind, state: OrderState, borne: int, *, used: int, taken: int, given: int
) -> Hold:
    """What one line holds.

    ``used`` was billed on it, ``taken`` by the releases of a blanket order, ``given`` by a
    placeholder to the order that takes its place and still waits.
    """
    if state == OrderState.WAITING:
        return Hold(reserved=borne)
    if state != OrderState.OPEN:
        return Hold()
    if kind == OrderKind.PLACEHOLDER:
        return Hold(reserved=max(0, borne - given))
    return Hold(committed=max(0, borne - used - taken))


def taken_by_release(state: OrderState, borne: int, used: int) -> int:
    """What a line of a release leaves its blanket without: all while open, what was billed after."""
    if state == OrderState.OPEN:
        return borne
    return used if state == OrderState.CLOSED else 0


def increases(
    before: Iterable[tuple[Where, int]], after: Iterable[tuple[Where, int]]
) -> dict[Where, int]:
    """What a change of an open order asks for beyond what it holds: where, and how much."""
    sums: dict[Where, int] = {}
    for where, micros in after:
        sums[where] = sums.get(where, 0) + micros
    for where, micros in before:
        sums[where] = sums.get(where, 0) - micros
    return {where: micros for where, micros in sums.items() if micros > 0}


def differences(before: Iterable[tuple[Where, int]], after: Iterable[tuple[Where, int]]) -> int:
    """How much of an order changes, absolute: what it takes more plus what it takes less."""
    before, after = list(before), list(after)
    return sum(increases(before, after).values()) + sum(increases(after, before).values())
