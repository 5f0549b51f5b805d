"""The daily series that forecasts are made from, and what plans and stops say of the days to come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray

RECENT_DAYS = 28
# Days of silence after which a line that was stopped is no longer spoken of.
SILENT_DAYS = 35
WEEK = 7
# Known days of the latest week without which nothing is compared with it.
FEWEST_OF_WEEK = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign line: where its numbers are added up, and when it stops (ordinals)."""

    pk: int
    campaign: int
    channel: int
    team: int
    # The team and those above it, the one at the top first.
    teams: tuple[int, ...]
    is_stopped: bool
    starts: int | None
    ends: int | None


def laid_out(
    cells: Iterable[tuple[int, int, int, float | None]],
    arrived: Mapping[int, Collection[int]],
    lines: Sequence[int],
    days: IntArray,
) -> FloatArray:
    """One measure of every line by day, (L, D); NaN where nobody knows.

    ``cells`` are (line, source, day, value). A line's day without a row is zero when its source
    brought that day for others, from the line's first day on; else it is unknown.
    """
    first_day, place = int(days[0]), {pk: n for n, pk in enumerate(lines)}
    values = np.full((len(lines), len(days)), np.nan)
    sources: dict[int, set[int]] = {}
    begun: dict[int, int] = {}
    stated: list[tuple[int, int]] = []
    for pk, source, day, value in cells:
        row, column = place[pk], day - first_day
        sources.setdefault(row, set()).add(source)
        begun[row] = min(begun.get(row, column), column)
        stated.append((row, column))
        if value is not None:
            values[row, column] = value if np.isnan(values[row, column]) else (
                values[row, column] + value
            )  # fmt: skip
    quiet = np.zeros(values.shape, dtype=np.bool_)
    for row, own in sources.items():
        known = [day - first_day for source in own for day in arrived[source]]
        quiet[row, [column for column in known if column >= begun[row]]] = True
    if stated:
        rows, columns = zip(*stated, strict=True)
        quiet[rows, columns] = False
    reported = ~np.isnan(values).all(axis=1)
    return np.where(quiet & np.isnan(values) & reported[:, None], 0.0, values)


def running_days(lines: Sequence[Line], first: int, horizon: int) -> BoolArray:
    """On which of the days ahead each line may run at all, (L, H)."""
    days = first + np.arange(horizon)
    return np.array(
        [
            np.full(horizon, not line.is_stopped)
            & (days >= (line.starts or 0))
            & (days <= (line.ends or 10**7))
            for line in lines
        ]
    ).reshape(len(lines), horizon)


def usual_spend(spend: FloatArray) -> FloatArray:
    """The mean of the latest days on which each line spent anything, (L,); NaN where none did."""
    known = np.where(spend[:, -RECENT_DAYS:] > 0, spend[:, -RECENT_DAYS:], 0.0)
    days = (known > 0).sum(axis=1)
    return np.where(days > 0, known.sum(axis=1) / np.maximum(days, 1), np.nan)


def spoken_of(lines: Sequence[Line], values: Mapping[str, FloatArray]) -> BoolArray:
    """Lines whose forecasts are kept: those that may run, or that brought something lately."""
    lately = np.zeros(len(lines), dtype=np.bool_)
    for rows in values.values():
        lately |= (np.nan_to_num(rows[:, -SILENT_DAYS:]) > 0).any(axis=1)
    return lately | np.array([not line.is_stopped for line in lines], dtype=np.bool_)


def latest_week(values: FloatArray) -> FloatArray:
    """The sum of the latest seven days, (S,); an unknown day counts as the mean of the others.

    NaN with fewer than ``FEWEST_OF_WEEK`` known.
    """
    week = values[:, -WEEK:]
    known = (~np.isnan(week)).sum(axis=1)
    mean = np.nansum(week, axis=1) / np.maximum(known, 1)
    return np.where(known >= FEWEST_OF_WEEK, mean * WEEK, np.nan)


def subjects_of(lines: Sequence[Line], top: int, channels: Mapping[int, str]) -> dict[
    str, list[tuple[str, IntArray]]
]:  # fmt: skip
    """Level -> (subject, places of its lines): how lines add up."""
    levels: dict[str, dict[str, list[int]]] = {
        level: {} for level in ("company", "team", "channel", "campaign")
    }
    for place, line in enumerate(lines):
        key = channels[line.channel]
        for level, subject in _parents(line, top, key):
            levels[level].setdefault(subject, []).append(place)
    return {
        level: [(name, np.array(rows)) for name, rows in found.items()]
        for level, found in levels.items()
    }


def _parents(line: Line, top: int, channel: str) -> list[tuple[str, str]]:
    below = [team for team in line.teams if team != top]
    return [
        ("company", "company"),
        ("channel", f"channel:{channel}"),
        ("campaign", f"campaign:{line.campaign}"),
        *(("team", f"team:{team}") for team in below),
        *(("channel", f"channel:{channel}@{team}") for team in below),
    ]
