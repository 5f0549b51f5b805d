"""A finance person closes a month in the browser: the worklist, what is left, the approval, frozen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect
from time_machine import travel

from accounts.choices import Role
from accounts.models import Membership
from approvals.models import ChangeRequest
from approvals.services import request_execute
from budgets.models import BudgetLine, MonthClose, Order
from core import clock
from tests.budgets.closing import OCT, closed_before, order
from tests.budgets.world import AT, World, create_world, plan
from tests.cast import Cast
from tests.journeys.shots import Shots
from tests.world import load_steady

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.feature("2.1", "1.15"),
]
JANUARY = datetime(2027, 1, 8, 9, 0, tzinfo=UTC)
CLOSE = f"/budgets/close/?month={OCT}"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with travel(AT, tick=True):
        yield


@pytest.fixture
def october(cast: Cast) -> World:
    """Shopping DE spent 98k of 100k, and an order of 1k is open; Display DE spent 4k of 5k."""
    world = create_world(cast)
    plan(world.shopping, OCT, 60, world.winter_shopping)
    plan(world.display, OCT, 5)
    load_steady(world.winter_shopping, "2026-10-01", 31, spend="3161.29", clicks=100)
    load_steady(world.winter_display, "2026-10-01", 31, spend="123", clicks=40)
    closed_before(world)
    # A close is of the whole company: it is decided by who leads all of it.
    Membership.objects.create(user=cast.director, team=cast.company, role=Role.DIRECTOR)
    order(cast, world.shopping, 1, expected=date(2026, 10, 29))
    return world


def test_a_finance_person_closes_a_month(shots: Shots, october: World, cast: Cast) -> None:
    shots.sign_in(cast.manager)
    with shots.page() as page:
        the_owner_signs(shots, page, october)
    shots.sign_in(cast.auditor)
    with shots.page() as page:
        finance_asks(shots, page)
    request = ChangeRequest.objects.get()
    shots.sign_in(cast.director)
    with shots.page(width=390) as page:
        the_director_approves(shots, page, request)
    assert request_execute(request=reread(request), at=clock.now()).state == "executed"
    shots.sign_in(cast.auditor)
    with shots.page() as page:
        the_month_is_frozen(shots, page)
    shots.tour(CLOSE, "month-end-closed")
    shots.tour(f"/budgets/signoffs/?month={OCT}", "month-end-signed")


def test_the_end_of_a_year_says_why_nothing_goes_on(
    shots: Shots, october: World, cast: Cast
) -> None:
    closed_before(october, "2026-12", since=OCT)
    with travel(JANUARY, tick=True):
        shots.sign_in(cast.auditor)
        with shots.page() as page:
            page.goto("/budgets/close/?month=2026-12")
            expect(page.get_by_text("Nothing goes on from Dec 2026 to FY2027")).to_be_visible()
            shots.look(page, "month-end-year")


def reread(request: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=request.pk)


def the_owner_signs(shots: Shots, page: Page, world: World) -> None:
    """What differs from its plan is explained first, then everything is signed with one comment."""
    page.goto(f"/budgets/signoffs/?month={OCT}")
    page.get_by_role("link", name="say why first").first.click()
    page.get_by_role("link", name=world.display.name).click()
    page.get_by_label("Why it came out so").fill("The last week was not delivered.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What was said before stays in the history")).to_be_visible()
    page.goto(f"/budgets/signoffs/?month={OCT}")
    shots.look(page, "month-end-signing")
    page.get_by_label("Comment").fill("Agrees with the platforms’ bills.")
    page.get_by_role("button", name="Sign Oct 2026").click()
    expect(page.get_by_text("You signed 3 for Oct 2026.")).to_be_visible()


def finance_asks(shots: Shots, page: Page) -> None:
    """From the worklist to the request: the order is accrued, what is left is let go."""
    page.goto("/budgets/close/")
    work = page.locator("#work")
    expect(work.get_by_text("3 of 3 signed")).to_be_visible()
    expect(work.get_by_text("1 order expected by its end")).to_be_visible()
    shots.look(page, "month-end-worklist")
    page.get_by_label("Treatment of PO-1001").select_option(label="Keep as an accrual")
    page.get_by_label("All unspent plan").select_option(label="Release to the year’s source")
    page.get_by_label("What an approver should know").fill("The bill comes in November.")
    page.get_by_role("button", name="Close Oct 2026").click()
    expect(page.get_by_text("Oct 2026 closes once it is approved")).to_be_visible()
    shots.look(page, "month-end-asked")
    page.goto(CLOSE)
    expect(page.get_by_text("This month is on its way to being closed")).to_be_visible()
    shots.look(page, "month-end-on-its-way")


def the_director_approves(shots: Shots, page: Page, request: ChangeRequest) -> None:
    page.goto("/approvals/")
    page.get_by_role("link", name="Close Oct 2026").first.click()
    expect(page.get_by_text("is accrued").first).to_be_visible()
    shots.look(page, "month-end-approval-phone")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved.", exact=True)).to_be_visible()
    assert reread(request).state == "approved"


def the_month_is_frozen(shots: Shots, page: Page) -> None:
    page.goto(CLOSE)
    expect(page.get_by_role("heading", name="Oct 2026 is closed")).to_be_visible()
    expect(page.get_by_text("3 of 3 signed")).to_be_visible()
    expect(page.get_by_role("button", name="Close Oct 2026")).to_have_count(0)
    assert MonthClose.objects.filter(month=OCT, reopened_at=None).count() == 1
    assert Order.objects.get().state == "open"
    assert BudgetLine.objects.count() == 3


def test_the_pages_of_a_month_keep_the_rules(shots: Shots, october: World, cast: Cast) -> None:
    shots.sign_in(cast.auditor)
    for name, path in (
        ("close", CLOSE),
        ("signoffs", f"/budgets/signoffs/?month={OCT}"),
        ("variances", f"/budgets/variances/?month={OCT}"),
    ):
        shots.tour(path, f"month-end-{name}")
    shots.sign_in(cast.manager)
    shots.tour(f"/budgets/signoffs/?month={OCT}", "month-end-own")
