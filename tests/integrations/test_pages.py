"""The import pages: what is asked, shown, remembered and forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.models import Event
from integrations.models import ImportRun, Mapping
from metrics.models import Fact
from tests.cast import Cast

pytestmark = pytest.mark.feature("3.1")

GOOD = "Date,Campaign,Cost\n2026-11-01,Winter,12.50\n2026-11-02,Winter,1007.25\n"
TWO_PARTS = "When,Nr,Campaign,Cost\nApril,19,Winter,2.00\nJune,5,Winter,3.00\n"
BY_HAND = {"column.0": "month_name", "column.1": "day_of_month"}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, cast: Cast, text: str, **more: str) -> Any:
    file = SimpleUploadedFile("export.csv", text.encode())
    content = {"file": file, "team": cast.dach.pk, **more}
    return client.post(reverse("integrations:imports"), content)


def latest() -> ImportRun:
    return ImportRun.objects.latest("pk")


def page(client: Client, run: ImportRun) -> str:
    return client.get(reverse("integrations:run", args=[run.pk])).content.decode()


def import_it(client: Client, run: ImportRun) -> None:
    client.post(reverse("integrations:run-import", args=[run.pk]))
    run.refresh_from_db()


def test_the_check_page_shows_totals_and_numbers_as_people_write_them(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, GOOD, currency="EUR")
    shown = page(client, latest())
    assert "All 2 rows are ready" in shown
    assert "3 columns are recognised, none needs a look" in shown
    assert "€1,019.75" in shown  # the sum
    assert "1,007.25" in shown  # the row
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("Date,Campaign,Cost\n", "no rows of data"),
        ("a\0b\0c\n\0\0", "NUL"),
        ("%PDF-1.4 words", "This is a PDF"),
    ],
)
def test_a_wrong_file_is_answered_with_a_sentence(cast: Cast, text: str, sentence: str) -> None:
    client = browser(cast.manager)
    answer = upload(client, cast, text, currency="EUR")
    shown = answer.content.decode() if answer.status_code == 422 else page(client, latest())
    assert sentence in shown
    assert "Rows we will not guess about" not in shown


def test_a_file_that_cannot_be_read_waits_for_nobody(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, "Date,Campaign,Cost\n", currency="EUR")
    shown = client.get(reverse("integrations:imports")).content.decode()
    assert "Cannot be read" in shown
    assert "waits for a decision" not in shown
    upload(client, cast, GOOD)  # no currency: a question
    shown = client.get(reverse("integrations:imports")).content.decode()
    assert "Asks for an answer" in shown
    assert "One upload waits for a decision" in shown


def test_a_month_and_a_day_of_the_month_mapped_by_hand_are_one_date(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, TWO_PARTS, currency="EUR")
    run = latest()
    check = reverse("integrations:run-check", args=[run.pk])
    client.post(check, BY_HAND)
    assert "Which year is it?" in page(client, run)
    client.post(check, {**BY_HAND, "answer.year": "2020"})
    run.refresh_from_db()
    assert (str(run.first_day), str(run.last_day)) == ("2020-04-19", "2020-06-05")


def test_what_was_answered_is_still_known_at_the_third_upload(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, TWO_PARTS, currency="EUR")
    first = latest()
    check = reverse("integrations:run-check", args=[first.pk])
    client.post(check, {**BY_HAND, "answer.year": "2020"})
    import_it(client, first)
    for _ in range(2):
        upload(client, cast, TWO_PARTS)
        run = latest()
        shown = page(client, run)
        assert "All 2 rows are ready" in shown
        assert "This very file was imported before" in shown
        import_it(client, run)
        assert run.state == "unchanged"
    remembered = Mapping.objects.get(is_current=True)
    assert (remembered.version, remembered.used) == (1, 3)
    assert remembered.settings == {"year": "2020", "currency": "EUR"}
    assert remembered.name == "export.csv"


def test_a_remembered_layout_is_shown_and_forgotten(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, TWO_PARTS, currency="EUR")
    run = latest()
    check = reverse("integrations:run-check", args=[run.pk])
    client.post(check, {**BY_HAND, "answer.year": "2020"})
    import_it(client, run)
    address = reverse("integrations:mappings")
    shown = client.get(address).content.decode()
    assert "When → Month name" in shown
    assert "year 2020" in shown
    known = Mapping.objects.get(is_current=True)
    current = Mapping.objects.filter(pk=known.pk, is_current=True)
    forget = reverse("integrations:mapping-forget")
    browser(cast.other_manager).post(forget, {"ids": [known.pk]})
    assert current.exists()  # somebody of another team sees nothing of it
    client.post(forget, {"ids": [known.pk, "x"]})
    assert not current.exists()
    assert Event.objects.filter(action="mapping.forgotten").count() == 1
    assert "Nothing is remembered yet" in client.get(address).content.decode()


def test_sources_show_how_far_their_data_reaches(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, GOOD, currency="EUR")
    import_it(client, latest())
    shown = client.get(reverse("integrations:sources")).content.decode()
    assert "EUR" in shown
    assert "2 Nov" in shown
    assert (
        "EUR"
        not in browser(cast.other_manager)
        .get(reverse("integrations:sources"))
        .content.decode()
        .split("<main")[1]
    )
