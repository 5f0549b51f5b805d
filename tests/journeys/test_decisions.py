"""Pages of the moment before a decision: an order, a choice, the policy, everything stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from time_machine import travel

from approvals import services
from approvals.models import ChangeRequest
from approvals.rules.routing import default_rules
from automation.choices import RELEASE
from core import clock, killswitch
from core.money import MICROS
from tests.budgets.orders import request_of, sent
from tests.budgets.world import AT, create_world
from tests.cast import Cast
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    """The day on which everything of the small plan is open."""
    with travel(AT, tick=True):
        yield


def a_choice(cast: Cast) -> ChangeRequest:
    payload = services.choice_payload(
        question="Which agency?", team=cast.dach, options=[{"label": "A"}, {"label": "B"}]
    )
    return services.choice_ask(
        user=cast.manager, title="Agency", reason="It ends.", payload=payload, at=clock.now()
    )


def another_policy(cast: Cast) -> ChangeRequest:
    return services.policy_propose(
        user=cast.admin, rules=default_rules(6_000 * MICROS, 60_000 * MICROS),
        reason="Directors wait too long.", at=clock.now(),
    )  # fmt: skip


def test_requests_of_each_form_keep_the_rules(shots: Shots, cast: Cast) -> None:
    order = request_of(sent(cast.manager, create_world(cast)))
    forms = {"order": order, "choice": a_choice(cast), "policy": another_policy(cast)}
    shots.sign_in(cast.executive)
    for name, request in forms.items():
        shots.tour(request.get_absolute_url(), f"request-{name}")


@pytest.mark.feature("9.4")
def test_everything_is_stopped_with_one_click_and_started_again_by_two(
    shots: Shots, cast: Cast
) -> None:
    create_world(cast)
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto("/alerts/automation/")
        page.get_by_role("button", name="Stop everything").click()
        expect(page.get_by_text("Nothing is carried out")).to_be_visible()
        assert killswitch.is_on()
        page.get_by_label("Why it is safe to start again").fill("The feed is right again.")
        page.get_by_role("button", name="Ask to start again").click()
        page.wait_for_load_state()
    asked = ChangeRequest.objects.get(kind=RELEASE)
    shots.tour("/alerts/automation/", "automation-stopped")
    shots.sign_in(cast.executive)
    with shots.page(width=390) as page:
        page.goto(asked.get_absolute_url())
        shots.look(page, "request-start-again-phone")
        page.get_by_role("button", name="Approve").first.click()
        page.wait_for_load_state()
    asked.refresh_from_db()
    assert asked.state in {"approved", "executed"}, asked.state
