"""Orders on their pages and in the API: written, previewed, sent, listed, ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.choices import OrderKind, OrderState
from budgets.models import Order
from tests.budgets.orders import draft, held, make_vendor, opened, request_of, sent
from tests.budgets.world import DEC, World, decide, execute
from tests.cast import Cast

FEATURE = pytest.mark.feature("2.1")


@pytest.fixture
def planner(cast: Cast, client: Client) -> Client:
    client.force_login(cast.manager)
    return client


def form(world: World, cast: Cast, **fields: Any) -> dict[str, Any]:
    """What the form of an order posts."""
    return {
        "kind": "order", "title": "Winter films", "vendor": make_vendor(cast.manager).pk,
        "team": world.display.team_id, "owner": cast.manager.pk, "currency": "EUR",
        "ordered_on": "2026-11-20", "expected_on": "2026-12-31", "reason": "Films.",
        "rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0", "rows-0-place": str(world.display.pk),
        "rows-0-month": DEC, "rows-0-amount": "4,000", "rows-0-description": "Films",
        **fields,
    }  # fmt: skip


@FEATURE
def test_an_order_is_written_previewed_and_sent(planner: Client, world: World, cast: Cast) -> None:
    data = form(world, cast)
    proof = planner.post("/budgets/orders/preview/", data).content.decode()
    assert "€4,000.00" in proof
    assert "Its lines can bear it." in proof
    assert "A marketing director or an executive decides." in proof
    over = planner.post("/budgets/orders/preview/", {**data, "rows-0-amount": "101000"})
    assert "Display DE would be €1,000.00 over in Dec 2026." in over.content.decode()
    made = planner.post("/budgets/orders/new/", {**data, "send": "1"})
    order = Order.objects.get()
    assert made["Location"] == f"/budgets/orders/{order.pk}/"
    assert (order.state, held(world.display)) == (OrderState.WAITING, (4, 0))
    page = planner.get(made["Location"]).content.decode()
    assert "Reserved +€4,000.00" in page
    assert request_of(order).reference in page
    execute(decide(request_of(order), cast.director))
    page = planner.get(made["Location"]).content.decode()
    assert "Reserved −€4,000.00, Committed +€4,000.00" in page


@FEATURE
def test_rows_are_added_and_removed_and_kept(planner: Client, world: World, cast: Cast) -> None:
    data = form(world, cast)
    more = planner.post("/budgets/orders/new/", {**data, "add": "1"})
    assert [row["amount"].value() for row in more.context["sheet"].rows] == ["4,000", None]
    fewer = planner.post("/budgets/orders/new/", {**data, "remove": "0"})
    assert list(fewer.context["sheet"].rows) == []
    assert not Order.objects.exists()


@FEATURE
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vendor": ""}, "Choose whom to order from."),
        ({"expected_on": "2026-11-01"}, "cannot be expected before"),
        ({"rows-0-amount": ""}, "Enter the amount."),
        ({"rows-0-place": "", "rows-0-amount": "", "rows-0-description": ""}, "at least one line"),
        ({"currency": "USD"}, "There is no budget rate from USD to EUR"),
        ({"rows-0-amount": "200000", "send": "1"}, "over in Dec 2026. Ask for less"),
    ],
)
def test_what_is_wrong_is_said_on_the_form(
    planner: Client, world: World, cast: Cast, changes: dict[str, str], said: str
) -> None:
    answer = planner.post("/budgets/orders/new/", {**form(world, cast), **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Order.objects.exists()


@FEATURE
def test_a_placeholder_is_turned_into_an_order(planner: Client, world: World, cast: Cast) -> None:
    data = {**form(world, cast), "kind": "placeholder", "vendor": ""}
    planner.post("/budgets/orders/new/?kind=placeholder", data)
    holder = Order.objects.get()
    assert held(world.display) == (4, 0)
    page = planner.get(holder.get_absolute_url()).content.decode()
    assert f"?replaces={holder.pk}" in page
    offered = planner.get(f"/budgets/orders/new/?replaces={holder.pk}")
    assert offered.context["sheet"].rows[0]["amount"].value() == "4000"
    planner.post(f"/budgets/orders/new/?replaces={holder.pk}", {**form(world, cast), "send": "1"})
    assert held(world.display) == (4, 0)


@FEATURE
def test_a_part_is_released_from_a_blanket_order(planner: Client, world: World, cast: Cast) -> None:
    blanket = opened(cast.manager, world, cast.executive, 20, kind=OrderKind.BLANKET)
    url, source = f"/budgets/orders/new/?blanket={blanket.pk}", blanket.lines.get()
    assert "€20,000.00 left" in planner.get(url).content.decode()
    data = {**form(world, cast), "rows-0-blanket_line": source.pk, "send": "1"}
    planner.post(url, {**data, "rows-0-amount": "8000"})
    release = Order.objects.get(kind=OrderKind.RELEASE)
    assert (release.state, held(world.display)) == (OrderState.OPEN, (0, 20))
    assert release.reference in planner.get(blanket.get_absolute_url()).content.decode()
    beyond = planner.post(url, {**data, "rows-0-amount": "13000"})
    assert "has €12,000.00 left" in beyond.content.decode()


@FEATURE
def test_an_open_order_is_changed_by_request_and_ended_with_a_reason(
    planner: Client, world: World, cast: Cast
) -> None:
    order = opened(cast.manager, world, cast.director, 4)
    url = order.get_absolute_url()
    data = {**form(world, cast), "rows-0-line": order.lines.get().pk, "rows-0-amount": "5000"}
    stale = planner.post(f"{url}edit/", {**data, "version": "1"})
    assert "was changed since you opened it" in stale.content.decode()
    planner.post(f"{url}edit/", {**data, "version": str(order.version)})
    order.refresh_from_db()
    assert held(world.display) == (1, 4)
    assert "Waits for a decision" in planner.get(url).content.decode()
    decide(request_of(order), cast.director, "reject", reason="No")
    assert planner.post(f"{url}close/").status_code == 422
    planner.post(f"{url}close/", {"reason": "Delivered"})
    assert held(world.display) == (0, 0)
    planner.post(f"{url}reopen/", {"reason": "One more film"})
    planner.post(f"{url}cancel/", {"reason": "Not needed"})
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED


@FEATURE
def test_the_list_has_tabs_filters_export_and_saved_views(
    planner: Client, world: World, cast: Cast
) -> None:
    opened(cast.manager, world, cast.director, 1)
    late = opened(cast.manager, world, cast.director, 1)
    Order.objects.filter(pk=late.pk).update(expected_on="2026-11-21", ordered_on="2026-11-01")
    sent(cast.manager, world, 1)
    draft(cast.manager, world, 1)
    page = planner.get("/budgets/orders/?sort=-ordered")
    assert {tab.label: tab.count for tab in page.context["tabs"]} == {
        "Open": 2, "Waiting": 1, "Overdue": 1, "Drafts": 1, "Closed": 0,
    }  # fmt: skip
    text = planner.get("/budgets/orders/?tab=overdue&cols=title,left").content.decode()
    assert late.reference in text
    assert planner.get("/budgets/orders/?q=nothing").context["table"].count == 0
    export = planner.get("/budgets/orders/?export=csv").content.decode()
    assert export.count("Kestrel Media") == 2
    assert planner.get(f"/budgets/orders/?vendor={late.vendor_id}").context["table"].count == 2
    assert "budgets%3Aorders" in text or "views/new" in text


@FEATURE
def test_rows_of_the_list_cost_no_query_each(planner: Client, world: World, cast: Cast) -> None:
    opened(cast.manager, world, cast.director, 1)
    with CaptureQueriesContext(
        connection,
    ) as one:
        planner.get("/budgets/orders/")
    for _ in range(4):
        opened(cast.manager, world, cast.director, 1)
    with CaptureQueriesContext(connection) as five:
        planner.get("/budgets/orders/")
    assert len(five) <= len(one)


@FEATURE
def test_the_api_places_changes_and_ends_orders(planner: Client, world: World, cast: Cast) -> None:
    body: dict[str, Any] = {
        "title": "Films", "vendor": make_vendor(cast.manager).pk, "team": world.display.team_id,
        "owner": cast.manager.pk, "currency": "EUR", "ordered_on": "2026-11-20",
        "expected_on": "2026-12-31", "reason": "Season",
        "lines": [{"description": "Films", "budget_line": world.display.pk, "month": DEC,
                   "amount": "4000.00"}],
    }  # fmt: skip
    made = planner.post("/api/v1/orders/", body, content_type="application/json").json()
    url = f"/api/v1/orders/{made['id']}/"
    assert (made["state"], made["ordered"]["amount"]) == ("draft", "4000.00")
    body["lines"][0] |= {"line": made["lines"][0]["id"], "amount": "3000.00"}
    changed = planner.put(url, body, content_type="application/json").json()
    assert changed["ordered"]["amount"] == "3000.00"
    act = {"action": "submit"}
    waiting = planner.post(f"{url}act/", act, content_type="application/json").json()
    assert (waiting["state"], waiting["left"]["amount"]) == ("waiting", "3000.00")
    closing = {"action": "close", "reason": "x"}
    refused = planner.post(f"{url}act/", closing, content_type="application/json")
    assert refused.status_code == 409
    listed = planner.get("/api/v1/orders/?state=waiting").json()
    assert (listed["count"], listed["results"][0]["reference"]) == (1, made["reference"])
    planner.force_login(cast.other_manager)
    assert planner.get(url).status_code == 404


@FEATURE
def test_too_many_rows_are_refused_with_what_to_do(
    planner: Client, world: World, cast: Cast
) -> None:
    data = form(world, cast, **{"rows-TOTAL_FORMS": "201"})
    answer = planner.post("/budgets/orders/new/", {**data, "send": "1"})
    assert (answer.status_code, Order.objects.count()) == (422, 0)
    said = answer.content.decode()
    assert said.count("An order has at most 200 rows, and this one has more") == 1


@FEATURE
def test_every_page_of_orders_has_the_tabs_of_the_budgets_room(
    planner: Client, world: World, cast: Cast
) -> None:
    order = opened(cast.manager, world, cast.director, 4)
    for url in (
        "/budgets/orders/new/",
        order.get_absolute_url(),
        f"{order.get_absolute_url()}edit/",
    ):
        assert 'aria-label="Budgets"' in planner.get(url).content.decode(), url
    bill_url = f"/budgets/bills/new/?order={order.lines.get().pk}"
    assert bill_url in planner.get(order.get_absolute_url()).content.decode()
