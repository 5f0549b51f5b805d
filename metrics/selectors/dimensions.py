"""What numbers can be split and filtered by, and the smallest table that can answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Invalid
from metrics.rules.buckets import TIME_GRAINS

SEGMENT_PREFIX = "segment:"


class Table(StrEnum):
    """The tables of numbers, from the smallest."""

    CHANNEL_DAY = "metrics_channelday"
    LINE_DAY = "metrics_lineday"
    SEGMENT_DAY = "metrics_segmentday"
    FACT = "metrics_fact"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to split: ``column`` is its number or word, in the facts or (``of_line``) the lines.

    ``smallest`` is the smallest table that has it.
    """

    key: str
    label: str
    column: str
    smallest: Table
    of_line: bool = True

    @property
    def is_time(self) -> bool:
        return self.key in TIME_GRAINS

    @property
    def attribute(self) -> str:
        """For ``segment:placement``: ``placement``; else empty."""
        return self.key.removeprefix(SEGMENT_PREFIX) if self.key.startswith(SEGMENT_PREFIX) else ""


_CHANNEL, _LINE, _SEGMENT, _FACT = Table
DIMENSIONS = {
    dimension.key: dimension
    for dimension in (
        Dimension("campaign", "Campaign", "campaign_id", _LINE),
        Dimension("line", "Line", "id", _LINE),
        Dimension("channel", "Channel", "channel_id", _CHANNEL),
        Dimension("team", "Team", "team_id", _CHANNEL),
        Dimension("owner", "Owner", "owner_id", _LINE),
        Dimension("objective", "Objective", "objective", _LINE),
        Dimension("currency", "Currency", "currency", _CHANNEL),
        Dimension("source", "Source", "source", _LINE, of_line=False),
        Dimension("creative", "Creative", "creative_id", _FACT, of_line=False),
        Dimension("segment", "Segment", "segment_id", _SEGMENT, of_line=False),
        *(Dimension(g, g.capitalize(), "day", _CHANNEL, of_line=False) for g in TIME_GRAINS),
    )
}


def dimension(key: str) -> Dimension:
    """The dimension of that key; ``segment:<attribute>`` is any attribute of segments."""
    if key.startswith(SEGMENT_PREFIX) and len(key) > len(SEGMENT_PREFIX):
        name = key.removeprefix(SEGMENT_PREFIX)
        return Dimension(key, name.replace("_", " ").capitalize(), "", _SEGMENT, of_line=False)
    try:
        return DIMENSIONS[key]
    except KeyError as error:
        raise Invalid(
            f"Numbers cannot be split or filtered by “{key}”.",
            code="unknown_dimension",
            where="by",
            remedy=f"Use {', '.join(DIMENSIONS)} or segment:<attribute>.",
        ) from error


def smallest_table(used: Iterable[Dimension], *, as_of: bool, of_few_lines: bool = False) -> Table:
    """The smallest table that has all of ``used``; the past needs one whose history is kept.

    Segments of a few lines are read from the facts, whose key begins with the line.
    """
    dimensions = list(used)
    needed = {d.smallest for d in dimensions}
    by_source = any(d.key == "source" for d in dimensions)
    if _FACT in needed or (_SEGMENT in needed and (by_source or as_of or of_few_lines)):
        return _FACT
    if _SEGMENT in needed:
        return _SEGMENT
    return _LINE if _LINE in needed or as_of else _CHANNEL
