"""Erasing a person in two steps: looked for, then taken out everywhere; what adds up stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from core.personal import Kind, Person
from customers import services
from customers.models import Contact, Erasure, Lead, Opportunity, Touchpoint
from integrations import services as imports
from integrations.models import ImportRun
from tests.cast import Cast
from tests.customers.files import CONTACTS, DEALS, EMAIL, PHONE, bring_in, bring_in_all
from tests.customers.test_personal_data import everything_kept, found
from tests.world import AT, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.5")]
JANE = {Kind.EMAIL: EMAIL, Kind.NAME: "Jane Plantedname"}


@pytest.fixture(autouse=True)
def files(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[ImportRun]:
    monkeypatch.setattr(settings, "UPLOADS", tmp_path)
    runs = bring_in_all(cast)
    bring_in(
        cast, CONTACTS + f"902,,,,{PHONE},Lead,Open,77,31/31/2026\n", at=AT + timedelta(hours=1)
    )
    deals = DEALS.replace("Small", "Renewal for Jane Plantedname")
    return [*runs, bring_in(cast, deals, currency="USD", at=AT + timedelta(hours=2))]


def erase(cast: Cast) -> Erasure:
    looked = services.erasure_look(values=JANE, user=cast.admin, at=AT)
    return services.erasure_do(
        looked, values=JANE, reason="asked by letter 17", user=cast.admin, at=AT
    )


def tokens_of_jane() -> frozenset[str]:
    jane = Contact.objects.get(email__in=Person.typed(JANE).tokens)
    known = (jane.number, jane.email, jane.phone, jane.name)
    person = Person.typed(JANE).with_tokens(known)
    return person.tokens | person.names


def test_looking_changes_nothing_and_says_where(cast: Cast) -> None:
    before = Contact.objects.order_by("pk").values_list()
    looked = services.erasure_look(values=JANE, user=cast.admin, at=AT)
    assert looked.found["contacts"] == 1
    assert looked.found["journeys"] == 2  # a touch and a lead
    assert looked.found["deals"] == 2  # one by number, one by its name
    assert looked.found["files"] >= 4
    assert looked.found["quarantine"] >= 1
    assert list(before) == list(Contact.objects.order_by("pk").values_list())
    assert found() <= {"customers_opportunity", "integrations_importrun", *_files()}


def _files() -> set[str]:
    return {place for place in found() if "/" in place}


def test_afterwards_neither_value_nor_hash_is_left_anywhere(cast: Cast) -> None:
    tokens = tokens_of_jane()
    erase(cast)
    assert found() == set()
    left = {where for where, text in everything_kept() if any(one in text for one in tokens)}
    assert left == set()


def test_what_adds_up_stays(cast: Cast) -> None:
    counts = (Contact.objects.count(), Touchpoint.objects.count(), Lead.objects.count())
    amounts = list(Opportunity.objects.order_by("pk").values_list("amount_micros", "stage"))
    erase(cast)
    assert counts == (Contact.objects.count(), Touchpoint.objects.count(), Lead.objects.count())
    assert amounts == list(Opportunity.objects.order_by("pk").values_list("amount_micros", "stage"))
    assert Opportunity.objects.get(number="102").name == "Renewal for erased"
    assert Touchpoint.objects.get(number="t1").account is not None


def test_others_in_the_same_files_stay_who_they_are(cast: Cast) -> None:
    before = Contact.objects.get(lifecycle="Customer")
    erase(cast)
    after = Contact.objects.get(pk=before.pk)
    assert (after.number, after.email, after.name) == (before.number, before.email, before.name)
    assert Opportunity.objects.get(number="101").contacts.get() == after


def test_the_next_file_does_not_bring_the_person_back(cast: Cast) -> None:
    erase(cast)
    bring_in(cast, CONTACTS, at=AT + timedelta(days=1))
    bring_in(cast, DEALS, currency="USD", at=AT + timedelta(days=1))
    assert Contact.objects.filter(erased_at=None).count() == 1
    assert Opportunity.objects.get(number="101").contact_refs == [
        Contact.objects.get(erased_at=None).number
    ]
    assert found("Jane.Planted", "5550199") == set()


def test_nor_does_a_new_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(cast)
    monkeypatch.setattr(settings, "PERSONAL_KEYS", [*settings.PERSONAL_KEYS, "the next key"])
    services.tokens_renew(now=AT)
    bring_in(cast, CONTACTS, at=AT + timedelta(days=1))
    assert Contact.objects.filter(erased_at=None).count() == 1


def test_undoing_an_import_does_not_either(cast: Cast, files: list[ImportRun]) -> None:
    erase(cast)
    last = ImportRun.objects.filter(layout="hubspot_contacts", batch__isnull=False).last()
    assert last
    imports.run_undo(last, user=cast.director, reason="test", at=AT + timedelta(days=1))
    assert found() == set()
    assert not Contact.objects.filter(email__in=Person.typed(JANE).tokens).exists()


def test_stored_files_can_still_be_read(cast: Cast, files: list[ImportRun]) -> None:
    erase(cast)
    for run in ImportRun.objects.all():
        text = imports.stored_path(run.stored_as).read_text(encoding="utf-8")
        assert "," in text
    assert imports.run_check(ImportRun.objects.get(pk=files[0].pk), today=TODAY).accepted == 2


def test_the_certificate_says_what_and_of_nobody(cast: Cast) -> None:
    done = erase(cast)
    assert done.removed == done.found
    assert done.marks == []
    (event,) = Event.objects.filter(action="erasure.done")
    assert event.is_security
    assert event.reason == "asked by letter 17"
    assert event.after == {"removed": done.removed}


def test_it_happens_once(cast: Cast) -> None:
    done = erase(cast)
    with pytest.raises(Conflict, match="already"):
        services.erasure_do(done, values=JANE, reason="again", user=cast.admin, at=AT)


def test_the_second_step_is_about_the_person_of_the_first(cast: Cast) -> None:
    looked = services.erasure_look(values=JANE, user=cast.admin, at=AT)
    other = {Kind.EMAIL: "max.other@example.com"}
    with pytest.raises(Conflict, match="not the person"):
        services.erasure_do(looked, values=other, reason="x", user=cast.admin, at=AT)
    assert Contact.objects.filter(erased_at=None).count() == 2


def test_a_name_alone_is_nobody(cast: Cast) -> None:
    with pytest.raises(Invalid, match="many people"):
        services.erasure_look(values={Kind.NAME: "Jane Plantedname"}, user=cast.admin, at=AT)


def test_only_administrators_erase(cast: Cast) -> None:
    for user in (cast.executive, cast.director, cast.manager, cast.analyst, cast.auditor):
        with pytest.raises(NotAllowed):
            services.erasure_look(values=JANE, user=user, at=AT)


def test_on_the_pages_it_takes_two_steps_and_ends_with_a_certificate(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.admin)
    typed = {"email": EMAIL, "phone": "", "number": "", "name": ""}
    shown = client.post(reverse("customers:find"), typed).content.decode()
    assert "Nothing was changed yet" in shown
    made = Erasure.objects.latest("pk")
    answer = client.post(
        reverse("customers:erase", args=[made.pk]), {**typed, "reason": "letter 17"}, follow=True
    )
    assert "Certificate of erasure" in answer.content.decode()
    assert found(EMAIL) == set()
