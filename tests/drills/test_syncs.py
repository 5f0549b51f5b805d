"""Kill -9 while an account is read, and two at once: every row is there once, none is half there.

The same platform, worker and database as in production; the control forgets the lock and
the place where it was, as a sync without a cursor does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection as database

from core.errors import Conflict
from core.invariants import check_all
from integrations.choices import SyncKind, SyncState
from integrations.models import Connection, SyncPage, SyncPart, SyncRun
from integrations.services import connections
from integrations.services.connections.failures import Busy
from metrics.models import Fact
from tests.cast import Cast
from tests.drills.crowd import killed_after, race
from tests.drills.sheet import bar, keep, size
from tests.integrations.connected import AT, connect, platform, talker
from tests.integrations.fake_platform import FakePlatform, delivery

__all__ = ["platform"]
pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
SEED = 20_261_122
KILLS = size(12, 400)
RACES = size(3, 60)
FIRST, DAYS = date(2026, 9, 1), 80


def fill(platform: FakePlatform) -> int:
    """Rows of three campaigns; returns what their impressions add up to."""
    platform.page_size = 40
    platform.rows = [
        delivery(str(FIRST + timedelta(days=day)), str(campaign), impressions=str(100 + day))
        for day in range(DAYS)
        for campaign in (9, 10, 11)
    ]
    return sum(int(row["impressions"]) for row in platform.rows)


def loaded() -> int:
    return sum(fact.impressions or 0 for fact in Fact.objects.all())


def go_on(run: SyncRun) -> None:
    fresh = SyncRun.objects.select_related("connection__source").get(pk=run.pk)
    connections.sync_work(fresh, platform=talker(fresh.connection), progress=lambda *_: None)


def ask(held: Connection) -> SyncRun:
    return connections.sync_ask(held, kind=SyncKind.BACKFILL, at=AT, since=FIRST)


def whole_parts_only(run: SyncRun) -> bool:
    """What a reader sees in between is a number of whole parts."""
    run.refresh_from_db()
    return SyncPart.objects.filter(run=run).count() == run.part


def test_kills_leave_every_row_once(cast: Cast, platform: FakePlatform) -> None:
    dice, kills, runs, longest = random.Random(SEED), 0, 0, 0.6
    expected = fill(platform)
    held = connect(cast)
    while kills < KILLS:
        bar(kills, KILLS, f"kills, {runs} syncs")
        run, runs = ask(held), runs + 1
        while run.state in (SyncState.WAITING, SyncState.RUNNING):
            ended = killed_after(partial(go_on, run), dice.uniform(0.01, longest))
            kills += not ended
            longest = max(0.1, longest * 0.8) if ended else longest * 1.1
            assert whole_parts_only(run)
        assert run.state == SyncState.DONE, run.error
        assert loaded() == expected
        assert SyncPart.objects.filter(run=run).count() == run.parts
        assert not SyncPage.objects.exists()
    assert [held for held in check_all() if not held.is_kept] == []
    keep(
        "Syncs under kill -9",
        did=f"{runs:,} backfills of {DAYS} days, {kills:,} kills, seed {SEED}",
        found="0 rows lost, 0 doubled, 0 parts half loaded",
        control="see “The same without the place where it was”",
    )


@pytest.mark.parametrize("step", ["_page", "_load", "_end"])
def test_a_kill_after_each_step_goes_on_there(
    cast: Cast, platform: FakePlatform, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies right after the step's commit, the first two times it comes to it."""
    from integrations.services.connections import syncing

    expected, held = fill(platform), connect(cast)
    run = ask(held)
    real: Callable[..., Any] = getattr(syncing, step)

    def then_die(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    for _ in range(2):
        monkeypatch.setattr(syncing, step, then_die)
        with pytest.raises(KeyboardInterrupt):
            go_on(run)
        monkeypatch.setattr(syncing, step, real)
        assert whole_parts_only(run)
        if run.state == SyncState.DONE:
            break
    go_on(run)
    run.refresh_from_db()
    assert (run.state, loaded()) == (SyncState.DONE, expected)
    pages = [
        call.json for call in platform.asked(":search") if "segments.date" in call.json["query"]
    ]
    asked = [(page["query"], page.get("pageToken")) for page in pages]
    assert len(asked) == len(set(asked)), "a page that was kept is not asked for again"


def test_of_two_syncs_of_one_account_one_gives_way(cast: Cast, platform: FakePlatform) -> None:
    expected = fill(platform)
    held = connect(cast)
    busy = 0
    for number in range(RACES):
        bar(number + 1, RACES, "races")
        asked = race([partial(ask, held) for _ in range(3)])
        assert sum(isinstance(result, Conflict) for result in asked) == 2
        run = connections.open_sync(held)
        assert run is not None
        results = race([partial(go_on, run) for _ in range(3)])
        busy += sum(isinstance(result, Busy) for result in results)
        assert all(result is None or isinstance(result, Busy) for result in results), results
        run.refresh_from_db()
        assert (run.state, loaded()) == (SyncState.DONE, expected)
        assert SyncPart.objects.filter(run=run).count() == run.parts
    assert busy
    keep(
        "Two syncs of one account at once",
        did=f"{RACES:,} races of three workers",
        found=f"0 doubled, {busy:,} gave way",
        control="see “The same without the place where it was”",
    )


@pytest.fixture
def scratch() -> Iterator[None]:
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE drill_rows (day date, campaign text, impressions int)")
    yield
    with database.cursor() as cursor:
        cursor.execute("DROP TABLE drill_rows")


def naive(held: Connection) -> None:
    """Asks page by page and writes each at once, without keeping where it is."""
    talk = talker(held)
    read, cursor = talk.api.reads[0], ""
    while cursor is not None:
        body = {**(read.request.body or {}), **({"pageToken": cursor} if cursor else {})}
        query = str(body["query"]).replace("{start}", str(FIRST)).replace("{end}", "2026-11-21")
        request = type(read.request)(
            path=read.request.path, method="POST", body={**body, "query": query}
        )
        answer = talk.ask(request)
        for row in answer["results"]:
            with database.cursor() as writer:
                writer.execute(
                    "INSERT INTO drill_rows VALUES (%s, %s, %s)",
                    [row["segments"]["date"], row["campaign"]["id"], row["metrics"]["impressions"]],
                )
        cursor = answer.get("nextPageToken")


def test_the_control_without_its_place_doubles_rows(
    cast: Cast, platform: FakePlatform, scratch: None
) -> None:
    dice, expected = random.Random(SEED), fill(platform)
    held = connect(cast)
    for _ in range(size(6, 40)):
        if killed_after(partial(naive, held), dice.uniform(0.02, 0.3)):
            break
    naive(held)
    with database.cursor() as cursor:
        cursor.execute("SELECT sum(impressions) FROM drill_rows")
        total = cursor.fetchone()[0]
    keep(
        "The same without the place where it was",
        did="one sync, killed and begun anew",
        found=f"{total:,} impressions instead of {expected:,}",
        control="this is the control",
    )
    assert total != expected, "the kills show nothing: the control did not break"
