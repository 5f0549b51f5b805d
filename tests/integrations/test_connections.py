"""Connections: made and changed by administrators, with credentials that nobody reads again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core import clock, sealed
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from integrations.choices import ConnectionState, SyncState
from integrations.models import Connection, SyncRun
from integrations.rules.api import api_for, platforms
from integrations.rules.connector import connectors
from integrations.selectors import connections_in_need
from integrations.services import connections
from integrations.services.connections.wire import Ask, Http
from metrics.models import Fact
from tests.cast import Cast
from tests.integrations.connected import AT, connect, platform, secrets, sync, talker
from tests.integrations.fake_platform import FakePlatform, delivery

__all__ = ["platform"]
pytestmark = [pytest.mark.feature("3.4"), pytest.mark.django_db]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, name: str, *args: Any) -> str:
    return str(client.get(reverse(name, args=args)).content.decode())


def test_eight_platforms_are_known_and_the_delivery_of_each_has_its_mapping() -> None:
    assert set(platforms()) == {
        "google_ads", "meta_ads", "linkedin_ads", "microsoft_ads", "tiktok_ads", "ga4", "hubspot",
        "salesforce",
    }  # fmt: skip
    for key in platforms():
        api = api_for(key)
        made = {table for read in api.reads for table in read.tables}
        assert api.observed or api.brings_records or made <= set(connectors()[key].pages)


def test_credentials_are_sealed_and_no_page_event_or_answer_holds_them(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast)
    hidden = "refresh-1"
    assert hidden.encode() not in bytes(held.sealed or b"")
    assert json.loads(sealed.unseal(held.sealed or b""))["refresh_token"] == hidden
    sync(held)
    client = browser(cast.admin)
    for name in ("connection", "credentials", "connection-edit"):
        assert hidden not in text(client, f"integrations:{name}", held.pk)
    answer = client.get(reverse("api-connection", args=[held.pk])).json()
    assert not {"sealed", "access", "secrets"} & set(answer)
    events = list(Event.objects.values_list("before", "after", "reason"))
    assert hidden not in str(events)
    assert "client_secret-value" not in str(events)
    security = Event.objects.filter(action="connection.credentials_set")
    assert security.get().is_security


def test_new_credentials_replace_the_old_ones_and_wake_the_account(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast)
    platform.refresh_token = "refresh-2"
    sync(held)
    held.refresh_from_db()
    assert held.state == ConnectionState.SIGN_IN
    assert "Sign in again" in connections_in_need(cast.admin, AT)[0].need.title
    assert connections_in_need(cast.manager, AT) == []
    client = browser(cast.admin)
    url = reverse("integrations:credentials", args=[held.pk])
    answer = client.post(url, secrets(refresh_token="refresh-2"), follow=True)
    assert "It works: the platform knows Tarn &amp; Fell." in answer.content.decode()
    held.refresh_from_db()
    assert (held.state, held.error) == (ConnectionState.ACTIVE, "")
    assert Event.objects.filter(action="connection.credentials_rotated").count() == 1


def test_a_key_is_changed_without_entering_anything_anew(
    cast: Cast, settings: Any, platform: FakePlatform
) -> None:
    held = connect(cast)
    old = list(settings.SEALING_KEYS)
    settings.SEALING_KEYS = ["a new key", *old]
    call_command("reseal")
    settings.SEALING_KEYS = ["a new key"]
    assert sync(held).state == SyncState.DONE
    settings.SEALING_KEYS = ["quite another"]
    failed = sync(Connection.objects.get())
    assert "no longer has" in failed.error


@pytest.mark.parametrize("who", ["manager", "director", "analyst", "auditor"])
def test_only_administrators_connect_and_change(cast: Cast, who: str) -> None:
    held = connect(cast)
    user = getattr(cast, who)
    with pytest.raises(NotAllowed):
        connections.credentials_set(held, secrets=secrets(), user=user, at=AT)
    with pytest.raises(NotAllowed):
        connections.connection_change(held, user=user, at=AT, changes={"lookback_days": 3})
    assert browser(user).get(reverse("integrations:connect", args=["ga4"])).status_code == 403


def test_people_of_another_team_do_not_see_it(cast: Cast) -> None:
    held = connect(cast)
    away = browser(cast.other_manager)
    assert away.get(reverse("integrations:connection", args=[held.pk])).status_code == 404
    assert away.get(reverse("api-connection", args=[held.pk])).status_code == 404
    assert held.name not in text(away, "integrations:connections")


@pytest.mark.parametrize("days", [0, 61])
def test_the_lookback_is_one_to_sixty_days_for_people_and_for_the_database(
    cast: Cast, days: int
) -> None:
    held = connect(cast)
    with pytest.raises(Invalid):
        connections.connection_change(held, user=cast.admin, at=AT, changes={"lookback_days": days})
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.update(lookback_days=days)


def test_an_account_is_connected_once(cast: Cast) -> None:
    connect(cast)
    with pytest.raises(Conflict, match="connected already"):
        connect(cast)


def test_a_wrong_account_number_is_said_at_its_field(cast: Cast) -> None:
    client = browser(cast.admin)
    given = {
        "team": cast.dach.pk, "account": "123-456-7890", "name": "X", "currency": "EUR",
        "time_zone": "Europe/Berlin",
    }  # fmt: skip
    answer = client.post(reverse("integrations:connect", args=["google_ads"]), given)
    assert answer.status_code == 422
    assert "is no customer number of Google Ads" in answer.content.decode()
    made = client.post(
        reverse("integrations:connect", args=["google_ads"]), {**given, "account": "1234567890"}
    )
    assert made["Location"] == reverse(
        "integrations:credentials", args=[Connection.objects.get().pk]
    )


def test_a_connection_rests_and_goes_on(cast: Cast) -> None:
    held = connect(cast)
    client = browser(cast.admin)
    url = reverse("integrations:connection-pause", args=[held.pk])
    for state in (ConnectionState.PAUSED, ConnectionState.ACTIVE):
        client.post(url)
        held.refresh_from_db()
        assert held.state == state


def test_the_page_shows_health_the_last_error_with_its_remedy_and_the_next_run(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast)
    platform.trouble(status=403, body=b'{"error": {"message": "Not your account."}}', on=":search")
    sync(held)
    shown = text(browser(cast.manager), "integrations:connection", held.pk)
    for words in (
        "could not be read", "Not your account.", "Check the account number", "Next run",
        "Go on where it was",
    ):  # fmt: skip
        assert words in shown
    sync(held)
    shown = text(browser(cast.manager), "integrations:connection", held.pk)
    assert "Not your account." not in shown.split("<main")[1].split("<table")[0]


def test_a_backfill_is_started_watched_and_stopped_on_the_page(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast)
    client = browser(cast.manager)
    url = reverse("integrations:connection-sync", args=[held.pk])
    client.post(url, {"since": "2026-01-01"})
    run = SyncRun.objects.get()
    assert (run.kind, str(run.first_day)) == ("backfill", "2026-01-01")
    part = client.get(
        reverse("integrations:sync", args=[run.pk]),
        headers={"HX-Request": "true", "HX-Target": "x"},
    ).content.decode()
    assert 'role="progressbar"' in part
    assert "Stop" in part
    client.post(reverse("integrations:sync-stop", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == SyncState.STOPPED
    client.post(reverse("integrations:sync-go-on", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == SyncState.WAITING


def test_no_account_yet_says_what_to_do(cast: Cast) -> None:
    shown = text(browser(cast.manager), "integrations:connections")
    assert "No account is connected yet" in shown
    assert "Import a file" in shown


def test_the_command_reads_the_past_with_a_bar(
    cast: Cast,
    platform: FakePlatform,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    held = connect(cast)
    platform.rows = [delivery("2026-10-05"), delivery("2026-11-05")]
    call_command("sync", f"--connection={held.key}", "--backfill=2026-10-01")
    out, err = capsys.readouterr()
    assert "Done: 2026-10-01 to" in out
    assert "of 2" in err
    assert Fact.objects.count() == 2
    with pytest.raises(CommandError, match=held.key):
        call_command("sync", connection="nothing")


@pytest.mark.parametrize(
    "url",
    [
        "http://googleads.googleapis.com/v22", "https://127.0.0.1/", "https://evil.com/",
        "https://googleads.googleapis.com.evil.com/", "https://user@googleads.googleapis.com/",
        "https://googleads.googleapis.com:8443/", "https://salesforce.com.evil.com/",
        "https://169.254.169.254/latest/meta-data",
    ],
)  # fmt: skip
def test_credentials_only_ever_go_to_the_platforms_own_hosts(
    url: str, platform: FakePlatform
) -> None:
    with pytest.raises(connections.Refused):
        Http().send(Ask("GET", url, ("googleads.googleapis.com", "*.salesforce.com")))
    assert platform.calls == []


def test_the_deployment_check_refuses_the_address_for_trying_out(settings: Any) -> None:
    settings.FAKE_PLATFORM_URL = "http://127.0.0.1:1"
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert "integrations.E001" in {message.id for message in found}


def test_the_api_does_what_the_pages_do(cast: Cast, platform: FakePlatform) -> None:
    client = browser(cast.admin)
    made = client.post(
        reverse("api-connections"),
        {
            "platform": "tiktok_ads", "account": "6870000000000000001", "team": cast.dach.pk,
            "name": "TikTok DACH", "currency": "EUR", "time_zone": "Europe/Berlin",
        },
        content_type="application/json",
    ).json()  # fmt: skip
    args = [made["id"]]
    put = client.put(
        reverse("api-connection-credentials", args=args),
        {"secrets": {"access_token": "token-lasting"}},
        content_type="application/json",
    )
    assert (put.status_code, put.content) == (204, b"")
    assert client.post(reverse("api-connection-test", args=args)).json()["name"] == "Tarn & Fell"
    changed = client.patch(
        reverse("api-connection", args=args), {"lookback_days": 7}, content_type="application/json"
    )
    assert changed.json()["lookback_days"] == 7
    manager = browser(cast.manager)
    asked = manager.post(
        reverse("api-connection-syncs", args=args), {}, content_type="application/json"
    )
    assert (asked.status_code, asked.json()["parts"]) == (201, 1)
    run = SyncRun.objects.get()
    assert sync(run.connection, run=run).state == SyncState.DONE
    assert manager.get(reverse("api-sync", args=[run.pk])).json()["state"] == "done"


def test_a_late_account_is_called_late(cast: Cast, platform: FakePlatform) -> None:
    held = connect(cast, every_hours=1)
    sync(held)
    SyncRun.objects.update(finished_at=AT - timedelta(days=40))
    assert "is late" in text(browser(cast.manager), "integrations:connection", held.pk)


def test_nothing_is_asked_of_an_account_without_credentials(
    cast: Cast, platform: FakePlatform
) -> None:
    held = connect(cast, credentials=False)
    with pytest.raises(connections.SignInAgain, match="no credentials yet"):
        connections.connection_test(talker(held), user=cast.admin, at=AT)
    assert platform.calls == []
