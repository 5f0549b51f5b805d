"""Vendors: listed, found, entered in a drawer, once by name, put away and brought back."""

from __future__ import annotations

import pytest
from django.test import Client

from budgets.models import Vendor
from core.models import Event
from tests.budgets.orders import draft, make_vendor, opened
from tests.budgets.world import World
from tests.cast import Cast

FEATURE = pytest.mark.feature("2.1")
NEW = {
    "name": "Kestrel  Media", "currency": "EUR", "payment_days": "30", "code": "V-17",
    "email": "billing@kestrel.test", "note": "",
}  # fmt: skip


@pytest.fixture
def planner(cast: Cast, client: Client) -> Client:
    client.force_login(cast.manager)
    return client


@FEATURE
def test_a_vendor_is_entered_once(planner: Client, world: World, cast: Cast) -> None:
    assert planner.post("/budgets/vendors/new/", NEW).status_code == 302
    assert Vendor.objects.get().name == "Kestrel Media"
    again = planner.post("/budgets/vendors/new/", {**NEW, "name": "KESTREL media"})
    assert again.status_code == 422
    assert "There is a vendor called Kestrel Media already. Use that one." in again.content.decode()
    assert Event.objects.filter(action="vendor.created").count() == 1
    assert world.year.year == 2026
    assert cast.manager.is_active


@FEATURE
def test_the_list_is_searched_sorted_exported_and_shows_open_orders(
    planner: Client, world: World, cast: Cast
) -> None:
    opened(cast.manager, world, cast.director, 1)
    draft(cast.manager, world, 1)
    make_vendor(cast.manager, "Alder Print")
    page = planner.get("/budgets/vendors/?sort=-open_orders")
    assert [row.record.name for row in page.context["table"].page_rows] == [
        "Kestrel Media", "Alder Print",
    ]  # fmt: skip
    assert page.context["table"].page_rows[0].record.open_orders == 1
    found = planner.get("/budgets/vendors/?q=alder").content.decode()
    assert "Alder Print" in found
    assert "Kestrel Media" not in found
    export = planner.get("/budgets/vendors/?export=csv").content.decode()
    assert "Alder Print" in export
    reader = Client()
    reader.force_login(cast.analyst)
    shown = reader.get("/budgets/vendors/").content.decode()
    assert "Alder Print" in shown
    assert "/budgets/vendors/new/" not in shown
    assert f"/budgets/vendors/{make_vendor(cast.manager).pk}/" not in shown


@FEATURE
def test_a_vendor_put_away_is_offered_no_more(planner: Client, world: World, cast: Cast) -> None:
    vendor = make_vendor(cast.manager)
    planner.post(f"/budgets/vendors/{vendor.pk}/archive/", follow=True)
    assert "Kestrel Media" not in planner.get("/budgets/vendors/").content.decode()
    assert "Kestrel Media" in planner.get("/budgets/vendors/?is_archived=true").content.decode()
    assert "Kestrel Media" not in planner.get("/budgets/orders/new/").content.decode()
    again = planner.post("/budgets/vendors/new/", NEW).content.decode()
    assert "Restore it from the archive." in again
    planner.post(f"/budgets/vendors/{vendor.pk}/archive/", {"restore": "1"})
    assert "Kestrel Media" in planner.get("/budgets/vendors/").content.decode()
    assert world.display.pk


@FEATURE
def test_the_api_keeps_vendors_by_the_same_rules(planner: Client, cast: Cast) -> None:
    answer = planner.post("/api/v1/vendors/", NEW, content_type="application/json")
    assert answer.status_code == 201
    twin = planner.post("/api/v1/vendors/", NEW, content_type="application/json")
    assert (twin.status_code, twin.json()["error"]["code"]) == (409, "vendor_exists")
    url = f"/api/v1/vendors/{answer.json()['id']}/"
    changed = planner.patch(
        url, {"payment_days": 14, "is_archived": True}, content_type="application/json"
    ).json()
    assert (changed["payment_days"], changed["is_archived"], changed["code"]) == (14, True, "V-17")
    planner.force_login(cast.analyst)
    assert planner.get("/api/v1/vendors/?is_archived=true").json()["count"] == 1
    assert planner.patch(url, {}, content_type="application/json").status_code == 403
