"""A stream of DACH, and what tests send to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.models import CampaignLine
from core.models import OutboxItem
from integrations.models import EventStream
from integrations.services.stream import Receipt, events_accept, stream_open
from integrations.services.stream.working import flush_while_they_come
from metrics.models import Fact
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Lines = Iterable[Mapping[str, Any]]


def make_stream(cast: Cast, name: str = "Shop", **options: Any) -> EventStream:
    given: dict[str, Any] = {
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "user": cast.manager,
        "team": cast.dach,
    }
    return stream_open(name=name, at=NOW, **(given | options))


def event(number: int | str, kind: str = "spend", **fields: Any) -> dict[str, Any]:
    """A spend tick of one euro on Winter; other kinds say what they need."""
    basic: dict[str, Any] = {"id": f"e-{number}", "kind": kind, "at": "2026-11-22T10:00:00Z"}
    if kind in ("spend", "impressions", "clicks", "conversion"):
        basic["campaign"] = "Winter"
    if kind == "spend":
        basic["amount"] = "1.00"
    return basic | fields


def ndjson(lines: Lines) -> bytes:
    return "\n".join(json.dumps(line) for line in lines).encode()


def send(
    cast: Cast, stream: EventStream, lines: Lines, *, at: datetime = NOW, **options: Any
) -> Receipt:
    return events_accept(stream=stream, user=cast.manager, body=ndjson(lines), at=at, **options)


class Ticking:
    """A clock that goes on by a little with every look, as a worker's does."""

    def __init__(
        self, start: datetime = NOW, step: timedelta = timedelta(milliseconds=100)
    ) -> None:
        self.now, self.step = start, step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def count(clock: Ticking | None = None) -> int:
    """Do what workers do with the streams that wait; how many events were counted."""
    ticking, counted = clock or Ticking(), 0
    waiting = OutboxItem.objects.filter(kind="stream.flush", state="pending").order_by("pk")
    while (item := waiting.first()) is not None:
        OutboxItem.objects.filter(pk=item.pk).update(state="running", attempts=1)
        item.refresh_from_db()
        item.clock = ticking
        counted += flush_while_they_come(item, pause=ticking.pause)["events"]
        OutboxItem.objects.filter(pk=item.pk).update(state="done", finished_at=ticking())
    return counted


def facts(stream: EventStream) -> dict[tuple[str, str], dict[str, int]]:
    """(Line, day) -> the measures that are known, as they are stored."""
    names = ("impressions", "clicks", "spend", "conversions", "revenue")
    lines = dict(CampaignLine.objects.values_list("pk", "name"))
    return {
        (lines[fact.line_id], fact.day.isoformat()): {
            name: value for name in names if (value := getattr(fact, name)) is not None
        }
        for fact in Fact.objects.filter(source=stream.source_id)
    }
