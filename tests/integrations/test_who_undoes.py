"""Undo is a director's and finance's: others are told whom to ask, and see no button that refuses."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.choices import Act
from accounts.permissions import people_with
from integrations.models import ImportRun
from tests.cast import Cast
from tests.integrations.test_pages import GOOD, browser, import_it, latest, page, upload

pytestmark = pytest.mark.feature("3.1")


@pytest.fixture
def imported(cast: Cast) -> ImportRun:
    client = browser(cast.manager)
    upload(client, cast, GOOD, currency="EUR")
    import_it(client, latest())
    return latest()


@pytest.mark.parametrize("role", ["manager", "analyst"])
def test_who_may_not_undo_is_told_whom_to_ask(cast: Cast, imported: ImportRun, role: str) -> None:
    client = browser(getattr(cast, role))
    shown = page(client, imported)
    assert "Undo import" not in shown
    assert "Mara Lindqvist or Ben Okafor can take the import back" in shown
    undo = client.post(reverse("integrations:run-undo", args=[imported.pk]), {"reason": "wrong"})
    assert undo.status_code == 403


@pytest.mark.parametrize("role", ["director", "auditor"])
def test_who_may_undo_has_the_button(cast: Cast, imported: ImportRun, role: str) -> None:
    shown = page(browser(getattr(cast, role)), imported)
    assert "Undo import" in shown
    assert "Wrong file?" not in shown


def test_the_nearest_director_comes_first_and_strangers_not_at_all(cast: Cast) -> None:
    names = [person.name for person in people_with(Act.UNDO_IMPORT, cast.dach)]
    assert names == ["Mara Lindqvist", "Ben Okafor"]
