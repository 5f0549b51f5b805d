"""Approvals and budgets as people see them: light and dark, desk and phone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from approvals import services
from approvals.models import ChangeRequest
from budgets.models import BudgetLine
from core import clock
from tests.budgets.world import DEC, World, create_world, move, payload, plan, rate
from tests.cast import Cast
from tests.journeys.shots import Shots
from tests.world import load_steady

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(cast: Cast) -> World:
    made = create_world(cast)
    rate("GBP", "EUR", "1.1628", date(2026, 1, 1))
    plan(made.uk, DEC, 60)
    for line, spend, revenue in (
        (made.winter_shopping, "3900.40", "16200"),
        (made.winter_feed, "640", "1900"),
        (made.winter_display, "4650", "4100"),
    ):
        load_steady(line, "2026-10-01", 51, spend=spend, revenue=revenue, clicks=900)
    return made


@pytest.fixture
def asked(world: World, cast: Cast) -> ChangeRequest:
    content = payload(
        (world.display, world.winter_display, DEC, -36),
        (world.display, None, DEC, -12),
        (world.shopping, world.winter_shopping, DEC, 33),
        (world.shopping, None, DEC, 15),
    )
    now = clock.now()
    request = move(world, cast.manager, content=content, at=now - timedelta(hours=16))
    services.request_comment(
        request=request, user=cast.director, text="Fine for me, if the publisher agrees.", at=now
    )
    move(world, cast.manager, 4, at=now - timedelta(hours=3))
    return request


def test_the_approver_sees_the_request(shots: Shots, asked: ChangeRequest, cast: Cast) -> None:
    shots.sign_in(cast.executive)
    shots.visit("/approvals/", "approvals-inbox")
    shots.visit(asked.get_absolute_url(), "approvals-request")
    link = services.confirm_url(asked, cast.executive)
    shots.visit("/" + link.partition("://")[2].partition("/")[2], "approvals-confirm")


def test_who_asked_and_the_director_see_theirs(
    shots: Shots, asked: ChangeRequest, cast: Cast
) -> None:
    shots.sign_in(cast.manager)
    shots.visit(asked.get_absolute_url(), "approvals-own", themes=["light"])
    shots.visit("/approvals/?show=mine", "approvals-mine", themes=["light"])
    shots.sign_in(cast.director)
    question = f"kind=budget.plan&amount=60000&team={cast.dach.pk}"
    shots.visit(f"/approvals/policy/?{question}", "approvals-policy")
    shots.visit("/approvals/?show=all", "approvals-all", themes=["light"])


def test_the_budget_centre(shots: Shots, asked: ChangeRequest, world: World, cast: Cast) -> None:
    shots.sign_in(cast.director)
    cell = f"{world.shopping.pk}/{DEC}"
    shots.visit(f"/budgets/?cell={cell}", "budget-centre")
    shots.visit("/budgets/?quarter=2027-Q1", "budget-empty", themes=["light"])
    shots.visit("/budgets/rates/", "budget-rates", themes=["light"])
    shots.sign_in(cast.auditor)
    shots.visit("/budgets/rates/", "budget-rates-finance", themes=["dark"])


def test_the_centre_begins_at_the_month_that_runs_on_a_phone(
    shots: Shots, asked: ChangeRequest, cast: Cast
) -> None:
    shots.sign_in(cast.director)
    with shots.page(width=390) as page:
        page.goto("/budgets/")
        page.evaluate("() => document.fonts.ready")
        month = page.locator(".sheet thead [aria-current=date]").bounding_box()
        names = page.locator(".sheet thead th").first.bounding_box()
        assert month
        assert names
        assert abs(month["x"] - names["x"] - names["width"]) < 2


def test_a_move_is_proposed_and_approved_in_the_browser(
    shots: Shots, world: World, cast: Cast
) -> None:
    shots.sign_in(cast.manager)
    shots.visit("/budgets/move/", "budget-move")
    with shots.page() as page:
        page.goto("/budgets/move/")
        page.select_option("[name=gives-0-place]", f"{world.display.pk}/{world.winter_display.pk}")
        page.select_option("[name=receives-0-place]", f"{world.shopping.pk}")
        for side in ("gives", "receives"):
            page.select_option(f"[name={side}-0-month]", DEC)
            page.fill(f"[name={side}-0-amount]", "4000")
        page.wait_for_selector("text=Net zero proved")
        page.fill("[name=reason]", "Shopping still has room.")
        shots.look(page, "budget-move-filled")
        page.click("button:has-text('Send for approval')")
        page.wait_for_url("**/approvals/**")
    request = ChangeRequest.objects.get()
    shots.sign_in(cast.director)
    with shots.page(width=390) as page:
        page.goto(request.get_absolute_url())
        page.click("button:has-text('Approve')")
        page.wait_for_selector("text=Approved.")
        shots.look(page, "approvals-approved-phone")
    assert ChangeRequest.objects.get().state == "approved"


def test_an_amount_is_looked_at_without_leaving_the_grid(
    shots: Shots, world: World, cast: Cast
) -> None:
    shots.sign_in(cast.manager)
    line = BudgetLine.objects.get(name="Shopping DE")
    with shots.page() as page:
        page.goto("/budgets/?quarter=2026-Q4")
        page.evaluate("window.stays = true")
        page.click(f"a[href*='{line.pk}/{DEC}']")
        page.wait_for_selector("#cell >> text=Shopping DE, Dec 2026")
        assert page.evaluate("window.stays")
