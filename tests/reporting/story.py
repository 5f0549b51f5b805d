"""A team's two years in small: three channels, a goal, a finding, changes with verdicts, a plan, requests.

DACH (Jonas) runs Search (two campaigns), Social and Display; the UK runs Search in pounds.
Everything is known on 20 November 2026; reports are about October 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from accounts.models import Team, User
from campaigns.models import CampaignLine, Optimisation
from core.models import Organisation
from core.money import MICROS
from insights.models import Finding, Verdict
from metrics.models import Target
from tests.budgets.world import plan, rate
from tests.cast import Cast
from tests.world import AT, KNOWN, load_rows, make_campaign, make_line

FIRST, LAST = date(2025, 10, 1), date(2026, 11, 19)
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
# Channel -> spend and revenue of a day in units of the line's currency, and what a year adds.
LINES = (
    ("Brand search", "search", "EUR", 420, 2310),
    ("Generic <b>search & more", "search", "EUR", 610, 2440),
    ("Prospecting", "social", "EUR", 530, 1590),
    ("Reach", "display", "EUR", 240, 380),
)


@dataclass(frozen=True)
class Story:
    lines: list[CampaignLine]
    uk_line: CampaignLine
    finding: Finding
    change: Optimisation


def create_story(cast: Cast) -> Story:
    """Everything at once; call inside a test with a database."""
    Organisation.objects.update_or_create(
        pk=1, defaults={"name": "Tarn & Fell", "classification": "Board confidential"}
    )
    lines = [
        make_line(cast, make_campaign(cast, f"{name} 2026"), channel=channel, name=name)
        for name, channel, *_ in LINES
    ]
    for number, line in enumerate(lines):
        _load(line, *LINES[number][3:])
    uk = make_campaign(cast, "UK brand", team=cast.uk, owner=cast.uk_manager)
    uk_line = make_line(cast, uk, name="UK search", currency="GBP")
    _load(uk_line, 300, 1500)
    rate("GBP", "EUR", "1.15", date(2025, 1, 1))
    _targets(cast, lines)
    return Story(lines, uk_line, _finding(cast, lines[2]), _change(lines[0], cast.manager))


def _load(line: CampaignLine, spend: int, revenue: int) -> None:
    rows = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        swing = Decimal(100 + (number * 7 + line.pk) % 21 - 10) / 100
        growth = 1 + Decimal(number) / 2000
        rows.append(
            {
                "line": line, "day": day, "impressions": 40_000, "clicks": 800 + number % 50,
                "spend": str(round(spend * swing, 2)), "revenue": str(round(revenue * swing * growth, 2)),
                "conversions": str(round(revenue * swing / 60, 2)),
            }
        )  # fmt: skip
    load_rows(rows, known_at=KNOWN)


def _targets(cast: Cast, lines: list[CampaignLine]) -> None:
    year = (date(2026, 1, 1), date(2026, 12, 31))
    _target(cast.company, "revenue", 3_100_000, *year, owner=cast.executive)
    _target(cast.company, "roas", "4.20", *year, owner=cast.executive)
    _target(cast.dach, "revenue", 2_600_000, *year, owner=cast.director)
    _target(cast.dach, "cpa", "17.50", *OCTOBER, owner=cast.manager)
    _target(cast.dach, "roas", "3.40", *year, owner=cast.manager, campaign=lines[2].campaign)


def _target(
    team: Team, metric: str, value: int | str, first: date, last: date, *, owner: User, **fields: object
) -> Target:  # fmt: skip
    return Target.objects.create(
        metric=metric, team=team, first_day=first, last_day=last, owner=owner,
        value_micros=int(Decimal(value) * MICROS), currency="EUR", **fields,
    )  # fmt: skip


def _finding(cast: Cast, line: CampaignLine) -> Finding:
    values = (("Aug 2026", "3.62"), ("Sep 2026", "3.31"), ("Oct 2026", "3.02"))
    return Finding.objects.create(
        kind=Finding.Kind.TREND, cause=f"trend:roas:campaign:{line.campaign_id}", team=cast.dach,
        campaign=line.campaign, metric="roas", title="ROAS fell 2 months in a row", reason="It fell.",
        window_start=date(2026, 8, 1), window_end=date(2026, 10, 31), currency="EUR",
        stake_micros=9_860 * MICROS, found_at=datetime(2026, 11, 3, 6, tzinfo=UTC), seen_at=AT,
        evidence={"periods": [{"label": label, "value": value} for label, value in values]},
    )  # fmt: skip


def _change(line: CampaignLine, by: User) -> Optimisation:
    made = Optimisation.objects.create(
        campaign=line.campaign, line=line, kind="bid", what="Raised the bid on brand terms", old_value="0.80",
        new_value="0.95", expected_metric="roas", by=by, by_name=by.name, made_on=date(2026, 10, 6),
        recorded_at=AT,
    )  # fmt: skip
    Verdict.objects.create(
        optimisation=made, outcome=Verdict.Outcome.HELPED, reason="The range is clear of zero.", metric="roas",
        effect_micros=84_000, low_micros=21_000, high_micros=149_000, ready_on=date(2026, 11, 10),
        evidence={"before": "5.10", "after": "5.53", "currency": "EUR"}, measured_at=AT,
    )  # fmt: skip
    return made


__all__ = ["OCTOBER", "Story", "create_story", "plan"]
