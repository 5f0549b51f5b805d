"""Ad accounts, audiences and campaigns, each drawn up, approved, run and ended in its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

from accounts.models import User
from campaigns.choices import Platform, Status
from campaigns.models import AdAccount, Audience, Channel, Creative
from campaigns.services import campaign_create, campaign_move, line_create
from demo.company.budgets import give_out
from demo.company.people import DIRECTORS, DIVISIONS, MANAGERS
from demo.company.records import Company
from demo.company.targets import set_targets
from demo.market import stories
from demo.market.model import Campaign, Line

# Seasonal campaigns are drawn up this long before they begin, the first ones of all a bit later.
AHEAD = timedelta(days=75)
FIRST_AHEAD = timedelta(days=20)
APPROVED_AHEAD = timedelta(days=12)
# Ended campaigns are looked back on, but not at once.
REVIEWED_AFTER = timedelta(days=120)
PAUSE_REASON = (
    "Two creators have not delivered their films; we pay per post, so nothing runs until they do."
)


def plan_campaigns(company: Company) -> None:
    """Make what all campaigns share, and let each of them begin in its time."""
    company.channels = {channel.key: channel for channel in Channel.objects.all()}
    _open_accounts(company)
    _describe_audiences(company)
    for number, campaign in enumerate(company.market.campaigns):
        _plan(company, campaign, number)


def _open_accounts(company: Company) -> None:
    zones = {team.key: team.time_zone for team in company.market.teams}
    known = set(Platform.values)
    company.accounts = {
        account.key: AdAccount.objects.create(
            platform=account.platform if account.platform in known else Platform.OTHER,
            external_id=account.external_id,
            name=account.name,
            currency=account.currency,
            time_zone=zones[account.team],
            team=company.teams[account.team],
        )
        for account in company.market.accounts
    }


def _describe_audiences(company: Company) -> None:
    company.audiences = {
        audience.key: Audience.objects.create(
            team=company.teams[audience.team],
            name=audience.name,
            definition=audience.definition,
            size=audience.size,
        )
        for audience in company.market.audiences
    }


def owner_of(company: Company, campaign: Campaign) -> User:
    """Managers of a team share its campaigns; those the stories are about belong to the first."""
    managers = MANAGERS[campaign.team]
    told = (stories.FALLING_LINE, stories.LIMITED_LINE, stories.OVERSPENDING_LINE)
    if any(line.startswith(f"{campaign.key}-") for line in told):
        return company.people[managers[0]]
    # By template, so that next year's edition has the same owner.
    template = sum(map(ord, campaign.key.rstrip("0123456789")))
    return company.people[managers[template % len(managers)]]


def director_of(company: Company, team: str) -> User:
    division = next(one.director for one in company.market.teams if one.key == team)
    return company.people[DIRECTORS[DIVISIONS[division]]]


def _plan(company: Company, campaign: Campaign, number: int) -> None:
    moments, start = company.moments, campaign.flight_start
    is_first = start <= company.market.first_day
    drawn_up = start - (FIRST_AHEAD if is_first else AHEAD)
    # A later edition is drawn up when the market first knew of it, at the latest some days ago.
    drawn_up = min(drawn_up, company.today - timedelta(days=8))
    drawn_up = max(drawn_up, company.market.first_day - FIRST_AHEAD)
    minute = number % 12 * 5
    company.timeline.add(
        moments.on(drawn_up, 11, minute), "campaigns", partial(_draw_up, company, campaign)
    )
    _let(company, campaign, Status.PLANNED, moments.on(drawn_up, 13, minute))
    approved = max(start - APPROVED_AHEAD, drawn_up + timedelta(days=2))
    if approved < company.today and campaign.status != "planned":
        _let(company, campaign, Status.APPROVED, moments.on(approved, 15, minute))
    if start <= company.market.last_day:
        _let(company, campaign, Status.LIVE, moments.on(start, 0, 30 + minute // 5))
    _plan_end(company, campaign)


def _plan_end(company: Company, campaign: Campaign) -> None:
    if campaign.status == "paused":
        line = next(line for line in company.market.lines if line.campaign == campaign.key)
        if line.paused_on is not None:
            at = company.moments.on(line.paused_on - timedelta(days=1), 17, 40)
            _let(company, campaign, Status.PAUSED, at, PAUSE_REASON)
    end = campaign.flight_end
    if end is None or end >= company.market.last_day:
        return
    _let(company, campaign, Status.COMPLETED, company.moments.on(end + timedelta(days=1), 8, 45))
    if end + REVIEWED_AFTER < company.today:
        reviewed = company.moments.on(end + REVIEWED_AFTER, 14, 20)
        _let(company, campaign, Status.REVIEWED, reviewed, "Numbers have matured; see the review.")


def _let(company: Company, campaign: Campaign, to: str, at: datetime, reason: str = "") -> None:
    """Let a campaign take a step of its life then; its owner takes it, a director approves."""

    def step(at: datetime) -> None:
        current = company.campaigns[campaign.key]
        decides = to == Status.APPROVED
        by = director_of(company, campaign.team) if decides else current.owner
        company.campaigns[campaign.key] = campaign_move(
            campaign=current, to=to, by=by, reason=reason, at=at
        )

    company.timeline.add(at, "campaigns", step)


def _draw_up(company: Company, campaign: Campaign, at: datetime) -> None:
    owner = owner_of(company, campaign)
    made = campaign_create(
        user=owner,
        team=company.teams[campaign.team],
        owner=owner,
        name=campaign.name,
        objective=campaign.objective,
        flight_start=campaign.flight_start,
        flight_end=campaign.flight_end,
        brief=campaign.brief,
        markets=", ".join(campaign.markets),
        audiences=[company.audiences[key] for key in campaign.audiences],
        at=at,
    )
    company.campaigns[campaign.key] = made
    lines = [line for line in company.market.lines if line.campaign == campaign.key]
    for line in lines:
        _add_line(company, line, owner, at)
    _make_creatives(company, campaign, lines)
    give_out(company, lines, at)
    set_targets(company, campaign, at)


def _add_line(company: Company, line: Line, owner: User, at: datetime) -> None:
    company.lines[line.key] = line_create(
        user=owner,
        campaign=company.campaigns[line.campaign],
        channel=company.channels[line.channel],
        name=line.name,
        currency=line.currency,
        ad_account=company.accounts[line.account],
        external_id=line.external_id,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        at=at,
    )


def _make_creatives(company: Company, campaign: Campaign, lines: Sequence[Line]) -> None:
    keys = {line.key for line in lines}
    own = [creative for creative in company.market.creatives if creative.line in keys]
    made = Creative.objects.bulk_create(
        Creative(
            campaign=company.campaigns[campaign.key],
            name=creative.name,
            format=creative.format,
            external_id=creative.external_id,
            owner=company.campaigns[campaign.key].owner,
            state=_state(company.today, creative.starts_on, creative.ends_on),
        )
        for creative in own
    )
    company.creatives |= {creative.key: row.pk for creative, row in zip(own, made, strict=True)}


def _state(today: date, starts_on: date, ends_on: date | None) -> str:
    """What has become of a creative by today."""
    if starts_on > today:
        soon = starts_on < today + timedelta(days=45)
        return Creative.State.READY if soon else Creative.State.IN_PRODUCTION
    is_over = ends_on is not None and ends_on < today
    return Creative.State.RETIRED if is_over else Creative.State.RUNNING
