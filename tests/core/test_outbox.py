"""Work that must happen: asked for once, done once, found again when a worker dies."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from core import clock, outbox, tasks
from core.errors import Conflict
from core.models import Heartbeat, OutboxItem
from core.outbox import State

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Killed(BaseException):
    """Ends a worker as SIGKILL does: nothing after it runs, the row stays as it is."""


class Worker:
    """A handler that does what the test says and counts."""

    def __init__(self) -> None:
        self.runs = 0
        self.does: Any = None

    def __call__(self, item: OutboxItem, now: datetime) -> Mapping[str, Any] | None:
        self.runs += 1
        if isinstance(self.does, BaseException):
            raise self.does
        done: Mapping[str, Any] | None = self.does(item, now) if callable(self.does) else self.does
        return done


@pytest.fixture
def worker(db: None, monkeypatch: pytest.MonkeyPatch) -> Worker:
    handler = Worker()
    monkeypatch.setitem(outbox._handlers, "test", handler)
    return handler


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Items that were handed to the queue."""
    ids: list[int] = []
    monkeypatch.setattr(outbox, "_dispatchers", [ids.append])
    return ids


def ask(key: str = "k", **more: Any) -> OutboxItem:
    return outbox.enqueue("test", key, {"n": 1}, at=NOW, **more)


def state_of(item: OutboxItem) -> str:
    item.refresh_from_db()
    return item.state


def test_the_same_key_asks_only_once(
    worker: Worker,
    woken: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first, second = ask(), ask()
    assert first.pk == second.pk
    assert woken == [first.pk]


def test_nothing_is_asked_for_when_the_change_is_rolled_back(
    worker: Worker,
    woken: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with (
        django_capture_on_commit_callbacks(execute=True),
        transaction.atomic(),
    ):
        ask()
        transaction.set_rollback(True)
    assert not OutboxItem.objects.exists()
    assert woken == []


def test_a_queue_that_is_down_loses_nothing(
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def down(item_id: int) -> None:
        raise ConnectionError

    monkeypatch.setattr(outbox, "_dispatchers", [down])
    with django_capture_on_commit_callbacks(execute=True):
        item = ask()
    monkeypatch.setattr(outbox, "_dispatchers", [lambda i: outbox.deliver(i, now=NOW)])
    assert outbox.sweep(now=NOW) == 1
    assert state_of(item) == State.DONE


def test_work_is_done_once_however_often_it_is_delivered(worker: Worker) -> None:
    item = ask()
    worker.does = {"rows": 3}
    assert outbox.deliver(item.pk, now=NOW)
    assert not outbox.deliver(item.pk, now=NOW)
    assert worker.runs == 1
    assert (state_of(item), item.result, item.attempts) == (State.DONE, {"rows": 3}, 1)


def test_work_for_later_waits(worker: Worker, woken: list[int]) -> None:
    item = ask(not_before=NOW + 60 * SECOND)
    assert not outbox.deliver(item.pk, now=NOW)
    assert outbox.sweep(now=NOW) == 0
    assert outbox.sweep(now=NOW + 60 * SECOND) == 1
    assert woken == [item.pk]
    assert outbox.deliver(item.pk, now=NOW + 60 * SECOND)


def test_nobody_else_takes_work_that_is_under_way(worker: Worker) -> None:
    item = ask()
    worker.does = lambda item, now: {"other": outbox.deliver(item.pk, now=now)}
    assert outbox.deliver(item.pk, now=NOW)
    assert state_of(item) == State.DONE
    assert item.result == {"other": False}


def test_a_killed_workers_lease_is_swept(worker: Worker, woken: list[int]) -> None:
    item = ask()
    worker.does = Killed()
    with pytest.raises(Killed):
        outbox.deliver(item.pk, now=NOW)
    assert state_of(item) == State.RUNNING
    assert outbox.sweep(now=NOW + outbox.LEASE) == 0
    later = NOW + outbox.LEASE + SECOND
    assert outbox.sweep(now=later) == 1
    worker.does = None
    assert outbox.deliver(woken[0], now=later)
    assert state_of(item) == State.DONE
    assert item.attempts == 2


def test_work_that_ends_every_worker_is_parked_and_the_others_are_done(worker: Worker) -> None:
    poison, good = ask("poison"), [ask(f"good-{n}") for n in range(20)]

    def die(item: OutboxItem, now: datetime) -> None:
        if item.key == "poison":
            raise Killed

    worker.does, now, deaths = die, NOW, 0
    for _ in range(8):
        for item_id in OutboxItem.objects.order_by("id").values_list("pk", flat=True):
            try:
                outbox.deliver(item_id, now=now)
            except Killed:
                deaths += 1
        outbox.sweep(now=now)
        now += outbox.LEASE + SECOND
    assert deaths == outbox.MAX_DEATHS == 3
    assert state_of(poison) == State.NEEDS_PERSON
    assert "died" in poison.error
    assert {state_of(item) for item in good} == {State.DONE}


def test_a_failure_is_tried_again_later_and_later_then_left_to_a_person(worker: Worker) -> None:
    item, now, waits = ask(), NOW, []
    worker.does = ConnectionError("the platform does not answer")
    for _ in range(outbox.MAX_ATTEMPTS - 1):
        assert not outbox.deliver(item.pk, now=now)
        assert state_of(item) == State.PENDING
        waits.append((item.not_before - now).total_seconds())
        now = item.not_before
    assert waits == [40, 80, 160, 320]
    assert not outbox.deliver(item.pk, now=now)
    assert state_of(item) == State.NEEDS_PERSON
    assert "does not answer" in item.error


def test_what_cannot_succeed_is_not_tried_again(worker: Worker) -> None:
    item = ask()
    worker.does = Conflict("The period was closed.")
    outbox.deliver(item.pk, now=NOW)
    assert state_of(item) == State.NEEDS_PERSON
    assert (item.attempts, item.error) == (1, "core.errors.Conflict: The period was closed.")


def test_work_of_an_unknown_kind_does_not_stop_the_queue(db: None) -> None:
    item = outbox.enqueue("unknown", "u", {}, at=NOW)
    assert not outbox.deliver(item.pk, now=NOW)
    assert state_of(item) == State.PENDING
    assert "unknown" in item.error


def test_progress_is_kept_and_renews_the_lease(worker: Worker) -> None:
    item = ask()
    moments = [NOW, NOW + 500 * SECOND, NOW + 1000 * SECOND]

    def count(item: OutboxItem, now: datetime) -> None:
        for done in range(3):
            moments.append(moments.pop(0))
            outbox.progress(item, done, 3, f"row {done}", now=now)
            seen = OutboxItem.objects.get(pk=item.pk)
            assert (seen.progress_done, seen.progress_note) == (done, f"row {done}")
            assert seen.leased_until == moments[0] + outbox.LEASE

    worker.does = count
    assert outbox.deliver(item.pk, now=NOW, clock=lambda: moments[0])
    assert state_of(item) == State.DONE
    assert item.finished_at == moments[0]
    assert (item.progress_done, item.progress_total) == (2, 3)


def test_work_under_way_stops_at_its_next_step(worker: Worker) -> None:
    item = ask()
    steps = []

    def until_told(item: OutboxItem, now: datetime) -> None:
        for step in range(5):
            steps.append(step)
            if step == 2:
                assert outbox.stop(item.pk, now=now)
            outbox.progress(item, step, 5, now=now)

    worker.does = until_told
    assert not outbox.deliver(item.pk, now=NOW)
    assert steps == [0, 1, 2]
    assert state_of(item) == State.STOPPED


def test_waiting_work_stops_at_once_and_can_be_started_anew(worker: Worker) -> None:
    item = ask()
    assert outbox.stop(item.pk, now=NOW)
    assert state_of(item) == State.STOPPED
    assert not outbox.deliver(item.pk, now=NOW)
    assert not outbox.stop(item.pk, now=NOW)
    assert outbox.retry(item.pk, now=NOW)
    assert not outbox.retry(item.pk, now=NOW)
    assert outbox.deliver(item.pk, now=NOW)
    assert (worker.runs, state_of(item)) == (1, State.DONE)


def test_a_stop_asked_of_work_whose_worker_then_died_is_kept(worker: Worker) -> None:
    item = ask()
    worker.does = lambda item, now: outbox.stop(item.pk, now=now) and (_ for _ in ()).throw(Killed)
    with pytest.raises(Killed):
        outbox.deliver(item.pk, now=NOW)
    assert not outbox.deliver(item.pk, now=NOW + outbox.LEASE + SECOND)
    assert (worker.runs, state_of(item)) == (1, State.STOPPED)


def test_a_worker_that_was_overtaken_changes_nothing_any_more(worker: Worker) -> None:
    item = ask()
    late = NOW + outbox.LEASE + SECOND

    def slow(item: OutboxItem, now: datetime) -> Mapping[str, Any]:
        worker.does = {"by": "second"}
        assert outbox.deliver(item.pk, now=late)
        return {"by": "first"}

    worker.does = slow
    assert not outbox.deliver(item.pk, now=NOW)
    assert state_of(item) == State.DONE
    assert item.result == {"by": "second"}


def test_an_overtaken_worker_learns_it_at_its_next_step(worker: Worker) -> None:
    item = ask()

    def overtaken(item: OutboxItem, now: datetime) -> None:
        OutboxItem.objects.filter(pk=item.pk).update(attempts=item.attempts + 1)
        outbox.progress(item, 1, now=now)

    worker.does = overtaken
    assert not outbox.deliver(item.pk, now=NOW)
    assert state_of(item) == State.RUNNING


def test_the_jobs_deliver_sweep_and_show_that_they_live(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = ask()
    monkeypatch.setattr(clock, "now", lambda: NOW + SECOND)
    monkeypatch.setattr(outbox, "_dispatchers", [tasks.deliver])
    tasks.sweep_outbox()
    assert state_of(item) == State.DONE
    assert Heartbeat.objects.get(name="worker").at == NOW + SECOND
    tasks.tick()
    assert Heartbeat.objects.get(name="beat").at == NOW + SECOND
