"""Celery entry points of the shared floor: the tick, the sweep and the delivery of one item."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from celery import shared_task
from django.conf import settings

from core import anchors, clock, events, outbox, schedules, slow
from core.models import Heartbeat, OutboxItem


@shared_task(ignore_result=True)
def deliver(item_id: int) -> None:
    with slow.timed() as found:
        outbox.deliver(item_id, now=clock.now(), clock=clock.now)
    if found:
        kind = OutboxItem.objects.filter(pk=item_id).values_list("kind", flat=True).first()
        slow.keep(found, place=f"job {kind}", at=clock.now())


@shared_task(ignore_result=True)
def sweep_outbox() -> None:
    outbox.sweep(now=clock.now())
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": clock.now()})


@shared_task(ignore_result=True)
def quick_worker_heard() -> None:
    """Runs on the quick queue: says that somebody takes from it."""
    Heartbeat.objects.update_or_create(name="quick", defaults={"at": clock.now()})


@shared_task(ignore_result=True)
def tick() -> None:
    schedules.run_due(now=clock.now())
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": clock.now()})


def seal_events(*, now: datetime) -> dict[str, int]:
    """Schedule: seal the trail, and keep its head outside the database: in a file and by mail."""
    sealed = events.seal(at=now)
    head = events.head()
    if anchors.keep(Path(settings.AUDIT_ANCHOR), head, at=now):
        anchors.mail(settings.AUDIT_ANCHOR_MAIL, head, at=now)
    return {"sealed": sealed}


def wake(item_id: int) -> None:
    """Hand an outbox item to a worker of its queue."""
    deliver.apply_async((item_id,), queue=outbox.queue_of(item_id))
