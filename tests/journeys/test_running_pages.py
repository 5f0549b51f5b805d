"""The upload with its settings, an import a worker writes, one others may undo, and slow statements."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core import slow
from integrations.models import ImportRun
from integrations.services import background
from tests.cast import Cast
from tests.integrations.test_pages import GOOD, browser, upload
from tests.journeys.shots import Shots
from tests.journeys.test_file_pages import imported
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_pages(shots: Shots, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    done = imported(cast)
    monkeypatch.setattr(background, "LARGE", 1)
    client = browser(cast.manager)
    upload(client, cast, GOOD, currency="EUR")
    waiting = ImportRun.objects.latest("pk")
    client.post(reverse("integrations:run-import", args=[waiting.pk]))
    upload(client, cast, GOOD, account_tz="Europe/Atlantis")
    shots.sign_in(cast.manager)
    wrong = shots.tour_all(
        [
            (reverse("integrations:imports"), "imports-upload"),
            (reverse("integrations:run", args=[done.pk]), "import-done-manager"),
            (reverse("integrations:run", args=[waiting.pk]), "import-by-worker"),
        ]
    )
    with shots.page(width=390) as page:
        page.goto(reverse("integrations:imports"))
        page.get_by_text("More about the file").click()
        shots.look(page, "imports-upload-settings-390")
    slow.keep(
        [slow.Slow("SELECT sum(spend) FROM metrics_line_day", 3.2)], place="reporting:home", at=AT
    )
    shots.sign_in(cast.admin)
    wrong += shots.tour_all([(reverse("reporting:slow"), "slow-statements")])
    assert wrong == []
