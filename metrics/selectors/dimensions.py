"""What numbers can be split and filtered by, and the smallest table that can answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Invalid
from metrics.rules.buckets import TIME_GRAINS

SEGMENT_PREFIX = "segment:"
# A part of the campaign's name, by the team's naming pattern.
NAME_PREFIX = "name:"
_PART = re.compile(r"[a-z][a-z0-9_]{0,39}")


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

    @property
    def part(self) -> str:
        """For ``name:market``: ``market``; else empty."""
        return self.key.removeprefix(NAME_PREFIX) if self.key.startswith(NAME_PREFIX) else ""


_CHANNEL, _LINE, _SEGMENT, _FACT = Table
DIMENSIONS = {
    dimension.key: dimension
    for dimension in (
        Dimension("campaign", "Campaign", "campaign_id", _LINE),
        Dimension("line", "Line", "id", _LINE),
        Dimension("channel", "Channel", "channel_id", _CHANNEL),
        Dimension("team", "Team", "team_id", _CHANNEL),
        Dimension("platform", "Platform", "platform", _LINE),
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
    """The dimension of that key; ``segment:<attribute>`` is any attribute of segments,
    ``name:<part>`` any part of campaign names."""
    if key.startswith(SEGMENT_PREFIX) and len(key) > len(SEGMENT_PREFIX):
        name = key.removeprefix(SEGMENT_PREFIX)
        return Dimension(key, name.replace("_", " ").capitalize(), "", _SEGMENT, of_line=False)
    if key.startswith(NAME_PREFIX) and _PART.fullmatch(key.removeprefix(NAME_PREFIX)):
        name = key.removeprefix(NAME_PREFIX)
        return Dimension(key, name.replace("_", " ").capitalize(), key, _LINE)
    try:
        return DIMENSIONS[key]
    except KeyError as error:
        raise Invalid(
            f"Numbers cannot be split or filtered by “{key}”.",
            code="unknown_dimension",
            where="by",
            remedy=f"Use {', '.join(DIMENSIONS)}, segment:<attribute> or name:<part>.",
        ) from error


def smallest_table(
    used: Iterable[Dimension], *, as_of: bool, of_few_lines: bool = False, mature: bool = False
) -> Table:
    """The smallest table that has all of ``used``; the past needs one whose history is kept.

    Matured values hang on the source.

    Segments of a few lines are read from the facts, whose key begins with the line.
    """
    dimensions = list(used)
    needed = {d.smallest for d in dimensions}
    by_source = mature or any(d.key == "source" for d in dimensions)
    if _FACT in needed or (_SEGMENT in needed and (by_source or as_of or of_few_lines)):
        return _FACT
    if _SEGMENT in needed:
        return _SEGMENT
    return _LINE if _LINE in needed or as_of or mature else _CHANNEL
