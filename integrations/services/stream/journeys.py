"""Touches and payments of a stream in the journeys of people, beside what they add up to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core import events
from core.events import Actor
from customers.choices import Entity, System
from customers.services import records_load, records_undo
from integrations.choices import EventKind
from integrations.models import EventStream, ImportRun, StreamEvent
from metrics.models import Batch


def journeys_load(stream: EventStream, run: ImportRun, last: int, at: datetime) -> Batch | None:
    """Write the touches and payments among the events that are counted now."""
    found = StreamEvent.objects.filter(
        stream=stream,
        pk__gt=stream.counted_event,
        pk__lte=last,
        kind__in=[EventKind.TOUCH, EventKind.PAYMENT],
    ).select_related("subject__line")
    rows: dict[str, list[dict[str, Any]]] = {Entity.TOUCH: [], Entity.PAYMENT: []}
    for event in found.order_by("pk"):
        if event.kind == EventKind.TOUCH:
            rows[Entity.TOUCH].append(_touch(stream, event))
        else:
            rows[Entity.PAYMENT].append(_payment(stream, event))
    if not any(rows.values()):
        return None
    return records_load(
        rows=rows,
        team=stream.source.team,
        system=System.OTHER,
        label=run.file_name,
        known_at=at,
        actor=events.SYSTEM,
        source=stream.source_id,
    ).batch


def _basics(stream: EventStream, event: StreamEvent) -> dict[str, Any]:
    """Ids are unique in their stream, so its key is part of the number."""
    return {
        "number": f"{stream.source.key}:{event.event_id}",
        "at": event.at,
        "contact_ref": event.person,
    }


def _touch(stream: EventStream, event: StreamEvent) -> dict[str, Any]:
    about = event.subject
    return _basics(stream, event) | {
        "kind": event.topic.partition(":")[2],
        "campaign_name": about.campaign if about else "",
        "line": about.line if about else None,
    }


def _payment(stream: EventStream, event: StreamEvent) -> dict[str, Any]:
    status, amount = event.topic.partition(":")[2], event.revenue or 0
    return _basics(stream, event) | {
        "amount_micros": -amount if status == "refunded" else amount,
        "currency": stream.source.currency,
        "is_failed": status == "failed",
    }


def journeys_undo(run: ImportRun, *, actor: Actor, at: datetime, reason: str) -> None:
    """Take the touches and payments of a run out again, the latest first."""
    for flush in run.flushes.exclude(journeys=None).select_related("journeys").order_by("-pk"):
        if flush.journeys:
            records_undo(batch=flush.journeys, actor=actor, at=at, reason=reason)
