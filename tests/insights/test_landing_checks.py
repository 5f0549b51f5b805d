"""Budget alerts follow chances: told from four in five on, kept, quoted, and recovered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from automation.models import Alert
from budgets.models import Holding
from campaigns.models import Campaign, CampaignLine
from insights.models import Finding
from insights.services import daily_check
from tests.budgets.world import NOV, World, create_world, k
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.feature("2.4"), pytest.mark.feature("2.2")]

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    """Display DE has 124k for November."""
    made = create_world(cast)
    Campaign.objects.update(status="live")
    return made


def spend(line: CampaignLine, a_day: int, days: int = 82) -> None:
    load_steady(line, "2026-09-01", days, spend=str(a_day), clicks=10)


def check(days: int = 0) -> dict[str, int]:
    return daily_check(now=NOW + timedelta(days=days))["budgets"]


def open_page(user: User, name: str, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.get(reverse(name), query)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def test_the_finding_keeps_the_numbers_that_were_said(world: World) -> None:
    spend(world.winter_display, 5_000)
    check()
    kept = Finding.objects.get().evidence["landing"]
    assert float(kept["chance_over"]) >= 0.8
    assert kept["p10_micros"] <= kept["p50_micros"] <= kept["p90_micros"]
    assert kept["spent_micros"] == k(105)
    assert kept["act_by"].startswith("Halving the daily spend comes too late")
    facts = dict(Finding.objects.get().evidence["facts"])
    assert facts["Chance to end over the plan"] == "over 95\u202f%"


def test_an_order_beside_the_campaigns_makes_an_overspend_likely(world: World) -> None:
    spend(world.winter_display, 4_000)
    assert not check()["opened"]
    held = Holding.objects.create(budget_line=world.display, month=NOV, committed_micros=k(12))
    assert check(1)["opened"] == 1
    assert "€12k more are promised" in Finding.objects.get().reason
    held.delete()
    assert check(2)["ended"] == 1
    assert Alert.objects.get().state == Alert.State.RECOVERED


def test_one_cause_is_one_alert_while_the_chance_wobbles(world: World) -> None:
    spend(world.winter_display, 4_300)
    opened = [check(day)["opened"] for day in range(4)]
    assert opened == [1, 0, 0, 0]
    assert Alert.objects.count() == 1


def test_the_panel_and_the_page_say_where_the_month_ends(world: World, cast: Cast) -> None:
    spend(world.winter_display, 5_000)
    panel = text(open_page(cast.director, "budgets:centre", cell=f"{world.display.pk}/{NOV}"))
    assert "Where Nov 2026 ends" in panel
    assert "over 95 %" in panel
    page = text(open_page(cast.director, "budgets:pacing"))
    assert "1 of 3 lines will likely overspend Nov 2026" in page
    assert "There are too few days with data." in page
    only = text(open_page(cast.director, "budgets:pacing", risk="over"))
    assert "Display DE" in only
    assert "Shopping DE" not in only


def test_the_page_is_the_teams_own_and_needs_money(world: World, cast: Cast) -> None:
    assert "Display DE" not in text(open_page(cast.uk_manager, "budgets:pacing"))
    assert open_page(cast.admin, "budgets:pacing").status_code == 403


def test_the_api_gives_the_same_chances(world: World, cast: Cast) -> None:
    spend(world.winter_display, 5_000)
    api = APIClient()
    api.force_authenticate(cast.director)
    with time_machine.travel(NOW, tick=False):
        rows = api.get(reverse("api-budget-pacing")).json()
    found = {row["name"]: row for row in rows}
    assert float(found["Display DE"]["chance_over"]) > 0.9
    assert found["Display DE"]["p50"]["currency"] == "EUR"
    assert found["Shopping DE"]["chance_over"] is None
    assert found["Shopping DE"]["reason"]
