"""A file of invoices: looked at row by row, corrected on the page, taken as a whole or not at all."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.choices import BillState
from budgets.models import Bill
from core.models import Event
from tests.budgets.billing import AT, NOV, held, invoice, k, line, open_order, spot, units, vendor
from tests.budgets.world import DEC, World, create_world
from tests.cast import Cast

pytestmark = [pytest.mark.feature("2.1"), pytest.mark.usefixtures("at")]
HEAD = "Vendor;Invoice number;Date;Amount;Currency;Order;Line/GL code;Period"


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world(cast: Cast) -> World:
    return create_world(cast)


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def upload(user: User, world: World, content: bytes, name: str = "bills.csv") -> Any:
    data = {"file": SimpleUploadedFile(name, content), "team": world.shopping.team_id}
    return client(user).post(reverse("integrations:bill-file"), data)


def look(user: User, world: World, *rows: str, head: str = HEAD) -> Any:
    answer = upload(user, world, "\n".join([head, *rows]).encode())
    assert answer.status_code == 302, text(answer)[:3_000]
    return client(user).get(answer.url)


def take(user: User, seen: Any) -> Any:
    data = {"token": seen.context["token"], "digest": seen.context["reading"].digest}
    return client(user).post(reverse("integrations:bill-file-send"), data)


def problems(seen: Any) -> dict[int, dict[str, str]]:
    return {row.line: row.problems for row in seen.context["reading"].wrong}


def test_what_orders_cover_is_posted_and_the_rest_waits(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    seen = look(
        cast.manager, world,
        f"Kilnwood Media;F-1;2026-11-12;2.000,00;EUR;{ordered.order.reference};;2026-11",
        "kilnwood media;F-2;13.11.2026;300;;;Display DE;Nov 2026",
        "Kilnwood Media;F-3;2026-11-13;50;;PO-9999;;",
    )  # fmt: skip
    assert not Bill.objects.exists(), "looking keeps nothing"
    assert held(world.shopping) == [k(2), 0, 0]
    assert [bill.state for bill in seen.context["reading"].bills] == [
        "posted",
        "to_match",
        "to_match",
    ]
    assert "1 of 3 invoices is posted" in text(seen)
    done = take(cast.manager, seen)
    assert done.url == reverse("budgets:bills")
    states = dict(Bill.objects.values_list("number", "state"))
    assert states == {"F-1": "posted", "F-2": "to_match", "F-3": "to_match"}
    assert held(world.shopping) == [0, 0, k(2)]
    second = Bill.objects.get(number="F-2")
    assert (second.currency, second.lines.get().budget_line) == ("EUR", world.display)
    third = Bill.objects.get(number="F-3")
    assert (third.note, third.lines.get().month) == ("PO-9999", NOV)
    assert Event.objects.filter(action="bill.entered").count() == 3


def test_the_page_belongs_to_the_money(world: World, cast: Cast) -> None:
    seen = client(cast.auditor).get(reverse("integrations:bill-file"))
    nav = [link for _, links in seen.context["shell"].nav for link in links if link.current]
    assert [link.key for link in nav] == ["budgets"]


def test_rows_of_one_number_are_lines_of_one_invoice(world: World, cast: Cast) -> None:
    vendor()
    seen = look(
        cast.manager, world,
        "Kilnwood Media;F-1;2026-11-12;200;EUR;;Display DE;2026-11",
        "Kilnwood Media;F-1;2026-11-12;300;EUR;;Display DE;2026-12",
    )  # fmt: skip
    take(cast.manager, seen)
    rows = Bill.objects.get().lines.order_by("position").values_list("month", "amount_micros")
    assert list(rows) == [(NOV, units(200)), (DEC, units(300))]


def test_what_cannot_be_read_is_corrected_in_its_row(world: World, cast: Cast) -> None:
    vendor()
    seen = look(
        cast.manager, world,
        "Kilnwood Media;F-1;03/04/2026;1.234;EUR;;;",
        "Nobody;F-2;2026-11-12;10;EUR;;;",
        "Kilnwood Media;;2026-11-12;-5;EURO;;;13/2026",
        "Kilnwood Media;F-4;2026-11-12;10;EUR;;;2024-10",
    )  # fmt: skip
    found = problems(seen)
    assert "write 2026-03-04 or 2026-04-03" in found[2]["dated"]
    assert "can be read in two ways" in found[2]["amount"]
    assert "“Nobody” is not a vendor in use" in found[3]["vendor"]
    assert set(found[4]) == {"number", "amount", "currency", "period"}
    assert "2024-10 is closed" in found[5]["period"]
    assert take(cast.manager, seen).status_code == 422
    assert not Bill.objects.exists()
    fixes = {
        "cell-2-dated": "2026-11-03", "cell-2-amount": "1234", "cell-3-vendor": "Kilnwood Media",
        "cell-4-number": "F-3", "cell-4-amount": "5", "cell-4-currency": "EUR",
        "cell-4-period": "", "cell-5-period": "", "cell-3-about": "Stand",
    }  # fmt: skip
    planner = client(cast.manager)
    answer = planner.post(
        reverse("integrations:bill-file"), {"token": seen.context["token"], **fixes}
    )
    again = planner.get(answer["Location"])
    assert problems(again) == {}
    assert take(cast.manager, again).status_code == 302
    amounts = dict(Bill.objects.values_list("number", "lines__amount_micros"))
    assert amounts == {
        "F-1": k(1) + units(234),
        "F-2": units(10),
        "F-3": units(5),
        "F-4": units(10),
    }
    assert Bill.objects.get(number="F-2").lines.get().description == "Stand"


def test_wrong_rows_are_given_out_as_a_file(world: World, cast: Cast) -> None:
    seen = look(cast.manager, world, "Nobody;F-2;2026-11-12;10;EUR;;;")
    answer = client(cast.manager).get(
        reverse("integrations:bill-file-rows"), {"file": seen.context["token"]}
    )
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Vendor;Invoice number;Date;Amount")
    assert rows[1].startswith("Nobody;F-2;2026-11-12;10")
    assert "Row 2: “Nobody” is not a vendor in use." in rows[1]


def test_a_number_is_taken_once_in_the_books_and_once_in_the_file(world: World, cast: Cast) -> None:
    invoice(cast.manager, world.shopping, [line(units(5))], number="F-1")
    seen = look(
        cast.manager, world,
        "Kilnwood Media;f-1;2026-11-12;10;EUR;;;",
        "Kilnwood Media;F-2;2026-11-12;10;EUR;;;",
        "Kilnwood Media;F-2;2026-11-12;12;EUR;;;",
        "Kilnwood Media;F-3;2026-11-12;10;EUR;;;",
        "Kilnwood Media;F-3;2026-11-13;10;EUR;;Display DE;",
    )  # fmt: skip
    found = problems(seen)
    assert "f-1 of Kilnwood Media was entered already" in found[2]["number"]
    assert "F-2 of Kilnwood Media stands in row 3 already" in found[4]["number"]
    assert "Row 5 has the same vendor and invoice number with another date" in found[6]["dated"]
    assert take(cast.manager, seen).status_code == 422
    assert Bill.objects.count() == 1


def test_two_invoices_for_the_last_of_an_order_are_not_both_posted(
    world: World, cast: Cast
) -> None:
    ordered = open_order(world.shopping, k(2))
    seen = look(
        cast.manager, world,
        f"Kilnwood Media;F-1;2026-11-12;2000;EUR;{ordered.order.number};;",
        f"Kilnwood Media;F-2;2026-11-12;2000;EUR;{ordered.order.number};;",
    )  # fmt: skip
    assert [bill.state for bill in seen.context["reading"].bills] == ["posted", "to_match"]


def test_another_currency_needs_a_rate_and_totals_are_never_mixed(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    rows = (
        f"Kilnwood Media;F-1;2026-11-12;1000;USD;{ordered.order.number};;",
        "Kilnwood Media;F-2;2026-11-12;7;EUR;;;",
    )
    refused = problems(look(cast.manager, world, *rows))[2]["currency"]
    assert "neither a spot rate nor a budget rate from USD to EUR" in refused
    spot("EUR", "USD", "1.25", date(2026, 11, 1))
    seen = look(cast.manager, world, *rows)
    assert {"$1,000.00", "€7.00"} <= {tile.value for tile in seen.context["tiles"]}
    (first, _) = seen.context["reading"].bills
    assert (first.state, "a second person looks at the conversion" in first.waits) == (
        "to_match", True,
    )  # fmt: skip
    take(cast.manager, seen)
    assert held(world.shopping) == [k(2), 0, 0]


def test_a_file_is_looked_at_again_when_the_books_moved(world: World, cast: Cast) -> None:
    ordered = open_order(world.shopping, k(2))
    seen = look(
        cast.manager, world, f"Kilnwood Media;F-1;2026-11-12;2000;EUR;{ordered.order.number};;"
    )
    invoice(cast.manager, world.shopping, [line(k(1), order_line=ordered)], number="R-1")
    late = take(cast.manager, seen)
    assert late.status_code == 422
    assert "Orders or bills changed since you looked at this file" in text(late)
    assert Bill.objects.count() == 1


def test_a_workbook_is_read_like_a_text_file(world: World, cast: Cast) -> None:
    vendor()
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, day = book.add_worksheet("Invoices"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Supplier", "Invoice no", "Invoice date", "Net amount"])
        sheet.write_row(1, 0, ["Kilnwood Media", 4711])
        sheet.write_datetime(1, 2, date(2026, 11, 12), day)
        sheet.write_number(1, 3, 1000.5)
    answer = upload(cast.manager, world, out.getvalue(), "bills.xlsx")
    seen = client(cast.manager).get(answer.url)
    assert problems(seen) == {}
    take(cast.manager, seen)
    made = Bill.objects.get()
    assert (made.number, made.dated, made.lines.get().amount_micros) == (
        "4711", date(2026, 11, 12), k(1) + 500_000,
    )  # fmt: skip
    assert made.state == BillState.TO_MATCH


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"a;b\n1;2\n",
            "No row of this file has the headings Vendor, Invoice number, Date, Amount.",
        ),
        (HEAD.encode(), "There is no row below the headings."),
        (b"%PDF-1.7", "This is a PDF"),
        ((HEAD + "\nx;1;2026-11-01;1" * 501).encode(), "at most 500 are taken at once. Split it."),
    ],
)
def test_what_is_no_file_of_invoices_is_refused(
    world: World, cast: Cast, content: bytes, said: str
) -> None:
    answer = upload(cast.manager, world, content)
    assert answer.status_code == 422
    assert said in text(answer)


def test_only_who_enters_bills_reads_a_file_and_only_their_own(world: World, cast: Cast) -> None:
    assert upload(cast.analyst, world, HEAD.encode()).status_code == 403
    vendor()
    mine = upload(cast.manager, world, f"{HEAD}\nKilnwood Media;F;2026-11-12;1;;;;".encode()).url
    assert client(cast.auditor).get(mine).status_code == 404
