"""Nothing that says who somebody is gets past the door; people are recognised all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from core.personal import EMAIL as ADDRESS
from core.personal import Kind, is_token, normal, token, tokens
from customers import services
from customers.models import Contact, Lead, Opportunity, RecordChange
from integrations import services as imports
from integrations.models import ImportRun, QuarantinedRow
from integrations.services import door
from tests.cast import Cast
from tests.customers.files import (
    CONTACTS,
    DEALS,
    EMAIL,
    NAME,
    PHONE,
    bring_in,
    bring_in_all,
    stored_files,
    upload,
)
from tests.integrations.files import gzipped, workbook, zipped
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.5")]
PLANTED = (EMAIL, PHONE, NAME, "Plantedname", "5550199")


def everything_kept() -> Iterator[tuple[str, str]]:
    """Every row of every table as text, and every file below the uploads, with where it stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from ((table, row) for (row,) in cursor.fetchall())
    for path in stored_files(Path(settings.UPLOADS)):
        yield str(path), path.name
        yield str(path), path.read_bytes().decode("latin-1").replace("\0", "")


def found(*planted: str) -> set[str]:
    """Where something planted can still be read."""
    words = [word.casefold() for word in planted or PLANTED]
    return {
        where for where, text in everything_kept() if any(word in text.casefold() for word in words)
    }


@pytest.fixture(autouse=True)
def own_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UPLOADS", tmp_path)


CONTACTS_WITH_PROBLEM = CONTACTS + f"902,,,,{PHONE},Lead,Open,77,31/31/2026\n"


@pytest.mark.parametrize("way", ["plain", "utf-16", "gzip", "zip", "xlsx"])
def test_after_an_import_nothing_planted_is_left_anywhere(cast: Cast, way: str) -> None:
    text = CONTACTS_WITH_PROBLEM
    content = {
        "plain": text.encode(),
        "utf-16": text.replace(",", "\t").encode("utf-16"),
        "gzip": gzipped(text),
        "zip": zipped(contacts=text),
        "xlsx": workbook([line.split(",") for line in text.splitlines()]),
    }[way]
    run = bring_in(cast, content, name=f"{EMAIL}.csv")
    assert Contact.objects.count() == 2
    assert QuarantinedRow.objects.filter(run=run).count() == 1
    assert found() == set()


def test_the_same_search_finds_it_where_nothing_is_hashed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "without_people", lambda *_: None)
    monkeypatch.setattr(
        "customers.services.loading.token", lambda _kind, text, _system="": text[:40]
    )
    bring_in(cast, CONTACTS_WITH_PROBLEM)
    places = {Path(place).name if "/" in place else place for place in found()}
    assert {"customers_contact", "integrations_importrun", "integrations_quarantinedrow"} <= places
    assert len(places) > 3  # the stored file as well


@pytest.mark.parametrize(
    "content",
    [
        f'Campaign,Cost\n"Winter for {EMAIL}',  # a quote that never closes
        f"no table at all {EMAIL}",
        f"\0binary {EMAIL}",
        f'Record ID,First Name,Last Name,Email\n1,Jane,Plantedname,{EMAIL}\n2,"x"y,a,b\n',
    ],
)
def test_a_file_that_is_refused_keeps_nobody_either(cast: Cast, content: str) -> None:
    assert upload(cast, content).verdict == "REFUSE"
    assert found() == set()


def test_a_row_mended_by_hand_is_hashed_too(cast: Cast) -> None:
    run = bring_in(cast, CONTACTS_WITH_PROBLEM)
    typed = ["902", "Jane", "Plantedname", EMAIL, PHONE, "Lead", "Open", "77", "2026-01-07"]
    assert all(map(is_token, door.hashed_row(run, typed)[3:5]))
    assert EMAIL not in str(door.hashed_row(run, typed))


def test_a_file_without_people_is_kept_byte_for_byte(cast: Cast) -> None:
    content = b"\xef\xbb\xbfDate,Campaign,Cost\r\n2026-11-01,Winter @ home,12.50\r\n"
    run = upload(cast, content, currency="EUR")
    assert imports.stored_path(run.stored_as).read_bytes() == content


def test_rows_keep_their_numbers_in_the_hashed_file(cast: Cast) -> None:
    text = (
        CONTACTS.replace("\n901", "\n\n\n901")
        + '903,"Two\nlines",X,bad\n\n904,A,B,c@d.example,,,,,99/99/2026\n'
    )
    run = upload(cast, text)
    rows = {reason["row"] for reason in run.check_result["reasons"]}
    assert rows == {6, 9}


def test_the_same_person_is_the_same_token_in_every_file(cast: Cast) -> None:
    bring_in_all(cast)
    jane = Contact.objects.get(email=token(Kind.EMAIL, EMAIL))
    assert jane.number == token(Kind.NUMBER, "900", "hubspot")
    assert jane.name == token(Kind.NAME, NAME)
    assert jane.touches.count() == 1
    assert jane.opportunities.get().number == "101"
    assert Lead.objects.get().contact == jane


@pytest.mark.parametrize(
    ("kind", "written", "same"),
    [
        (Kind.EMAIL, " JANE@Example.COM ", "jane@example.com"),
        (Kind.PHONE, "+49 (171) 555-0199", "0049 171 5550199"),
        (Kind.NAME, "Jane   DOE", "jane doe"),
        (Kind.NUMBER, " 0042 ", "0042"),
    ],
)
def test_values_are_normalised_first(kind: Kind, written: str, same: str) -> None:
    assert normal(kind, written) == normal(kind, same)
    assert token(kind, written) == token(kind, same)


def test_another_key_gives_other_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    before = token(Kind.EMAIL, EMAIL)
    monkeypatch.setattr(settings, "PERSONAL_KEYS", ["another"])
    assert token(Kind.EMAIL, EMAIL) != before


def test_the_number_of_one_system_is_not_that_of_another() -> None:
    assert token(Kind.NUMBER, "900", "hubspot") != token(Kind.NUMBER, "900", "salesforce")


class TestANewKey:
    """A key is put on top; what was hashed before is still found, and then hashed on."""

    @pytest.fixture(autouse=True)
    def rotated(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
        run = bring_in_all(cast)[-1]
        bring_in(cast, CONTACTS.replace("Customer", "Lead"), at=AT + timedelta(hours=1))
        monkeypatch.setattr(settings, "PERSONAL_KEYS", [*settings.PERSONAL_KEYS, "the next key"])
        return run

    def test_people_are_found_before_anything_was_renewed(self, cast: Cast) -> None:
        found = services.erasure_look(values={Kind.EMAIL: EMAIL}, user=cast.admin, at=AT)
        assert found.found["contacts"] == 1
        assert found.found["files"] >= 2

    def test_the_job_hashes_everything_on(self, rotated: ImportRun) -> None:
        counts = services.tokens_renew(now=AT)
        assert counts
        assert counts["contacts"]
        assert counts["files"]
        assert counts["history"]
        jane = Contact.objects.get(email=token(Kind.EMAIL, EMAIL))
        assert jane.email.startswith("p2e-")
        assert not any("p1e-" in text or "p1i-" in text for _, text in everything_kept())
        assert services.tokens_renew(now=AT) == {}  # nothing is left to do
        rotated.refresh_from_db()
        assert imports.stored_path(rotated.stored_as).is_file()

    def test_a_file_under_the_new_key_meets_the_people_of_the_old(self, cast: Cast) -> None:
        bring_in(cast, CONTACTS, at=AT + timedelta(days=1))
        assert Contact.objects.count() == 2

    def test_a_fresh_value_and_a_renewed_token_agree(self) -> None:
        first, second = tokens(Kind.PHONE, PHONE)
        assert token(Kind.PHONE, first) == second == token(Kind.PHONE, PHONE)


def test_history_holds_no_more_than_tokens(cast: Cast) -> None:
    bring_in(cast, CONTACTS)
    bring_in(cast, CONTACTS.replace("Customer", "Evangelist"), at=AT + timedelta(days=1))
    change = RecordChange.objects.exclude(before=None).get()
    assert is_token((change.before or {})["email"])


def test_names_of_deals_lose_their_addresses(cast: Cast) -> None:
    bring_in(cast, DEALS.replace("Small", f"Renewal {EMAIL}"), currency="USD")
    assert not ADDRESS.search(Opportunity.objects.get(number="102").name)
