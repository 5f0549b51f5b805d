"""Opening a closed month again takes two people, from the newest back, and is in the trail."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from accounts.models import User
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import REOPEN
from budgets.models import MonthClose
from budgets.selectors.closing import fiscal_month
from budgets.services.closing import reopen_ask
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.approvals.test_api import Api
from tests.budgets.closing import OCT, closed_before
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, NOV, World, decide, execute, plan
from tests.cast import Cast

pytestmark = [pytest.mark.usefixtures("at", "books"), pytest.mark.feature("2.1")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def books(world: World) -> None:
    """Everything up to October is closed."""
    closed_before(world, NOV)


def ask(user: User, month: str = OCT) -> ChangeRequest:
    return reopen_ask(user=user, month=month, reason="A bill came late", at=AT)


def test_an_auditor_asks_and_an_executive_decides(world: World, cast: Cast) -> None:
    page = open_page(cast.auditor, "budgets:close", month=OCT)
    assert page.context["reopen"] is not None
    asked = send(cast.auditor, "budgets:reopen", month=OCT, reason="A bill came late")
    request = ChangeRequest.objects.get()
    assert asked.url == request.get_absolute_url()
    assert request.title == "Open Oct 2026 again"
    with pytest.raises(NotAllowed):
        decide(request, cast.auditor)
    with pytest.raises(Conflict, match="closed"):
        plan(world.shopping, OCT, 101)
    assert execute(decide(request, cast.executive)).state == "executed"
    row = MonthClose.objects.get(month=OCT)
    assert (row.reopened_at, row.reopen_request_id) == (AT, request.pk)
    event = Event.objects.get(action="month.reopened")
    assert (event.actor_name, event.reason) == ("Ben Okafor", "A bill came late")
    plan(world.shopping, OCT, 101)
    assert open_page(cast.auditor, "budgets:close").context["month"].key == OCT


def test_an_executive_asks_and_another_person_decides(
    world: World, cast: Cast, auditor2: User
) -> None:
    request = ask(cast.executive)
    with pytest.raises(NotAllowed):
        decide(request, cast.executive)
    with pytest.raises(NotAllowed):
        decide(request, cast.director)
    assert execute(decide(request, auditor2)).state == "executed"


def test_a_month_is_asked_for_once_at_a_time(world: World, cast: Cast) -> None:
    first = ask(cast.auditor)
    with pytest.raises(Conflict, match=f"{first.reference} asks to open Oct 2026 again already"):
        ask(cast.executive)
    refused = send(cast.executive, "budgets:reopen", month=OCT, reason="Me too")
    assert refused.status_code == 422
    assert first.reference in text(refused)
    decide(first, cast.executive, "reject", reason="Not needed")
    assert ask(cast.executive).pk != first.pk


def test_nobody_else_asks_and_a_reason_is_needed(world: World, cast: Cast) -> None:
    for user in (cast.director, cast.manager, cast.analyst, cast.admin):
        assert send(user, "budgets:reopen", month=OCT, reason="x").status_code == 403
        assert "Ask to open" not in text(open_page(cast.director, "budgets:close", month=OCT))
    assert send(cast.auditor, "budgets:reopen", month=OCT, reason="").status_code == 422
    with pytest.raises(Invalid):
        reopen_ask(user=cast.auditor, month=OCT, reason=" ", at=AT)


def test_months_are_opened_from_the_newest_back(world: World, cast: Cast) -> None:
    with pytest.raises(Conflict, match="Oct 2026 is closed after Sep 2026"):
        ask(cast.auditor, "2026-09")
    with pytest.raises(Conflict, match="Nov 2026 is not closed"):
        ask(cast.auditor, NOV)
    refused = send(cast.auditor, "budgets:reopen", month="2026-09", reason="x")
    assert refused.status_code == 422
    assert "closed after" in text(refused)


def test_a_month_opened_by_another_request_in_between_ends_this_one(
    world: World, cast: Cast, auditor2: User
) -> None:
    first = ask(cast.auditor)
    # Past the page, as a request of this kind.
    second = request_create(
        user=cast.executive, kind=REOPEN, payload=first.payload, title="Open it", reason="Late",
        evidence={}, at=AT,
    )  # fmt: skip
    decide(first, auditor2)
    decide(second, auditor2)
    assert execute(first).state == "executed"
    done = execute(second)
    assert done.state == "stale"
    assert "Oct 2026 is not closed" in done.outcome_note
    assert fiscal_month(OCT).label == "Oct 2026"


def test_the_api_asks_too(world: World, cast: Cast) -> None:
    body = {"reason": "A bill came late"}
    assert Api(cast.director).send("post", f"/month-closes/{OCT}/reopen/", body).status_code == 403
    answer = Api(cast.executive).send("post", f"/month-closes/{OCT}/reopen/", body)
    assert answer.status_code == 201
    assert ChangeRequest.objects.get(pk=answer.json()["request"]).kind == "budget.reopen"
    late = Api(cast.auditor).send("post", "/month-closes/2026-09/reopen/", body)
    assert late.status_code == 409
