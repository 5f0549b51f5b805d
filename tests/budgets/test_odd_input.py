"""What a hostile or careless person sends to the money pages: refused in words, never a breakdown."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from budgets.forms.scenarios import ToolForm
from budgets.models import Bill
from budgets.rules.month_names import month_heads, month_name, month_spans
from budgets.selectors.sections import GROUPS, section_tabs
from tests.budgets.billing import vendor
from tests.budgets.world import AT, NOV, World
from tests.cast import Cast

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("2.1")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def client(user: User) -> Client:
    signed_in = Client()
    signed_in.force_login(user)
    return signed_in


def bill(world: World, **fields: Any) -> dict[str, Any]:
    data = {
        "kind": "invoice", "vendor": vendor().pk, "number": "R-1", "dated": "2026-11-12",
        "currency": "EUR", "team": world.shopping.team_id, "owner": world.shopping.owner_id,
        "rows-TOTAL_FORMS": 1, "rows-INITIAL_FORMS": 0, "rows-0-place": f"b{world.shopping.pk}",
        "rows-0-month": NOV, "rows-0-amount": "10", "rows-0-description": "Stand",
    }  # fmt: skip
    return data | fields


@pytest.mark.parametrize("count", ["99999999", "x", "-1"])
@pytest.mark.parametrize("add", ["", "1"])
def test_a_made_up_number_of_rows_costs_nothing(
    world: World, cast: Cast, count: str, add: str
) -> None:
    """Each row offers hundreds of places: without an end, one request would hold a worker."""
    fields = bill(world, **{"rows-TOTAL_FORMS": count, "add": add})
    answer = client(cast.manager).post(reverse("budgets:bill-create"), fields)
    assert answer.status_code in (200, 422)
    assert answer.content.decode().count('name="rows-') < 61 * 6


@pytest.mark.parametrize("day", ["0001-01-01", "2206-11-12", "9999-12-31"])
def test_a_bill_of_another_age_is_a_slip(world: World, cast: Cast, day: str) -> None:
    answer = client(cast.manager).post(reverse("budgets:bill-create"), bill(world, dated=day))
    assert answer.status_code == 422
    assert "more than 5 years away" in answer.content.decode()
    assert not Bill.objects.exists()


def test_a_month_that_nobody_offers_says_what_to_do(world: World, cast: Cast) -> None:
    fields = bill(world, **{"rows-0-month": "2031-01"})
    answer = client(cast.manager).post(reverse("budgets:bill-create"), fields)
    assert answer.status_code == 422
    assert "ask finance under Month-end to open it again" in answer.content.decode()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("page", ["orders", "bills", "vendors", "lines", "history", "tools"])
def test_a_search_for_a_null_byte_finds_nothing_and_breaks_nothing(cast: Cast, page: str) -> None:
    assert client(cast.manager).get(reverse(f"budgets:{page}"), {"q": "a\0"}).status_code == 200


@pytest.mark.parametrize(
    "content",
    [b'base,quote,valid_from,rate\n"' + b"a" * 200_000, b"base,quote,valid_from,rate\nEUR,\0"],
    ids=["a cell without an end", "a null byte"],
)
@pytest.mark.usefixtures("world")
def test_a_rate_file_that_is_none_is_refused(cast: Cast, content: bytes) -> None:
    file = SimpleUploadedFile("rates.csv", content, "text/csv")
    answer = client(cast.auditor).post(
        reverse("budgets:rate-file"), {"kind": "spot", "source": "Bank", "file": file}
    )
    assert answer.status_code == 422


@pytest.mark.usefixtures("world")
def test_counts_of_tools_without_an_end_are_refused(cast: Cast) -> None:
    answer = client(cast.manager).post(reverse("budgets:tool-uses"), {"rows": '"' + "a" * 200_000})
    assert answer.status_code == 422


def test_bills_offer_the_newest_year_first(world: World, cast: Cast) -> None:
    shown = client(cast.manager).get(reverse("budgets:bill-create")).content.decode()
    years = [int(part[:4]) for part in shown.split(", FY")[1:]]
    assert years == sorted(years, reverse=True)
    assert str(world.year.year) in shown


def test_every_page_of_the_room_stands_in_one_group(cast: Cast) -> None:
    """The page that is open is marked on both levels, and every page can be reached."""
    names = [section.url_name for _, sections in GROUPS for section in sections]
    assert len(names) == len(set(names))
    for label, sections in GROUPS:
        for section in sections:
            shown = section_tabs(cast.director, section.url_name)
            assert [tab.label for tab in shown.groups if tab.current] == [label]
            if len(sections) > 1:
                assert [tab.label for tab in shown.pages if tab.current] == [section.label]


def test_months_are_written_as_people_read_them() -> None:
    assert [month_name(key) for key in ("2026-11", "2026-13", "")] == ["Nov 2026", "2026-13", ""]


def test_a_total_is_shared_out_in_a_named_currency() -> None:
    form = ToolForm([], [], {"tool": "spread", "total": "1000"})
    assert form.errors["currency"] == ["Choose the currency of the total."]


def test_months_are_named_once_for_each_year() -> None:
    assert month_heads(["Nov 2026", "Dec 2026", "Jan 2027"]) == ["Nov 2026", "Dec", "Jan 2027"]
    assert month_spans(["2027-03", "2027-05", "2027-04", "2027-08"]) == "Mar to May 2027, Aug 2027"
    assert month_spans(["2026-12", "2027-01"]) == "Dec 2026 to Jan 2027"
