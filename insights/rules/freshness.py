"""When data that used to come every day no longer does, or comes without its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import exp, log
from statistics import median

# Two weeks of arrivals show a rhythm, and the longest pause in it (a weekend, say).
LEAST_ARRIVALS = 14
# Mornings by which it is judged how often it fails: a rhythm of half a year ago was another one.
RECENT = 28
# A day beyond the longest pause so far may be a holiday; from two on somebody should look.
GRACE = 1
LEAST_LATE = 2
# So rarely would a source without results have none by chance: once in a million checks.
CHANCE = 1e-6
LEAST_HISTORY = 21
STEADY_CLICKS = 0.5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a source delivers: days with news, and the longest pause between two of them.

    ``missed`` counts the mornings without news in the four weeks up to the newest.
    """

    arrivals: int
    longest_pause: int
    missed: int
    newest: date

    def days_late(self, today: date) -> int:
        """Days since the last delivery, when they are too many; else 0."""
        silent = (today - self.newest).days
        return silent if silent >= max(LEAST_LATE, self.longest_pause + GRACE) else 0


def rhythm_of(arrivals: Sequence[date]) -> Rhythm | None:
    """The rhythm of a source that delivers daily; None of one that does not (a file now and then)."""
    days = sorted(set(arrivals))
    if len(days) < LEAST_ARRIVALS:
        return None
    pauses = [(later - earlier).days for earlier, later in pairwise(days)]
    if median(pauses) != 1:
        return None
    recent = sum((days[-1] - day).days < RECENT for day in days)
    return Rhythm(len(days), max(pauses), RECENT - recent, days[-1])


@dataclass(frozen=True, slots=True)
class Silence:
    """The latest days without a single result although people clicked as always."""

    days: int
    usual: float
    chance: float


def silence_of(clicks: Sequence[float], results: Sequence[float]) -> Silence | None:
    """Whether results stopped at the end of a daily series; None when they did not.

    The chance of none is Poisson's at the lower half of the days before, so that a slow
    week is no alarm.
    """
    known = len(results)
    silent = next((n for n, value in enumerate(reversed(results)) if value > 0), known)
    before = results[: known - silent]
    if not silent or len(before) < LEAST_HISTORY:
        return None
    usual, usual_clicks = min(median(before), min(before[-28:]) * 2), median(clicks[: len(before)])
    chance = exp(-usual * silent)
    steady = sum(clicks[-silent:]) >= STEADY_CLICKS * usual_clicks * silent
    return Silence(silent, usual, chance) if steady and log(CHANCE) > -usual * silent else None
