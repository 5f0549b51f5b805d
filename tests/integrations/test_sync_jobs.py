"""A long range of days is ordered as a job at the platform, waited for, and read page by page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from integrations.choices import SyncKind, SyncState
from integrations.models import SyncPage, SyncRun
from integrations.services import connections
from metrics.models import Fact
from tests.cast import Cast
from tests.integrations.connected import AT, Clock, connect, platform, sync, talker
from tests.integrations.fake_platform import FakePlatform, delivery

__all__ = ["platform"]
pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.4")]
SINCE = date(2026, 10, 22)


def backfill(cast: Cast, platform: FakePlatform) -> SyncRun:
    """31 days in one part, with a row on five of them."""
    platform.rows = [delivery(str(SINCE + timedelta(days=6 * n))) for n in range(5)]
    held = connect(cast, "meta_ads")
    run = connections.sync_ask(held, kind=SyncKind.BACKFILL, at=AT, since=SINCE)
    assert run.parts == 1
    return run


def orders(platform: FakePlatform) -> int:
    return sum(call.method == "POST" for call in platform.asked("/insights"))


@pytest.mark.parametrize("page_size", [1_000, 2])
def test_a_long_part_is_one_job_and_its_pages(
    cast: Cast, platform: FakePlatform, page_size: int
) -> None:
    platform.page_size, platform.polls = page_size, 2
    run, clock = backfill(cast, platform), Clock()
    run = sync(run.connection, clock, run=run)
    assert (run.state, run.error) == (SyncState.DONE, "")
    assert Fact.objects.count() == 5
    assert (orders(platform), clock.waited) == (1, [15, 15])
    order = next(call for call in platform.calls if call.method == "POST")
    assert order.form["level"] == "ad"
    assert order.form["time_range"] == '{"since":"2026-10-22","until":"2026-11-21"}'
    assert not any("time_range" in call.query for call in platform.calls)


def test_a_short_range_is_asked_for_at_once(cast: Cast, platform: FakePlatform) -> None:
    platform.rows = [delivery("2026-11-20")]
    assert sync(connect(cast, "meta_ads")).state == SyncState.DONE
    assert orders(platform) == 0


def test_a_job_is_ordered_once_though_the_wait_is_cut_short(
    cast: Cast, platform: FakePlatform
) -> None:
    platform.polls = 3
    run = backfill(cast, platform)
    talk = talker(run.connection)
    normal = talk.wait

    def die(_seconds: float) -> None:
        raise KeyboardInterrupt

    talk.wait = die
    with pytest.raises(KeyboardInterrupt):
        connections.sync_work(run, platform=talk, progress=lambda *_: None)
    talk.wait = normal
    assert connections.sync_work(run, platform=talk, progress=lambda *_: None).state == "done"
    assert (orders(platform), Fact.objects.count()) == (1, 5)


def test_it_goes_on_at_the_page_of_the_job_where_it_was(cast: Cast, platform: FakePlatform) -> None:
    platform.page_size = 2
    run = backfill(cast, platform)

    def die(_done: int, _total: int, note: str) -> None:
        if note.endswith("page 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connections.sync_work(run, platform=talker(run.connection), progress=die)
    assert SyncPage.objects.count() == 2
    before = len(platform.calls)
    run = connections.sync_work(run, platform=talker(run.connection), progress=lambda *_: None)
    assert (run.state, Fact.objects.count()) == (SyncState.DONE, 5)
    # The account, and the last page: the job is not even looked at again.
    assert [call.path.rpartition("/")[2] for call in platform.calls[before:]] == [
        "act_798085168510957", "insights",
    ]  # fmt: skip
    assert orders(platform) == 1


@pytest.mark.parametrize("state", ["Job Failed", "Job Skipped"])
def test_a_job_that_failed_is_ordered_anew_when_somebody_goes_on(
    cast: Cast, platform: FakePlatform, state: str
) -> None:
    platform.job_state = state
    run = backfill(cast, platform)
    run = sync(run.connection, run=run)
    assert run.state == SyncState.FAILED
    assert "could not make the report" in run.error
    assert not Fact.objects.exists()
    platform.job_state = "Job Completed"
    going = connections.sync_go_on(run, user=cast.manager, at=AT)
    assert sync(run.connection, run=going).state == SyncState.DONE
    assert (orders(platform), Fact.objects.count()) == (2, 5)


def test_a_job_that_the_platform_forgot_begins_the_part_anew(
    cast: Cast, platform: FakePlatform
) -> None:
    platform.page_size = 2
    run = backfill(cast, platform)
    forgotten: dict[str, Any] = {"body": b'{"error": {"code": 100, "message": "Unknown."}}'}

    def forget(_done: int, _total: int, note: str) -> None:
        if note.endswith("page 2") and orders(platform) == 1:
            platform.trouble(status=400, on="/insights", **forgotten)

    run = connections.sync_work(run, platform=talker(run.connection), progress=forget)
    assert (run.state, Fact.objects.count()) == (SyncState.DONE, 5)
    assert orders(platform) == 2


def test_a_job_that_is_refused_at_once_ends_the_sync(cast: Cast, platform: FakePlatform) -> None:
    run = backfill(cast, platform)
    words = b'{"error": {"code": 100, "message": "Too many fields."}}'
    platform.trouble(status=400, on="/insights", body=words)
    run = sync(run.connection, run=run)
    assert (run.state, orders(platform)) == (SyncState.FAILED, 1)
    assert "Too many fields." in run.error
