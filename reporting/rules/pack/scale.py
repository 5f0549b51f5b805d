"""Axes: round ticks, and values placed between two edges."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reporting.rules.pack.numerals import MINUS


@dataclass(frozen=True, slots=True)
class Scale:
    """Values ``low`` to ``high`` laid over ``left`` to ``right`` points (``right`` may be less: y axes)."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Where ``value`` lies; values outside are held at the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its range on one scale; ``expected`` is what was expected beforehand."""

    middle: float
    low: float | None = None
    high: float | None = None
    expected: float | None = None

    @property
    def ends(self) -> tuple[float, ...]:
        """Every value that must find room on the scale."""
        found = (self.middle, self.low, self.high, self.expected)
        return tuple(value for value in found if value is not None)


def round_scale(values: Iterable[float], left: float, right: float, *, zero: bool = True) -> Scale:
    """A scale that holds every value (and zero), ending on round numbers."""
    found = [value for value in values if math.isfinite(value)]
    if zero or not found:
        found.append(0.0)
    low, high = min(found), max(found)
    if low == high:
        low, high = low - (1 if low else 0), high + 1
    step = round_step((high - low) / 5)
    return Scale(
        math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, left, right
    )


def round_step(rough: float) -> float:
    """The nearest step of 1, 2, 2.5 or 5 times a power of ten at or above ``rough``."""
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * (1 - 1e-9))


def ticks(scale: Scale, most: int = 6) -> list[float]:
    """Round values inside the scale, zero among them when it is inside."""
    step = round_step((scale.high - scale.low) / most)
    first = math.ceil(scale.low / step - 1e-9)
    last = math.floor(scale.high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def tick_text(value: float, *, signed: bool = False, unit: str = "") -> str:
    """An axis number: 0, +20, −400, 2.5 with thousands separated."""
    body = f"{abs(value):,.10g}" if abs(value) < 1e6 else f"{abs(value) / 1e6:,.6g}m"
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{body}{unit}"
