"""What two people decide, driven through the pages: ask, sign in again, decide, and it happens.

Unlocking a plan, opening a month again and exchange rates; by the request's page and by
the page that a mail's link leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals import services as approvals
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Decision
from budgets.models import FxRate, MonthClose
from budgets.selectors.locks import lock_of
from budgets.services.locks import lock_ask
from core.models import Event
from tests.approvals.actions import execute
from tests.budgets.closing import OCT, closed_before
from tests.budgets.test_pages import send, text
from tests.budgets.world import AT, NOV, World, decide, rate
from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("9.1")]
RATE = {
    "kind": "budget", "base": "GBP", "quote": "EUR", "rate": "1.1628", "valid_from": "2026-01-01",
    "source": "Treasury",
}  # fmt: skip


@pytest.fixture
def at() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


class Person:
    """Somebody at a browser who signed in this morning, so that a decision asks them again."""

    def __init__(self, user: User) -> None:
        user.set_password(PASSWORD)
        user.save()
        self.client: Any = Client()
        self.client.force_login(user)

    def decides(self, request: ChangeRequest, place: str) -> str:
        """Press the button at ``place``, sign in again, press it once more; the words of the end."""
        form = {"outcome": "approve", "reason": "", "content_hash": request.content_hash}
        led = self.client.post(place, form)
        assert led.url.startswith(reverse("account_reauthenticate"))
        assert state(request) == RequestState.OPEN
        assert self.client.post(led.url, {"password": "wrong"}).status_code == 200
        back = self.client.post(led.url, {"password": PASSWORD})
        page = self.client.get(back.url)
        assert request.title in text(page)
        assert state(request) == RequestState.OPEN
        done = self.client.post(page.context["decide_url"], form, follow=True)
        return text(done)

    def refused(self, request: ChangeRequest, place: str) -> int:
        """The status of a decision that is not theirs to take, signed in again or not."""
        form = {"outcome": "approve", "content_hash": request.content_hash}
        answer = self.client.post(place, form)
        if answer.status_code == 302 and "reauthenticate" in answer.url:
            back = self.client.post(answer.url, {"password": PASSWORD})
            self.client.get(back.url)
            answer = self.client.post(place, form)
        return int(answer.status_code)


def state(request: ChangeRequest) -> str:
    return ChangeRequest.objects.get(pk=request.pk).state


def on_the_page(request: ChangeRequest, _: User) -> str:
    return reverse("approvals:request-decide", args=[request.pk])


def from_the_mail(request: ChangeRequest, user: User) -> str:
    return urlsplit(approvals.confirm_url(request, user)).path


PLACES = [on_the_page, from_the_mail]


def asked_for(answer: Any) -> ChangeRequest:
    """The request to which the page led after it was sent."""
    request = ChangeRequest.objects.latest("pk")
    assert (answer.status_code, answer.url) == (302, request.get_absolute_url())
    return request


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.feature("2.1")
def test_a_closed_month_is_opened_again_by_the_second_person(
    world: World, cast: Cast, place: Any
) -> None:
    closed_before(world, NOV)
    request = asked_for(send(cast.auditor, "budgets:reopen", month=OCT, reason="A bill came late"))
    assert Person(cast.auditor).refused(request, place(request, cast.auditor)) in (403, 409)
    assert Person(cast.director).refused(request, place(request, cast.director)) in (403, 404)
    assert state(request) == RequestState.OPEN
    said = Person(cast.executive).decides(request, place(request, cast.executive))
    assert "Approved." in said
    assert Decision.objects.get().channel == ("mail" if place is from_the_mail else "page")
    assert execute(ChangeRequest.objects.get(pk=request.pk)).state == RequestState.EXECUTED
    assert MonthClose.objects.get(month=OCT).reopened_at == AT
    assert Event.objects.filter(action="month.reopened").count() == 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.feature("9.6")
def test_exchange_rates_are_in_force_after_the_second_person(
    world: World, cast: Cast, auditor2: User, place: Any
) -> None:
    request = asked_for(send(cast.auditor, "budgets:rates", **RATE))
    assert Person(cast.auditor).refused(request, place(request, cast.auditor)) in (403, 409)
    assert not FxRate.objects.exists()
    assert "Approved." in Person(auditor2).decides(request, place(request, auditor2))
    execute(ChangeRequest.objects.get(pk=request.pk))
    assert FxRate.objects.get().request_id == request.pk


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.feature("2.1")
def test_a_locked_plan_is_unlocked_by_those_who_decide_its_amount(
    world: World, cast: Cast, place: Any
) -> None:
    rate("GBP", "EUR", "1.16", AT.date().replace(month=1, day=1))
    lock = lock_ask(
        user=cast.director, year=world.year, team_id=cast.europe.pk, level="total",
        reason="Agreed", at=AT,
    )  # fmt: skip
    execute(decide(decide(lock, cast.executive), cast.auditor))
    assert lock_of(world.year) is not None
    answer = send(
        cast.director, "budgets:unlock", year=2026, team=cast.europe.pk, reason="A new market"
    )
    request = asked_for(answer)
    assert Person(cast.director).refused(request, place(request, cast.director)) in (403, 409)
    # The year's total takes two: first an executive, then finance.
    assert "Approved." in Person(cast.executive).decides(request, place(request, cast.executive))
    assert state(request) == RequestState.OPEN
    assert "Approved." in Person(cast.auditor).decides(request, place(request, cast.auditor))
    execute(ChangeRequest.objects.get(pk=request.pk))
    assert lock_of(world.year) is None
    assert Event.objects.filter(action="plan.unlocked").count() == 1


def test_the_link_of_a_mail_is_for_one_person(world: World, cast: Cast) -> None:
    closed_before(world, NOV)
    request = asked_for(send(cast.auditor, "budgets:reopen", month=OCT, reason="A bill came late"))
    link = from_the_mail(request, cast.executive)
    other = Person(cast.executive2)
    page = other.client.get(link)
    assert page.status_code == 403
    assert "This link was sent to somebody else." in text(page)
    assert other.refused(request, link) == 403
    assert state(request) == RequestState.OPEN
