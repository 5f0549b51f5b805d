"""Hidden fields of a person: seen by right, with a reason, and written down."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import Invalid, NotAllowed
from core.models import Event
from core.personal import Kind, token
from customers import services
from customers.choices import PersonalField
from customers.models import Contact, PersonalView
from customers.permissions import field_rights, may_see
from tests.cast import Cast
from tests.customers.examples import load
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.5")]


@pytest.fixture
def jane(cast: Cast) -> Contact:
    load(cast)
    return Contact.objects.get()


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_a_page_shows_a_label_until_somebody_says_why(cast: Cast, jane: Contact) -> None:
    client, url = client_of(cast.director), reverse("customers:contact", args=[jane.pk])
    assert jane.email not in client.get(url).content.decode()
    assert jane.email not in client.post(url, {"reason": "why"}).content.decode()  # too short
    shown = client.post(url, {"reason": "complaint 4711"}).content.decode()
    assert token(Kind.EMAIL, "jane@example.com") in shown
    look = PersonalView.objects.get()
    assert (look.viewer, look.reason, look.label) == (cast.director, "complaint 4711", jane.label)
    event = Event.objects.get(action="contact.looked_at")
    assert event.is_security
    assert event.reason == "complaint 4711"


def test_each_role_sees_its_own_fields(cast: Cast, jane: Contact) -> None:
    def seen(user: object) -> list[str]:
        return [name for name, _ in services.personal_look(
            contact=jane, user=user, reason="for a test", at=AT)]  # type: ignore[arg-type]  # fmt: skip

    assert "Name hash" in seen(cast.admin)
    assert "Name hash" not in seen(cast.director)
    assert seen(cast.manager) == ["Label", "Customer number hash"]


def test_who_may_see_labels_only_is_refused(cast: Cast, jane: Contact) -> None:
    with pytest.raises(NotAllowed):
        services.personal_look(contact=jane, user=cast.analyst, reason="curious", at=AT)
    with pytest.raises(NotAllowed):  # her role, but not her team
        services.personal_look(contact=jane, user=cast.other_director, reason="curious", at=AT)
    assert not PersonalView.objects.exists()


def test_a_reason_is_more_than_a_letter(cast: Cast, jane: Contact) -> None:
    with pytest.raises(Invalid, match="why"):
        services.personal_look(contact=jane, user=cast.director, reason=" . ", at=AT)


def test_the_table_of_rights_names_every_field_and_grants_names_to_few() -> None:
    assert set(field_rights()) == set(PersonalField)


def test_the_auditor_reads_the_log_and_others_their_own_looks(cast: Cast, jane: Contact) -> None:
    services.personal_look(contact=jane, user=cast.director, reason="complaint 4711", at=AT)
    url = reverse("customers:looks")
    assert "complaint 4711" in client_of(cast.auditor).get(url).content.decode()
    assert "complaint 4711" in client_of(cast.director).get(url).content.decode()
    assert "complaint 4711" not in client_of(cast.manager).get(url).content.decode()
    assert client_of(cast.analyst).get(url).status_code == 403


def test_over_the_api_it_is_the_same(cast: Cast, jane: Contact) -> None:
    client, url = client_of(cast.director), reverse("api-contact", args=[jane.pk])
    assert jane.email not in client.get(url).content.decode()
    answer = client.post(url, {"reason": "complaint 4711"}, content_type="application/json")
    assert answer.json()["shown"]["E-mail hash"] == jane.email
    assert PersonalView.objects.count() == 1
    assert client_of(cast.analyst).post(
        url, {"reason": "curious me"}, content_type="application/json"
    ).status_code == 403  # fmt: skip


def test_lists_exports_and_searches_hold_no_hash(cast: Cast, jane: Contact) -> None:
    client = client_of(cast.director)
    for url in ("customers:contacts", "customers:accounts", "customers:pipeline"):
        for wanted in ("", "?export=csv"):
            text = client.get(reverse(url) + wanted).content.decode()
            assert jane.email not in text
            assert jane.number not in text


def test_an_erased_person_has_nothing_left_to_hide(cast: Cast, jane: Contact) -> None:
    jane.email = jane.number = ""
    assert jane.label == "Erased person"
    assert may_see(cast.admin, PersonalField.NAME, cast.dach)
