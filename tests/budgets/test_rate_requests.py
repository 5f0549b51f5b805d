"""Exchange rates take two people: asked by form, file or API, confirmed by another, all or none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.models import FxRate, MonthClose
from budgets.rules.rate_files import Wanted, read_rate_file
from core.errors import Conflict, Invalid, NotAllowed
from tests.approvals.test_api import Api
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, World, decide, execute, rate
from tests.cast import Cast

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("9.6")]

FORM = {
    "kind": "budget", "base": "GBP", "quote": "EUR", "rate": "1.1628", "valid_from": "2026-01-01",
    "source": "Treasury",
}  # fmt: skip
OWN = b"""kind,base,quote,valid_from,rate,source
budget,GBP,EUR,2026-01-01,1.1628,Treasury
spot,USD,EUR,2026-11-02,0.92,Treasury
"""
ECB_DAY = b"Date, USD, JPY, BGN, \n20 November 2026, 1.0876, 162.31, N/A, \n"
ECB_HISTORY = (
    b"Date,USD,GBP\n2026-11-20,1.0876,0.86\n2026-11-19,1.0855,0.861\n2026-10-30,1.08,0.87\n"
)
ECB_XML = b"""<?xml version="1.0"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01">
<Cube><Cube time='2026-11-20'>
<Cube currency='USD' rate='1.0876'/>
<Cube currency='XX' rate='1'/>
</Cube></Cube></gesmes:Envelope>"""


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def confirm(request: ChangeRequest, by: User) -> ChangeRequest:
    return execute(decide(request, by))


def test_one_person_asks_on_the_page_and_another_confirms(
    world: World, cast: Cast, auditor2: User
) -> None:
    for user in (cast.director, cast.executive, cast.manager):
        assert send(user, "budgets:rates", **FORM).status_code == 403
        assert "Ask for a rate" not in text(open_page(user, "budgets:rates"))
        assert open_page(user, "budgets:rate-file").status_code == 403
    asked = send(cast.auditor, "budgets:rates", **FORM)
    request = ChangeRequest.objects.get()
    assert asked.url == request.get_absolute_url()
    assert not FxRate.objects.exists()
    assert request.title in text(open_page(auditor2, "budgets:rates"))
    with pytest.raises(NotAllowed):
        decide(request, cast.auditor)
    with pytest.raises(NotAllowed):
        decide(request, cast.executive)
    assert confirm(request, auditor2).state == "executed"
    row = FxRate.objects.get()
    assert (row.entered_by, row.request_id) == (cast.auditor, request.pk)
    again = send(cast.auditor, "budgets:rates", **FORM)
    assert again.status_code == 422
    assert "already" in text(again)
    assert "1 GBP in EUR" in text(open_page(cast.analyst, "budgets:rates"))
    centre = text(open_page(cast.director, "budgets:centre"))
    assert "1 GBP = 1.1628 EUR (Budget rate of 1 Jan 2026)" in centre


def test_a_rate_entered_in_the_meantime_ends_the_request(
    world: World, cast: Cast, auditor2: User
) -> None:
    send(cast.auditor, "budgets:rates", **FORM)
    request = decide(ChangeRequest.objects.get(), auditor2)
    rate("GBP", "EUR", "1.17", date(2026, 1, 1))
    done = execute(request)
    assert done.state == "stale"
    assert "already" in done.outcome_note
    assert FxRate.objects.count() == 1


def test_no_rate_reaches_back_into_a_closed_month(world: World, cast: Cast, auditor2: User) -> None:
    send(cast.auditor, "budgets:rates", **FORM | {"valid_from": "2026-10-15"})
    request = decide(ChangeRequest.objects.get(), auditor2)
    MonthClose.objects.create(
        fiscal_year=world.year, month="2026-10", closed_at=AT, closed_by_name="Ben"
    )
    refused = send(cast.auditor, "budgets:rates", **FORM | {"valid_from": "2026-10-31"})
    assert refused.status_code == 422
    assert "closed period" in text(refused)
    with pytest.raises(Conflict, match="closed period"):
        rate("USD", "EUR", "0.9", date(2026, 10, 31))
    done = execute(request)
    assert done.state == "stale"
    assert "closed period" in done.outcome_note
    assert not FxRate.objects.exists()
    rate("USD", "EUR", "0.9", date(2026, 11, 1))


def upload(user: User, content: bytes, **data: str) -> Any:
    file = SimpleUploadedFile("rates.csv", content)
    return send(user, "budgets:rate-file", **{"kind": "spot", "file": file, **data})


def test_a_file_is_looked_at_then_sent_then_confirmed(
    world: World, cast: Cast, auditor2: User
) -> None:
    seen = upload(cast.auditor, OWN)
    assert seen.status_code == 200
    assert not ChangeRequest.objects.exists()
    token = seen.context["send"].initial["rates"]
    assert send(cast.auditor, "budgets:rate-file", rates=token, reason="").status_code == 422
    sent = send(cast.auditor, "budgets:rate-file", rates=token, reason="Monthly rates")
    request = ChangeRequest.objects.get()
    assert sent.url == request.get_absolute_url()
    assert request.title == "2 exchange rates: GBP/EUR, USD/EUR"
    assert "No rate yet" in text(open_page(auditor2, "approvals:request", request.pk))
    confirm(request, auditor2)
    assert FxRate.objects.count() == 2
    assert send(cast.auditor, "budgets:rate-file", rates="x", reason="x").status_code == 422


def test_a_file_with_one_wrong_line_sends_nothing(world: World, cast: Cast) -> None:
    rate("USD", "EUR", "0.9", date(2026, 11, 2), kind="spot")
    seen = upload(
        cast.auditor, OWN + b"spot,EUR,EUR,2026-11-02,1,x\nspot,GBP,EUR,2026-11-02,1,16,x\n"
    )
    assert seen.status_code == 200
    assert "send" not in seen.context
    wrong = {row.line: row.problem for row in seen.context["rows"]}
    assert set(wrong) == {3, 4}
    assert "already" in wrong[3]
    assert "two different" in wrong[4]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ECB_DAY, [(2, "USD", "1.0876"), (2, "JPY", "162.31")]),
        (
            ECB_HISTORY,
            [(2, "USD", "1.0876"), (2, "GBP", "0.86"), (3, "USD", "1.0855"), (3, "GBP", "0.861")],
        ),
        (OWN.replace(b",", b";"), [(3, "EUR", "0.92")]),
    ],
)
def test_layouts_that_are_read(content: bytes, expected: list[tuple[int, str, str]]) -> None:
    rows = read_rate_file(content, Wanted("spot", since=date(2026, 11, 1)))
    found = [(row.line, row.row.quote, str(row.row.rate)) for row in rows if row.row]
    assert found == expected


def test_the_banks_xml_says_the_line_of_what_is_wrong() -> None:
    good, bad = read_rate_file(ECB_XML, Wanted("spot"))
    assert good.row is not None
    assert (good.row.base, good.row.quote, good.row.valid_from) == (
        "EUR",
        "USD",
        date(2026, 11, 20),
    )
    assert (bad.line, bad.row) == (5, None)
    assert "not a currency" in bad.problem


@pytest.mark.parametrize(
    "content",
    [
        b"", b"a,b\n1,2\n", b"<x", b"\xff\xfe\x00", b"Date,USD\n2020-01-01,1.1\n",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
)  # fmt: skip
def test_what_is_no_rate_file_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_rate_file(content, Wanted("spot", since=date(2026, 11, 1)))


def test_the_page_compares_budget_and_spot_rates_of_a_pair(world: World, cast: Cast) -> None:
    rate("GBP", "EUR", "1.16", date(2026, 1, 1))
    for day, value in ((1, "1.17"), (2, "1.18"), (3, "1.218")):
        rate("EUR", "GBP", str(1 / float(value))[:10], date(2026, 11, day), kind="spot")
    page = open_page(cast.analyst, "budgets:rates", base="gbp", quote="eur", day="2026-11-03")
    assert page.context["chart"].title == "The spot rate lies 5.0\u202f% above the budget rate"
    assert page.context["used"][0][1] == "1.160000 (Budget rate of 1 Jan 2026)"
    assert "Spot rate of 3 Nov 2026, inverse" in page.context["used"][1][1]
    assert page.context["table"].count == 0 or "1.16" in text(page)
    early = open_page(cast.analyst, "budgets:rates", base="GBP", quote="EUR", day="2025-01-01")
    assert early.context["chart"] is None


def test_the_api_asks_too(world: World, cast: Cast, auditor2: User) -> None:
    one = {k: v for k, v in FORM.items() if k != "kind"}
    assert Api(cast.director).send("post", "/fx-rates/", one).status_code == 403
    answer = Api(cast.auditor).send("post", "/fx-rates/", one)
    assert answer.status_code == 201
    request = ChangeRequest.objects.get(pk=answer.json()["request"])
    assert confirm(request, auditor2).state == "executed"
    assert Api(cast.auditor).send("post", "/fx-rates/", one).status_code == 409
    listed = Api(cast.manager).get("/fx-rates/", base="gbp").json()["results"]
    assert (listed[0]["rate"], listed[0]["request"]) == ("1.1628000000", request.pk)
    file = {"content": ECB_HISTORY.decode(), "since": "2026-11-20"}
    looked = Api(cast.auditor).send("post", "/fx-rates/file/", file)
    assert (len(looked.json()["rows"]), looked.json()["request"]) == (2, None)
    sent = Api(cast.auditor).send("post", "/fx-rates/file/", file | {"reason": "Daily"}).json()
    assert ChangeRequest.objects.get(pk=sent["request"]).kind == "budget.rates"
    wrong = {"content": OWN.decode(), "reason": "Again"}
    refused = Api(cast.auditor).send("post", "/fx-rates/file/", wrong)
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["where"] == "line 2"
