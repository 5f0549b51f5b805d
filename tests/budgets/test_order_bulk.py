"""Changing many orders at once: all or none, each refusal with its reason."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from budgets.choices import OrderState
from budgets.models import Order
from core.models import Event
from tests.budgets.orders import draft, held, opened, part, sent
from tests.budgets.world import World
from tests.cast import Cast

FEATURE = pytest.mark.feature("2.1")


@pytest.fixture
def planner(cast: Cast, client: Client) -> Client:
    client.force_login(cast.manager)
    return client


def change(client: Client, *orders: Order, **fields: str) -> object:
    ids = [str(order.pk) for order in orders]
    posted = {"ids": ids, "apply": "1", "reason": "The shoot moved.", **fields}
    return client.post("/budgets/orders/change/", posted)


@FEATURE
def test_many_orders_change_together(planner: Client, world: World, cast: Cast) -> None:
    orders = [opened(cast.manager, world, cast.director, 1) for _ in range(2)]
    orders.append(draft(cast.manager, world))
    page = planner.post("/budgets/orders/change/", {"ids": [order.pk for order in orders]})
    assert page.status_code == 200
    assert "Change 3 orders" in page.content.decode()
    answer = change(planner, *orders, expected_on="2027-01-15", cost_centre="CC-7", gl_code="6600")
    assert answer.status_code == 302  # type: ignore[attr-defined]
    for order in orders:
        order.refresh_from_db()
        line = order.lines.get()
        assert (order.expected_on, line.cost_centre, line.gl_code) == (
            date(2027, 1, 15), "CC-7", "6600",
        )  # fmt: skip
    assert Event.objects.filter(action="order.edited").count() == 3


@FEATURE
def test_one_that_refuses_keeps_all_as_they_were(planner: Client, world: World, cast: Cast) -> None:
    good = opened(cast.manager, world, cast.director, 1)
    waiting = sent(cast.manager, world, 1)
    theirs = opened(cast.director, world, cast.executive, 1)
    Order.objects.filter(pk=theirs.pk).update(owner=cast.director)
    answer = change(planner, good, waiting, theirs, close="on")
    text = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "2 of 3 orders refuse, so none was changed." in text
    assert f"{waiting.reference} is waiting for approval" in text
    assert "Your role does not allow you to" in text
    good.refresh_from_db()
    assert (good.state, held(world.display)) == (OrderState.OPEN, (1, 2))


@FEATURE
def test_orders_close_together_and_let_their_money_go(
    planner: Client, world: World, cast: Cast
) -> None:
    orders = [
        opened(cast.manager, world, cast.director, 1, lines=(part(line, 1),))
        for line in (world.display, world.shopping)
    ]
    assert held(world.display) == (0, 1)
    change(planner, *orders, close="on")
    assert (held(world.display), held(world.shopping)) == ((0, 0), (0, 0))
    assert set(Order.objects.values_list("state", flat=True)) == {OrderState.CLOSED}


@FEATURE
def test_every_order_of_a_filter_is_chosen_at_once(
    planner: Client, world: World, cast: Cast
) -> None:
    first = opened(cast.manager, world, cast.director, 1)
    draft(cast.manager, world)
    posted = {
        "all": "1",
        "filters": "?tab=open&q=winter",
        "apply": "1",
        "close": "on",
        "reason": "Over",
    }
    answer = planner.post("/budgets/orders/change/", posted)
    assert answer["Location"] == "/budgets/orders/?tab=open&q=winter"
    first.refresh_from_db()
    assert first.state == OrderState.CLOSED
    assert Order.objects.filter(state=OrderState.DRAFT).count() == 1


@FEATURE
def test_nothing_chosen_or_nothing_to_change_is_said(
    planner: Client, world: World, cast: Cast
) -> None:
    order = draft(cast.manager, world)
    assert planner.post("/budgets/orders/change/", {"apply": "1"}).status_code == 422
    nothing = change(planner, order)
    assert "Nothing would change." in nothing.content.decode()  # type: ignore[attr-defined]
    day = change(planner, order, expected_on="2026-01-01")
    assert "before it was ordered" in day.content.decode()  # type: ignore[attr-defined]


@FEATURE
def test_the_api_changes_many_and_names_who_refuses(
    planner: Client, world: World, cast: Cast
) -> None:
    good, waiting = draft(cast.manager, world), sent(cast.manager, world, 1)
    body = {"orders": [good.pk, waiting.pk], "cost_centre": "CC-1", "reason": "Books"}
    refused = planner.post("/api/v1/orders/change/", body, content_type="application/json")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "bulk_refused")
    assert [row["where"] for row in error["details"]] == [waiting.reference]
    body["orders"] = [good.pk]
    done = planner.post("/api/v1/orders/change/", body, content_type="application/json")
    assert done.json() == {"changed": 1}
    assert good.lines.get().cost_centre == "CC-1"
