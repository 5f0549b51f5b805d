"""Data about people is kept for the days somebody set, shown before, and forgotten at night."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from core.errors import Invalid, NotAllowed
from core.models import Event
from customers import selectors, services
from customers.models import Contact, RetentionRule, Touchpoint
from integrations import services as imports
from integrations.models import ImportRun, QuarantinedRow
from tests.cast import Cast
from tests.customers.files import CONTACTS, bring_in, bring_in_all
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.5")]
LATER = AT + timedelta(days=100)


@pytest.fixture(autouse=True)
def loaded(cast: Cast, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UPLOADS", tmp_path)
    bring_in_all(cast)
    bring_in(cast, CONTACTS + "904,A,B,c@d.example,,,,,99/99/2026\n", at=AT + timedelta(hours=1))


def keep(cast: Cast, kind: str, days: int | None) -> None:
    services.retention_set(kind=kind, days=days, user=cast.admin, at=AT)


def test_nothing_is_forgotten_until_somebody_says_how_long(cast: Cast) -> None:
    assert services.retention_run(now=LATER) is None
    assert {rule.days for rule in selectors.rules(LATER)} == {None}


def test_the_dry_run_counts_what_the_night_then_forgets(cast: Cast) -> None:
    for rule in selectors.rules(LATER):
        keep(cast, rule.kind, 99)
    shown = {rule.kind: rule.due for rule in selectors.rules(LATER) if rule.due}
    assert {"contacts", "journeys", "files", "quarantine"} <= shown.keys()
    before = Contact.objects.exclude(email="").count()
    assert before == 2  # counting changed nothing
    done = services.retention_run(now=LATER)
    assert done is not None
    assert {kind: done[kind] for kind in ("contacts", "files", "quarantine")} == {
        kind: shown[kind] for kind in ("contacts", "files", "quarantine")
    }
    assert services.retention_run(now=LATER) is None


def test_what_is_young_enough_stays(cast: Cast) -> None:
    keep(cast, "contacts", 101)
    assert services.retention_run(now=LATER) is None


def test_people_go_and_counts_stay(cast: Cast) -> None:
    keep(cast, "contacts", 30)
    services.retention_run(now=LATER)
    assert Contact.objects.count() == 2
    assert not Contact.objects.exclude(email="", phone="", name="").exists()
    assert Touchpoint.objects.count() == 2


def test_a_file_is_forgotten_and_its_import_stays(cast: Cast) -> None:
    keep(cast, "files", 30)
    services.retention_run(now=LATER)
    run = ImportRun.objects.filter(batch__isnull=False).first()
    assert run
    assert run.stored_as == ""
    assert run.batch
    client = Client()
    client.force_login(cast.manager)
    answer = client.get(reverse("integrations:run-file", args=[run.pk]))
    assert answer.status_code == 409
    assert "no longer kept" in answer.content.decode()
    with pytest.raises(Exception, match="no longer kept"):
        imports.stored_file(run)


def test_a_quarantined_row_keeps_its_reason(cast: Cast) -> None:
    keep(cast, "quarantine", 30)
    services.retention_run(now=LATER)
    held = QuarantinedRow.objects.get()
    assert (held.cells, held.code) == ([], "INVALID_DATE")


def test_every_forgetting_and_every_change_is_in_the_trail(cast: Cast) -> None:
    keep(cast, "contacts", 30)
    keep(cast, "contacts", 30)
    services.retention_run(now=LATER)
    (changed,) = Event.objects.filter(action="retention.changed")
    assert (changed.before, changed.after) == ({"contacts": None}, {"contacts": 30})
    (forgotten,) = Event.objects.filter(action="retention.forgotten")
    assert forgotten.after == {"kind": "contacts", "entries": 2, "days": 30}


def test_an_empty_field_keeps_for_ever(cast: Cast) -> None:
    keep(cast, "contacts", 30)
    keep(cast, "contacts", None)
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize(("kind", "days"), [("contacts", 0), ("contacts", 99_999), ("moods", 3)])
def test_what_makes_no_sense_is_refused(cast: Cast, kind: str, days: int) -> None:
    with pytest.raises(Invalid):
        keep(cast, kind, days)


def test_only_an_administrator_says_how_long(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        services.retention_set(kind="contacts", days=3, user=cast.auditor, at=AT)
