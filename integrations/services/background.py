"""A large file is imported by a worker: its page shows how far it is, and it can be stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from core import events, outbox
from core.errors import AdroitError
from core.models import OutboxItem
from integrations.choices import IMPORT, RunState
from integrations.models import ImportRun
from integrations.services.runs import record, require_open, run_import
from integrations.services.ways.taking import day_of
from metrics.services import Progress

# So many rows are written while a person waits for the page; more are a worker's.
LARGE = 20_000
EVERY = 1.0

log = logging.getLogger(__name__)


def is_large(run: ImportRun) -> bool:
    """Whether importing it lasts longer than a person waits for a page."""
    return (run.accepted or 0) > LARGE


@transaction.atomic
def run_import_later(run: ImportRun, *, user: User, confirm: bool, at: datetime) -> ImportRun:
    """Ask a worker to import a checked file; its state is IMPORTING until the worker says more.

    Raises ``Conflict`` when it is imported, being imported, or put aside.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    require_open(locked, user, confirm)
    asked = (locked.check_result.get("asked") or 0) + 1
    locked.check_result = {**locked.check_result, "asked": asked, "stopped": ""}
    payload = {"run": locked.pk, "user": user.pk, "confirm": confirm}
    item = outbox.enqueue(IMPORT, f"{IMPORT}:{locked.pk}:{asked}", payload, at=at)
    locked.state, locked.outbox_id = RunState.IMPORTING, item.pk
    locked.save(update_fields=["state", "outbox_id", "check_result"])
    record(locked, "import.asked", user.as_actor(), at, after={"rows": locked.accepted})
    return locked


def work(item: OutboxItem, now: datetime) -> Mapping[str, Any]:
    """Outbox handler of ``import``: all of the file or nothing, then the page says how it ended."""
    run = ImportRun.objects.get(pk=item.payload["run"])
    if run.state != RunState.IMPORTING or run.outbox_id != item.pk:
        return {"state": run.state}
    try:
        with said_every_second(item) as say:
            user = User.objects.get(pk=item.payload["user"])
            result = run_import(
                run, actor=user.as_actor(), user=user, at=now, today=day_of(now),
                confirm=item.payload["confirm"], on_progress=say, is_asked=True,
            )  # fmt: skip
    except outbox.Stopped:
        _back(run, "It was stopped; nothing of it was written.", now)
        raise
    except AdroitError as error:
        _back(run, f"{error.message} {error.remedy}".strip(), now)
        return {"state": RunState.CHECKED, "why": error.message}
    except Exception:
        log.exception("Import %s failed", run.pk)
        _back(run, "Writing it failed and nothing of it was written; the log says why.", now)
        raise
    return {"state": run.state, "rows": result.rows}


@transaction.atomic
def _back(run: ImportRun, why: str, at: datetime) -> None:
    """The file waits for a person again, with what came in between."""
    run.refresh_from_db()
    run.state = RunState.CHECKED
    run.check_result = {**run.check_result, "stopped": why}
    run.save(update_fields=["state", "check_result"])
    record(run, "import.stopped", events.SYSTEM, at, reason=why)


@contextmanager
def said_every_second(item: OutboxItem) -> Iterator[Progress]:
    """Where a load says how far it is; a thread of its own writes it down, since nothing of the
    load's transaction is seen before its end. Raises ``Stopped`` in the load when asked to stop."""
    said: list[tuple[int, int, str]] = [(0, 0, "reading the file")]
    stopped, ended = threading.Event(), threading.Event()

    def write_down() -> None:
        try:
            while not ended.is_set():
                done, total, note = said[0]
                outbox.progress(item, done, total or None, note, now=item.clock())
                ended.wait(EVERY)
        except outbox.Stopped:
            stopped.set()
        finally:
            connection.close()

    def say(done: int, total: int, note: str) -> None:
        said[0] = (done, total, note)
        if stopped.is_set():
            raise outbox.Stopped

    teller = threading.Thread(target=write_down, name=f"progress-{item.pk}")
    teller.start()
    try:
        yield say
    finally:
        ended.set()
        teller.join()


def import_stop(run: ImportRun, *, user: User, at: datetime) -> None:
    """Ask the worker to stop; at once where none has begun."""
    require_open(run, user, confirm=False, is_asked=True)
    item = OutboxItem.objects.filter(pk=run.outbox_id or 0).first()
    if item is None or not outbox.stop(item.pk, now=at):
        return
    if not OutboxItem.objects.filter(pk=item.pk, state=OutboxItem.State.RUNNING).exists():
        _back(run, "It was stopped; nothing of it was written.", at)
