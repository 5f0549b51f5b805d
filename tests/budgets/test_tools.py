"""The register of marketing tools: entered, counted, cancelled, and seen by whom it concerns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from budgets.models import Tool, ToolUse
from budgets.rules.tool_uses import next_renewal, read_uses
from core.errors import Invalid
from core.models import Event
from tests.budgets.tools import AT, make_tool
from tests.budgets.world import rate
from tests.cast import Cast

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("2.9")]

FORM = {
    "name": "Mailflow", "owner": "", "team": "", "yearly": "18,000.00", "currency": "EUR",
    "seats": "40", "starts_on": "2024-01-01", "renews_on": "2027-01-01", "notice_days": "30",
    "renews_itself": "on",
}  # fmt: skip


@pytest.fixture
def at(db: None) -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def open_page(user: User, name: str, *args: Any, **query: str) -> Any:
    return client(user).get(reverse(name, args=args), query)


def send(user: User, page: str, *args: Any, **data: Any) -> Any:
    return client(user).post(reverse(page, args=args), data)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def form(cast: Cast, **changed: str) -> dict[str, str]:
    return FORM | {"owner": str(cast.manager.pk), "team": str(cast.dach.pk)} | changed


def test_an_owner_enters_a_tool_and_sees_what_follows(cast: Cast) -> None:
    answer = send(cast.manager, "budgets:tool-create", **form(cast))
    tool = Tool.objects.get()
    assert answer.url == tool.get_absolute_url()
    assert (tool.yearly_micros, tool.seats) == (18_000_000_000, 40)
    send(cast.manager, "budgets:tool-count", tool.pk, day="2026-11-01", active_users="30")
    shown = text(open_page(cast.manager, "budgets:tool", tool.pk))
    assert "Wed 2 Dec" in shown
    assert "€600" in shown
    listed = text(open_page(cast.director, "budgets:tools"))
    assert "75 %" in listed
    assert Event.objects.filter(action="tool.created").exists()
    assert Event.objects.filter(action="tool.uses_entered").exists()


def test_costs_add_up_in_the_reporting_currency_at_a_named_rate(cast: Cast) -> None:
    make_tool(cast)
    make_tool(cast, "Slidewise", yearly_micros=10_000_000_000, currency="USD")
    missing = text(open_page(cast.director, "budgets:tools"))
    assert "There is no budget rate for Slidewise" in missing
    rate("USD", "EUR", "0.90", date(2026, 1, 1))
    shown = text(open_page(cast.director, "budgets:tools"))
    assert "€27k" in shown
    assert "1 USD = 0.9 EUR" in shown


def test_counts_are_kept_all_or_none(cast: Cast) -> None:
    tool = make_tool(cast)
    rows = "name;day;active_users\nMailflow;2026-10-01;22\nmailflow;2026-11-01;24\n"
    send(cast.manager, "budgets:tool-uses", rows=rows)
    assert list(tool.uses.values_list("active_users", flat=True)) == [24, 22]
    file = SimpleUploadedFile("uses.csv", b"Mailflow,2026-11-01,26\nMailflow,2026-09-01,20\n")
    send(cast.manager, "budgets:tool-uses", file=file)
    assert list(tool.uses.values_list("active_users", flat=True)) == [26, 22, 20]
    assert ToolUse.objects.get(day="2026-11-01").source == "File uses.csv"
    wrong = "Mailflow,2026-08-01,20\nUnknown,2026-08-01,20\n"
    refused = send(cast.manager, "budgets:tool-uses", rows=wrong)
    assert refused.status_code == 422
    assert "Row 2" in text(refused)
    assert tool.uses.count() == 3


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("", "There is no row"),
        ("Mailflow,2026-11-01", "2 columns"),
        ("Mailflow,1.11.2026,5", "not a day"),
        ("Mailflow,2026-11-01,many", "not a count"),
        ("A,2026-11-01,1\na,2026-11-01,2", "two counts"),
    ],
)
def test_what_cannot_be_read_is_named_by_row(rows: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_uses(rows)


def test_a_contract_that_renews_itself_comes_up_every_year() -> None:
    day = date(2025, 2, 28)
    assert next_renewal(day, date(2026, 11, 22), renews_itself=True) == date(2027, 2, 28)
    assert next_renewal(day, date(2026, 11, 22), renews_itself=False) is None
    assert next_renewal(date(2024, 2, 29), date(2026, 1, 1), renews_itself=True) == date(
        2026, 2, 28
    )


def test_only_its_owner_and_planners_above_keep_it(cast: Cast) -> None:
    tool = make_tool(cast)
    assert (
        send(
            cast.director, "budgets:tool-count", tool.pk, day="2026-11-01", active_users=3
        ).status_code
        == 302
    )
    for other, status in ((cast.executive, 403), (cast.analyst, 403), (cast.uk_manager, 404)):
        answer = send(other, "budgets:tool-cancel", tool.pk, reason="Not needed")
        assert answer.status_code == status, other
    assert open_page(cast.executive, "budgets:tool", tool.pk).status_code == 200
    assert not Tool.objects.get().is_cancelled
    assert send(cast.manager, "budgets:tool-cancel", tool.pk, reason="").status_code == 422
    send(cast.manager, "budgets:tool-cancel", tool.pk, reason="Nobody used it")
    assert Tool.objects.get().is_cancelled
    again = send(cast.manager, "budgets:tool-cancel", tool.pk, reason="Again")
    assert again.status_code == 409


def test_a_change_is_recorded_field_by_field(cast: Cast) -> None:
    tool = make_tool(cast)
    send(cast.manager, "budgets:tool-edit", tool.pk, **form(cast, yearly="20000"))
    event = Event.objects.get(action="tool.changed")
    assert event.before
    assert event.after
    assert event.before["yearly_micros"] == 18_000_000_000
    assert event.after["yearly_micros"] == 20_000_000_000
    wrong = send(cast.manager, "budgets:tool-edit", tool.pk, **form(cast, renews_on="2023-01-01"))
    assert wrong.status_code == 422 or "before" in text(wrong)


def test_a_contract_is_kept_with_its_tool(cast: Cast) -> None:
    tool = make_tool(cast)
    file = SimpleUploadedFile("contract.pdf", b"%PDF-1.7\n%contract\n%%EOF\n")
    send(cast.manager, "budgets:tool-attach", tool.pk, file=file)
    assert tool.attachments.get().name == "contract.pdf"
    assert "contract.pdf" in text(open_page(cast.director, "budgets:tool", tool.pk))


def test_the_list_exports_what_it_shows(cast: Cast) -> None:
    make_tool(cast)
    answer = open_page(cast.director, "budgets:tools", export="csv")
    assert answer.status_code == 200
    assert b"Mailflow" in b"".join(answer) if answer.streaming else b"Mailflow" in answer.content


def test_the_api_does_the_same(cast: Cast) -> None:
    api = APIClient()
    api.force_authenticate(cast.manager)
    body = {
        "name": "Mailflow", "team": cast.dach.pk, "owner": cast.manager.pk, "yearly": "18000.00",
        "currency": "EUR", "seats": 40, "starts_on": "2024-01-01", "renews_on": "2027-01-01",
    }  # fmt: skip
    made = api.post(reverse("api-tools"), body, format="json", headers={"Idempotency-Key": "t1"})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    counts = {"counts": [{"name": "Mailflow", "day": "2026-11-01", "active_users": 30}]}
    kept = api.post(
        reverse("api-tool-uses"), counts, format="json", headers={"Idempotency-Key": "t2"}
    )
    assert kept.json() == {"kept": 1}, kept.content
    seen = api.get(reverse("api-tool", args=[pk])).json()
    assert Decimal(seen["cost_per_active_user"]["amount"]) == 600
    assert seen["notice_by"] == "2026-12-02"
    listed = api.get(reverse("api-tools")).json()
    assert [row["name"] for row in listed["results"]] == ["Mailflow"]
