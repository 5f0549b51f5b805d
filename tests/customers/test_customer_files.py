"""Files of HubSpot and Salesforce: recognised by content, previewed, loaded once, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from core.errors import Conflict, Invalid
from core.models import Event
from core.money import Money
from customers.choices import Outcome
from customers.models import Account, Contact, Lead, Opportunity, StageEntry, Touchpoint
from integrations import services
from integrations.choices import RunState
from integrations.models import ImportRun, QuarantinedRow
from tests.cast import Cast
from tests.customers.files import (
    COMPANIES,
    CONTACTS,
    DEALS,
    SALESFORCE,
    bring_in,
    bring_in_all,
    upload,
)
from tests.integrations.files import workbook
from tests.sign_in import signed_in
from tests.world import AT, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.1")]


def deal(number: str) -> Opportunity:
    return Opportunity.objects.get(number=number)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_deals_export_in_any_encoding_gives_the_same_deals(cast: Cast, encoding: str) -> None:
    text = DEALS.replace(",", "\t") if encoding == "utf-16" else DEALS
    run = bring_in(cast, text.encode(encoding), currency="USD")
    assert (run.layout, run.state) == ("hubspot_deals", RunState.IMPORTED)
    big = deal("101")
    assert (big.name, big.amount) == ("Big – Müller", Money(125_000_000_000, "USD"))
    assert (big.stage, big.pipeline, big.outcome) == ("Proposal", "Sales", Outcome.OPEN)
    assert deal("102").outcome == Outcome.WON
    assert deal("102").amount is None  # no amount is not zero


def test_a_preview_writes_nothing(cast: Cast) -> None:
    run = upload(cast, DEALS, currency="USD")
    assert (run.verdict, run.accepted, run.totals) == ("ACCEPT", 2, {"USD": "125000.00"})
    assert not Opportunity.objects.exists()


def test_a_dollar_sign_alone_is_asked_about(cast: Cast) -> None:
    run = upload(cast, DEALS)
    assert [question["key"] for question in run.check_result["questions"]] == ["currency"]


def test_several_contacts_stand_in_one_cell(cast: Cast) -> None:
    bring_in_all(cast)
    assert deal("101").contacts.count() == 2
    assert deal("102").contacts.count() == 0


def test_files_find_each_other_whichever_came_first(cast: Cast) -> None:
    bring_in_all(cast)
    muller = Account.objects.get(number="77")
    assert deal("101").account == muller
    assert muller.contacts.count() == 2
    assert Touchpoint.objects.filter(account=muller, contact__isnull=False).count() == 2
    assert Lead.objects.get().contact in set(muller.contacts.all())


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_salesforce_report_ends_before_its_footers(cast: Cast, encoding: str) -> None:
    run = bring_in(cast, SALESFORCE.encode(encoding))
    assert (run.layout, run.accepted, run.skipped) == ("salesforce_opportunities", 2, 3)
    acme, beta = Opportunity.objects.order_by("name")
    assert (acme.amount, beta.amount) == (Money(1_250_000_000, "EUR"), Money(99_500_000, "USD"))
    assert (acme.fiscal_period, acme.probability_percent) == ("Q4-2026", 100)
    assert beta.account
    assert beta.account.name == "Bêta"
    assert run.totals == {"EUR": "1250.00", "USD": "99.50"}


def test_footers_padded_with_empty_cells_are_no_deals(cast: Cast) -> None:
    padded = SALESFORCE.replace('records)"', 'records)"' + ',""' * 11)
    assert bring_in(cast, padded).accepted == 2


def test_a_report_that_lost_rows_is_refused(cast: Cast) -> None:
    run = upload(cast, SALESFORCE.replace("(2 records)", "(5,700 records)"))
    assert run.verdict == "REFUSE"
    assert [reason["code"] for reason in run.check_result["reasons"]] == ["ROW_COUNT_MISMATCH"]
    with pytest.raises(Invalid, match="5,700 records"):
        services.run_import(run, actor=cast.manager.as_actor(), at=AT, today=TODAY)


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    bring_in(cast, DEALS, currency="USD")
    again = bring_in(cast, DEALS, currency="USD", at=AT + timedelta(days=1))
    assert (again.state, again.batch) == (RunState.UNCHANGED, None)
    assert Opportunity.objects.count() == 2
    assert StageEntry.objects.count() == 2


def test_a_deal_that_moved_has_a_history(cast: Cast) -> None:
    bring_in(cast, DEALS, currency="USD")
    later = AT + timedelta(days=9)
    bring_in(cast, DEALS.replace("Proposal", "Negotiation"), currency="USD", at=later)
    first, second = StageEntry.objects.filter(opportunity=deal("101"))
    assert (first.stage, first.entered_at) == ("Proposal", datetime(2026, 2, 1, tzinfo=UTC))
    assert (first.left_at, second.stage, second.entered_at) == (later, "Negotiation", later)
    assert second.left_at is None


def test_an_import_is_taken_back_as_a_whole(cast: Cast) -> None:
    bring_in(cast, DEALS, currency="USD")
    before = list(Opportunity.objects.order_by("number").values())
    moved = bring_in(
        cast, DEALS.replace("Proposal", "Negotiation"), currency="USD", at=AT + timedelta(days=9)
    )
    services.run_undo(moved, user=cast.director, reason="wrong file", at=AT + timedelta(days=10))
    assert list(Opportunity.objects.order_by("number").values()) == before
    assert StageEntry.objects.get(opportunity=deal("101")).left_at is None
    assert Event.objects.filter(action="customers.undone").count() == 1


def test_what_stands_on_a_customer_file_is_shown_before_it_is_undone(cast: Cast) -> None:
    run = bring_in(cast, COMPANIES)
    assert (
        signed_in(cast.director).get(reverse("integrations:run-undo", args=[run.pk])).status_code
        == 200
    )


def test_undoing_the_first_import_leaves_nothing(cast: Cast) -> None:
    run = bring_in(cast, COMPANIES)
    services.run_undo(run, user=cast.director, reason="wrong team", at=AT)
    assert not Account.objects.exists()


def test_an_import_that_a_later_one_built_on_is_not_taken_back(cast: Cast) -> None:
    first = bring_in(cast, DEALS, currency="USD")
    bring_in(cast, DEALS.replace("Proposal", "Won"), currency="USD", at=AT + timedelta(days=1))
    with pytest.raises(Conflict, match="later"):
        services.run_undo(first, user=cast.director, reason="x", at=AT + timedelta(days=2))


def test_rows_without_a_stage_wait_in_quarantine(cast: Cast) -> None:
    run = bring_in(cast, DEALS + "103,No stage,,,,,,2026-01-01,,\n", currency="USD")
    held = QuarantinedRow.objects.get(run=run)
    assert (held.row, held.column, held.code) == (4, "Deal Stage", "MISSING_VALUE")
    assert Opportunity.objects.count() == 2


def test_two_rows_with_one_number_are_not_guessed_between(cast: Cast) -> None:
    run = upload(cast, DEALS + "101,Other,Proposal,,,,,2026-01-01,,\n", currency="USD")
    assert (run.verdict, run.accepted, run.rejected) == ("PARTIAL", 1, 2)


def test_a_workbook_of_contacts_is_read_and_hashed(cast: Cast) -> None:
    rows = [line.split(",") for line in CONTACTS.splitlines()]
    run = bring_in(cast, workbook(rows), name="contacts.xlsx")
    assert (run.layout, run.accepted) == ("hubspot_contacts", 2)
    assert {contact.email[:4] for contact in Contact.objects.all()} == {"p1e-"}


def test_an_export_with_fewer_columns_takes_nothing_away(cast: Cast) -> None:
    bring_in(cast, DEALS, currency="USD")
    bring_in(cast, "Record ID,Deal Name,Deal Stage\n101,Big – Müller,Proposal\n",
             at=AT + timedelta(days=1))  # fmt: skip
    assert deal("101").amount == Money(125_000_000_000, "USD")


def test_a_batch_says_what_it_did_and_of_nobody(cast: Cast) -> None:
    bring_in(cast, CONTACTS)
    event = Event.objects.get(action="customers.loaded")
    assert event.after == {
        "contact": {"new": 2, "changed": 0},
        "lead": {"new": 1, "changed": 0},
        "stage": {"new": 0, "changed": 0},
    }
    assert ImportRun.objects.get().state == RunState.IMPORTED
