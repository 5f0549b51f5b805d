"""How long decisions take: looks kept by the server, quantiles, shares with n, and the age of what waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals.models import ChangeRequest, Decision, Look
from core.models import Organisation
from tests.approvals.actions import ask
from tests.cast import Cast

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# A Monday morning.
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.feature("8.12")


@pytest.fixture(autouse=True)
def _zone(cast: Cast) -> None:
    organisation = Organisation.current()
    organisation.time_zone = "UTC"
    organisation.save()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read_and_decide(
    request: ChangeRequest, user: User, opened: datetime, minutes: int, **forged: str
) -> None:
    page = browser(user)
    with time_machine.travel(opened, tick=False):
        page.get(request.get_absolute_url())
    with time_machine.travel(opened + minutes * MINUTE, tick=False):
        said = {"outcome": "approve", "content_hash": request.content_hash, **forged}
        page.post(reverse("approvals:request-decide", args=[request.pk]), said)


def test_the_server_keeps_when_it_was_opened_whatever_the_form_says(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, at=MONDAY)
    with time_machine.travel(MONDAY + MINUTE, tick=False):
        for user in (cast.manager, cast.analyst, cast.auditor):
            browser(user).get(request.get_absolute_url())
    assert not Look.objects.exists()
    forged = (MONDAY + 59 * MINUTE).isoformat()
    with time_machine.travel(MONDAY + 30 * MINUTE, tick=False):
        browser(cast.director).get(f"/api/v1/requests/{request.pk}/")
    read_and_decide(request, cast.director, MONDAY + 50 * MINUTE, 10, opened_at=forged)
    decision = Decision.objects.get()
    assert decision.opened_at == MONDAY + 30 * MINUTE
    assert decision.at == MONDAY + 60 * MINUTE


def test_a_new_revision_is_opened_anew(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, at=MONDAY)
    for revision, minutes in ((1, 1), (2, 5)):
        ChangeRequest.objects.update(revision=revision)
        request.steps.update(revision=revision)
        with time_machine.travel(MONDAY + minutes * MINUTE, tick=False):
            browser(cast.director).get(request.get_absolute_url())
    assert [look.at for look in Look.objects.order_by("revision")] == [
        MONDAY + MINUTE, MONDAY + 5 * MINUTE,
    ]  # fmt: skip


def test_the_page_tells_reading_apart_from_waiting_with_n_and_interval(cast: Cast) -> None:
    for number in range(12):
        request = ask(cast.manager, cast.dach, name=f"Name {number}", at=MONDAY)
        read_and_decide(request, cast.director, MONDAY + 60 * MINUTE, 3 if number < 9 else 20)
    with time_machine.travel(MONDAY + DAY, tick=False):
        shown = browser(cast.director).get(reverse("approvals:times"))
        manager = browser(cast.manager).get(reverse("approvals:times"))
        csv = browser(cast.director).get(reverse("approvals:times"), {"months.export": "csv"})
        inbox = browser(cast.director).get(reverse("approvals:inbox")).content.decode()
    tiles = {tile.label: (tile.value, tile.sentence) for tile in shown.context["tiles"]}
    assert tiles["Opened to decided"] == ("3 m", "median of 12 decisions")
    assert tiles["9 of 10 decided within"][0] == "20 m"
    assert tiles["Waiting until opened"][0] == "1 h"
    assert tiles["Within 5 minutes"][0].startswith("75")
    assert "n = 12" in tiles["Within 5 minutes"][1]
    assert reverse("approvals:times") in inbox
    assert "November 2026" in csv.content.decode("utf-8-sig")
    # Who leads nobody reads their own figures only.
    assert "0 decisions: not enough data" in manager.content.decode()
    assert "teams" in shown.context
    assert "Mara Lindqvist" not in csv.content.decode("utf-8-sig")


def test_thin_data_says_so(cast: Cast) -> None:
    read_and_decide(ask(cast.manager, cast.dach, at=MONDAY), cast.director, MONDAY + MINUTE, 1)
    with time_machine.travel(MONDAY + DAY, tick=False):
        shown = browser(cast.director).get(reverse("approvals:times")).content.decode()
        figures = browser(cast.director).get("/api/v1/approval-times/").json()
    assert "1 decisions: not enough data to say how long they take" in shown
    assert (figures["all"]["n"], figures["all"]["reading_p50"]) == (1, None)


@pytest.mark.parametrize("by", ["role", "step", "person"])
def test_what_waits_is_shown_by_working_days(cast: Cast, by: str) -> None:
    for days in (0, 1, 3, 7, 13):
        ask(cast.manager, cast.dach, at=MONDAY + DAY * 14 - DAY * days)
    with time_machine.travel(MONDAY + DAY * 14 + 4 * timedelta(hours=1), tick=False):
        shown = browser(cast.director).get(reverse("approvals:times"), {"by": by})
    rows = {row.record["label"]: row.record for row in shown.context["ages"].page_rows}
    label = {"role": "A marketing director or an executive", "step": "Step 1"}.get(by, "Greta Holm")
    found = [rows[label][f"age{place}"] for place in range(5)]
    # Monday, Sunday, Friday, the Monday before, the Tuesday before that.
    assert (found, rows[label]["total"]) == ([2, 1, 1, 1, 0], 5)
