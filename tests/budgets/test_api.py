"""Budgets over the API."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from approvals.models import ChangeRequest
from budgets.models import BudgetLine, FiscalYear
from tests.approvals.test_api import Api
from tests.budgets.world import AT, DEC, NOV, World, k, payload
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.feature("2.1", "9.6")]


@pytest.fixture(autouse=True)
def _at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def test_the_plan_by_month_with_actuals(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, f"{NOV}-01", 10, spend="100.50")
    body = Api(cast.manager).get("/fiscal-years/2026/months/").json()
    (line,) = [row for row in body["lines"] if row["name"] == "Shopping DE"]
    (november,) = [month for month in line["months"] if month["month"] == NOV]
    assert november == {
        "month": NOV,
        "planned": {"amount": "165000.00", "currency": "EUR"},
        "reserved": {"amount": "0.00", "currency": "EUR"},
        "committed": {"amount": "0.00", "currency": "EUR"},
        "actual": {"amount": "1005.00", "currency": "EUR"},
        "available": {"amount": "163995.00", "currency": "EUR"},
    }
    assert {row["name"] for row in body["lines"]} == {"Shopping DE", "Display DE"}
    assert Api(cast.manager).get("/fiscal-years/2031/months/").status_code == 404
    assert Api(cast.admin).get("/fiscal-years/2026/months/").status_code == 403


def test_lines_are_listed_made_and_changed(world: World, cast: Cast) -> None:
    api = Api(cast.manager)
    listed = api.get("/budget-lines/", q="shop").json()["results"]
    assert [row["name"] for row in listed] == ["Shopping DE"]
    data = {
        "name": "Email DE", "fiscal_year": 2026, "team": cast.dach.pk, "channel": "email",
        "owner": cast.manager.pk, "currency": "eur", "campaign_lines": [world.winter_feed.pk],
    }  # fmt: skip
    made = api.send("post", "/budget-lines/", data)
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    changed = api.send(
        "put", f"/budget-lines/{pk}/",
        {"name": "Email", "owner": cast.manager.pk, "campaign_lines": []},
    )  # fmt: skip
    assert changed.json()["name"] == "Email"
    assert api.get(f"/budget-lines/{pk}/").json()["campaign_lines"] == []
    for user, status in ((cast.uk_manager, 404), (cast.other_director, 404), (cast.analyst, 200)):
        assert Api(user).get(f"/budget-lines/{pk}/").status_code == status
    assert Api(cast.analyst).send("post", "/budget-lines/", data).status_code == 403
    other_team = data | {"team": cast.us.pk, "name": "Theirs"}
    assert api.send("post", "/budget-lines/", other_team).status_code == 400
    assert BudgetLine.objects.filter(name="Theirs").count() == 0


def test_campaign_lines_out_of_sight_cannot_be_paid_for(world: World, cast: Cast) -> None:
    data = {
        "name": "UK", "fiscal_year": 2026, "team": cast.uk.pk, "channel": "email",
        "owner": cast.uk_manager.pk, "currency": "GBP", "campaign_lines": [world.winter_feed.pk],
    }  # fmt: skip
    answer = Api(cast.uk_manager).send("post", "/budget-lines/", data)
    assert (answer.status_code, answer.json()["error"]["where"]) == (400, "campaign_lines")


def test_an_amount_is_given_out_or_asked_for(world: World, cast: Cast) -> None:
    api = Api(cast.manager)
    path = f"/budget-lines/{world.shopping.pk}/plan/{DEC}/"
    given = api.post(
        path, campaign_line=world.winter_shopping.pk, amount="160000.00", reason="Peak"
    )
    assert given.json() == {"done": True, "request": None}
    assert world.balance(world.shopping, DEC, world.winter_shopping) == k(160)
    asked = api.post(path, amount="210000.00", reason="More").json()
    assert asked == {"done": False, "request": ChangeRequest.objects.get().pk}
    history = api.get(path).json()
    assert [row["why"] for row in history] == ["Plan approved"]
    assert history[0]["after"] == {"amount": "200000.00", "currency": "EUR"}
    assert api.get(f"/budget-lines/{world.shopping.pk}/plan/2027-01/").status_code == 422
    assert Api(cast.uk_manager).post(path, amount="1", reason="x").status_code == 404
    assert Api(cast.analyst).post(path, amount="1", reason="x").status_code == 403


@pytest.mark.feature("9.2")
def test_a_move_is_asked_for_over_the_api(world: World, cast: Cast) -> None:
    content = payload(
        (world.display, world.winter_display, DEC, -4),
        (world.shopping, world.winter_shopping, DEC, 4),
    )
    api = Api(cast.manager)
    made = api.post(
        "/requests/", kind="budget.reallocation", title="Move", reason="Room", payload=content
    )
    assert made.status_code == 201
    body = made.json()
    assert body["effects"][0]["change"] == {"amount": "-4000.00", "currency": "EUR"}
    assert "Data up to" in body["evidence"]
    wrong = payload((world.display, None, DEC, -4), (world.shopping, None, DEC, 5))
    answer = api.post(
        "/requests/", kind="budget.reallocation", title="Move", reason="Room", payload=wrong
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not_net_zero")
    for wrong, code in (
        (content | {"currency": "USD"}, "other_currency"),
        (content | {"moves": [m | {"amount_micros": m["amount_micros"] + 1 - 2 * (m["amount_micros"] > 0)}
                              for m in content["moves"]]}, "minor_unit"),
    ):  # fmt: skip
        answer = api.post(
            "/requests/", kind="budget.reallocation", title="Move", reason="Room", payload=wrong
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


def test_years(world: World, cast: Cast) -> None:
    assert Api(cast.director).post("/fiscal-years/", year=2027).status_code == 201
    assert Api(cast.manager).post("/fiscal-years/", year=2028).status_code == 403
    years = Api(cast.analyst).get("/fiscal-years/").json()["results"]
    assert [row["year"] for row in years] == [2027, 2026]
    assert FiscalYear.objects.count() == 2
