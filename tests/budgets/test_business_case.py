"""A proposal carries its business case: bound by the hash, shown with every assumption."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import time_machine

from approvals.choices import RequestState
from approvals.models import ChangeRequest
from budgets.rules.case import DISCOUNT_RATE, Case, read_case
from budgets.services.cases import show_case
from core.errors import Invalid
from tests.approvals.test_api import Api
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, DEC, World, decide, execute, k, move, payload
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.8")]
CASE = Case("EUR", k(40), (k(2), k(4), k(6)), 12)


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def content(world: World, **case: Any) -> dict[str, Any]:
    moves = payload(
        (world.display, world.winter_display, DEC, -4),
        (world.shopping, world.winter_shopping, DEC, 4),
    )
    return {**moves, "case": {**CASE.as_payload(), **case}}


def test_what_a_case_is_worth_at_each_gain() -> None:
    shown = show_case({"case": CASE.as_payload()})
    assert shown is not None
    rows = {label: [value for value, _ in values] for label, values in shown.rows}
    # An annuity of 12 months at (1.08)^(1/12) - 1 is worth 11.5179 times the month.
    assert rows["Net present value"] == ["−€17k", "+€6.05k", "+€29.1k"]
    assert rows["Payback, months"] == ["never", "10.0", "6.7"]
    assert rows["Benefit-cost ratio"][0].startswith("0.58")
    assert shown.title.endswith("in the middle, a loss at the low end")
    assert dict(shown.assumptions)["Discount rate"].startswith("8")
    assert read_case({"case": CASE.as_payload()}) == CASE
    assert Decimal("0.08") == DISCOUNT_RATE


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost_micros": 0}, {"cost_micros": 1.5}, {"cost_micros": True}, {"months": 0},
        {"months": 121}, {"yearly_rate": "x"}, {"yearly_rate": 0.08}, {"yearly_rate": "NaN"},
        {"monthly_gain_micros": {"low": 3, "mid": 2, "high": 4}}, {"monthly_gain_micros": []},
        {"currency": "euro"},
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_read_is_refused(
    world: World, cast: Cast, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        move(world, cast.manager, content=content(world, **wrong))
    assert refused.value.where == "case"


def test_an_approval_covers_the_case(world: World, cast: Cast) -> None:
    request = decide(move(world, cast.manager, content=content(world)), cast.director)
    changed = content(world, cost_micros=k(1))
    ChangeRequest.objects.filter(pk=request.pk).update(payload=changed)
    assert execute(ChangeRequest.objects.get()).state == RequestState.STALE


@pytest.mark.usefixtures("at")
def test_the_request_page_shows_value_payback_and_assumptions(world: World, cast: Cast) -> None:
    request = move(world, cast.manager, content=content(world))
    page = text(open_page(cast.director, "approvals:request", request.pk))
    for words in ("Net present value", "+€6.05k", "Payback", "€40,000.00", "8.0"):
        assert words in page, words


@pytest.mark.usefixtures("at")
def test_a_move_is_proposed_with_a_case(world: World, cast: Cast) -> None:
    rows = {
        "gives-TOTAL_FORMS": "1", "gives-INITIAL_FORMS": "0",
        "gives-0-place": f"{world.display.pk}/{world.winter_display.pk}",
        "gives-0-month": DEC, "gives-0-amount": "4000",
        "receives-TOTAL_FORMS": "1", "receives-INITIAL_FORMS": "0",
        "receives-0-place": f"{world.shopping.pk}/{world.winter_shopping.pk}",
        "receives-0-month": DEC, "receives-0-amount": "4000",
        "reason": "Room at the peak",
    }  # fmt: skip
    assert "Business case" in text(open_page(cast.manager, "budgets:reallocate"))
    half = send(cast.manager, "budgets:reallocate", **rows, **{"case-cost": "40000"})
    assert (half.status_code, "needs this amount too" in text(half)) == (422, True)
    case = {"case-cost": "40000", "case-low": "2000", "case-mid": "4000", "case-high": "6000"}
    sent = send(cast.manager, "budgets:reallocate", **rows, **case)
    request = ChangeRequest.objects.get()
    assert sent.url == request.get_absolute_url()
    assert read_case(request.payload) == CASE
    again = open_page(cast.manager, "budgets:reallocate-edit", request.pk)
    assert again.context["sheet"].case_form["cost"].value() == "40000.00"
    changed = send(cast.manager, "budgets:reallocate-edit", request.pk, **rows)
    request.refresh_from_db()
    assert (changed.status_code, read_case(request.payload)) == (302, None)


@pytest.mark.usefixtures("at")
def test_a_case_over_the_api(world: World, cast: Cast) -> None:
    made = Api(cast.manager).post(
        "/requests/", kind="budget.reallocation", title="Move", reason="Room",
        payload=content(world),
    )  # fmt: skip
    assert made.status_code == 201, made.content
    wrong = Api(cast.manager).post(
        "/requests/", kind="budget.reallocation", title="Move", reason="Room",
        payload=content(world, months=0),
    )  # fmt: skip
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_case")
