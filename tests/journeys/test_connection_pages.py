"""The pages of connections as people see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import clock, features
from core.events import SYSTEM
from integrations.choices import PLATFORM_ORDERS, SyncKind, SyncState
from integrations.models import Connection, PlatformOrder, SyncRun
from integrations.services import connections
from tests.cast import Cast
from tests.integrations.connected import Clock, connect, platform, sync
from tests.integrations.fake_platform import FakePlatform, delivery
from tests.journeys.shots import Shots
from tests.world import make_line

__all__ = ["platform"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def company(cast: Cast, platform: FakePlatform) -> list[Connection]:
    """A healthy account with a stuck order, one under way, one to sign in to, one without credentials."""
    now = clock.now()
    features.switch(PLATFORM_ORDERS, True, actor=SYSTEM, reason="Test", at=now)
    yesterday = now.date() - timedelta(days=1)
    platform.rows = [delivery(str(yesterday), str(number)) for number in range(9, 30)]
    google = connect(cast, may_write=True, next_at=now + timedelta(hours=6))
    at = Clock(now - timedelta(hours=2))
    sync(google, at)
    sync(google, Clock(now))
    line = make_line(cast, name="Winter Search DACH")
    line.ad_account, line.external_id = google.source.ad_account, "999"
    line.save()
    PlatformOrder.objects.create(
        key="look", connection=google, line=line, kind="budget", target="999", wanted="120.50",
        before="80.00", state="needs_person", tries=4, asked_by_name=cast.manager.name,
        asked_at=now - timedelta(hours=3), sent_at=now - timedelta(hours=2),
        error="Sent 4 times, and the platform still says 80.00.",
        remedy="Make the change at the platform by hand, and settle the order here.",
    )  # fmt: skip
    meta = connect(cast, "meta_ads")
    run = connections.sync_ask(
        meta, kind=SyncKind.BACKFILL, at=now, since=(now - timedelta(days=300)).date()
    )
    SyncRun.objects.filter(pk=run.pk).update(
        state=SyncState.RUNNING, part=4, pages=37, rows=4_812, started_at=now
    )
    platform.expire_tokens()
    platform.refresh_token = "gone"
    linkedin = connect(cast, "linkedin_ads")
    sync(linkedin, Clock(now))
    new = connect(cast, "ga4", credentials=False)
    return [google, meta, linkedin, new]


def test_the_pages_of_connections(shots: Shots, cast: Cast, platform: FakePlatform) -> None:
    google, meta, linkedin, new = company(cast, platform)
    order = PlatformOrder.objects.get()
    shots.sign_in(cast.manager)
    shots.visit("/imports/connections/", "connections")
    shots.visit(f"/imports/connections/{google.pk}/", "connection")
    shots.visit(f"/imports/connections/{meta.pk}/", "connection-backfill")
    shots.visit(f"/imports/connections/{google.pk}/order/", "connection-order")
    shots.visit("/imports/connections/orders/", "orders")
    shots.visit(f"/imports/connections/orders/{order.pk}/", "order")
    shots.sign_in(cast.admin)
    shots.visit(f"/imports/connections/{linkedin.pk}/", "connection-sign-in")
    shots.visit(f"/imports/connections/{new.pk}/", "connection-new")
    shots.visit(f"/imports/connections/{meta.pk}/settings/", "connection-settings")
    shots.visit(f"/imports/connections/{new.pk}/credentials/", "connection-credentials")
    shots.visit("/imports/connections/new/salesforce/", "connect")


def test_without_an_account_the_list_says_what_to_do(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.admin)
    shots.visit("/imports/connections/", "connections-empty")
