"""The worker's side: count in micro-batches while events come, have the rules look, then sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from core import outbox
from core.models import OutboxItem
from core.queues import QUICK
from integrations.models import EventStream, StreamFlush
from integrations.services.stream.counting import stream_flush
from integrations.services.stream.waking import hand_over, sleep

CHECK = "insights.check"
# Events of this long make one micro-batch: long enough to be worth a batch, short enough to be live.
PAUSE = 2.0
# After so many the next worker goes on.
ROUNDS = 8
# Rules look at most this often; with what a check takes an order leaves within the minute.
CHECK_EVERY = timedelta(seconds=15)
# A worker that dies while counting is made up for after this, not after the outbox's ten minutes.
LEASE = timedelta(seconds=30)

Pause = Callable[[float], None]


def flush_events(item: OutboxItem, now: datetime) -> dict[str, int]:  # noqa: ARG001
    """Outbox handler: count a stream's events until none is left, or the next worker's turn has come."""
    return flush_while_they_come(item, pause=time.sleep)


def flush_while_they_come(item: OutboxItem, *, pause: Pause) -> dict[str, int]:
    """The same, with how to wait given."""
    stream_id, counted = item.payload["stream"], 0
    for _ in range(ROUNDS):
        at = item.clock()
        outbox.progress(item, counted, now=at, lease=LEASE)
        EventStream.objects.filter(pk=stream_id).update(alive_at=at)
        flush = stream_flush(stream_id, clock=item.clock)
        counted += flush.events if flush else 0
        looked = check_rules(stream_id, item.clock())
        if flush is None and looked and sleep(stream_id):
            return {"events": counted}
        pause(PAUSE)
    hand_over(stream_id, item.clock())
    return {"events": counted}


def check_rules(stream_id: int, at: datetime) -> bool:
    """Have every rule look at what was counted since the last look; False while it is too early."""
    unseen = StreamFlush.objects.filter(stream=stream_id, check_item=None, batch__isnull=False)
    newest = unseen.first()
    if newest is None:
        return True
    last = (
        StreamFlush.objects.filter(stream=stream_id, check_item__isnull=False)
        .select_related("check_item")
        .first()
    )
    if last and last.check_item and at - last.check_item.created_at < CHECK_EVERY:
        return False
    item = outbox.enqueue(CHECK, f"check:stream:{newest.pk}", {QUICK: True}, at=at)
    unseen.filter(pk__lte=newest.pk).update(check_item=item)
    return True
