"""The daily check sees that a budget line, or a campaign within it, spends too much or too little."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from automation.models import Alert
from campaigns.models import Campaign, CampaignLine
from insights.models import Finding
from insights.services import daily_check
from tests.budgets.world import World, create_world
from tests.cast import Cast
from tests.world import load_steady

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


@pytest.fixture
def world(cast: Cast) -> World:
    """Shopping DE has 165k for November (120k and 30k of it given out), Display DE 124k."""
    made = create_world(cast)
    Campaign.objects.update(status="live")
    return made


def spend(line: CampaignLine, thousands_a_day: float, days: int = 82) -> None:
    load_steady(line, "2026-09-01", days, spend=f"{thousands_a_day * 1000:.0f}", clicks=10)


def check(days: int = 0) -> dict[str, int]:
    return daily_check(now=NOW + timedelta(days=days))["budgets"]


@pytest.mark.feature("2.4")
@pytest.mark.feature("4.6")
def test_a_month_that_heads_over_its_plan_is_one_alert_of_the_lines_owner(
    cast: Cast, world: World
) -> None:
    spend(world.winter_display, 5)
    for day in range(3):
        check(day)
    found = Finding.objects.get()
    assert found.kind == Finding.Kind.OVERSPEND
    assert found.title == "Display DE of DACH heads for 21\u202f% over its plan of Nov 2026"
    assert "€105k of €124k are spent after 21 of 30 days" in found.reason
    assert "a day on the 9 days left" in found.evidence["no_advice"]
    assert (found.window_start, found.window_end) == (date(2026, 11, 1), date(2026, 11, 21))
    assert found.stake_micros == pytest.approx(26_000_000_000, rel=0.01)
    assert Alert.objects.get().owner == cast.manager


@pytest.mark.feature("2.4")
def test_a_month_that_leaves_money_over_is_told_more_quietly(cast: Cast, world: World) -> None:
    spend(world.winter_display, 3.3)
    check()
    found = Finding.objects.get()
    assert (found.kind, found.evidence["severity"]) == (Finding.Kind.UNDERSPEND, "info")
    assert "left over" in found.evidence["no_advice"]


def test_a_campaign_that_takes_what_others_were_given_is_found_below_its_line(
    cast: Cast, world: World
) -> None:
    spend(world.winter_shopping, 3.4)
    spend(world.winter_feed, 2)
    check()
    found = Finding.objects.get()
    assert found.line == world.winter_feed
    # 60k against the 30k it was given and the 15k nobody was given.
    assert "heads for 33\u202f% over its plan" in found.title
    assert Alert.objects.get().owner == cast.manager


def test_a_month_on_plan_and_a_line_without_plan_are_silent(cast: Cast, world: World) -> None:
    spend(world.winter_display, 4.1)
    assert not any(check().values())


def test_the_first_days_of_a_month_say_nothing_yet(cast: Cast, world: World) -> None:
    load_steady(world.winter_display, "2026-08-01", 97, spend="5000")
    assert not any(check(-17).values())
    assert check(-16)["opened"] == 1


def test_a_new_month_ends_what_was_said_of_the_old_one(cast: Cast, world: World) -> None:
    spend(world.winter_display, 5, days=98)
    check()
    assert check(16) == {"opened": 1, "kept": 0, "ended": 1}
    (alert,) = Alert.objects.exclude(state=Alert.State.RECOVERED)
    assert "Dec 2026" in alert.title


def test_days_that_did_not_arrive_are_not_days_without_spend(cast: Cast, world: World) -> None:
    spend(world.winter_shopping, 4.5)
    spend(world.winter_feed, 1)
    spend(world.winter_display, 4.1, days=76)
    assert not any(check().values())


def test_a_paused_line_leaves_its_money_over(cast: Cast, world: World) -> None:
    paused = Campaign.objects.create(
        name="Paused", team=cast.dach, owner=cast.manager, status="paused", created_at=NOW
    )
    CampaignLine.objects.filter(pk=world.winter_display.pk).update(campaign=paused)
    spend(world.winter_shopping, 4.5)
    spend(world.winter_feed, 1)
    spend(world.winter_display, 4.1, days=64)
    check()
    assert Finding.objects.get().title.startswith("Display DE of DACH heads for")
    assert Finding.objects.get().kind == Finding.Kind.UNDERSPEND


def test_no_spend_at_all_is_a_reason_and_no_finding(cast: Cast, world: World) -> None:
    assert not any(check().values())
    spend(world.winter_shopping, 4.5)
    spend(world.winter_feed, 1)
    assert not any(check().values())
