"""After an erasure no trace of the person is left in any column of any table, nor in any file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from core.personal import Kind, Person, token
from customers import services
from customers.models import Contact, Touchpoint
from integrations import services as imports
from integrations.choices import SyncKind, SyncState
from integrations.models import QuarantinedRow, StreamEvent, SyncPage
from integrations.services import connections
from tests.cast import Cast
from tests.customers.files import CONTACTS, DEALS, bring_in, stored_files
from tests.integrations.connected import connect, platform, talker
from tests.integrations.fake_platform import FakePlatform, delivery
from tests.integrations.streams import count, event, make_stream, send
from tests.world import AT, TODAY

__all__ = ["platform"]
pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.5")]
EMAIL, PHONE, NAME = "joerg.planted@example.com", "+49 171 5550199", "Jörg Plantedname"
TYPED = {Kind.EMAIL: EMAIL, Kind.NAME: NAME}
WORDS = (EMAIL, "5550199", "plantedname", "joerg.planted")
ROW = f"900,Jörg,Plantedname,{EMAIL},{PHONE},Lead,Open,77,2026-01-05\n"
HEADER = CONTACTS.partition("\n")[0] + "\n"
TOUCHES = f"""Touch date,Touch type,Campaign,Contact email
2026-01-04,Paid search,Winter,{EMAIL}
"""


def everything_kept() -> Iterator[tuple[str, str]]:
    """Every row of every table as text, packed and binary columns unpacked, and every file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from ((table, _text(row)) for row in cursor.fetchall())
    for path in stored_files(Path(settings.UPLOADS)):
        yield str(path), _text([path.name, path.read_bytes()])


def _text(values: object) -> str:
    parts = values if isinstance(values, list | tuple) else [values]
    return "\x1f".join(_plain(part) for part in parts)


def _plain(value: object) -> str:
    if isinstance(value, memoryview | bytes):
        content = bytes(value)
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        return content.decode("utf-8", "replace")
    # JSON columns come as text with its letters escaped or as objects.
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return (
        f"{text}\x1f{text.encode().decode('unicode_escape', 'replace')}" if "\\u" in text else text
    )


def found(words: tuple[str, ...] | frozenset[str]) -> set[str]:
    low = [word.casefold() for word in words]
    return {
        "files" if "/" in where else where
        for where, text in everything_kept()
        if any(word in text.casefold() for word in low)
    }


@pytest.fixture(autouse=True)
def planted(
    cast: Cast, platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person came in by every door: files, a mended row, a live account, a stream."""
    monkeypatch.setattr(settings, "UPLOADS", tmp_path)
    bring_in(cast, HEADER + ROW, name=f"Contacts of {EMAIL}.csv")
    bring_in(cast, TOUCHES, name=f"Journey {NAME}.csv")
    bring_in(cast, DEALS.replace("Small", f"Renewal for {NAME}"), currency="USD")
    _mend(cast)
    _stream(cast)
    _live(cast, platform)


def _mend(cast: Cast) -> None:
    """A row that could not be read, written anew by hand and still wrong, then left out."""
    run = bring_in(cast, HEADER + ROW + ROW.replace("900", "").replace("2026-01-05", "31/31/2026"))
    held = QuarantinedRow.objects.get(run=run)
    typed = ["900", "Jörg", "Plantedname", EMAIL, PHONE, "Lead", f"asked by {NAME}", "77", "never"]
    imports.rows_mend(run, cells={held.pk: typed}, user=cast.manager, today=TODAY, at=AT)
    held.refresh_from_db()
    assert held.mended
    QuarantinedRow.objects.filter(pk=held.pk).update(reason=f"{NAME} again")


def _stream(cast: Cast) -> None:
    stream = make_stream(cast)
    person = {"email": EMAIL}
    receipt = send(cast, stream, [event(1, "touch", name="visit", person=person)])
    assert receipt.accepted == 1
    send(cast, stream, [event(2, "touch", nonsense=NAME, person=person)])
    count()


def _live(cast: Cast, platform: FakePlatform) -> None:
    """A sync of a customer system that stops after the people, so that its pages are kept."""
    platform.rows = [
        delivery("2026-11-20", "900", kind="contacts", name=NAME, email=EMAIL, phone=PHONE),
        delivery("2026-11-20", "901", kind="contacts", name="Max Other", email="max@other.example"),
    ]
    held = connect(cast, "hubspot")
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    words = json.dumps({"message": f"{NAME} may not be read."}).encode()
    platform.trouble(status=403, body=words, on="deals")
    run = connections.sync_work(run, platform=talker(held), progress=lambda *_: None)
    assert run.state == SyncState.FAILED


def tokens_of_person() -> frozenset[str]:
    numbers = [token(Kind.NUMBER, "900", system) for system in ("hubspot", "")]
    more = [*numbers, token(Kind.PHONE, PHONE), token(Kind.NAME, NAME)]
    person = Person.typed(TYPED).with_tokens(more)
    return person.tokens | person.names


def test_before_it_the_search_finds_the_person_everywhere() -> None:
    places = found(tokens_of_person() | {NAME})
    assert {
        "customers_contact", "customers_touchpoint", "customers_opportunity",
        "integrations_importrun", "integrations_quarantinedrow", "integrations_syncpage",
        "integrations_syncrun", "integrations_connection", "integrations_streamevent",
        "metrics_batch", "files",
    } <= places  # fmt: skip
    assert SyncPage.objects.exists()


def test_no_address_number_or_hash_is_left_in_any_column_or_file(cast: Cast) -> None:
    tokens = tokens_of_person()
    erase(cast)
    assert found(tokens) == set()
    # What somebody typed into a file's name is quoted by the audit trail, which cannot be changed.
    assert found(WORDS) == {"core_event"}
    assert found((EMAIL, "5550199", "joerg.planted")) == set()


def erase(cast: Cast) -> None:
    looked = services.erasure_look(values=TYPED, user=cast.admin, at=AT)
    done = services.erasure_do(looked, values=TYPED, reason="letter", user=cast.admin, at=AT)
    assert done.removed == done.found


def test_others_and_what_adds_up_stay(cast: Cast) -> None:
    counts = (Touchpoint.objects.count(), StreamEvent.objects.count(), SyncPage.objects.count())
    erase(cast)
    assert counts == (
        Touchpoint.objects.count(), StreamEvent.objects.count(), SyncPage.objects.count()
    )  # fmt: skip
    other = token(Kind.EMAIL, "max@other.example")
    assert found((other,)) == {"integrations_syncpage"}


def test_keeping_for_days_leaves_no_trace_in_journeys_either(cast: Cast) -> None:
    services.retention_set(kind="journeys", days=1, user=cast.admin, at=AT)
    services.retention_run(now=AT + timedelta(days=400))
    assert "customers_touchpoint" not in found(tokens_of_person())
    assert Contact.objects.exclude(email="").exists()
