"""What is fitted of response curves, and what a marginal return says to a marketer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# What spend can bring back; fitted is whatever of it is reported.
RESULTS = ("revenue", "conversions", "order_value", "leads")
# Weeks that are read, and the latest ones whose mean spend counts as today's.
MOST_WEEKS, TODAY_WEEKS = 156, 4
# A campaign of another name that runs no longer than this is a promotion of its weeks.
PROMOTION_DAYS = 31
# Lines with a curve of their own stand for their channel when they hold this share of its spend.
ENOUGH = 0.5
# Fits of one channel need fewer sweeps; draws kept of each curve.
SWEEPS, DRAWS = 250, 100
# Chains that differ by more than this have not agreed (Gelman and Rubin 1992).
MOST_RHAT = 1.1

METHOD = (
    "Each line's weekly results, as its platform credits them, are level, trend, two waves of the "
    "year, weeks with promotions, and a curve of its spend that saturates (Hill) and carries over "
    "into later weeks (geometric). Seven tenths of what is credited are taken to be the line's own "
    "until its weeks or a test say otherwise. A channel's curve is the sum of its lines'. Ranges "
    "hold 80 % of the draws."
)


class Room(StrEnum):
    """Whether the next unit of spend pays."""

    GROW = "grow"
    PAST = "past"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


ROOM_LABELS = {
    Room.GROW: "Room to grow",
    Room.PAST: "Past break-even",
    Room.UNCLEAR: "Cannot tell",
    Room.NOTHING: "Not enough data",
}
ROOM_TONES = {Room.GROW: "good", Room.PAST: "bad", Room.UNCLEAR: "neutral", Room.NOTHING: "neutral"}


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate with the ends of its 80 % range."""

    value: float
    low: float
    high: float


def room_of(marginal: Range | None, even: float) -> Room:
    """What the whole range of the next unit's return says against break-even ``even``."""
    if marginal is None:
        return Room.NOTHING
    if marginal.low > even:
        return Room.GROW
    return Room.PAST if marginal.high < even else Room.UNCLEAR


def even_of(marginals: list[tuple[float, float]], *, is_money: bool) -> float:
    """What the next unit of spend must bring: itself, or of a count what it brings on average.

    ``marginals`` are (spend today, marginal return) of the channels.
    """
    if is_money:
        return 1.0
    spend = sum(part for part, _ in marginals)
    return sum(part * value for part, value in marginals) / spend if spend else 0.0
