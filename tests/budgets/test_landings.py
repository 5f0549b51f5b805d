"""Where a budget line's month ends: plans, flights, promises, and days that never arrived."""

from __future__ import annotations

from datetime import date

import pytest

from budgets.models import Holding
from budgets.selectors import LineLanding, landing
from budgets.services.moves import month_of
from campaigns.models import Campaign, CampaignLine
from tests.budgets.world import DEC, NOV, World, create_world, k
from tests.cast import Cast
from tests.world import load_steady

TODAY = date(2026, 11, 22)


@pytest.fixture
def world(cast: Cast) -> World:
    """Display DE has 124k for November, 100k of it given to its campaign."""
    made = create_world(cast)
    Campaign.objects.update(status="live")
    return made


def spend(line: CampaignLine, a_day: int, days: int = 82) -> None:
    load_steady(line, "2026-09-01", days, spend=str(a_day), clicks=10)


def seen(world: World, today: date = TODAY) -> LineLanding:
    return landing(world.display, month_of(world.display, NOV), today=today)


def sure(value: float | None) -> float:
    """A number that must be there."""
    assert value is not None
    return value


@pytest.mark.feature("2.2")
def test_a_landing_counts_what_the_line_bears(world: World) -> None:
    spend(world.winter_shopping, 4_000, days=81)
    spend(world.winter_feed, 1_500, days=81)
    november = month_of(world.shopping, NOV)
    one = landing(world.shopping, november, today=date(2026, 11, 21)).landing
    assert (one.days_elapsed, one.days_total) == (20, 30)
    assert one.spent == 20 * 5_500 * 1_000_000
    assert one.p50 == pytest.approx(30 * 5_500 * 1_000_000, rel=0.03)


@pytest.mark.feature("2.4")
def test_the_month_is_what_is_spent_and_the_days_left(world: World) -> None:
    spend(world.winter_display, 4_000)
    found = seen(world)
    one = found.landing
    assert found.money(one.spent).micros == k(84)
    assert found.money(one.p50).micros == pytest.approx(k(120), rel=0.03)
    assert sure(one.p10) < sure(one.p50) < sure(one.p90)
    assert sure(one.chance_over) < 0.5
    assert (one.days_elapsed, one.days_total, one.days_missing) == (21, 30, 0)


def test_todays_spend_so_far_is_not_a_day(world: World) -> None:
    spend(world.winter_display, 4_000, days=83)
    assert seen(world).landing.spent == k(84)


def test_a_flight_that_ends_leaves_the_rest_over(world: World) -> None:
    CampaignLine.objects.filter(pk=world.winter_display.pk).update(ends_on=date(2026, 11, 21))
    spend(world.winter_display, 4_000)
    one = seen(world).landing
    assert one.p50 == k(84)
    assert one.chance_under == 1
    assert one.grow
    assert one.grow.day is None


def test_what_is_promised_beside_the_campaigns_comes_on_top(world: World) -> None:
    spend(world.winter_display, 4_000)
    before = seen(world).landing
    held = {"budget_line": world.display, "month": NOV}
    Holding.objects.create(**held, committed_micros=k(10))
    after = seen(world).landing
    assert after.certain == k(10)
    assert after.p50 == pytest.approx(sure(before.p50) + k(10))
    assert sure(after.chance_over) > 0.9


def test_an_order_for_a_campaign_is_used_up_by_its_spend(world: World) -> None:
    spend(world.winter_display, 4_000)
    before = seen(world).landing
    Holding.objects.create(
        budget_line=world.display,
        campaign_line=world.winter_display,
        month=NOV,
        committed_micros=k(100),
    )
    after = seen(world).landing
    assert after.certain == 0
    assert after.p50 == pytest.approx(before.p50)


def test_days_that_did_not_arrive_are_drawn_and_not_taken_as_nothing(world: World) -> None:
    spend(world.winter_display, 4_000, days=76)
    found = seen(world)
    assert found.landing.days_missing == 6
    assert found.landing.spent == k(60)
    assert found.landing.p50 == pytest.approx(k(120), rel=0.03)
    assert found.through == date(2026, 11, 15)


def test_a_line_without_history_says_so(world: World) -> None:
    one = seen(world).landing
    assert one.reason == "too_few_days"
    assert one.p50 is None


def test_a_month_that_has_not_begun_says_so(world: World) -> None:
    spend(world.winter_display, 4_000)
    found = landing(world.display, month_of(world.display, DEC), today=TODAY)
    assert found.landing.reason == "not_started"
