"""Campaigns among the house's own past: placed from eight on, hidden with the reason below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Campaign
from insights.selectors.benchmarks import Benchmark, benchmarks_of
from tests.cast import Cast
from tests.world import load_steady, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("1.16")]

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def ran(
    cast: Cast, roas: float, *, status: str = "completed", results: int = 5, **fields: Any
) -> None:
    """A campaign of thirty days that returned so much."""
    line = make_line(cast, channel="social", status=status, **fields)
    load_steady(
        line, "2026-09-01", 30, spend="100", clicks=200, impressions=9000, conversions=str(results),
        revenue=f"{100 * roas:.0f}",
    )  # fmt: skip


def placed(cast: Cast, metric: str = "roas", user: User | None = None) -> Benchmark:
    (found,) = benchmarks_of(user or cast.director, metric, today=NOW.date(), currency="EUR").rows
    return found


def test_a_campaign_is_placed_among_the_ended_ones_of_its_kind(cast: Cast) -> None:
    for number in range(9):
        ran(cast, 1 + number / 2)
    ran(cast, 4.75, status="live")
    ran(cast, 9, status="reviewed", objective="awareness")
    found = placed(cast)
    assert (found.standing.n, found.reason) == (9, "")
    assert found.standing.percentile == pytest.approx(100 * 8 / 9)
    interval = found.standing.interval
    assert interval is not None
    assert interval.low < 89 < interval.high


def test_low_is_good_for_costs(cast: Cast) -> None:
    for number in range(8):
        ran(cast, 3, results=4 + number)
    ran(cast, 3, status="live", results=20)
    assert placed(cast, "cpa").standing.percentile == 100


def test_below_eight_it_is_hidden_and_says_why(cast: Cast) -> None:
    for number in range(7):
        ran(cast, 1 + number)
    ran(cast, 4, status="live")
    found = placed(cast)
    assert found.standing.percentile is None
    assert found.reason == "7 of its kind have ended; 8 are needed."
    shown = open_page(cast.director)
    assert "Too few campaigns have ended" in shown
    assert found.reason in shown


def test_a_campaign_with_few_results_has_no_value_yet(cast: Cast) -> None:
    for number in range(8):
        ran(cast, 1 + number)
    ran(cast, 4, status="live", results=0)
    assert placed(cast).reason == "Only 0 conversions; 30 are needed."


def test_the_past_is_what_one_may_see(cast: Cast) -> None:
    for number in range(8):
        ran(cast, 1 + number, team=cast.uk, owner=cast.uk_manager)
    ran(cast, 4, status="live")
    assert placed(cast, user=cast.manager).standing.n == 0
    assert placed(cast).standing.n == 8


def open_page(user: User, **query: str) -> str:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        answer = client.get(reverse("insights:benchmarks"), query)
    return str(answer.content.decode())


def test_the_page_draws_places_and_the_api_gives_them(cast: Cast) -> None:
    for number in range(8):
        ran(cast, 1 + number)
    ran(cast, 0.5, status="live")
    name = Campaign.objects.get(status="live").name
    shown = open_page(cast.director)
    assert f"1 campaign stands apart from the past in ROAS; {name} beats" in shown
    assert '<svg class="interval' in shown
    api = APIClient()
    api.force_authenticate(cast.director)
    with time_machine.travel(NOW, tick=False):
        (row,) = api.get(reverse("api-benchmarks"), {"metric": "roas"}).json()["rows"]
    assert (row["percentile"], row["n"], row["reason"]) == (0, 8, "")
