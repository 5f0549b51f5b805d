"""What happened elsewhere overtakes an open request: its row says so, and deciding many names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Team
from approvals import services
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.selectors import history
from core import outbox
from core.models import OutboxItem
from tests.approvals.actions import AT, ask, decide, execute
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.1")
WORDS = "Overtaken, to be sent again"


@pytest.fixture(autouse=True)
def _at() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def again(request: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=request.pk)


def carried_out(request: ChangeRequest, cast: Cast) -> None:
    """Approved and carried out, with what follows from it."""
    decide(request, cast.director)
    execute(request)
    outbox.deliver(OutboxItem.objects.get(kind="approvals.moved").pk, now=AT)


def inbox(client: Client, **query: str) -> str:
    return str(client.get(reverse("approvals:inbox"), query).content.decode())


def post(client: Client, **data: Any) -> str:
    return str(client.post(reverse("approvals:decide-many"), data).content.decode())


def test_carrying_one_out_marks_the_others_of_the_same_line(cast: Cast) -> None:
    first, same, other = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach), None
    other = ask(cast.uk_manager, cast.uk)
    carried_out(first, cast)
    assert [again(r).has_moved for r in (first, same, other)] == [False, True, False]
    event = history(same).first()
    assert event
    assert event.action == "request.moved"
    assert f"{first.reference} was carried out" in event.reason


def test_the_row_says_it_and_a_list_of_its_own_holds_them(cast: Cast) -> None:
    first, same, other = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach), None
    browser = signed_in(cast.director)
    assert WORDS not in inbox(browser)
    assert "show=moved" not in inbox(browser)
    other = ask(cast.uk_manager, cast.uk)
    carried_out(first, cast)
    page = inbox(browser)
    assert page.count(WORDS) == 1
    only = inbox(browser, show="moved")
    assert same.reference in only
    assert other.reference not in only


def test_deciding_many_leaves_them_out_and_says_why_and_what_to_do(cast: Cast) -> None:
    first, same = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach)
    other = ask(cast.uk_manager, cast.uk)
    carried_out(first, cast)
    browser, ids = signed_in(cast.director), [same.pk, other.pk]
    page = post(browser, ids=ids, outcome="approve")
    assert "Approve 1 request?" in page
    assert "Left out: overtaken" in page
    assert "Ask Jonas Weber to change it and send it again, or reject it." in page
    assert f'value="{same.pk}:' not in page
    alone = post(browser, ids=[same.pk], outcome="approve")
    assert "None of these can be approved as it stands" in alone
    assert "Reject 2 requests?" in post(browser, ids=ids, outcome="reject")


def test_what_is_overtaken_while_the_page_is_open_is_named_row_by_row(cast: Cast) -> None:
    same = ask(cast.manager, cast.dach)
    Team.objects.filter(pk=cast.dach.pk).update(name="Renamed meanwhile")
    chosen = f"{same.pk}:{same.content_hash}"
    page = post(signed_in(cast.director), confirmed="1", chosen=chosen, outcome="approve")
    assert "0 of 1 request approved" in page
    assert "has moved since it was asked for" in page
    assert "Ask Jonas Weber to renew it" in page
    assert "Each of the others says why" in page


def test_sending_it_again_and_the_world_going_back_take_the_mark_away(cast: Cast) -> None:
    one, two = ask(cast.manager, cast.dach), ask(cast.manager, cast.dach)
    Team.objects.filter(pk=cast.dach.pk).update(name="Other")
    assert services.moved_mark(AT) == {"marked": 2}
    assert services.moved_mark(AT) == {"marked": 0}
    services.request_edit(
        request=again(one), user=cast.manager, payload=one.payload, reason="New.", at=AT
    )
    assert not again(one).has_moved
    Team.objects.filter(pk=cast.dach.pk).update(name="DACH")
    services.moved_mark(AT)
    assert (again(two).has_moved, again(two).state) == (False, RequestState.OPEN)
    assert history(two).first().action == "request.fits_again"  # type: ignore[union-attr]
