"""What the teams have in the making: campaigns without numbers yet, each a step further."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from campaigns.choices import Objective, Status
from campaigns.services import campaign_create, campaign_move, line_create
from core.money import MICROS
from demo.company.campaigns import director_of
from demo.company.people import MANAGERS
from demo.company.records import Company
from demo.market.catalogue import CHANNELS
from metrics.services import target_set


@dataclass(frozen=True, slots=True)
class Idea:
    """A campaign to come: begins ``begins_in`` days from today and lasts ``lasts`` days."""

    team: str
    name: str
    brief: str
    objective: str
    channels: tuple[str, ...]
    begins_in: int
    lasts: int
    reaches: str
    drawn_up: int


IDEAS = (
    Idea(
        "dach", "Repair tour",
        "A van with two tailors stops at eight huts; we mend what people bring, whoever made it.",
        Objective.RETENTION, ("social", "email"), 75, 40, Status.DRAFT, 6,
    ),
    Idea(
        "na", "First snow stories",
        "Guides tell of their first day on snow. Six short films, one a week.",
        Objective.AWARENESS, ("creators", "social"), 32, 42, Status.PLANNED, 11,
    ),
    Idea(
        "uki", "Rain is a season",
        "Shell jackets where the forecast says rain for the weekend, and nowhere else.",
        Objective.SALES, ("display", "search"), 18, 28, Status.APPROVED, 16,
    ),
)  # fmt: skip
# Revenue per spend that each is asked to bring.
RETURN = 3 * MICROS


def plan_ideas(company: Company) -> None:
    """Let them be drawn up in the last weeks, and taken as far as they are."""
    for idea in IDEAS:
        at = company.moments.ago(idea.drawn_up, 10, 20)
        company.timeline.add(at, "campaigns", partial(_draw_up, company, idea))


def _draw_up(company: Company, idea: Idea, at: datetime) -> None:
    owner = company.people[MANAGERS[idea.team][-1]]
    team = next(team for team in company.market.teams if team.key == idea.team)
    begins = company.today + timedelta(days=idea.begins_in)
    ends = begins + timedelta(days=idea.lasts)
    campaign = campaign_create(
        user=owner, team=company.teams[idea.team], owner=owner, name=idea.name,
        objective=idea.objective, flight_start=begins, flight_end=ends, brief=idea.brief,
        markets=", ".join(team.markets), at=at,
    )  # fmt: skip
    for channel in idea.channels:
        line_create(
            user=owner, campaign=campaign, channel=company.channels[channel],
            name=f"{idea.name} · {CHANNELS[channel].name}", currency=team.currency,
            starts_on=begins, ends_on=ends, at=at,
        )  # fmt: skip
    if idea.reaches == Status.DRAFT:
        return
    target_set(
        user=owner, metric="roas", team=campaign.team, campaign=campaign, first_day=begins,
        last_day=ends, value_micros=RETURN, owner=owner, at=at,
    )  # fmt: skip
    campaign = campaign_move(campaign=campaign, to=Status.PLANNED, by=owner, at=at)
    if idea.reaches == Status.APPROVED:
        director = director_of(company, idea.team)
        later = company.moments.ago(idea.drawn_up - 3, 9, 10)
        company.timeline.add(
            later,
            "campaigns",
            lambda at: campaign_move(campaign=campaign, to=Status.APPROVED, by=director, at=at),
        )
