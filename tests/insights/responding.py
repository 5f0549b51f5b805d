"""Two years of weeks in which known curves answered to spend that went up and down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np

from accounts.models import Team, User
from analytics.arrays import FloatArray
from budgets import services as budgets
from budgets.models import BudgetLine
from campaigns.models import CampaignLine
from core.models import Organisation
from insights.models import AllocationPlan, ModelVersion
from insights.services.training import model_train
from tests.budgets.world import EARLIER
from tests.cast import Cast
from tests.world import load_rows, make_line

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TODAY = date(2026, 11, 22)
# The newest complete week whose days have matured ends on this day.
LAST = date(2026, 11, 8)
WEEKS = 78
# Channel: usual spend a week, most a week can bring, spend that brings half of it, nudges.
PLANTED: Mapping[str, tuple[float, float, float, float]] = {
    "search": (4_000, 60_000, 4_000, 0.35),
    "social": (3_000, 30_000, 1_000, 0.35),
    "display": (2_000, 9_000, 3_000, 0.35),
}


@dataclass(frozen=True)
class Planted:
    """The lines with their curves, and what they are paid from."""

    lines: Mapping[str, CampaignLine]
    pots: Mapping[str, BudgetLine]


@cache
def spend_of(channel: str, weeks: int = WEEKS) -> FloatArray:
    usual, _, _, nudge = PLANTED[channel]
    random = np.random.default_rng(list(PLANTED).index(channel) + 1)
    drawn: FloatArray = usual * np.exp(nudge * random.standard_normal(weeks) - nudge**2 / 2)
    return drawn.round(2)


def brought(channel: str, spend: FloatArray) -> FloatArray:
    """What the planted curve answers a week."""
    _, top, half, _ = PLANTED[channel]
    answer: FloatArray = top * spend / (half + spend)
    return answer


def plant(
    cast: Cast, *, team: Team | None = None, owner: User | None = None, weeks: int = WEEKS,
    currency: str = "EUR", counts: bool = False,
) -> Planted:  # fmt: skip
    """Load the weeks, each as one day, and open the plan of December for them."""
    Organisation.objects.update_or_create(pk=1, defaults={"name": "Tarn & Fell"})
    team, owner = team or cast.dach, owner or cast.manager
    lines = {
        channel: make_line(
            cast, channel=channel, name=f"{channel.title()} {team.name}", team=team, owner=owner,
            currency=currency,
        )
        for channel in PLANTED
    }  # fmt: skip
    load_rows(
        [
            row
            for channel, line in lines.items()
            for row in _rows(channel, line, weeks, counts=counts)
        ]
    )
    return Planted(lines, {})


def _rows(channel: str, line: CampaignLine, weeks: int, *, counts: bool) -> list[dict[str, object]]:
    spend = spend_of(channel)[-weeks:]
    random = np.random.default_rng(7)
    revenue = brought(channel, spend) * np.exp(0.03 * random.standard_normal(weeks))
    first = LAST - timedelta(days=7 * weeks - 3)
    return [
        {
            "line": line,
            "day": first + timedelta(days=7 * week),
            "clicks": 100,
            "impressions": 9_000,
            "spend": f"{spend[week]:.2f}",
            "revenue": f"{revenue[week]:.2f}",
            **({"conversions": int(revenue[week] / 100)} if counts else {}),
        }
        for week in range(weeks)
    ]


def budgeted(cast: Cast, planted: Planted, amounts: Mapping[str, int]) -> Planted:
    """Plan thousands for each channel's line in December."""
    team = next(iter(planted.lines.values())).campaign.team
    year = budgets.year_open(user=None, year=2026, at=EARLIER)
    pots = {}
    for channel, line in planted.lines.items():
        pots[channel] = budgets.line_create(
            user=None, fiscal_year=year, team=team, channel=line.channel,
            name=f"{channel.title()} {team.name}", owner=cast.manager, currency=line.currency,
            campaign_lines=[line], at=EARLIER,
        )  # fmt: skip
        for part in (None, line):
            budgets.plan_set(
                user=None, budget_line=pots[channel], campaign_line=part, month="2026-12",
                amount_micros=amounts[channel] * 1_000_000_000, reason="Plan approved", at=EARLIER,
            )  # fmt: skip
    return Planted(planted.lines, pots)


def trained(team: Team, *, now: datetime = NOW) -> ModelVersion:
    return model_train(kind=ModelVersion.Kind.RESPONSE, team=team, user=None, at=now)


def kept_split(cast: Cast) -> AllocationPlan:
    """A split of DACH that somebody kept, without anything to train."""
    return AllocationPlan.objects.create(
        team=cast.dach, name="Winter split", metric="revenue", currency="EUR",
        first_day=date(2026, 12, 1), last_day=date(2026, 12, 31), sha256="0" * 64, made_at=NOW,
        made_by=cast.manager, inputs={"shift_percent": 30, "by_hand": False},
        result={
            "shares": [], "result": [1.0, 0.5, 1.5], "gain": [1.0, 0.5, 1.5], "chance_of_loss": 0.0,
            "recommend": True, "badge": "robust", "draws_that_gain": 1.0, "moves": [],
        },
    )  # fmt: skip
