"""A connected account in one call, and a sync of it without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.choices import SyncKind
from integrations.models import Connection, SyncRun
from integrations.rules.api import api_for
from integrations.services import connections
from tests.cast import Cast
from tests.integrations.fake_platform import FakePlatform, running

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACCOUNTS = {
    "google_ads": "1234567890", "meta_ads": "798085168510957", "linkedin_ads": "512345678",
    "microsoft_ads": "151000001", "tiktok_ads": "6870000000000000001", "ga4": "412345678",
    "hubspot": "8765432", "salesforce": "00D5g000004nRQLEA2",
}  # fmt: skip
FIELDS = {
    "microsoft_ads": {"customer_id": "77"},
    "salesforce": {"instance": "tf.my.salesforce.com"},
}


@pytest.fixture
def platform(settings: Any) -> Iterator[FakePlatform]:
    """The platforms, on this machine."""
    with running() as (found, url):
        settings.FAKE_PLATFORM_URL = url
        settings.FETCH_PRIVATE_NETWORKS = ["127.0.0.0/8"]
        yield found


def connect(
    cast: Cast, key: str = "google_ads", *, credentials: bool = True, **changes: Any
) -> Connection:
    """An account of DACH in euros and Berlin time, with credentials that work."""
    zone = "UTC" if key in ("linkedin_ads", "hubspot") else "Europe/Berlin"
    made = connections.connection_create(
        platform=key, account=ACCOUNTS[key], team=cast.dach, name=f"{api_for(key).label} DACH", currency="EUR",
        time_zone=zone, user=cast.admin, at=AT, fields=FIELDS.get(key, {}),
    )  # fmt: skip
    if credentials:
        made = connections.credentials_set(made, secrets=secrets(key), user=cast.admin, at=AT)
    Connection.objects.filter(pk=made.pk).update(**changes)
    made.refresh_from_db()
    return made


def secrets(key: str = "google_ads", **other: str) -> dict[str, str]:
    good = {"refresh_token": "refresh-1", "access_token": "token-lasting"}
    return {name: good.get(name, f"{name}-value") for name in api_for(key).auth.secrets} | other


class Clock:
    """A time that only moves when somebody waits."""

    def __init__(self, at: datetime = AT) -> None:
        self.now = at
        self.waited: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += timedelta(seconds=seconds)


def talker(connection: Connection, clock: Clock | None = None) -> connections.Platform:
    clock = clock or Clock()
    return connections.Platform(connection, connections.Http(), clock.wait, clock)


def sync(
    connection: Connection, clock: Clock | None = None, run: SyncRun | None = None, **asked: Any
) -> SyncRun:
    """Ask for a sync and do it."""
    clock = clock or Clock()
    run = run or connections.sync_ask(
        connection, **{"kind": SyncKind.MANUAL, "at": clock(), **asked}
    )
    return connections.sync_work(
        run, platform=talker(run.connection, clock), progress=lambda *_: None
    )
