"""What results cost: the page, its rights and its API, and the alert when they get dearer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from automation.models import Alert
from campaigns.models import CampaignLine
from insights.models import Finding
from insights.services import daily_check
from tests.cast import Cast
from tests.world import load_days, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("2.3")]

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
# Results are mature up to 14 November.
LAST = date(2026, 11, 14)


def days(line: CampaignLine, *, results: int = 20, lately: int = 20, length: int = 100) -> None:
    """Spend that goes up and down by day, and results that follow it less than fully."""
    rows: dict[Any, dict[str, Any]] = {}
    for ago in range(-7, length):
        spend = 100 + 60 * ((ago * 7) % 11) // 10
        usual = lately if ago < 7 else results
        rows[LAST - timedelta(days=ago)] = {
            "spend": str(spend),
            "clicks": 50,
            "conversions": str(usual + (spend - 130) // 20 + ago % 3),
        }
    load_days(line, rows)


def open_page(user: User, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.get(reverse("insights:efficiency"), query)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def test_costs_stand_by_channel_campaign_and_line(cast: Cast) -> None:
    line = make_line(cast, name="Brand DE")
    days(line)
    shown = text(open_page(cast.director))
    assert "Search" in shown
    assert "results matured up to 14 Nov" in shown
    for grain, name in (("campaign", line.campaign.name), ("line", "Brand DE")):
        page = text(open_page(cast.director, by=grain))
        assert name in page
        assert "to €" in page


def test_a_thin_row_says_why(cast: Cast) -> None:
    line = make_line(cast, name="New DE")
    days(line, length=12)
    assert "There are too few days with data." in text(open_page(cast.director, by="line"))


def test_rows_are_those_of_ones_own_teams_and_money_is_needed(cast: Cast) -> None:
    days(make_line(cast, name="Brand DE"))
    assert "Brand DE" not in text(open_page(cast.uk_manager, by="line"))
    assert open_page(cast.admin).status_code == 403


def test_the_page_filters_and_exports(cast: Cast) -> None:
    days(make_line(cast, name="Brand DE"))
    assert "Brand DE" not in text(open_page(cast.director, by="line", only="missed"))
    answer = open_page(cast.director, by="line", export="csv")
    content = b"".join(answer) if answer.streaming else answer.content
    assert b"Brand DE" in content


def test_the_api_gives_the_same_rows(cast: Cast) -> None:
    days(make_line(cast, name="Brand DE"))
    api = APIClient()
    api.force_authenticate(cast.director)
    with time_machine.travel(NOW, tick=False):
        answer = api.get(reverse("api-efficiency"), {"by": "line"}).json()
    (row,) = answer["rows"]
    assert (row["name"], row["measure"]) == ("Brand DE", "conversions")
    assert row["cost"]["currency"] == "EUR"
    assert (row["marginal_cost"] is None) == bool(row["marginal_reason"])
    assert row["change_low"] <= row["change"] <= row["change_high"]


def test_dearer_results_are_one_alert_that_recovers(cast: Cast) -> None:
    line = make_line(cast)
    days(line, lately=10)
    for day in range(3):
        daily_check(now=NOW + timedelta(days=day))
    found = Finding.objects.get(kind="efficiency")
    assert found.ended_at is None
    assert "more than in the four weeks before" in found.title
    alert = Alert.objects.get(finding=found)
    assert alert.owner == cast.manager
    days(line, lately=20)
    daily_check(now=NOW + timedelta(days=3))
    assert Finding.objects.get(kind="efficiency", pk=found.pk).ended_at is not None
    alert.refresh_from_db()
    assert alert.state == Alert.State.RECOVERED


def test_steady_results_are_no_alert(cast: Cast) -> None:
    days(make_line(cast))
    daily_check(now=NOW)
    assert not Finding.objects.filter(kind="efficiency").exists()
