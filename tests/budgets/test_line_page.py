"""One budget line: behind every number stand the documents it is made of, and they add up."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.models import BudgetLine
from budgets.selectors import line_month_table
from budgets.selectors.line_detail import documents, line_months
from budgets.services import bills
from tests.approvals.test_api import Api
from tests.budgets.billing import AT, NOV, credit, invoice, k, line, open_order
from tests.budgets.world import World
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.feature("2.1"), pytest.mark.usefixtures("at")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def open_line(user: User, found: BudgetLine, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse("budgets:line", args=[found.pk]), query)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def busy(world: World, cast: Cast) -> World:
    """November: spend of 80 reported for a campaign line that is ordered at 90 and billed at 60."""
    load_steady(world.winter_shopping, "2026-11-01", 20, spend="4000")
    ordered = open_order(world.shopping, k(90), part=world.winter_shopping, title="Search")
    invoice(cast.auditor, world.shopping, [line(k(60), order_line=ordered)], number="S-1")
    billed = invoice(
        cast.manager, world.shopping, [line(k(20), budget_line=world.shopping)], number="S-2"
    )
    bills.bill_match(bill=billed, user=cast.auditor, at=AT)
    note = credit(cast.manager, billed, k(5), world.shopping)
    bills.bill_match(bill=note, user=cast.auditor, at=AT)
    return world


def test_every_number_opens_what_it_is_made_of(busy: World, cast: Cast) -> None:
    shown = text(open_line(cast.manager, busy.shopping, month=NOV, of="available"))
    for words in (
        "Available in Nov 2026", "PO-1001 Search", "Invoice S-1", "Invoice S-2", "Credit note",
        "One cost, reported and billed: the report counts, being larger.",
        "of which still open: reported spend uses it up", "Plan approved",
    ):  # fmt: skip
        assert words in shown
    actual = text(open_line(cast.manager, busy.shopping, month=NOV, of="actual"))
    assert "Invoice S-1" in actual
    assert "How the plan came about" not in actual
    planned = text(open_line(cast.manager, busy.shopping, month=NOV, of="planned"))
    assert "Invoice S-1" not in planned


def test_the_months_are_those_of_the_centre_and_their_documents_add_up(
    busy: World, cast: Cast
) -> None:
    table = line_month_table(cast.manager, busy.year)
    cells = next(row.cells for row in table.lines if row.line == busy.shopping)
    for one in line_months(busy.shopping):
        cell = cells[one.month.key]
        assert dict(one.figures) == {
            "planned": cell.planned, "reserved": cell.reserved, "committed": cell.committed,
            "actual": cell.actual, "available": cell.available,
        }  # fmt: skip
    found = documents(busy.shopping, NOV)
    assert sum(one.committed.micros for one in found) == k(30)
    assert sum(one.billed.micros for one in found) == k(60 + 20 - 5)
    # 165 planned; 80 reported of which 60 billed, 15 billed besides, 10 of the order still open.
    november = next(one for one in line_months(busy.shopping) if one.month.key == NOV)
    assert november.available.micros == k(165 - 80 - 15 - 10)


def test_the_centre_and_its_panel_lead_there(busy: World, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.manager)
    page = client.get(reverse("budgets:centre"), {"cell": f"{busy.shopping.pk}/{NOV}"})
    address = reverse("budgets:line", args=[busy.shopping.pk])
    assert f'href="{address}"' in page.content.decode()


def test_out_of_sight_is_not_found(busy: World, cast: Cast) -> None:
    for user, status in (
        (cast.analyst, 200), (cast.auditor, 200), (cast.uk_manager, 404), (cast.admin, 403),
    ):  # fmt: skip
        assert open_line(user, busy.shopping).status_code == status
        answer = Api(user).get(f"/budget-lines/{busy.shopping.pk}/months/")
        assert answer.status_code == status


def test_the_api_gives_the_same(busy: World, cast: Cast) -> None:
    body = Api(cast.manager).get(f"/budget-lines/{busy.shopping.pk}/months/").json()
    november = next(one for one in body if one["month"] == NOV)
    assert november["available"] == {"amount": "60000.00", "currency": "EUR"}
    assert {one["title"] for one in november["documents"]} >= {"PO-1001 Search", "Invoice S-1"}
    part = next(one for one in november["parts"] if one["campaign_line"])
    assert (part["imported"]["amount"], part["billed"]["amount"]) == ("80000.00", "60000.00")
    assert "being larger" in part["why"]
