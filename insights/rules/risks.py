"""What is a risk, what it would cost, and which of two that speak of the same money counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from analytics.results import Better, Interval

# What is less likely than this is not on the list: it would be every line and every target.
LEAST_CHANCE = 0.05
# Mornings ahead within which a source may fall silent, and how many without news make a gap.
AHEAD, GAP_DAYS = 7, 2


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost when it happens, and a high loss, in units of the target's money."""

    usual: float
    cautious: float


def shortfall(landing: float, range_: Interval, target: float, better: Better) -> Loss | None:
    """By how much a target is missed when it is missed.

    Heading for a miss it is the distance of the landing; else half the way to the end of the
    80 % range that misses it, None where the whole range is on the right side.
    """
    sign = 1.0 if better is Better.HIGHER else -1.0
    worst = sign * (target - (range_.low if better is Better.HIGHER else range_.high))
    usual = sign * (target - landing)
    if max(usual, worst) <= 0:
        return None
    return Loss(usual if usual > 0 else worst / 2, max(worst, usual))


def chance_of_miss(chance_at_or_above: float, better: Better) -> float:
    return 1 - chance_at_or_above if better is Better.HIGHER else chance_at_or_above


def chance_of_gap(mornings: int, missed: int) -> float:
    """That a source skips two mornings in a row within a week, from how often it skipped one.

    The share of skipped mornings is taken with half a morning added (Jeffreys), so that a source
    that never failed may still do so.
    """
    skipped = (missed + 0.5) / (mornings + 1)
    return float(1 - (1 - skipped**GAP_DAYS) ** (AHEAD - GAP_DAYS + 1))


class Counted(Protocol):
    """What is needed to see whether two risks speak of the same money."""

    @property
    def kind(self) -> str: ...
    @property
    def team_path(self) -> str: ...
    @property
    def expected(self) -> int: ...


C = TypeVar("C", bound=Counted)


def counted_once(risks: Iterable[C], overlapping: str) -> list[C]:
    """Those that add up: of ``overlapping`` kinds only the largest of a team and all above and below.

    A team's target and those of its campaigns speak of the same money.
    """
    kept: list[C] = []
    for risk in sorted(risks, key=lambda one: -one.expected):
        if risk.kind != overlapping or not _is_told(risk, kept):
            kept.append(risk)
    return kept


def _is_told(risk: C, kept: Sequence[C]) -> bool:
    return any(
        one.kind == risk.kind
        and (one.team_path.startswith(risk.team_path) or risk.team_path.startswith(one.team_path))
        for one in kept
    )
