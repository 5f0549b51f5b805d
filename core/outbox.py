"""Work that must happen. A row is written with the change that asks for it; the broker only wakes it.

A worker takes a row under a lease. Every take counts as an attempt, and what a worker
says afterwards holds only while its attempt is the latest: a worker that was overtaken
because its lease ran out changes nothing any more.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from core import killswitch
from core.errors import AdroitError
from core.models import OutboxItem
from core.queues import QUICK, USUAL

State = OutboxItem.State
Handler = Callable[[OutboxItem, datetime], Mapping[str, Any] | None]
Dispatcher = Callable[[int], None]
Clock = Callable[[], datetime]

LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 5
# Work whose worker died this often is not given to a fourth one.
MAX_DEATHS = 3
BACK_OFF = timedelta(seconds=20)
STOPPED_TEXT = "Stopped by a person."

log = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}
_outgoing: set[str] = set()
_quick: set[str] = set()
_dispatchers: list[Dispatcher] = []


class Stopped(Exception):
    """A person asked for this work to stop; what was committed so far stays."""


def register_handler(
    kind: str, handler: Handler, *, leaves_the_house: bool = False, is_quick: bool = False
) -> None:
    """Say who does work of ``kind``; called from ``AppConfig.ready()``.

    A handler must be safe to run twice: it may be killed after acting and before
    the row says so. What ``leaves_the_house`` (orders to platforms) is not done while the
    kill switch is on, and waits for a person. What ``is_quick`` takes seconds and has workers
    of its own, so that it never stands behind a long import.
    """
    _handlers[kind] = handler
    if is_quick:
        _quick.add(kind)
    if leaves_the_house:
        _outgoing.add(kind)


def register_dispatcher(dispatcher: Dispatcher) -> None:
    """Say who wakes a worker for an item (``core.tasks`` does)."""
    _dispatchers[:] = [dispatcher]


def enqueue(
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    *,
    at: datetime,
    not_before: datetime | None = None,
) -> OutboxItem:
    """Ask for work in the current transaction; the same ``key`` asks only once."""
    item, created = OutboxItem.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "payload": dict(payload),
            "created_at": at,
            "not_before": not_before or at,
        },
    )
    if created and item.not_before <= at:
        transaction.on_commit(lambda: _wake(item.pk))
    return item


def _wake(item_id: int) -> None:
    for dispatcher in _dispatchers:
        try:
            dispatcher(item_id)
        except Exception:
            # The sweep will find the row; the person's change is already safe.
            log.warning("outbox item %s could not be dispatched", item_id, exc_info=True)


def queue_of(item_id: int) -> str:
    """The queue whose workers do this item: by its kind, or because its payload says quick."""
    item = OutboxItem.objects.filter(pk=item_id).only("kind", "payload").first()
    is_quick = item is not None and (item.kind in _quick or bool(item.payload.get(QUICK)))
    return QUICK if is_quick else USUAL


def deliver(item_id: int, *, now: datetime, clock: Clock | None = None) -> bool:
    """Do the work of one item if nobody else is; returns whether it was done now.

    ``clock`` tells how the time goes on while the work lasts; without it, it stands still.
    """
    item = _claim(item_id, now)
    if item is None:
        return False
    item.clock = clock or (lambda: now)
    try:
        if item.kind in _outgoing:
            killswitch.refuse_when_on()
        result = None if item.stop_requested else _handlers[item.kind](item, now)
    except Stopped:
        item.stop_requested = True
    except Exception as error:  # noqa: BLE001 - whatever it is, the row must say so
        _failed(item, error)
        return False
    if item.stop_requested:
        _finish(item, State.STOPPED, error=STOPPED_TEXT)
        return False
    return _finish(item, State.DONE, result=dict(result) if result else None)


def _due(now: datetime) -> Q:
    """Waiting and due, or taken by a worker that has not been heard of since its lease ended."""
    return Q(state=State.PENDING, not_before__lte=now) | _left_behind(now)


def _left_behind(now: datetime) -> Q:
    return Q(state=State.RUNNING, leased_until__lt=now)


def _claim(item_id: int, now: datetime) -> OutboxItem | None:
    _park_deadly(now)
    claimed = OutboxItem.objects.filter(_due(now), pk=item_id).update(
        state=State.RUNNING, leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    return OutboxItem.objects.get(pk=item_id) if claimed else None


def _park_deadly(now: datetime) -> None:
    """Leave to a person what has ended several workers, so that it cannot end them all."""
    deadly = OutboxItem.objects.filter(_left_behind(now), attempts__gte=MAX_DEATHS)
    deadly.update(
        state=State.NEEDS_PERSON,
        finished_at=now,
        leased_until=None,
        error=f"The worker died or went silent; {MAX_DEATHS} attempts or more were made.",
    )


def _mine(item: OutboxItem) -> QuerySet[OutboxItem]:
    """The row, while the attempt that ``item`` came from is the latest."""
    return OutboxItem.objects.filter(pk=item.pk, state=State.RUNNING, attempts=item.attempts)


def _finish(item: OutboxItem, state: str, *, result: Any = None, error: str = "") -> bool:
    finished = _mine(item).update(
        state=state, finished_at=item.clock(), leased_until=None, result=result, error=error
    )
    return bool(finished)


def _failed(item: OutboxItem, error: Exception) -> None:
    final = isinstance(error, AdroitError) or item.attempts >= MAX_ATTEMPTS
    log.error("outbox item %s (%s) failed", item.pk, item.kind, exc_info=error)
    text = "".join(traceback.format_exception_only(error)).strip()
    if final:
        _finish(item, State.NEEDS_PERSON, error=text)
        return
    _mine(item).update(
        state=State.PENDING,
        leased_until=None,
        error=text,
        not_before=item.clock() + BACK_OFF * 2**item.attempts,
    )


def sweep(*, now: datetime, limit: int = 500) -> int:
    """Wake everything that is due or whose worker died; returns how many."""
    _park_deadly(now)
    due = OutboxItem.objects.filter(_due(now)).order_by("id")
    ids = list(due.values_list("pk", flat=True)[:limit])
    for item_id in ids:
        _wake(item_id)
    return len(ids)


def progress(
    item: OutboxItem,
    done: int,
    total: int | None = None,
    note: str = "",
    *,
    now: datetime,
    lease: timedelta = LEASE,
) -> None:
    """Say how far the work is and keep the lease, by default for ``LEASE``.

    Call it between two commits: it raises ``Stopped`` when a person asked for that, or
    when another worker has taken over because this one was silent for too long. ``now``
    is the moment the handler was given, or a later one.
    """
    kept = _mine(item).update(
        progress_done=done,
        progress_total=total,
        progress_note=note,
        leased_until=max(now, item.clock()) + lease,
    )
    if not kept or OutboxItem.objects.filter(pk=item.pk, stop_requested=True).exists():
        raise Stopped


def stop(item_id: int, *, now: datetime) -> bool:
    """Ask for work to stop: at once if it waits, else at its next ``progress``.

    Returns whether there was anything left to stop.
    """
    open_items = OutboxItem.objects.filter(pk=item_id, state__in=[State.PENDING, State.RUNNING])
    asked = open_items.update(stop_requested=True)
    waiting = OutboxItem.objects.filter(pk=item_id, state=State.PENDING)
    waiting.update(state=State.STOPPED, finished_at=now, error=STOPPED_TEXT)
    return bool(asked)


def retry(item_id: int, *, now: datetime) -> bool:
    """Start anew what was stopped or needs a person; returns whether it was such."""
    parked = OutboxItem.objects.filter(
        pk=item_id, state__in=[State.NEEDS_PERSON, State.STOPPED]
    ).update(
        state=State.PENDING,
        attempts=0,
        stop_requested=False,
        not_before=now,
        finished_at=None,
        error="",
    )
    if parked:
        transaction.on_commit(lambda: _wake(item_id))
    return bool(parked)
