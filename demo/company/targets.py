"""Goals of campaigns and teams, set by who answers for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

from demo.company.people import DIRECTORS, DIVISIONS
from demo.company.records import Company
from demo.market.model import Campaign, Target
from metrics.services import target_set

# Team goals of a quarter are agreed upon so long before it begins.
AGREED_AHEAD = timedelta(days=21)


def plan_team_targets(company: Company) -> None:
    """Let every team's goals of a quarter be agreed upon in time."""
    earliest = company.moments.on(company.market.first_day - timedelta(days=11), 16)
    for target in company.market.targets:
        if not target.campaign:
            at = max(earliest, company.moments.on(target.first_day - AGREED_AHEAD, 16))
            company.timeline.add(
                at,
                "targets",
                partial(_set_for_team, company, target),
            )


def _set_for_team(company: Company, target: Target, at: datetime) -> None:
    division = next(team.director for team in company.market.teams if team.key == target.team)
    director = company.people[DIRECTORS[DIVISIONS[division]]]
    target_set(
        user=director, metric=target.metric, team=company.teams[target.team],
        first_day=target.first_day, last_day=target.last_day, value_micros=target.value_micros,
        currency=target.currency, tolerance_percent=target.tolerance_percent, owner=director,
        at=at,
    )  # fmt: skip


def set_targets(company: Company, campaign: Campaign, at: datetime) -> None:
    """A campaign's goals, when it is drawn up; those of a later year come with that year."""
    for target in company.market.targets:
        if target.campaign != campaign.key:
            continue
        begins = company.moments.on(target.first_day - AGREED_AHEAD, 13)
        if campaign.flight_end or begins <= at:
            _set_for_campaign(company, target, at)
            continue
        for year in range(campaign.flight_start.year, target.first_day.year):
            _set_for_campaign(company, target, at, year)
        company.timeline.add(
            begins,
            "targets",
            partial(_set_for_campaign, company, target),
        )


def _set_for_campaign(
    company: Company, target: Target, at: datetime, year: int | None = None
) -> None:
    """``year`` gives an earlier year the same return; amounts are set anew each year."""
    campaign = company.campaigns[target.campaign]
    first, last = target.first_day, target.last_day
    if year is not None:
        if target.currency:
            return
        first, last = date(year, 1, 1), date(year, 12, 31)
    target_set(
        user=campaign.owner, metric=target.metric, team=campaign.team, campaign=campaign,
        first_day=max(first, campaign.flight_start or first), last_day=last,
        value_micros=target.value_micros, currency=target.currency,
        tolerance_percent=target.tolerance_percent, owner=campaign.owner, at=at,
    )  # fmt: skip
