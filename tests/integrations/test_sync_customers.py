"""Companies, people and deals read from customer systems: who somebody is never gets past the door."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from core.models import Event
from core.personal import Kind, token
from customers import services as customers
from customers.models import Account, Contact, Lead, Opportunity
from integrations import services as imports
from integrations.choices import SyncKind, SyncState
from integrations.models import ImportRun, SyncPage, SyncRun
from integrations.services import connections
from integrations.services.connections.pages import KEPT_FOR, pages_forget
from tests.cast import Cast
from tests.integrations.connected import AT, Clock, connect, platform, sync, talker
from tests.integrations.fake_platform import FakePlatform, delivery
from tests.integrations.fake_rows import Row

__all__ = ["platform"]
pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.4")]
BOTH = pytest.mark.parametrize("key", ["hubspot", "salesforce"])
EMAIL, PHONE, NAME = "joerg.planted@example.com", "+49 171 5550199", "Jörg Plantedname"
TEXTS = (EMAIL, "5550199", "Plantedname", "joerg.planted")


@pytest.fixture(autouse=True)
def own_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UPLOADS", tmp_path)


def record(kind: str, number: str, name: str, day: str = "2026-11-20", **more: str) -> Row:
    return delivery(day, number, kind=kind, name=name, **more)


def three(platform: FakePlatform) -> None:
    """A company, a person in it, and their deal."""
    platform.rows = [
        record("companies", "77", "Müller GmbH", value="1000000.50"),
        record("contacts", "900", NAME, email=EMAIL, phone=PHONE, company="77", lifecycle="lead"),
        record("contacts", "901", "Max Other", email="max@example.com", company="77"),
        record("deals", "101", "closedwon", value="100.50", company="77", people="900;901"),
    ]


def kept() -> Iterator[bytes]:
    """All pages and files that are kept."""
    for page in SyncPage.objects.all():
        yield gzip.decompress(page.body)
    for run in ImportRun.objects.exclude(stored_as=""):
        yield gzip.decompress(imports.stored_path(run.stored_as).read_bytes())


@BOTH
@pytest.mark.parametrize("page_size", [1_000, 1])
def test_companies_people_and_deals_come_in_and_find_each_other(
    cast: Cast, platform: FakePlatform, key: str, page_size: int
) -> None:
    three(platform)
    platform.page_size = page_size
    run = sync(connect(cast, key))
    assert (run.state, run.error, run.rows) == (SyncState.DONE, "", 4)
    account = Account.objects.get()
    assert (account.name, account.industry, account.country) == (
        "Müller GmbH",
        "Textiles",
        "Germany",
    )
    assert (account.revenue_micros, account.currency) == (1_000_000_500_000, "EUR")
    deal = Opportunity.objects.get()
    assert (deal.account, deal.outcome, deal.amount_micros) == (account, "won", 100_500_000)
    jane = Contact.objects.get(email=token(Kind.EMAIL, EMAIL))
    assert (jane.account, jane.number) == (account, token(Kind.NUMBER, "900", key))
    assert (jane.phone, jane.name) == (token(Kind.PHONE, PHONE), token(Kind.NAME, NAME))
    assert Contact.objects.count() == 2
    if key == "salesforce":
        assert set(deal.contacts.all()) == set(Contact.objects.all())
    else:
        assert Lead.objects.get().contact == jane
    assert sync(connect_again(key), Clock(AT + timedelta(hours=6))).changed == 0


def connect_again(key: str) -> Any:
    return SyncRun.objects.get(connection__platform=key).connection


@BOTH
def test_the_same_people_as_in_a_file(cast: Cast, platform: FakePlatform, key: str) -> None:
    from tests.customers.files import CONTACTS, bring_in

    platform.rows = [
        record("contacts", "900", "Jane Plantedname", email="Jane.Planted@example.com")
    ]
    sync(connect(cast, key))
    bring_in(cast, CONTACTS)
    # Numbers are only unique within the system that gave them.
    assert Contact.objects.count() == (2 if key == "hubspot" else 3)


@BOTH
def test_no_page_and_no_file_ever_says_who_somebody_is(
    cast: Cast, platform: FakePlatform, key: str
) -> None:
    three(platform)
    held = connect(cast, key)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    seen: list[bytes] = []
    connections.sync_work(
        run, platform=talker(held), progress=lambda *_: seen.extend(kept())
    )  # fmt: skip
    texts = b"\n".join([*seen, *kept()]).decode()
    assert "Müller GmbH" in texts
    assert token(Kind.EMAIL, EMAIL) in texts
    assert [word for word in (*TEXTS, '"900"') if word in texts] == []


@BOTH
def test_a_sync_of_people_goes_on_at_the_page_where_it_was(
    cast: Cast, platform: FakePlatform, key: str
) -> None:
    platform.rows = [
        record("contacts", str(900 + n), f"Person {n}", email=f"p{n}@example.com") for n in range(5)
    ]
    platform.page_size = 2
    held = connect(cast, key)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)

    def die(_done: int, _total: int, note: str) -> None:
        if note.endswith("page 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connections.sync_work(run, platform=talker(held), progress=die)
    assert SyncPage.objects.filter(read=1).count() == 2
    assert not Contact.objects.exists()
    before = len(platform.calls)
    run = connections.sync_work(run, platform=talker(held), progress=lambda *_: None)
    assert (run.state, Contact.objects.count()) == (SyncState.DONE, 5)
    # The account, the last page of people, the deals; neither companies nor the first two pages.
    assert len(platform.calls) - before <= 4


@BOTH
def test_an_import_of_a_sync_is_undone_like_a_file(
    cast: Cast, platform: FakePlatform, key: str
) -> None:
    three(platform)
    sync(connect(cast, key))
    run = ImportRun.objects.get()
    imports.run_undo(run, user=cast.director, reason="test", at=AT + timedelta(hours=1))
    assert not Contact.objects.exists()
    assert not Account.objects.exists()


def stopped_with_pages(cast: Cast, platform: FakePlatform, key: str = "hubspot") -> SyncRun:
    """A sync that failed after the people were read: their pages are kept."""
    three(platform)
    platform.rows[0]["name"] = f"Firm of {NAME}"
    on = "deals" if key == "hubspot" else "query"
    held = connect(cast, key)
    run = connections.sync_ask(held, kind=SyncKind.MANUAL, at=AT)
    words = json.dumps({"message": f"No right of {EMAIL}, {NAME}."}).encode()

    def refuse(_done: int, _total: int, _note: str) -> None:
        if SyncPage.objects.filter(read=1).exists() and not platform.troubles:
            platform.trouble(status=403, body=words, on=on)

    return connections.sync_work(run, platform=talker(held), progress=refuse)


def erase(cast: Cast) -> Any:
    values = {Kind.EMAIL: EMAIL, Kind.NAME: NAME}
    looked = customers.erasure_look(values=values, user=cast.admin, at=AT)
    return customers.erasure_do(looked, values=values, reason="letter", user=cast.admin, at=AT)


@pytest.mark.feature("3.5")
def test_an_erasure_reaches_the_pages_of_a_sync_that_is_not_done(
    cast: Cast, platform: FakePlatform
) -> None:
    run = stopped_with_pages(cast, platform)
    assert run.state == SyncState.FAILED
    mine = token(Kind.EMAIL, EMAIL)
    other = token(Kind.EMAIL, "max@example.com")
    name = token(Kind.NAME, "Max Other")
    assert mine in b"".join(kept()).decode()
    done = erase(cast)
    assert done.removed["pages"] == 4  # two pages, the sync's error, the connection's
    text = b"".join(kept()).decode()
    assert mine not in text
    assert NAME not in text
    assert other in text
    assert name in text
    run.refresh_from_db()
    assert NAME not in run.error
    going = connections.sync_go_on(run, user=cast.manager, at=AT)
    assert sync(run.connection, run=going).state == SyncState.DONE
    assert [person.email for person in Contact.objects.all()] == [other]


@pytest.mark.feature("3.5")
def test_a_new_key_reaches_them_too(
    cast: Cast, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_with_pages(cast, platform)
    monkeypatch.setattr(settings, "PERSONAL_KEYS", [*settings.PERSONAL_KEYS, "the next key"])
    counts = customers.tokens_renew(now=AT)
    assert counts == {"pages": 1}
    assert token(Kind.EMAIL, EMAIL) in b"".join(kept()).decode()


@pytest.mark.feature("3.5")
def test_pages_that_nobody_went_on_with_are_dropped_and_the_part_is_asked_for_anew(
    cast: Cast, platform: FakePlatform
) -> None:
    run = stopped_with_pages(cast, platform)
    assert pages_forget(now=AT + KEPT_FOR) is None
    later = AT + KEPT_FOR + timedelta(hours=1)
    assert pages_forget(now=later) == {"pages": 2}
    assert pages_forget(now=later) is None
    assert not SyncPage.objects.exists()
    (event,) = Event.objects.filter(action="sync.pages_forgotten")
    assert event.after == {"pages": 2}
    run.refresh_from_db()
    assert (run.read, run.page, run.cursor) == (0, 0, {})
    platform.troubles.clear()
    going = connections.sync_go_on(run, user=cast.manager, at=later)
    assert sync(run.connection, Clock(later), run=going).state == SyncState.DONE
    assert (Account.objects.count(), Contact.objects.count()) == (1, 2)


@pytest.mark.feature("3.5")
def test_an_address_in_a_campaigns_name_is_hashed_before_a_page_is_kept(
    cast: Cast, platform: FakePlatform
) -> None:
    platform.rows = [delivery("2026-11-20", name=f"For {EMAIL}")]
    sync(connect(cast))
    texts = b"".join(kept()).decode()
    assert EMAIL not in texts
    assert token(Kind.EMAIL, EMAIL) in texts
