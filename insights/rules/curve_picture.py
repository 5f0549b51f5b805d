"""Small pictures of response curves on shared axes, as the points of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# The drawing's own units; axes go from nothing to twice today's spend and result.
WIDTH, HEIGHT = 240.0, 132.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 8.0, 20.0
FURTHEST = 2.0


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A curve at one spend a week: the result with its 80 % range, and what the next unit brings."""

    share: float
    spend: float
    result: float
    low: float
    high: float
    marginal: float | None
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines as SVG points; ``now`` is the hollow dot, ``best`` the full one.

    ``guess`` is the part past anything ever spent.
    """

    line: str
    guess: str
    band: str
    now: Dot
    best: Dot | None
    across: Sequence[Tick]
    up: Sequence[Tick]
    right: float = WIDTH - RIGHT
    left: float = LEFT
    bottom: float = HEIGHT - BOTTOM


def picture_of(
    points: Sequence[CurvePoint], today: float, top: float, best_share: float | None
) -> Picture:
    """Draw points relative to today's result ``today``; ``top`` is the largest share of all panels."""
    known = [point for point in points if not point.is_beyond]
    rest = points[max(len(known) - 1, 0) :]
    place = _Place(today, top)
    upper = [place.at(point.share, point.high) for point in points]
    lower = [place.at(point.share, point.low) for point in reversed(points)]
    return Picture(
        line=" ".join(place.at(point.share, point.result) for point in known),
        guess=" ".join(place.at(point.share, point.result) for point in rest),
        band=" ".join([*upper, *lower]),
        now=place.dot(1.0, _value(points, 1.0)),
        best=None if best_share is None else place.dot(best_share, _value(points, best_share)),
        across=[Tick(place.x(share), f"{share:.0%}".replace("%", " %")) for share in (0, 1, 2)],
        up=[Tick(place.y(share * today), f"{share:.0%}".replace("%", " %")) for share in (0, 1, 2)
            if share <= top],
    )  # fmt: skip


def _value(points: Sequence[CurvePoint], share: float) -> float:
    """The result between the two nearest points."""
    for before, after in pairwise(points):
        if before.share <= share <= after.share:
            part = (share - before.share) / (after.share - before.share)
            return before.result + part * (after.result - before.result)
    return points[-1].result


@dataclass(frozen=True, slots=True)
class _Place:
    today: float
    top: float

    def x(self, share: float) -> float:
        return round(LEFT + min(share, FURTHEST) / FURTHEST * (WIDTH - LEFT - RIGHT), 1)

    def y(self, result: float) -> float:
        share = min(max(result / self.today, 0.0), self.top) / self.top
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def at(self, share: float, result: float) -> str:
        return f"{self.x(share)},{self.y(result)}"

    def dot(self, share: float, result: float) -> Dot:
        return Dot(self.x(share), self.y(result))
