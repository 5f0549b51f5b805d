"""A month closed by two at once: one closes it, the other reads a sentence. The control lets both through."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from time import sleep
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Membership, User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.services import request_execute
from budgets.models import LedgerTransaction, MonthClose
from budgets.rules.closing import Treatment
from budgets.selectors.closing import MonthItems, month_items
from budgets.services import closing
from budgets.services.closing_batch import require_choices
from core.errors import Conflict
from core.invariants import check_all
from tests.budgets.closing import OCT, asked, close, closed_before
from tests.budgets.world import AT, World, create_world, decide
from tests.cast import Cast
from tests.drills.crowd import race
from tests.drills.sheet import counted, keep, size

pytestmark = [
    pytest.mark.drill,
    pytest.mark.django_db(transaction=True),
    pytest.mark.feature("2.1"),
    pytest.mark.usefixtures("at"),
]
ROUNDS = size(2, 40)
MOMENT = 0.2


@pytest.fixture
def at() -> Iterator[None]:
    with time_machine.travel(AT, tick=True):
        yield


@pytest.fixture
def world(cast: Cast) -> World:
    made = create_world(cast)
    closed_before(made)
    return made


@pytest.fixture
def finance(cast: Cast) -> tuple[User, User]:
    noor = User.objects.create_user("noor@tarnfell.test", "Noor Haddad", title="Controller")
    Membership.objects.create(user=noor, team=cast.company, role=Role.AUDITOR)
    return cast.auditor, noor


def press(user: User, choice: str) -> tuple[int, str]:
    """The button of the page, as a browser sends it: status and what stands there."""
    client = Client()
    client.force_login(user)
    form = {"month": OCT, "reason": "Month-end", "all_unspent": choice}
    answer = client.post(reverse("budgets:close-ask"), form)
    return answer.status_code, answer.content.decode()


def at_once(first: User, second: User, choice: str) -> tuple[str, list[int]]:
    """What the one who came second reads, and both statuses."""
    results: list[Any] = race([partial(press, first, choice), partial(press, second, choice)])
    assert not [one for one in results if isinstance(one, Exception)], results
    said = "".join(words for status, words in results if status == 422)
    return said, sorted(status for status, _ in results)


def reopened() -> None:
    MonthClose.objects.filter(month=OCT, reopened_at=None).update(reopened_at=AT)


def test_two_people_close_one_month_and_one_of_them_does(
    world: World, finance: tuple[User, User]
) -> None:
    for number in counted(range(ROUNDS), ROUNDS, "rounds of two people"):
        reopened()
        said, statuses = at_once(*finance, "leave")
        assert statuses == [302, 422]
        assert "Oct 2026 cannot be closed: Oct 2026 is closed." in said
        assert MonthClose.objects.filter(month=OCT).count() == number + 1
    keep(
        "Two people close a month at once",
        did=f"{ROUNDS} rounds",
        found="one close a round, the other read why",
        control="without waiting for each other both are let through",
    )


def test_two_tabs_of_one_person_send_one_request(world: World, finance: tuple[User, User]) -> None:
    said, statuses = at_once(finance[0], finance[0], "release")
    assert statuses == [302, 422]
    request = ChangeRequest.objects.get()
    assert f"{request.reference} asks to close Oct 2026 already." in said


def test_an_approved_batch_carried_out_twice_closes_once(
    world: World, cast: Cast, finance: tuple[User, User]
) -> None:
    request = asked(finance[0], lines={world.shopping.pk: Treatment.RELEASE})
    decided = decide(request, cast.executive)
    approved = decide(decided, finance[1]) if decided.state == RequestState.OPEN else decided
    with pytest.raises(Conflict, match="asks to close Oct 2026 already"):
        close(finance[1])
    results = race([partial(request_execute, request=approved, at=AT)] * 8)
    assert {r.state for r in results if isinstance(r, ChangeRequest)} == {RequestState.EXECUTED}
    assert MonthClose.objects.filter(month=OCT).count() == 1
    assert LedgerTransaction.objects.filter(request_id=request.pk).count() == 1
    assert [held for held in check_all() if not held.is_kept] == []


def test_the_control_that_does_not_wait_lets_both_through(
    world: World, finance: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests: two are asked for. Closing at once: only the unique key of the database is left."""

    def slowly(items: MonthItems) -> None:
        require_choices(items)
        sleep(MOMENT)

    monkeypatch.setattr(closing, "closers_queue", lambda _: None)
    monkeypatch.setattr(closing, "require_choices", slowly)
    choices = {line.pk: Treatment.RELEASE for line in (world.shopping, world.display)}
    race([partial(close, user, lines=choices) for user in finance])
    assert ChangeRequest.objects.count() == 2, "the race shows nothing: the control did not break"
    ChangeRequest.objects.update(state=RequestState.WITHDRAWN)
    monkeypatch.setattr(closing, "hold", lambda *_: sleep(MOMENT))
    monkeypatch.setattr(closing, "month_items", _slow_items)
    leave = {line.pk: Treatment.LEAVE for line in (world.shopping, world.display)}
    results = race([partial(close, user, lines=leave) for user in finance])
    assert [r for r in results if isinstance(r, IntegrityError)], results


def _slow_items(*args: Any, **kwargs: Any) -> Any:
    found = month_items(*args, **kwargs)
    sleep(MOMENT)
    return found
