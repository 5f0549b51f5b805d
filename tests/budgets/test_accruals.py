"""Accruals: out of their order, ended by the invoice or on their day, once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from budgets.models import Bill, MonthClose
from budgets.services import bills
from config.schedules import SCHEDULES
from core.errors import Conflict, Invalid, NotAllowed
from tests.approvals.test_api import Api
from tests.budgets.billing import AT, NOV, held, invoice, k, line, open_order
from tests.budgets.world import DEC, World
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1")]

OCT = "2026-10"
DECEMBER = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def close(world: World, month: str) -> None:
    MonthClose.objects.create(fiscal_year=world.year, month=month, closed_at=AT, closed_by_name="B")


@pytest.mark.usefixtures("at")
def test_a_month_that_has_not_begun_takes_no_accrual(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3), month=DEC)
    client = Client()
    client.force_login(cast.auditor)
    page = client.get(reverse("budgets:accrue"))
    assert [key for key, _ in page.context["form"].fields["month"].choices if key >= NOV] == [NOV]
    body = {"order_line": ordered.pk, "month": DEC, "amount": "1000"}
    refused = Api(cast.auditor).send("post", "/accruals/", body)
    assert refused.status_code == 422, refused.content
    said = refused.json()["error"]
    assert said["where"] == "month"
    assert said["message"] == ("Dec 2026 has not begun, so nothing of PO-1001 was delivered in it.")
    assert said["remedy"].startswith("Accrue it from 1 Dec")
    assert not Bill.objects.exists()
    begun = bills.accrue(
        user=cast.auditor, order_line=ordered, month=DEC, amount_micros=k(1), at=DECEMBER
    )
    assert begun.state == "posted"


@pytest.mark.usefixtures("at")
def test_an_accrual_takes_its_amount_out_of_the_order(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    client = Client()
    client.force_login(cast.auditor)
    fields = {"order_line": ordered.pk, "month": NOV, "amount": "1000"}
    page = client.post(reverse("budgets:accrue"), fields, follow=True)
    assert "Accrual PO-1001 Nov 2026" in page.content.decode()
    assert held(world.shopping) == [k(2), k(1), 0]
    refused = client.post(reverse("budgets:accrue"), fields | {"amount": "2500"})
    assert refused.status_code == 422
    assert "€2,000.00 of PO-1001 is neither billed nor accrued." in refused.content.decode()


def test_the_invoice_takes_the_accruals_place(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    accrual = bills.accrue(
        user=cast.manager, order_line=ordered, month=NOV, amount_micros=k(2), at=AT
    )
    posted = invoice(cast.manager, world.shopping, [line(k(3), order_line=ordered)])
    # All of the order is billed, although two thirds of it were accrued.
    assert posted.state == "posted"
    assert held(world.shopping) == [0, 0, k(3)]
    reversal = accrual.corrected_by.get()
    assert reversal.state == "posted"
    with pytest.raises(Conflict, match="rests on it"):
        bills.bill_void(bill=accrual, user=cast.auditor, reason="Wrong", at=AT)


def test_an_invoice_in_a_later_month_credits_that_month(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3), month=OCT)
    bills.accrue(user=cast.auditor, order_line=ordered, month=OCT, amount_micros=k(3), at=AT)
    close(world, OCT)
    ordered.refresh_from_db()
    invoice(cast.auditor, world.shopping, [line(k(3), order_line=ordered, month=NOV)])
    # October keeps its cost; in November the invoice and the reversal cancel out.
    assert held(world.shopping, OCT) == [0, k(3), 0]
    assert held(world.shopping, NOV) == [0, 0, 0]


def test_an_accrual_ends_on_the_first_day_of_the_next_month_once(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    accrual = bills.accrue(
        user=cast.auditor, order_line=ordered, month=NOV, amount_micros=k(1), next_month=True, at=AT
    )
    assert str(accrual.due_on) == "2026-12-01"
    assert bills.accruals_reverse_due(AT) == {"reversed": 0, "left": 0}
    assert bills.accruals_reverse_due(DECEMBER) == {"reversed": 1, "left": 0}
    assert bills.accruals_reverse_due(DECEMBER) == {"reversed": 0, "left": 0}
    assert held(world.shopping, NOV) == [k(2), k(1), 0]
    assert held(world.shopping, DEC) == [k(1), 0, -k(1)]
    assert Bill.objects.filter(kind="accrual").count() == 2
    assert "budgets.services.bills.accruals_reverse_due" in {one.run for one in SCHEDULES}


def test_nothing_is_reversed_where_no_month_is_open(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    bills.accrue(
        user=cast.auditor, order_line=ordered, month=NOV, amount_micros=k(1), next_month=True, at=AT
    )
    close(world, DEC)
    assert bills.accruals_reverse_due(DECEMBER) == {"reversed": 0, "left": 1}
    with pytest.raises(Invalid, match="last month of FY2026"):
        bills.accrue(
            user=cast.auditor, order_line=ordered, month=DEC, amount_micros=k(1), next_month=True,
            at=DECEMBER,
        )  # fmt: skip


def test_an_accrual_is_ended_by_hand_with_a_reason(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(3))
    accrual = bills.accrue(
        user=cast.manager, order_line=ordered, month=NOV, amount_micros=k(1), at=AT
    )
    with pytest.raises(NotAllowed):
        bills.accrual_reverse(bill=accrual, user=cast.uk_manager, reason="Not ours", at=AT)
    with pytest.raises(Invalid):
        bills.accrual_reverse(bill=accrual, user=cast.manager, reason="", at=AT)
    bills.accrual_reverse(bill=accrual, user=cast.manager, reason="Was not delivered", at=AT)
    assert held(world.shopping) == [k(3), 0, 0]
    with pytest.raises(Conflict, match="does not stand"):
        bills.accrual_reverse(bill=accrual, user=cast.manager, reason="Again", at=AT)
