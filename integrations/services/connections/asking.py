"""Asking for syncs: by hand, by schedule, for the past; and the workers' way to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events, outbox
from core.errors import Conflict
from core.events import SYSTEM, Actor
from core.models import OutboxItem
from integrations.choices import (
    OPEN_SYNCS,
    SYNC,
    ConnectionState,
    SyncKind,
    SyncState,
)
from integrations.models import Connection, PlatformOrder, SyncRun
from integrations.services.connections import orders
from integrations.services.connections.accounts import next_sync
from integrations.services.connections.failures import Busy
from integrations.services.connections.periods import (
    backfill_period,
    parts_of,
    usual_period,
)
from integrations.services.connections.syncing import Overtaken, sync_work
from integrations.services.connections.talking import Platform, Wait
from integrations.services.connections.wire import Http

# A campaign manager's order must not hold the kill switch up for longer than this.
ORDER_SECONDS = 30.0


@transaction.atomic
def sync_ask(
    connection: Connection,
    *,
    kind: str,
    at: datetime,
    actor: Actor = SYSTEM,
    user: User | None = None,
    since: date | None = None,
) -> SyncRun:
    """Ask for a sync, of the days that may have changed or ``since`` a day.

    Raises ``Conflict`` when one is open already or the connection is not in use.
    """
    if user:
        require(user, Act.UPLOAD_IMPORT, team=connection.team, owner_id=user.pk)
    _require_ready(connection)
    first, last = backfill_period(connection, since, at) if since else usual_period(connection, at)
    run = SyncRun(
        connection=connection,
        kind=kind,
        first_day=first,
        last_day=last,
        parts=parts_of(connection, first, last),
        asked_by=user,
        asked_at=at,
    )
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        raise _open_already(connection) from None
    _record(run, "sync.asked", user.as_actor() if user else actor, at)
    _enqueue(run, at, at)
    return run


def _require_ready(connection: Connection) -> None:
    if connection.state != ConnectionState.ACTIVE:
        remedies = {
            ConnectionState.PAUSED: "Resume it first.",
            ConnectionState.SIGN_IN: "An administrator enters new credentials on its page.",
            ConnectionState.NEW: "An administrator enters its credentials on its page.",
        }
        raise Conflict(
            f"{connection} cannot be read: {connection.get_state_display().lower()}.",
            remedy=remedies[ConnectionState(connection.state)],
        )


def _open_already(connection: Connection) -> Conflict:
    return Conflict(
        f"A sync of {connection} is under way or waits already.",
        code="sync_open",
        remedy="Wait until it is done, or stop it on the connection’s page.",
    )


def open_sync(connection: Connection) -> SyncRun | None:
    """The sync that is under way or waits."""
    return connection.syncs.filter(state__in=OPEN_SYNCS).first()


@transaction.atomic
def sync_stop(run: SyncRun, *, user: User, at: datetime) -> None:
    """Stop at the next page; at once when nobody is at work on it. What was loaded stays."""
    require(user, Act.UPLOAD_IMPORT, team=run.connection.team, owner_id=user.pk)
    if not SyncRun.objects.filter(pk=run.pk, state__in=OPEN_SYNCS).update(stop_requested=True):
        raise Conflict("This sync is over already.")
    SyncRun.objects.filter(pk=run.pk, state=SyncState.WAITING).update(
        state=SyncState.STOPPED, finished_at=at
    )
    _record(run, "sync.stop_asked", user.as_actor(), at)


@transaction.atomic
def sync_go_on(run: SyncRun, *, user: User, at: datetime) -> SyncRun:
    """Go on with a sync that failed or was stopped, at the page where it was."""
    require(user, Act.UPLOAD_IMPORT, team=run.connection.team, owner_id=user.pk)
    _require_ready(run.connection)
    ended = SyncRun.objects.filter(pk=run.pk, state__in=[SyncState.FAILED, SyncState.STOPPED])
    try:
        with transaction.atomic():
            changed = ended.update(
                state=SyncState.WAITING, stop_requested=False, finished_at=None, error="", remedy=""
            )
    except IntegrityError:
        raise _open_already(run.connection) from None
    if not changed:
        raise Conflict("This sync is not one that ended early.")
    run.refresh_from_db()
    _record(run, "sync.continued", user.as_actor(), at)
    _enqueue(run, at, at)
    return run


def _enqueue(run: SyncRun, at: datetime, due: datetime) -> None:
    key = f"{SYNC}:{run.pk}:{run.step}:{due.isoformat()}"
    outbox.enqueue(SYNC, key, {"run": run.pk}, at=at, not_before=due)


def sync_due(*, now: datetime) -> dict[str, int]:
    """Schedule: ask for every sync that is due, and wake those that nobody works on any more."""
    asked = 0
    for held in Connection.objects.filter(state=ConnectionState.ACTIVE, next_at__lte=now):
        asked += _ask_when_due(held, now)
    return {"asked": asked, "woken": _wake_forgotten(now)}


def _ask_when_due(held: Connection, now: datetime) -> bool:
    """Two clocks ask once: the moment it was due is taken by one of them."""
    with transaction.atomic():
        due = Connection.objects.filter(pk=held.pk, next_at=held.next_at)
        if not due.update(next_at=next_sync(held, now)) or open_sync(held):
            return False
        sync_ask(held, kind=SyncKind.SCHEDULE, at=now)
    return True


def _wake_forgotten(now: datetime) -> int:
    """Open syncs for which the outbox has no open row: their worker was given up on."""
    working = OutboxItem.objects.filter(
        kind=SYNC, state__in=[OutboxItem.State.PENDING, OutboxItem.State.RUNNING]
    ).values_list("payload__run", flat=True)
    forgotten = [
        run for run in SyncRun.objects.filter(state__in=OPEN_SYNCS) if run.pk not in set(working)
    ]
    for run in forgotten:
        _enqueue(run, now, max(now, run.resume_at or now))
    return len(forgotten)


def work(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler of ``sync``; another one at work on the account is no failure."""
    run = SyncRun.objects.select_related("connection").get(pk=item.payload["run"])

    def progress(done: int, total: int, note: str) -> None:
        outbox.progress(item, done, total, note, now=item.clock())

    def wait(seconds: float) -> None:
        outbox.progress(item, run.part, run.parts, "waiting for the platform", now=item.clock())
        time.sleep(seconds)

    platform = Platform(run.connection, Http(), wait, item.clock)
    try:
        run = sync_work(run, platform=platform, progress=progress)
    except (Busy, Overtaken) as error:
        return {"state": "left to another worker", "why": error.message}
    if run.state == SyncState.WAITING:
        _enqueue(run, now, max(now, run.resume_at or now))
    return {"state": run.state, "rows": run.rows, "changed": run.changed}


def work_now(
    run: SyncRun, *, clock: Callable[[], datetime], wait: Wait, progress: Callable[..., None]
) -> SyncRun:
    """The same in the foreground, for the command."""
    platform = Platform(run.connection, Http(), wait, clock)
    run = sync_work(run, platform=platform, progress=progress)
    if run.state == SyncState.WAITING:
        _enqueue(run, clock(), run.resume_at or clock())
    return run


def platform_of(connection: Connection, *, clock: Callable[[], datetime]) -> Platform:
    """For one question in the foreground of a page: it does not wait long."""
    return Platform(connection, Http(whole_seconds=ORDER_SECONDS), time.sleep, clock)


def work_order(item: OutboxItem, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Outbox handler of ``platform_order``."""
    found = PlatformOrder.objects.select_related(
        "connection__source", "connection__team", "line__campaign__team"
    ).get(pk=item.payload["order"])
    platform = Platform(found.connection, Http(whole_seconds=ORDER_SECONDS), time.sleep, item.clock)
    return {"state": orders.order_work(found, platform=platform).state}


def _record(run: SyncRun, action: str, actor: Actor, at: datetime) -> None:
    period = {"kind": run.kind, "first_day": run.first_day, "last_day": run.last_day}
    events.record(
        actor=actor, action=action, subject=run, at=at, after=period,
        team_path=run.connection.team.path,
        live=[f"connection:{run.connection_id}", "connections"],
    )  # fmt: skip
