"""A large file is a worker's: asked for once, shown while it lasts, stopped, and back when it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from core import outbox
from core.models import Event, OutboxItem
from integrations.models import ImportRun
from integrations.services import background
from metrics.models import Fact
from metrics.services import changes, loading
from tests.cast import Cast
from tests.integrations.test_pages import GOOD, browser, latest, page, upload
from tests.world import AT

pytestmark = [pytest.mark.feature("3.1"), pytest.mark.django_db(transaction=True)]
LATER = AT + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LARGE", 1)


def _asked(client: Client, cast: Cast) -> ImportRun:
    upload(client, cast, GOOD, currency="EUR")
    client.post(reverse("integrations:run-import", args=[latest().pk]))
    return latest()


def _item(run: ImportRun) -> OutboxItem:
    return OutboxItem.objects.get(pk=run.outbox_id or 0)


def _deliver(run: ImportRun) -> None:
    now = max(LATER, _item(run).not_before)
    outbox.deliver(_item(run).pk, now=now)


def test_a_large_file_is_imported_by_a_worker_and_its_page_shows_it(cast: Cast) -> None:
    client = browser(cast.manager)
    run = _asked(client, cast)
    assert run.state == "importing"
    assert not Fact.objects.exists()
    shown = page(client, run)
    assert "2 rows are being imported" in shown
    assert "Waiting for a worker" in shown
    _deliver(run)
    run.refresh_from_db()
    assert run.state == "imported"
    assert run.imported_by == cast.manager
    assert Fact.objects.count() == 2
    told = client.get(
        reverse("integrations:run-progress", args=[run.pk]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "Show the result" in told
    assert "every 1s" not in told


def test_asking_twice_is_refused_and_delivering_twice_changes_nothing(cast: Cast) -> None:
    client = browser(cast.manager)
    run = _asked(client, cast)
    again = client.post(reverse("integrations:run-import", args=[run.pk]))
    assert again.status_code == 409
    _deliver(run)
    OutboxItem.objects.filter(pk=run.outbox_id or 0).update(state=OutboxItem.State.PENDING)
    _deliver(run)
    assert Event.objects.filter(action="import.imported").count() == 1


def test_a_worker_says_how_far_it_is_while_it_writes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(cast.manager)
    run = _asked(client, cast)
    seen: list[str] = []
    apply = changes.apply_changes

    def looked_at(batch: Any, say: Any) -> None:
        _until(lambda: _item(run).progress_note == "comparing")
        seen.append(
            client.get(reverse("integrations:run-progress", args=[run.pk])).content.decode()
        )
        apply(batch, say)

    monkeypatch.setattr(background, "EVERY", 0.02)
    monkeypatch.setattr(loading, "apply_changes", looked_at)
    _deliver(run)
    assert "Comparing: 2 of 2 rows" in seen[0]


def _until(holds: Any) -> None:
    ends = time.monotonic() + 5
    while not holds() and time.monotonic() < ends:
        time.sleep(0.01)


def test_a_stopped_import_leaves_nothing_and_can_be_started_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(cast.manager)
    run = _asked(client, cast)
    apply = changes.apply_changes

    def stopped_in_the_middle(batch: Any, say: Any) -> None:
        _elsewhere(lambda: client.post(reverse("integrations:run-stop", args=[run.pk])))
        _until(lambda: say("asked"))
        apply(batch, say)

    monkeypatch.setattr(background, "EVERY", 0.02)
    monkeypatch.setattr(loading, "apply_changes", stopped_in_the_middle)
    _deliver(run)
    run.refresh_from_db()
    assert run.state == "checked"
    assert not Fact.objects.exists()
    assert "It was stopped" in page(client, run)
    monkeypatch.setattr(loading, "apply_changes", apply)
    client.post(reverse("integrations:run-import", args=[run.pk]))
    run.refresh_from_db()
    _deliver(run)
    assert Fact.objects.count() == 2


def _elsewhere(act: Callable[[], object]) -> None:
    """What another process does, with a connection of its own, while the load is under way."""

    def acting() -> None:
        act()
        connection.close()

    other = threading.Thread(target=acting)
    other.start()
    other.join()


def test_stopped_before_a_worker_had_it_it_waits_for_its_person_again(cast: Cast) -> None:
    client = browser(cast.manager)
    run = _asked(client, cast)
    client.post(reverse("integrations:run-stop", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, _item(run).state) == ("checked", "stopped")


def test_a_failure_is_said_on_the_page_and_nothing_is_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(cast.manager)
    run = _asked(client, cast)

    def broken(*_: Any) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(loading, "apply_changes", broken)
    _deliver(run)
    run.refresh_from_db()
    assert run.state == "checked"
    assert "nothing of it was written" in page(client, run)
    assert not Fact.objects.exists()


def test_over_the_api_a_large_file_is_asked_for_with_later(cast: Cast) -> None:
    client = browser(cast.manager)
    upload(client, cast, GOOD, currency="EUR")
    run = latest()
    address = reverse("api-import-confirm", args=[run.pk])
    answer = client.post(address, {"later": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "importing")
    stopped = client.post(reverse("api-import-stop", args=[run.pk]))
    assert stopped.json()["state"] == "checked"


def test_whoever_may_not_import_may_not_stop(cast: Cast) -> None:
    run = _asked(browser(cast.manager), cast)
    answer = browser(cast.auditor).post(reverse("integrations:run-stop", args=[run.pk]))
    assert answer.status_code == 403
    assert _item(run).state == OutboxItem.State.PENDING
