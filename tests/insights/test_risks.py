"""The risk list: chance times money from landings, paces and the data check, kept each morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from analytics.results import Better, Interval
from budgets.selectors import line_landings
from core.models import Organisation
from insights.models import RiskEntry
from insights.rules.risks import chance_of_gap, chance_of_miss, counted_once, shortfall
from insights.services.risks import risks_keep
from metrics.services import target_set
from tests.budgets.world import World, create_world
from tests.cast import Cast
from tests.world import load_rows, load_steady, make_line

pytestmark = pytest.mark.feature("4.11")

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    kind: str
    team_path: str
    expected: int


def test_a_miss_costs_the_distance_of_the_landing_else_half_the_way_to_its_end() -> None:
    ends = Interval(80, 120, 0.8)
    heading = shortfall(90, ends, 100, Better.HIGHER)
    assert heading is not None
    assert (heading.usual, heading.cautious) == (10, 20)
    safe = shortfall(110, ends, 100, Better.HIGHER)
    assert safe is not None
    assert (safe.usual, safe.cautious) == (10, 20)
    assert shortfall(130, Interval(110, 150, 0.8), 100, Better.HIGHER) is None
    dear = shortfall(110, ends, 100, Better.LOWER)
    assert dear is not None
    assert dear.usual == 10
    assert chance_of_miss(0.3, Better.HIGHER) == pytest.approx(0.7)
    assert chance_of_miss(0.3, Better.LOWER) == pytest.approx(0.3)


def test_a_source_that_never_failed_is_no_risk_and_one_that_often_does_is() -> None:
    assert chance_of_gap(28, 0) < 0.01
    assert chance_of_gap(28, 8) > 0.3


def test_what_a_team_and_its_campaign_both_say_counts_once() -> None:
    team, campaign, other = Told("t", "1.2.", 50), Told("t", "1.2.3.", 80), Told("t", "1.9.", 10)
    spend = Told("s", "1.2.", 5)
    assert counted_once([team, campaign, other, spend], "t") == [campaign, other, spend]


@pytest.fixture
def world(cast: Cast) -> World:
    """Display spends 5k a day of 124k, and a target far out of reach."""
    made = create_world(cast)
    made.winter_display.campaign.__class__.objects.update(status="live")
    load_steady(made.winter_display, "2026-09-01", 82, spend="5000", clicks=10)
    line = make_line(cast, name="Winter")
    load_steady(line, "2026-07-01", 144, spend="100", revenue="400", conversions="8", clicks=90)
    target_set(
        user=cast.director, metric="roas", team=cast.dach, campaign=line.campaign,
        first_day=date(2026, 10, 1), last_day=date(2026, 12, 31),
        value_micros=5_000_000, currency="", tolerance_percent=5, owner=cast.manager,
        at=datetime(2026, 9, 1, tzinfo=UTC),
    )  # fmt: skip
    return made


@pytest.mark.django_db
def test_chances_are_those_of_the_landing_and_the_pace(cast: Cast, world: World) -> None:
    risks_keep(at=NOW, today=TODAY)
    overspend = RiskEntry.objects.get(kind="overspend")
    month = Organisation.current().calendar.month_of(TODAY - DAY)
    (landing,) = line_landings([world.display], month, today=TODAY).values()
    assert overspend.chance == landing.landing.chance_over
    assert overspend.chance * overspend.loss_micros == pytest.approx(
        landing.landing.overspend, rel=1e-6
    )
    miss = RiskEntry.objects.get(kind="target_miss")
    assert miss.chance == 1.0
    # One too little on each of the 100 that are spent on 92 days.
    assert miss.loss_micros == pytest.approx(92 * 100 * 1_000_000, rel=0.02)


@pytest.mark.django_db
def test_a_silent_source_is_certain_and_costs_the_days_nobody_sees(cast: Cast) -> None:
    line = make_line(cast)
    for ago in range(40, 4, -1):
        day = TODAY - ago * DAY
        row = {"line": line, "day": day - DAY, "spend": "100", "clicks": 5}
        load_rows([row], known_at=NOW - ago * DAY, source=7)
    risks_keep(at=NOW, today=TODAY)
    gap = RiskEntry.objects.get(kind="data_gap")
    assert (gap.chance, gap.subject, gap.subject_id) == (1.0, "source", 7)
    assert gap.loss_micros > 0


@pytest.mark.django_db
def test_a_second_run_of_the_day_replaces_the_first(cast: Cast, world: World) -> None:
    for _ in range(2):
        risks_keep(at=NOW, today=TODAY)
    assert RiskEntry.objects.filter(day=TODAY).count() == RiskEntry.objects.count() == 2


def open_page(user: User, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.get(reverse("insights:risks"), query)


@pytest.mark.django_db
def test_the_page_is_sorted_shows_the_trend_and_leads_to_the_source(
    cast: Cast, world: World
) -> None:
    for week in (14, 7, 0):
        risks_keep(at=NOW - week * DAY, today=TODAY - week * DAY)
    shown = open_page(cast.director).content.decode()
    assert "is likely to be lost" in shown
    assert 'id="risk-trend' in shown
    assert reverse("budgets:line", args=[world.display.pk]) in shown
    ordered = list(RiskEntry.objects.filter(day=TODAY).order_by("-expected_micros"))
    assert shown.index(f"{ordered[0].title}</a>") < shown.index(f"{ordered[1].title}</a>")
    only = open_page(cast.director, kind="target_miss").content.decode()
    assert "Display DE" not in only.split("<table")[-1]


@pytest.mark.django_db
def test_other_teams_and_people_without_money_see_none_of_it(cast: Cast, world: World) -> None:
    risks_keep(at=NOW, today=TODAY)
    assert "No risk is on the list" in open_page(cast.other_director).content.decode()
    assert open_page(cast.admin).status_code == 403
    api = APIClient()
    api.force_authenticate(cast.director)
    with time_machine.travel(NOW, tick=False):
        answer = api.get(reverse("api-risks")).json()
    assert [row["kind"] for row in answer["rows"]] == ["overspend", "target_miss"]
    assert answer["rows"][0]["is_counted"] is True
