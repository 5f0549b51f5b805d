"""From amounts of money to what the optimiser counts in and back, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.money import MICROS, minor_digits, split

# What a marketer usually dares: no channel changes by more than this share unless asked.
SHIFT = 30
MOST_PERCENT = 1000
# The optimiser counts hundredths; one of them stands for the least that is paid.
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most of a channel as percent of what is planned; None where nothing is said."""

    low: int | None = None
    high: int | None = None


def least_unit(currency: str) -> int:
    """Micros of the least amount that is paid in a currency."""
    return int(MICROS // 10 ** minor_digits(currency))


def counted(micros: int, currency: str) -> float:
    """An amount as the optimiser counts: hundredths are the least that is paid."""
    return (micros // least_unit(currency)) / HUNDREDTHS


def amount(units: float, currency: str) -> int:
    """Micros of what the optimiser counted."""
    return round(units * HUNDREDTHS) * least_unit(currency)


def factor(currency: str) -> float:
    """How many of the optimiser's units one unit of the currency is."""
    return MICROS / least_unit(currency) / HUNDREDTHS


def taken_and_given(
    change: int, planned: Sequence[int], floors: Sequence[int], unit: int
) -> list[int]:
    """``change`` micros shared over the parts of a channel's month; sums to it exactly.

    More goes in proportion to the plan; less is taken in proportion to what nobody holds.
    Raises ``Invalid`` when more is taken than is free.
    """
    if not change:
        return [0] * len(planned)
    if change > 0:
        return _in_units(change, planned, unit)
    free = [max(held - floor, 0) for held, floor in zip(planned, floors, strict=True)]
    if sum(free) < -change:
        raise Invalid(
            "Orders hold more of this plan than it would keep.",
            code="committed_floor",
            remedy="Work the split out again.",
        )
    return [-part for part in _taken(-change, free, unit)]


def _in_units(total: int, weights: Sequence[int], unit: int) -> list[int]:
    whole, rest = divmod(total, unit)
    parts = [part * unit for part in split(whole, weights)]
    parts[max(range(len(parts)), key=lambda place: weights[place])] += rest
    return parts


def _taken(total: int, free: Sequence[int], unit: int) -> list[int]:
    """In whole units as far as that goes; a part never gives more than it has."""
    parts = [min(part, have) for part, have in zip(_in_units(total, free, unit), free, strict=True)]
    missing = total - sum(parts)
    for place in sorted(range(len(free)), key=lambda at: parts[at] - free[at]):
        more = min(missing, free[place] - parts[place])
        parts[place] += more
        missing -= more
    return parts
