"""The quarantine, mending, undoing and ways in, as people see them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from integrations.models import ImportRun, WayIn
from integrations.services import ways
from integrations.services.ways import WayInput
from tests.cast import Cast
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PARTLY = (
    "Day,Campaign,Campaign ID,Device,Impr.,Cost\n"
    "2026-11-01,Winter Layers,7,mobile,100,12.50\n"
    "2026-11-01,Winter Layers,7,desktop,100,n/a today\n"
    "2026-13-02,Winter Layers,7,mobile,100,7.25\n"
)


def imported(cast: Cast, name: str = "google-dach.csv", text: str = PARTLY) -> ImportRun:
    client = Client()
    client.force_login(cast.manager)
    file = SimpleUploadedFile(name, text.encode())
    client.post(
        reverse("integrations:imports"), {"file": file, "team": cast.dach.pk, "currency": "EUR"}
    )
    run = ImportRun.objects.latest("pk")
    client.post(reverse("integrations:run-import", args=[run.pk]))
    return run


def a_way(cast: Cast, kind: str, name: str, word: str, **more: object) -> WayIn:
    given = WayInput(name=name, responsible=cast.manager, **more)  # type: ignore[arg-type]
    way = ways.way_create(kind=kind, team=cast.dach, given=given, user=cast.manager, at=NOW)
    WayIn.objects.filter(pk=way.pk).update(
        last_at=NOW, last_word=word, last_failed=word.endswith("be read.")
    )
    return way


def test_the_pages_of_files(shots: Shots, cast: Cast) -> None:
    run = imported(cast)
    imported(
        cast, "later.csv", PARTLY.split("\n2026-13", maxsplit=1)[0].replace("n/a today", "3.00")
    )
    shots.sign_in(cast.manager)
    shots.visit(reverse("integrations:quarantine"), "quarantine")
    shots.visit(reverse("integrations:mend", args=[run.pk]), "quarantine-mend")
    a_way(cast, "folder", "Google Ads DACH, daily", "google.csv: 2 of 40 rows cannot be read.")
    way = a_way(
        cast,
        "mail",
        "Agency, weekly",
        "report.xlsx: 412 rows imported.",
        senders=["@agency.example"],
    )
    shots.visit(reverse("integrations:ways"), "ways-in")
    shots.visit(reverse("integrations:way", args=[way.pk]), "way-in")
    shots.visit(reverse("integrations:way-create", args=["url"]), "way-in-new")
    shots.sign_in(cast.director)
    shots.visit(reverse("integrations:run-undo", args=[run.pk]), "import-undo")
