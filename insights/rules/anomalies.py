"""When a day is out of the ordinary enough to tell somebody, and for how long that is news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

# Shares of a day's final value below which it is not judged: 80 % known, and what is missing is
# estimated; younger days look like outages.
MIN_KNOWN = 0.8
# Without a curve nobody knows how days grow: results of so many days are left out.
YOUNG_DAYS = 7
# A day is compared with up to half a year before it; what is learnt from longer ago is another market.
HISTORY = timedelta(days=182)
# Monthly files bring their oldest day a month late, and some of them later than that.
LOOK_BACK = timedelta(days=62)
# The farthest an import of old days is looked through.
FARTHEST = timedelta(days=400)
# Money that would have been worth a look: a thousandth of what the house spends in four weeks, and
# never less than a hundred units of the reporting currency.
LEAST_SHARE, LEAST_STAKE = 0.001, 100.0
# Days without a further unusual one after which an incident is over.
COOL_DOWN = 3
# What is over stays open so long after it was found, that people see it once.
NEWS = timedelta(days=7)
# Found longer after its end than this, nobody is called: there is nothing left to stop.
STALE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Watched:
    """A metric that is watched line by line.

    ``result`` is what the change costs in the end: its tree is shown. ``min_volume`` is of the
    denominator a day, or of the amount. ``is_count``: the numerator counts events. ``unless`` names
    a measure with which the metric says nothing new.
    """

    metric: str
    result: str
    min_volume: float
    is_count: bool = False
    unless: str = ""


# The steps of the funnel, so that one cause shows in one of them; an earlier one wins where two
# speak of the same line and days. Volumes: a rate of fewer clicks or views a day is chance.
WATCHED = (
    Watched("spend", "spend", 20),
    Watched("cvr", "revenue", 100, is_count=True),
    Watched("lead_rate", "leads", 100, is_count=True),
    Watched("conversions", "revenue", 5, is_count=True, unless="clicks"),
    Watched("leads", "leads", 5, is_count=True, unless="clicks"),
    Watched("ctr", "clicks", 1_000, is_count=True),
    Watched("cpc", "spend", 20),
    Watched("roas", "revenue", 20),
)


def least_stake(spend_of_four_weeks: float) -> float:
    """What an incident must be worth, in the same currency."""
    return max(LEAST_STAKE, LEAST_SHARE * spend_of_four_weeks)


def is_running(last_unusual: date, newest: date) -> bool:
    """Whether it may still go on."""
    return (newest - last_unusual).days <= COOL_DOWN


def first_judged(newest: date, oldest_new: date | None) -> date:
    """The first day whose incidents are told: two months back, or where new facts begin."""
    usual = newest - LOOK_BACK
    if oldest_new is None:
        return usual
    return max(min(usual, oldest_new), newest - FARTHEST)
