"""Who counts is woken by a row in the outbox: by the first event after a quiet time, and no other."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q

from core import outbox
from integrations.choices import STREAM_FLUSH
from integrations.models import EventStream, StreamDelivery, StreamEvent
from integrations.services.stream.locks import take_door

# Who counts says so at least every few seconds; silent for longer, it is gone.
DEAD = timedelta(seconds=45)


def wake(stream: EventStream, at: datetime) -> None:
    """Ask for counting, in the transaction of the events, unless somebody is at it."""
    asleep = Q(is_awake=False) | Q(alive_at__lt=at - DEAD)
    streams = EventStream.objects.filter(pk=stream.pk)
    if streams.filter(asleep).update(is_awake=True, wakes=F("wakes") + 1, alive_at=at):
        _ask(stream.pk, at)


def hand_over(stream_id: int, at: datetime) -> None:
    """Let the next worker go on: no stream keeps one from other work for long."""
    with transaction.atomic():
        EventStream.objects.filter(pk=stream_id).update(wakes=F("wakes") + 1, alive_at=at)
        _ask(stream_id, at)


def _ask(stream_id: int, at: datetime) -> None:
    wakes = EventStream.objects.values_list("wakes", flat=True).get(pk=stream_id)
    outbox.enqueue(
        STREAM_FLUSH, f"{STREAM_FLUSH}:{stream_id}:{wakes}", {"stream": stream_id}, at=at
    )


def top_of(stream_id: int) -> tuple[int, int]:
    """The newest event and delivery, when everything before them is committed."""
    with transaction.atomic():
        take_door(stream_id)
        return _newest(stream_id)


def sleep(stream_id: int) -> bool:
    """Stop counting, unless something came in meanwhile; whoever comes next wakes it."""
    with transaction.atomic():
        take_door(stream_id)
        stream = EventStream.objects.get(pk=stream_id)
        if _newest(stream_id) != (stream.counted_event, stream.counted_delivery):
            return False
        EventStream.objects.filter(pk=stream_id).update(is_awake=False)
    return True


def _newest(stream_id: int) -> tuple[int, int]:
    events = StreamEvent.objects.filter(stream=stream_id).aggregate(top=Max("pk"))["top"]
    deliveries = StreamDelivery.objects.filter(stream=stream_id).aggregate(top=Max("pk"))["top"]
    return events or 0, deliveries or 0
