"""Bills on their pages and over the API."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.models import Bill, OrderLine
from tests.approvals.test_api import Api
from tests.budgets.billing import AT, NOV, credit, held, invoice, k, line, open_order, units, vendor
from tests.budgets.world import World
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.feature("2.1"), pytest.mark.usefixtures("at")]

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def client(user: User) -> Client:
    signed_in = Client()
    signed_in.force_login(user)
    return signed_in


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def form(world: World, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The fields of the bill form as a browser sends them."""
    data: dict[str, Any] = {
        "kind": "invoice", "vendor": vendor().pk, "number": "R-118", "dated": "2026-11-12",
        "currency": "EUR", "team": world.shopping.team_id, "owner": world.shopping.owner_id,
        "rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": 0,
    }  # fmt: skip
    for index, row in enumerate(rows):
        data |= {f"rows-{index}-{name}": value for name, value in row.items()}
    return data | fields


def test_an_invoice_is_entered_with_its_file_and_posted_by_its_order(
    world: World, cast: Cast
) -> None:
    ordered = open_order(world.shopping, k(2))
    row = {"place": f"o{ordered.pk}", "month": NOV, "amount": "2,000.00", "description": "Stand"}
    receipt = SimpleUploadedFile("scan.png", PNG, "image/png")
    made = client(cast.manager).post(
        reverse("budgets:bill-create"), form(world, row, {"month": NOV}, receipt=receipt),
        follow=True,
    )  # fmt: skip
    assert made.status_code == 200, text(made)
    shown = text(made)
    assert "Invoice R-118 is posted: its order covers it." in shown
    assert "scan.png" in shown
    assert "What it wrote to the commitment ledger" in shown
    assert held(world.shopping) == [0, 0, k(2)]


def test_a_form_says_what_is_wrong_and_keeps_what_was_written(world: World, cast: Cast) -> None:
    page = reverse("budgets:bill-create")
    nothing = client(cast.manager).post(page, form(world, {"month": NOV}))
    assert nothing.status_code == 422
    assert "A bill needs at least one line with an amount." in text(nothing)
    half = client(cast.manager).post(page, form(world, {"month": NOV, "description": "Stand"}))
    assert "Enter the amount." in text(half)
    more = client(cast.manager).post(page, form(world, {"month": NOV}, add="1"))
    assert (more.status_code, Bill.objects.count()) == (200, 0)
    assert 'name="rows-1-amount"' in text(more)
    offered = text(client(cast.manager).get(page))
    assert "Its imported spend and its bill are one cost" in offered


def test_too_many_lines_are_refused_with_what_to_do(world: World, cast: Cast) -> None:
    rows = [{"month": NOV, "amount": "1", "description": "Stand"}] * 61
    answer = client(cast.manager).post(reverse("budgets:bill-create"), form(world, *rows))
    assert (answer.status_code, Bill.objects.count()) == (422, 0)
    assert "A bill has at most 60 lines, and this one has more, so nothing was kept." in text(
        answer
    )


def test_a_credit_note_starts_from_its_invoice(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    billed = invoice(cast.auditor, world.shopping, [line(k(2), order_line=ordered)])
    page = f"{reverse('budgets:bill-create')}?corrects={billed.pk}"
    assert "2000.00" in text(client(cast.manager).get(page))
    row = {"place": f"b{world.shopping.pk}", "month": NOV, "amount": "500"}
    made = client(cast.manager).post(page, form(world, row, corrects=billed.pk, number="C-1"))
    note = Bill.objects.get(kind="credit")
    assert made.headers["Location"] == note.get_absolute_url()
    assert (note.corrects, note.state) == (billed, "to_match")


def test_the_list_has_a_tab_for_each_state(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    invoice(cast.auditor, world.shopping, [line(k(2), order_line=ordered)], number="DONE-1")
    invoice(cast.manager, world.shopping, [line(k(2))], number="WAIT-1")
    page = client(cast.analyst).get(reverse("budgets:bills"))
    assert "1 bill waits to be matched" in text(page)
    assert {"DONE-1", "WAIT-1"} <= set(text(page).replace("<", " ").split())
    waiting = text(client(cast.analyst).get(reverse("budgets:bills"), {"state": "to_match"}))
    assert "WAIT-1" in waiting
    assert "DONE-1" not in waiting
    exported = client(cast.director).get(reverse("budgets:bills"), {"export": "csv"})
    assert b"WAIT-1" in exported.content
    assert "WAIT-1" not in text(client(cast.uk_manager).get(reverse("budgets:bills")))


def test_a_platforms_bill_shows_what_was_imported_beside_it(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-11-01", 20, spend="4000")
    part: dict[str, Any] = {
        "budget_line": world.shopping, "campaign_line": world.winter_shopping,
    }  # fmt: skip
    bill = invoice(cast.manager, world.shopping, [line(k(78), **part)])
    client(cast.auditor).post(reverse("budgets:bill-match", args=[bill.pk]))
    shown = text(client(cast.manager).get(bill.get_absolute_url()))
    assert "the platform reported €80,000.00, billed is €78,000.00" in shown
    assert "€80,000.00 counts" in shown


def test_an_order_that_is_billed_in_part_is_closed_and_not_cancelled(
    world: World, cast: Cast
) -> None:
    ordered = open_order(world.shopping, k(2))
    page = reverse("budgets:order", args=[ordered.order_id])
    assert "Cancel it" in text(client(cast.manager).get(page))
    invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)])
    shown = text(client(cast.manager).get(page))
    assert "Cancel it" not in shown
    assert reverse("budgets:order-close", args=[ordered.order_id]) in shown


def test_why_a_bill_waits_follows_its_order(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(1))
    waiting = invoice(
        cast.manager, world.shopping, [line(k(1) + units(20), order_line=ordered)]
    )  # fmt: skip
    pages = (
        waiting.get_absolute_url(),
        f"{reverse('budgets:matching')}?bill={waiting.pk}",
        reverse("budgets:bills"),
        f"/api/v1/bills/{waiting.pk}/",
    )
    reader = client(cast.auditor)
    assert all("within the tolerance" in text(reader.get(page)) for page in pages)
    invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)])
    for page in pages:
        shown = text(reader.get(page))
        assert "1,020.00 more than is open" in shown
        assert "within the tolerance" not in shown
    OrderLine.objects.filter(pk=ordered.pk).update(amount_micros=k(3))
    assert all("By now it can be posted as it stands" in text(reader.get(page)) for page in pages)


def test_a_bill_is_voided_with_a_reason(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    bill = invoice(cast.auditor, world.shopping, [line(k(2), order_line=ordered)])
    address = reverse("budgets:bill-void", args=[bill.pk])
    assert client(cast.manager).post(address, {"reason": "Wrong"}).status_code == 403
    assert client(cast.auditor).post(address, {"reason": ""}).status_code == 422
    done = client(cast.auditor).post(address, {"reason": "Not ours"}, follow=True)
    assert "is void. What it wrote is undone." in text(done)
    assert held(world.shopping) == [k(2), 0, 0]


def test_the_whole_way_over_the_api(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    finance, manager = Api(cast.auditor), Api(cast.manager)
    body = {
        "number": "R-9", "vendor": vendor().pk, "team": cast.dach.pk, "owner": cast.manager.pk,
        "currency": "EUR", "dated": "2026-11-12", "note": "PO-1001",
        "lines": [{"amount": "2000.00", "month": NOV}],
    }  # fmt: skip
    made = manager.send("post", "/bills/", body)
    assert made.status_code == 201, made.content
    pk, answer = made.json()["id"], made.json()
    assert (answer["state"], answer["total"]["amount"]) == ("to_match", "2000.00")
    (offered,) = finance.get(f"/bills/{pk}/suggestions/").json()
    assert (offered["order_line"], offered["is_exact"]) == (ordered.pk, True)
    wrong = manager.send("post", f"/bills/{pk}/match/", {"matches": []})
    assert wrong.json()["error"]["code"] == "not_matched"
    held_up = finance.send("post", f"/bills/{pk}/dispute/", {"reason": "Which stand?"})
    assert held_up.json()["state"] == "held"
    match = {"matches": [{"line": 1, "order_line": ordered.pk}]}
    assert finance.send("post", f"/bills/{pk}/match/", match).json()["state"] == "posted"
    detail = manager.get(f"/bills/{pk}/").json()
    assert detail["lines"][0]["order"] == "PO-1001"
    assert detail["entries"][0]["committed"] == {"amount": "-2000.00", "currency": "EUR"}
    void = finance.send("post", f"/bills/{pk}/void/", {"reason": "Sent twice"})
    assert void.json()["state"] == "void"
    accrued = manager.send(
        "post", "/accruals/", {"order_line": ordered.pk, "month": NOV, "amount": "500.00"}
    )
    assert accrued.status_code == 201, accrued.content
    ended = manager.send("post", f"/bills/{accrued.json()['id']}/reverse/", {"reason": "No"})
    assert ended.status_code == 201, ended.content
    assert finance.send("post", "/bills/accept/", {}).json() == {"posted": [], "left": []}
    listed = manager.get("/bills/", state="void").json()["results"]
    assert [row["number"] for row in listed] == ["R-9"]
    assert Api(cast.uk_manager).get(f"/bills/{pk}/").status_code == 404


def test_the_list_asks_as_often_for_many_bills_as_for_few(
    world: World, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    ordered = open_order(world.shopping, k(50))
    billed = [
        invoice(cast.auditor, world.shopping, [line(k(1), order_line=ordered)]) for _ in range(6)
    ]
    credit(cast.manager, billed[0], k(1), world.shopping)
    signed_in = client(cast.manager)
    signed_in.get(reverse("budgets:bills"))
    with django_assert_max_num_queries(32):
        signed_in.get(reverse("budgets:bills"))
