"""Who runs what, and when: the catalogue laid over the market's days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from demo.market import stories
from demo.market.catalogue import (
    ALWAYS,
    CHANNELS,
    SEASONAL,
    TEAMS,
    Always,
    Part,
    Seasonal,
)
from demo.market.model import Account, Campaign, Creative, Line, Team

SUFFIX = {"dach": "DACH", "uki": "UK", "na": "US"}
ACCOUNT_NAMES = {
    "google_ads": "Google Ads",
    "microsoft_ads": "Microsoft Advertising",
    "meta_ads": "Meta Ads",
    "affiliate_network": "Partner network",
    "mail_platform": "Mail platform",
    "creator_ledger": "Creator ledger",
    "retail_media": "Marketplace media",
}
# Seasonal campaigns are drawn up this long before they begin.
PLANNED_AHEAD = 150
# Flights shorter than this keep the creatives they begin with.
ROTATION_FROM = 120


@dataclass(frozen=True, slots=True)
class Roster:
    """All records of campaigns; `parts` says what each line is made of, in the same order."""

    accounts: tuple[Account, ...]
    campaigns: tuple[Campaign, ...]
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    creatives: tuple[Creative, ...]


def build_roster(first_day: date, last_day: date) -> Roster:
    """Return everything that ran, runs or is planned, as known on `last_day`."""
    accounts = _accounts()
    campaigns: list[Campaign] = []
    lines: list[Line] = []
    parts: list[Part] = []
    creatives: list[Creative] = []
    for campaign, made_of in _campaigns(first_day, last_day):
        campaigns.append(campaign)
        for part in made_of:
            line = _line(campaign, part, accounts, len(lines), last_day)
            lines.append(line)
            parts.append(part)
            creatives.extend(_creatives(line, part, last_day, len(creatives)))
    return Roster(
        accounts=tuple(accounts.values()),
        campaigns=tuple(campaigns),
        lines=tuple(lines),
        parts=tuple(parts),
        creatives=tuple(creatives),
    )


def platform_of(part: Part) -> str:
    return part.platform or CHANNELS[part.channel].platform


def _accounts() -> dict[str, Account]:
    used = {
        (team.key, platform_of(part)): team
        for template in (*ALWAYS, *SEASONAL)
        for team in TEAMS
        for part in template.parts.get(team.key, ())
    }
    return {
        f"{team.key}-{platform}": Account(
            key=f"{team.key}-{platform}",
            platform=platform,
            team=team.key,
            name=f"{ACCOUNT_NAMES[platform]} {SUFFIX[team.key]}",
            currency=team.currency,
            external_id=str(4_810_200_000 + 7_919 * number),
        )
        for number, ((_, platform), team) in enumerate(sorted(used.items()))
    }


def _campaigns(first_day: date, last_day: date) -> Iterator[tuple[Campaign, tuple[Part, ...]]]:
    for team in TEAMS:
        for always in ALWAYS:
            if team.key in always.parts:
                yield _always_on(always, team, first_day, last_day), always.parts[team.key]
        for seasonal in SEASONAL:
            if team.key in seasonal.parts:
                for flight in _flights(seasonal, first_day, last_day):
                    yield _season(seasonal, team, flight, last_day), seasonal.parts[team.key]


def _always_on(template: Always, team: Team, first_day: date, last_day: date) -> Campaign:
    key = f"{team.key}-{template.key}"
    ago = stories.LATE_STARTS.get(key)
    start = first_day if ago is None else max(first_day, last_day - timedelta(days=ago))
    paused = stories.PAUSED_LINE.startswith(f"{key}-")
    return Campaign(
        key=key,
        team=team.key,
        name=f"{template.name} {SUFFIX[team.key]}",
        objective=template.objective,
        status="paused" if paused else "live",
        flight_start=start,
        flight_end=None,
        markets=team.markets,
        audiences=(f"{team.key}-{template.audience}",),
        brief=f"{template.name}, all year, in {', '.join(team.markets)}.",
    )


def _flights(template: Seasonal, first_day: date, last_day: date) -> Iterator[tuple[date, date]]:
    """Each year's flight that had begun to matter by the last day."""
    for year in range(first_day.year, last_day.year + 2):
        start, end = date(year, *template.first), date(year, *template.last)
        if start >= first_day and start <= last_day + timedelta(days=PLANNED_AHEAD):
            yield start, end


def _season(template: Seasonal, team: Team, flight: tuple[date, date], last_day: date) -> Campaign:
    start, end = flight
    status = "planned" if start > last_day else "completed" if end < last_day else "live"
    return Campaign(
        key=f"{team.key}-{template.key}-{start.year}",
        team=team.key,
        name=f"{template.name} {start.year} {SUFFIX[team.key]}",
        objective=template.objective,
        status=status,
        flight_start=start,
        flight_end=end,
        markets=team.markets,
        audiences=(f"{team.key}-{template.audience}",),
        brief=f"{template.name}, {start:%-d %B} to {end:%-d %B}, in {', '.join(team.markets)}.",
    )


def _line(
    campaign: Campaign, part: Part, accounts: dict[str, Account], number: int, last_day: date
) -> Line:
    account = accounts[f"{campaign.team}-{platform_of(part)}"]
    key = "-".join(filter(None, (campaign.key, part.channel, part.label.lower())))
    name = " ".join(filter(None, (CHANNELS[part.channel].name, part.label)))
    paused = key == stories.PAUSED_LINE
    return Line(
        key=key,
        campaign=campaign.key,
        team=campaign.team,
        channel=part.channel,
        platform=account.platform,
        account=account.key,
        name=f"{campaign.name} · {name}",
        external_id=str(21_400_500_000 + 104_729 * number),
        currency=account.currency,
        starts_on=campaign.flight_start,
        ends_on=campaign.flight_end,
        paused_on=last_day - timedelta(days=stories.PAUSED_SINCE - 1) if paused else None,
    )


def _creatives(line: Line, part: Part, last_day: date, number: int) -> Iterator[Creative]:
    habits = CHANNELS[part.channel]
    spans = _spans(line, habits.running, len(habits.creatives), last_day)
    for offset, (start, end) in enumerate(spans):
        name, kind = habits.creatives[offset]
        yield Creative(
            key=f"{line.key}-{offset + 1}",
            line=line.key,
            name=f"{name} · {habits.name}{' ' + part.label if part.label else ''}",
            format=kind,
            external_id=str(68_100_700_000 + 15_485_863 * (number + offset)),
            starts_on=start,
            ends_on=end,
        )


def _spans(line: Line, running: int, count: int, last_day: date) -> list[tuple[date, date | None]]:
    """When each creative runs: a new one takes the place of the oldest, at even distances."""
    length = ((line.ends_on or last_day) - line.starts_on).days
    if length < ROTATION_FROM:
        return [(line.starts_on, line.ends_on)] * min(3, count)
    late = count - running
    changes = [line.starts_on + timedelta(days=length * (i + 1) // (late + 1)) for i in range(late)]
    if line.key == stories.TIRED_LINE:
        changes[-1] = last_day - timedelta(days=stories.TIRED_SINCE)
    starts = [line.starts_on] * running + changes
    ends = [change - timedelta(days=1) for change in changes] + [line.ends_on] * running
    return list(zip(starts, ends, strict=True))
