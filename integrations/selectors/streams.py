"""How streams are doing: what came in, what waits, how long it took to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Max, Min, QuerySet, Sum

from accounts.models import User
from core.models import OutboxItem
from integrations.choices import STREAM_FLUSH
from integrations.models import (
    EventStream,
    QuarantinedRow,
    StreamDelivery,
    StreamEvent,
    StreamFlush,
)

LOOK_BACK = timedelta(hours=1)
RATE_OVER = timedelta(minutes=5)
# A backlog is counted no further; more than may wait at all.
MOST = 1_000_000
# What a look at a stream goes over: how long, cut into pieces of.
WINDOWS = {
    "hour": (timedelta(hours=1), timedelta(minutes=1)),
    "day": (timedelta(hours=24), timedelta(minutes=30)),
}
BACKLOG = """
SELECT count(*) FROM (
  SELECT FROM integrations_streamevent WHERE stream_id = %s AND id >
  (SELECT counted_event FROM integrations_eventstream WHERE id = %s) LIMIT %s) waiting"""


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """A stream as it stands. Lags of the last hour are in milliseconds, None when nothing came.

    ``reaction`` is the longest time, in milliseconds, from the arrival of an event until every
    rule had looked at it, over the looks of the last hour.
    """

    stream: EventStream
    backlog: int
    events_a_minute: int
    latest_at: datetime | None
    lag_p50: int | None
    lag_p95: int | None
    reaction: int | None
    rejected: int
    error: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A minute or half hour of a stream."""

    start: datetime
    events: int
    rejected: int
    lag_p50: int | None
    lag_p95: int | None


def streams_for(user: User) -> QuerySet[EventStream]:
    """The streams the person may see, with their sources."""
    return EventStream.objects.for_user(user).select_related("source__team", "source__ad_account")


def backlog_of(stream: EventStream, most: int = MOST) -> int:
    """How many accepted events are not counted yet; counted no further than ``most``."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, [stream.pk, stream.pk, most])
        return int(cursor.fetchone()[0])


def health_of(stream: EventStream, now: datetime) -> StreamHealth:
    """How a stream stands at a moment."""
    arrived = StreamDelivery.objects.filter(stream=stream)
    recent = arrived.filter(received_at__gt=now - RATE_OVER, received_at__lte=now)
    came = recent.aggregate(n=Sum("accepted"))["n"] or 0
    flushes = _counted(stream, now - LOOK_BACK, now)
    refused = arrived.filter(received_at__gt=now - timedelta(days=1))
    return StreamHealth(
        stream=stream,
        backlog=backlog_of(stream),
        events_a_minute=came * 60 // int(RATE_OVER.total_seconds()),
        latest_at=arrived.aggregate(at=Max("received_at"))["at"],
        lag_p50=share_below(flushes, "lag_p50", 0.5),
        lag_p95=share_below(flushes, "lag_p95", 0.95),
        reaction=_reaction(stream, now),
        rejected=refused.aggregate(n=Sum("rejected"))["n"] or 0,
        error=_error(stream),
    )


def _counted(stream: EventStream, since: datetime, until: datetime) -> list[StreamFlush]:
    found = StreamFlush.objects.filter(stream=stream, visible_at__gt=since, visible_at__lte=until)
    return list(found.filter(events__gt=0).order_by("visible_at"))


def share_below(flushes: Sequence[StreamFlush], lag: str, share: float) -> int | None:
    """The lag that so many events stayed below, taking each micro-batch by its own ``lag``."""
    ranked = sorted((getattr(flush, lag), flush.events) for flush in flushes)
    left = share * sum(events for _, events in ranked)
    for value, events in ranked:
        left -= events
        if left <= 0:
            return int(value)
    return None


def _reaction(stream: EventStream, now: datetime) -> int | None:
    looks = (
        StreamFlush.objects.filter(
            stream=stream, check_item__finished_at__isnull=False, visible_at__gt=now - LOOK_BACK
        )
        .order_by()
        .values("check_item")
        .annotate(took=Max("check_item__finished_at") - Min("oldest_at"))
    )
    took = [look["took"] // timedelta(milliseconds=1) for look in looks]
    return max(took) if took else None


def _error(stream: EventStream) -> str:
    """Why counting stopped, where it did."""
    key = f"{STREAM_FLUSH}:{stream.pk}:{stream.wakes}"
    stuck = OutboxItem.objects.filter(key=key).exclude(error="").first()
    return stuck.error if stuck and stuck.state != OutboxItem.State.DONE else ""


def pieces_of(stream: EventStream, window: str, now: datetime) -> list[Piece]:
    """A stream over the last hour by minutes, or over the last day by half hours."""
    whole, each = WINDOWS[window]
    seconds = each.total_seconds()
    last = datetime.fromtimestamp(now.timestamp() // seconds * seconds, now.tzinfo)
    starts = [last - each * n for n in reversed(range(int(whole / each)))]
    flushes: dict[datetime, list[StreamFlush]] = {start: [] for start in starts}
    for flush in _counted(stream, starts[0], now):
        began = flush.visible_at.timestamp() // seconds * seconds
        flushes[datetime.fromtimestamp(began, now.tzinfo)].append(flush)
    rejected = dict.fromkeys(starts, 0)
    refused = StreamDelivery.objects.filter(
        stream=stream, rejected__gt=0, received_at__gte=starts[0], received_at__lte=now
    )
    for at, lines in refused.values_list("received_at", "rejected"):
        began = at.timestamp() // seconds * seconds
        rejected[datetime.fromtimestamp(began, now.tzinfo)] += lines
    return [
        Piece(
            start,
            sum(flush.events for flush in found),
            rejected[start],
            share_below(found, "lag_p50", 0.5),
            share_below(found, "lag_p95", 0.95),
        )
        for start, found in flushes.items()
    ]


def latest_events(stream: EventStream) -> QuerySet[StreamEvent]:
    """The events of a stream, newest first, each with whether it is counted."""
    return (
        StreamEvent.objects.filter(stream=stream)
        .select_related("subject__line__campaign", "stream__source")
        .annotate(counted_up_to=F("stream__counted_event"))
        .order_by("-pk")
    )


def refused_lines(stream: EventStream) -> QuerySet[QuarantinedRow]:
    """The lines of a stream nobody has decided on, newest first."""
    found = QuarantinedRow.objects.filter(run__source=stream.source_id, resolved_at=None)
    return found.select_related("run").order_by("-pk")
