"""Deciding many at once: each by itself, on its own content, with one reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from approvals import services
from approvals.choices import RequestState
from approvals.models import ChangeRequest, Decision
from tests.approvals.actions import AT, ask, decide
from tests.cast import Cast
from tests.sign_in import freshen, signed_in

pytestmark = pytest.mark.feature("9.1")


@pytest.fixture(autouse=True)
def _at() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def states(*requests: ChangeRequest) -> list[str]:
    return [ChangeRequest.objects.get(pk=request.pk).state for request in requests]


def post(client: Client, **data: Any) -> Any:
    return client.post(reverse("approvals:decide-many"), data)


def confirm(
    client: Client, *requests: ChangeRequest, outcome: str = "approve", reason: str = ""
) -> Any:
    chosen = [f"{request.pk}:{request.content_hash}" for request in requests]
    return post(client, confirmed="1", chosen=chosen, outcome=outcome, reason=reason)


def test_the_inbox_leads_to_a_page_that_shows_the_chosen_once_more(cast: Cast) -> None:
    first, second = ask(cast.manager, cast.dach, units=100), ask(cast.uk_manager, cast.uk, units=50)
    browser = signed_in(cast.director)
    inbox = browser.get(reverse("approvals:inbox")).content.decode()
    assert f'name="ids" value="{first.pk}"' in inbox
    assert 'data-key="a"' in inbox
    shown = post(browser, ids=[first.pk, second.pk], outcome="approve")
    assert "Approve 2 requests?" in shown.content.decode()
    assert "€150 in all" in shown.content.decode()
    assert states(first, second) == ["open", "open"]
    other = post(signed_in(cast.other_director), ids=[first.pk], outcome="approve")
    assert "Nothing is chosen" in other.content.decode()


def test_each_is_decided_by_itself_and_the_rest_is_named(cast: Cast) -> None:
    good, changed, own, gone = (
        ask(cast.manager, cast.dach, units=1),
        ask(cast.manager, cast.dach, units=2),
        ask(cast.director, cast.dach, units=3),
        ask(cast.manager, cast.dach, units=4),
    )
    services.request_edit(
        request=changed, user=cast.manager, payload={**changed.payload, "units": 9}, reason="x",
        at=AT,
    )  # fmt: skip
    decide(gone, cast.executive, "reject", reason="No")
    unseen = ask(cast.other_manager, cast.us)
    answer = confirm(signed_in(cast.director), good, changed, own, gone, unseen)
    page = answer.content.decode()
    assert "1 of 5 requests approved" in page
    for words in (
        "was changed since you opened it",
        "You took part",
        "was rejected",
        "may not see it",
    ):
        assert words in page
    assert states(good, changed, own, gone, unseen) == [
        "approved", "open", "open", "rejected", "open",
    ]  # fmt: skip
    again = confirm(signed_in(cast.director), good)
    assert "0 of 1 request approved" in again.content.decode()
    assert Decision.objects.filter(step__request=good).count() == 1


def test_a_rejection_needs_its_reason_and_nothing_is_lost(cast: Cast) -> None:
    first, second = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach)
    browser = signed_in(cast.director)
    refused = confirm(browser, first, second, outcome="reject", reason=" ")
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    confirm(browser, first, second, outcome="reject", reason="Not this year")
    assert states(first, second) == ["rejected", "rejected"]
    assert set(Decision.objects.values_list("reason", flat=True)) == {"Not this year"}
    assert set(Decision.objects.values_list("channel", flat=True)) == {"bulk"}


def test_one_above_the_first_threshold_asks_for_one_sign_in_for_all(cast: Cast) -> None:
    small, large = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach, units=6_000)
    browser = Client()
    browser.force_login(cast.executive)
    led = confirm(browser, small, large, reason="As agreed")
    assert "reauthenticate" in led.url
    assert states(small, large) == ["open", "open"]
    freshen(browser, cast.executive)
    page = browser.get(reverse("approvals:decide-many")).content.decode()
    assert "As agreed" in page
    assert f"{large.pk}:{large.content_hash}" in page
    confirm(browser, small, large, reason="As agreed")
    assert states(small, large) == ["approved", "approved"]


def test_the_api_decides_many_and_a_token_none_above_the_threshold(cast: Cast) -> None:
    small, large = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach, units=6_000)

    def send(client: Client, *requests: ChangeRequest) -> Any:
        chosen = [{"id": r.pk, "content_hash": r.content_hash} for r in requests]
        data = {"outcome": "approve", "requests": chosen}
        return client.post("/api/v1/requests/decide/", data, "application/json")

    stale = Client()
    stale.force_login(cast.executive)
    assert send(stale, small, large).json()["error"]["code"] == "step_up_required"
    rows = send(signed_in(cast.director), small, large).json()
    assert [(row["is_decided"], row["code"]) for row in rows] == [
        (True, ""),
        (False, "above_limit"),
    ]
    assert states(small, large) == [RequestState.APPROVED, RequestState.OPEN]
