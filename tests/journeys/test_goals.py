"""Goals in the browser: targets with their pace, one in full, the tree of metrics, one metric."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from time_machine import travel

from metrics.models import Target
from metrics.services import target_set
from tests.cast import Cast
from tests.journeys.shots import Shots
from tests.world import load_rows, make_campaign, make_line

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
CAMPAIGNS = {
    "Winter Layers DACH": ("search", 320, 4.4),
    "Down & Shell Launch": ("social", 260, 2.9),
    "Always-on brand search": ("shopping", 140, 6.1),
    "Newsletter win-back": ("email", 40, 9.5),
}


@pytest.fixture
def autumn() -> Iterator[None]:
    with travel(NOW, tick=True):
        yield


@pytest.fixture
def targets(cast: Cast, autumn: None) -> list[Target]:
    """Four campaigns with a summer and an autumn behind them, and targets of all kinds."""
    chance = random.Random(7)
    found = []
    for name, (channel, spend, roas) in CAMPAIGNS.items():
        line = make_line(cast, make_campaign(cast, name), channel=channel)
        rows = []
        for n in range(150):
            day = date(2026, 11, 21) - timedelta(days=n)
            weekday = 1.25 if day.weekday() > 4 else 0.92
            cost = spend * weekday * chance.uniform(0.8, 1.2)
            revenue = cost * roas * chance.uniform(0.75, 1.25)
            clicks = int(cost / 0.6)
            rows.append(
                {
                    "line": line,
                    "day": day,
                    "impressions": clicks * 70,
                    "clicks": clicks,
                    "spend": f"{cost:.2f}",
                    "conversions": f"{clicks * 0.03:.2f}",
                    "revenue": f"{revenue:.2f}",
                }
            )
        load_rows(rows, known_at=NOW - timedelta(hours=3), label=f"{channel}.csv")
        whole = spend * roas * 92
        found += [
            _target(
                cast, "revenue", line.campaign, int(whole * chance.choice([0.9, 1, 1.3]) * 10**6)
            ),
            _target(cast, "roas", line.campaign, int(roas * 10**6)),
        ]
    summer = {"first_day": date(2026, 7, 1), "last_day": date(2026, 9, 30)}
    _target(cast, "revenue", None, 190_000 * 10**6, **summer)
    found.append(_target(cast, "revenue", None, 260_000 * 10**6))
    found.append(_target(cast, "cpa", None, 22 * 10**6))
    return found


def _target(
    cast: Cast,
    metric: str,
    campaign: object,
    value: int,
    first_day: date = FIRST,
    last_day: date = LAST,
) -> Target:
    return target_set(
        metric=metric,
        team=cast.dach,
        campaign=campaign,  # type: ignore[arg-type]
        first_day=first_day,
        last_day=last_day,
        value_micros=value,
        currency="EUR",
        owner=cast.manager,
        user=cast.director,
        at=NOW,
    )


def test_goals_in_every_light_and_width(shots: Shots, cast: Cast, targets: list[Target]) -> None:
    shots.sign_in(cast.director)
    shots.visit("/goals/", "goals")
    shots.visit(f"/goals/{targets[0].pk}/", "goal-total")
    shots.visit(f"/goals/{targets[1].pk}/", "goal-ratio")
    shots.visit(f"/goals/{targets[-2].pk}/", "goal-team", themes=["light"])
    shots.visit("/goals/metrics/", "metric-tree")
    shots.visit("/goals/metrics/roas/?by=campaign", "metric-roas")
    shots.visit("/goals/new/", "goal-new")
    shots.visit("/goals/?show=coming", "goals-empty", themes=["light"])


def test_a_target_is_changed_in_the_drawer(shots: Shots, cast: Cast, targets: list[Target]) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto(f"/goals/{targets[0].pk}/")
        page.get_by_role("link", name="Change").click()
        drawer = page.get_by_role("dialog", name="Change")
        drawer.get_by_label("Target").fill("99000")
        drawer.get_by_label("Why").fill("The season began early")
        drawer.get_by_role("button", name="Save changes").click()
        page.get_by_text("The season began early").wait_for()
        assert page.get_by_text("€99k").first.is_visible()
