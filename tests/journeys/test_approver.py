"""An approver's pages as pictures, and a director who does everything on the phone, led by a mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect
from time_machine import travel

from approvals import services
from approvals.models import ChangeRequest, Delegation
from core import clock, outbox
from core.models import OutboxItem
from tests.approvals.actions import decide
from tests.approvals.policies import AUDITOR, EXECUTIVE, beside, in_force
from tests.budgets.world import AT, create_world, move
from tests.cast import Cast
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVERYBODY = {"roles": ["director", "executive"], "act": "decide_small", "needed": 0}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    """The day on which everything of the small plan is open."""
    with travel(AT, tick=True):
        yield


def deliver_mails() -> None:
    for item in OutboxItem.objects.filter(kind="automation.mail", state="pending"):
        outbox.deliver(item.pk, now=clock.now())


def overtaken(cast: Cast) -> list[ChangeRequest]:
    """Two requests of one line, one of which cannot be approved any more, and one that can."""
    world = create_world(cast)
    first, second = move(world, cast.manager, 1), move(world, cast.manager, 1)
    decide(first, cast.director, at=AT)
    services.request_execute(request=first, at=AT)
    services.moved_mark(AT)
    return [second, move(world, cast.manager, 1)]


@pytest.mark.feature("9.1")
def test_the_pages_of_an_approver_keep_the_rules(shots: Shots, cast: Cast) -> None:
    world = create_world(cast)
    in_force(EVERYBODY, beside(AUDITOR))
    everybody = move(world, cast.manager, 2)
    decide(everybody, cast.executive, at=AT)
    in_force(EXECUTIVE, beside(AUDITOR))
    shots.sign_in(cast.director)
    shots.visit(everybody.get_absolute_url(), "appr-parallel")
    shots.visit(reverse("approvals:request-record", args=[everybody.pk]), "appr-record")
    for name in ("policy", "away", "delegate", "absent", "calendars", "times"):
        shots.visit(reverse(f"approvals:{name}"), f"appr-{name}")
    shots.visit(reverse("approvals:calendar", args=[cast.europe.pk]), "appr-calendar")
    question = "?kind=budget.reallocation&amount=400&team=" + str(cast.dach.pk)
    shots.visit(reverse("approvals:policy") + question, "appr-simulator")
    shots.sign_in(cast.admin)
    shots.visit(reverse("approvals:policy-edit"), "appr-policy-edit")
    shots.visit(reverse("approvals:policy-effect"), "appr-policy-effect")


@pytest.mark.feature("9.1")
def test_what_is_overtaken_is_seen_in_the_inbox_and_before_many_are_decided(
    shots: Shots, cast: Cast
) -> None:
    rows = overtaken(cast)
    shots.sign_in(cast.director)
    shots.visit(reverse("approvals:inbox"), "appr-inbox")
    with shots.page() as page:
        page.goto(reverse("approvals:inbox"))
        for row in rows:
            page.locator(f"input[name=ids][value='{row.pk}']").check()
        page.get_by_role("button", name="Approve …").click()
        expect(page.get_by_text("Left out: overtaken")).to_be_visible()
        shots.look(page, "appr-bulk")
        page.get_by_role("button", name="Approve 1").click()
        expect(page.get_by_text("1 of 1 request approved")).to_be_visible()


def tap_a_mail(page: Page, cast: Cast) -> str:
    """The newest mail to the director, and its link opened."""
    deliver_mails()
    sent = [one for one in mail.outbox if cast.director.email in one.to][-1]
    link = re.search(r"https?://[^/\s]+(/approvals/confirm/\S+)", str(sent.body))
    assert link, sent.body
    page.goto(link[1])
    return link[1]


@pytest.mark.feature("9.3")
def test_a_director_decides_asks_and_delegates_on_the_phone(shots: Shots, cast: Cast) -> None:
    world = create_world(cast)
    mail.outbox.clear()
    first = move(world, cast.manager, 2)
    shots.sign_in(cast.director)
    with shots.page(width=390) as page:
        tap_a_mail(page, cast)
        shots.look(page, "phone-confirm")
        first.refresh_from_db()
        assert first.state == "open"
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Approved.", exact=True)).to_be_visible()
        first.refresh_from_db()
        assert first.state == "approved"

        second = move(world, cast.manager, 2)
        tap_a_mail(page, cast)
        page.get_by_role("link", name="Ask a question").click()
        page.get_by_label("Write a comment").fill(f"@{second.requested_by.name} what if it fails?")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("what if it fails?").first).to_be_visible()
        shots.look(page, "phone-question")

        tap_a_mail(page, cast)
        page.get_by_role("link", name="Let somebody else decide").click()
        page.get_by_label("Who decides for you").select_option(label="Dana Cole")
        today = clock.now().date()
        page.get_by_label("First day").fill(today.isoformat())
        page.get_by_label("Last day").fill((today + timedelta(days=3)).isoformat())
        page.get_by_role("textbox", name="Reason").fill("On a train all week.")
        shots.look(page, "phone-delegate")
        page.get_by_role("button", name="Delegate").click()
        page.wait_for_load_state("networkidle")
        shots.look(page, "phone-delegated")
    made = Delegation.objects.get()
    assert (made.delegator, made.delegate) == (cast.director, cast.other_director)
    shots.sign_in(cast.other_director)
    with shots.page(width=390) as page:
        page.goto(second.get_absolute_url())
        expect(page.get_by_text(f"You decide for {cast.director.name}")).to_be_visible()
        page.get_by_role("button", name="Approve").click()
        page.wait_for_load_state("networkidle")
    second.refresh_from_db()
    assert second.state == "approved"
