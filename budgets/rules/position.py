"""What a month of a budget line has left: plan, what is held, what is used, and nothing counted twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One campaign line's share of a month, or what belongs to no campaign line: micros of one currency.

    ``imported`` is spend that platforms reported (None: no report). ``whole_bills`` counts
    bills that stand for the campaign line's whole month.
    """

    reserved: int = 0
    committed: int = 0
    accrued: int = 0
    billed: int = 0
    whole_bills: int = 0
    imported: int | None = None

    @property
    def actual(self) -> int | None:
        """What was used; None when neither a bill nor a report says anything.

        A platform reports the same spend that it bills later, so the larger of the two
        counts; a bill for the whole month takes the report's place, also where it is less.
        """
        stated = self.billed + self.accrued
        if self.imported is None:
            return stated if stated or self.whole_bills else None
        return stated if self.whole_bills else max(self.imported, stated)

    @property
    def open(self) -> int:
        """What orders still hold: reported spend uses up the order before its bill comes."""
        unbilled = max(0, (self.actual or 0) - self.billed - self.accrued)
        return max(0, self.committed - unbilled)


@dataclass(frozen=True, slots=True)
class Position:
    """A month of a budget line: micros of its currency; ``actual`` None when nothing is known."""

    planned: int
    reserved: int
    committed: int
    actual: int | None

    @property
    def available(self) -> int:
        """Plan - reserved - open commitments - actual; negative when overspent."""
        return self.planned - self.reserved - self.committed - (self.actual or 0)


def position(planned: int, parts: Iterable[Part]) -> Position:
    """The month of a budget line from its plan and its parts."""
    parts = list(parts)
    known = [part.actual for part in parts if part.actual is not None]
    return Position(
        planned,
        reserved=sum(part.reserved for part in parts),
        committed=sum(part.open for part in parts),
        actual=sum(known) if known else None,
    )
