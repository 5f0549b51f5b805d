"""The numbers as they came in: history by the month, then every morning, with what had matured since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

import numpy as np
import pandas as pd
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from psycopg import sql

from accounts.models import Team
from campaigns.choices import Platform
from core.events import SYSTEM
from demo.company.records import Company
from demo.market.model import BoolArray, Facts, IntArray, Market
from demo.market.model import Team as MarketTeam
from integrations.choices import RunState, Verdict
from integrations.models import Source
from integrations.services import run_upload
from metrics.services import facts_load, segment_ensure

# Days that came in every morning, the latest of them team by team; before them by the month,
# and at first by the quarter.
DAILY = 30
BY_TEAM = 8
QUARTERS = 4
# What is older came as history, without creatives and segments, as histories do.
FINE_DAYS = 240
# Months after whose load the planner looks at the tables again.
STOCKTAKING = (1, 9)
EPOCH = date(1970, 1, 1).toordinal()
MEASURES = {
    "impressions": "impressions",
    "clicks": "clicks",
    "spend_micros": "spend",
    "conversions_micros": "conversions",
    "revenue_micros": "revenue",
}


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The market's positions as the product's numbers."""

    lines: IntArray
    teams: IntArray
    creatives: IntArray
    segments: IntArray
    sources: dict[str, Source]


def plan_facts(company: Company) -> None:
    """Let the facts come in: one load a morning, of everything that is new or restated."""
    mornings = list(_mornings(company.market.first_day, company.today))
    for position, morning in enumerate(mornings):
        since = mornings[position - 1] if position else None
        by_team = (company.today - morning).days < BY_TEAM
        company.timeline.add(
            company.moments.on(morning, 5, 10),
            "facts",
            partial(_load, company, since, by_team),
        )


def _mornings(first_day: date, today: date) -> Iterator[date]:
    """The days on which numbers come in, the last one today."""
    daily_from = today - timedelta(days=DAILY - 1)
    morning = first_day
    for _ in range(QUARTERS):
        morning = (morning + timedelta(days=95)).replace(day=2)
        yield morning
    while (morning := (morning + timedelta(days=32)).replace(day=2)) < daily_from:
        yield morning
    for day in range(DAILY):
        yield daily_from + timedelta(days=day)


def _load(company: Company, since: date | None, by_team: bool, at: datetime) -> None:
    day = at.astimezone(company.moments.zone).date()
    news, numbers = _news(company.market, since, day), _numbers(company)
    if not by_team:
        frame = _frame(company, news, numbers)
        label = f"All platforms, until {day - timedelta(days=1):%-d %B %Y}"
        facts_load(frame=frame, label=label, known_at=at, actor=SYSTEM)
        if since is None or day.month in STOCKTAKING:
            _take_stock()
        return
    for number, team in enumerate(company.market.teams):
        own = news.where(numbers.teams[news.line] == number)
        moment = min(at + timedelta(seconds=20 * number), company.moments.now)
        _load_morning(company, own, numbers, team, moment)


def _take_stock() -> None:
    """Nothing else tells the planner of rows that the running transaction has brought."""
    labels = ("accounts", "approvals", "budgets", "campaigns", "metrics")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    tables = [sql.Identifier(model._meta.db_table) for model in models]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(tables)))


def _is_coarse(market: Market, facts: Facts) -> BoolArray:
    return facts.day <= market.last_day.toordinal() - FINE_DAYS


def _news(market: Market, since: date | None, day: date) -> Facts:
    """New and restated rows; where only a line's day is kept, all rows of each such day."""
    if since is None:
        return market.known_at(day)
    news = market.news(since, day)
    if not _is_coarse(market, news).any():
        return news
    known = market.known_at(day)
    touched = np.isin(_cells(known), _cells(news)) & _is_coarse(market, known)
    changed = np.isin(_rows(known), _rows(news)) & ~_is_coarse(market, known)
    return known.where(touched | changed)


def _cells(facts: Facts) -> IntArray:
    return facts.line * 10_000_000 + facts.day


def _rows(facts: Facts) -> IntArray:
    return (_cells(facts) * 1_000 + facts.creative) * 100 + facts.segment


def _numbers(company: Company) -> Numbers:
    """Lines and creatives that do not exist yet are 0; they have no facts yet either."""
    market = company.market
    teams = {team.key: number for number, team in enumerate(market.teams)}
    lines = company.lines
    return Numbers(
        lines=np.array([lines[one.key].pk if one.key in lines else 0 for one in market.lines]),
        teams=np.array([teams[line.team] for line in market.lines]),
        creatives=np.array([company.creatives.get(one.key, 0) for one in market.creatives]),
        segments=np.array(
            segment_ensure(
                [{"country": one.market, "device": one.device} for one in market.segments]
            )
        ),
        sources={
            team.key: _source(team, company.teams[team.key], str(company.moments.zone))
            for team in market.teams
        },
    )


def _source(team: MarketTeam, of: Team, zone: str) -> Source:
    found, _ = Source.objects.get_or_create(
        key=f"platforms-{team.key}",
        defaults={
            "name": f"All platforms, {team.name}",
            "platform": Platform.OTHER,
            "team": of,
            "currency": team.currency,
            "time_zone": zone,
        },
    )
    return found


def _frame(company: Company, facts: Facts, numbers: Numbers) -> pd.DataFrame:
    """Facts as the product loads them; older days without creatives and segments."""
    coarse = _is_coarse(company.market, facts)
    sources = np.array([numbers.sources[team.key].pk for team in company.market.teams])
    frame = pd.DataFrame(
        {
            "line_id": numbers.lines[facts.line],
            "day": (facts.day - EPOCH).astype("datetime64[D]"),
            "source": sources[numbers.teams[facts.line]],
            "creative_id": np.where(coarse, 0, numbers.creatives[facts.creative]),
            "segment_id": np.where(coarse, 0, numbers.segments[facts.segment]),
        }
        | {name: getattr(facts, measure) for measure, name in MEASURES.items()}
    )
    keys = ["line_id", "day", "source", "creative_id", "segment_id"]
    return frame.groupby(keys, as_index=False, sort=False).sum() if coarse.any() else frame


def _load_morning(
    company: Company, facts: Facts, numbers: Numbers, team: MarketTeam, at: datetime
) -> None:
    """A team's file of the morning: kept as it came, and loaded."""
    market, source = company.market, numbers.sources[team.key]
    day = at.astimezone(company.moments.zone).date()
    name = f"{team.key}-all-platforms-{day:%Y-%m-%d}.csv"
    run = run_upload(
        team=company.teams[team.key],
        file=SimpleUploadedFile(name, _as_csv(market, facts).encode()),
        name=name,
        actor=SYSTEM,
        at=at,
        source=source,
    )
    result = facts_load(
        frame=_frame(company, facts, numbers), label=name, source=source.pk, known_at=at,
        actor=SYSTEM,
    )  # fmt: skip
    run.batch = result.batch
    run.state = RunState.IMPORTED if result.batch else RunState.UNCHANGED
    run.verdict, run.imported_at = Verdict.ACCEPT, at
    run.data_rows = run.accepted = len(facts)
    run.rejected = run.skipped = 0
    run.totals = {team.currency: _plain(int(facts.spend_micros.sum()))}
    run.first_day = date.fromordinal(int(facts.day.min()))
    run.last_day = date.fromordinal(int(facts.day.max()))
    run.save()


def _as_csv(market: Market, facts: Facts) -> str:
    """The rows as a platform export holds them: names, and amounts as decimal text."""
    lines = [market.lines[position] for position in facts.line]
    segments = [market.segments[position] for position in facts.segment]
    frame = pd.DataFrame(
        {
            "Day": [date.fromordinal(int(day)).isoformat() for day in facts.day],
            "Campaign": [line.name for line in lines],
            "Campaign ID": [line.external_id for line in lines],
            "Ad": [market.creatives[position].name for position in facts.creative],
            "Country": [segment.market for segment in segments],
            "Device": [segment.device for segment in segments],
            "Currency": [line.currency for line in lines],
            "Impressions": facts.impressions,
            "Clicks": facts.clicks,
            "Cost": [_plain(int(micros)) for micros in facts.spend_micros],
            "Conversions": [_plain(int(micros)) for micros in facts.conversions_micros],
            "Revenue": [_plain(int(micros)) for micros in facts.revenue_micros],
        }
    )
    return str(frame.to_csv(index=False))


def _plain(micros: int) -> str:
    return format(Decimal(micros).scaleb(-6).normalize(), "f")
