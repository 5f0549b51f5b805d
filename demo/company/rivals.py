"""Who else bids for outdoor clothing: auction insights by week, and competitors Mara has named.

The files are invented and come in the way any export does. One rival pushes into the market
week by week, one is so small that some weeks only a bound is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np

from demo.company.handed_in import bring_in
from demo.company.records import Company
from metrics.services import competitor_create

WEEKS = 12
# Mornings on which the report is downloaded, counted back from today.
EXPORTED = (30, 2)
HEADER = (
    "Week", "Display URL domain", "Impression share", "Overlap rate", "Position above rate",
    "Top of page rate", "Abs. Top of page rate", "Outranking share",
)  # fmt: skip
# Whose download it is, in which team.
BY = {"dach": "jonas", "uki": "eilidh"}


@dataclass(frozen=True, slots=True)
class Bidder:
    """Shares in per cent in the first week, and how many points the first moves a week."""

    domain: str
    share: float
    overlap: float
    above: float
    push: float = 0.0


RIVALS = {
    "dach": (
        Bidder("nordwand.example", 31, 37, 33, 0.9),
        Bidder("huettenladen.example", 27, 30, 24, -0.3),
        Bidder("nordwand-outlet.example", 14, 16, 15),
        Bidder("gipfelstuermer.example", 10.4, 12, 19, -0.05),
    ),
    "uki": (
        Bidder("fellrunner.example", 35, 41, 38, -0.4),
        Bidder("highmoor.example", 18, 22, 21, 0.5),
        Bidder("peakandpine.example", 9.8, 11, 14, 0.05),
    ),
}
OWN = {"dach": 48.0, "uki": 39.0}


def plan_rivals(company: Company) -> None:
    """Let the reports of the last quarter come in, and Mara put two domains together."""
    add, ago = company.timeline.add, company.moments.ago
    for days in EXPORTED:
        for team in RIVALS:
            add(ago(days, 9, 10), "competitors", partial(_hand_over, company, team))
    add(ago(EXPORTED[0], 11, 30), "competitors", partial(_name, company))


def _hand_over(company: Company, team: str, at: datetime) -> None:
    day = at.astimezone(company.moments.zone).date()
    first = company.today - timedelta(days=company.today.weekday(), weeks=WEEKS)
    rows = list(auction_rows(company.market.seed, team, first))
    known = [row for row in rows if date.fromisoformat(str(row[0])) + timedelta(days=7) <= day]
    bring_in(
        company, f"auction-insights-{team}-{day}.csv", [HEADER, *known], at, team=team, by=BY[team]
    )


def auction_rows(seed: int, team: str, first: date) -> Iterator[Sequence[object]]:
    """Twelve weeks from the Monday ``first``, as Google Ads writes them."""
    dice = np.random.default_rng((seed, 91, list(RIVALS).index(team)))
    for number in range(WEEKS):
        week = first + timedelta(weeks=number)
        own = OWN[team] - 0.35 * number + dice.normal(0, 0.8)
        yield week, "You", _cell(own), "--", "--", _cell(own + 22), _cell(own - 14), "--"
        for bidder in RIVALS[team]:
            yield week, bidder.domain, *_shares(bidder, number, dice)


def _shares(bidder: Bidder, number: int, dice: np.random.Generator) -> Iterator[str]:
    moved = bidder.push * number + dice.normal(0, 0.6)
    yield _cell(bidder.share + moved)
    yield _cell(bidder.overlap + 1.1 * moved)
    yield _cell(bidder.above + 0.6 * moved)
    yield _cell(bidder.share + 28 + moved)
    yield _cell(bidder.share * 0.7 + moved)
    yield _cell(62 - bidder.overlap / 2 - 0.8 * moved)


def _cell(percent: float) -> str:
    """Google names nothing below 10 % exactly."""
    return f"{percent:.2f}%" if percent >= 10 else "< 10%"


def _name(company: Company, at: datetime) -> None:
    competitor_create(
        team=company.teams["dach"],
        name="Nordwand",
        domains=["nordwand.example", "nordwand-outlet.example"],
        note="Opened shops in Munich and Zurich this year.",
        user=company.people["mara"],
        at=at,
    )
