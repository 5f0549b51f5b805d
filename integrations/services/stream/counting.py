"""Counting: the accepted events since the last time, added to the totals of their days, and those
to the facts. A late event lands on its own day, because only the totals it touches are loaded.

The totals are kept beside the events so that a day of a million events is not summed again with
every second; that they are the sums of the events is a promise ``check_invariants`` looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from django.db import connection, transaction
from django.db.models import F, Sum

from core import events
from core.money import MICROS
from integrations.choices import Verdict
from integrations.models import (
    EVENT_SUMS,
    EventStream,
    ImportRun,
    StreamDelivery,
    StreamFlush,
)
from integrations.rules.levels import CAMPAIGN
from integrations.services.levels import frame_load
from integrations.services.stream import statements
from integrations.services.stream.journeys import journeys_load
from integrations.services.stream.lines import lines_ensure
from integrations.services.stream.locks import count_alone
from integrations.services.stream.waking import top_of
from metrics.models import Batch, Observation

Clock = Callable[[], datetime]
Row = dict[str, Any]
# What the key of a fact says of one that is not cut any further.
WHOLE_CAMPAIGN = {"creative_id": 0, "segment_id": 0, "period_days": 1}


def stream_flush(stream_id: int, *, clock: Clock) -> StreamFlush | None:
    """Count what was accepted up to now; None when nothing new is there. All of it or nothing."""
    event, delivery = top_of(stream_id)
    with transaction.atomic():
        count_alone(stream_id)
        stream = EventStream.objects.select_related("source__team", "opened_by").get(pk=stream_id)
        if delivery <= stream.counted_delivery:
            return None
        at = known_at(stream, clock())
        run = _collect(stream, delivery)
        batch = journeys = None
        if event > stream.counted_event:
            lines_ensure(stream, at)
            batch = load_totals(stream, run, _add(stream, event), at)
            journeys = journeys_load(stream, run, event, at)
        flush = _measured(stream, run, event, clock(), batch=batch, journeys=journeys)
        EventStream.objects.filter(pk=stream_id).update(
            counted_event=max(event, stream.counted_event), counted_delivery=delivery
        )
    return flush


def known_at(stream: EventStream, now: datetime) -> datetime:
    """Now, and never before what the stream said last: clocks of two workers may differ."""
    latest = Batch.objects.filter(source=stream.source_id).first()
    return max(now, latest.known_at) if latest else now


def _collect(stream: EventStream, last: int) -> ImportRun:
    """Bring the runs up to the deliveries they collect; the newest of them."""
    arrived = StreamDelivery.objects.filter(
        stream=stream, pk__gt=stream.counted_delivery, pk__lte=last
    )
    names = ("size", "accepted", "known", "rejected")
    sums = arrived.order_by().values("run").annotate(**{f"all_{n}": Sum(n) for n in names})
    for row in sums:
        rejected = row["all_rejected"]
        told = {"verdict": Verdict.PARTIAL} if rejected else {}
        ImportRun.objects.filter(pk=row["run"]).update(
            size=F("size") + row["all_size"],
            accepted=F("accepted") + row["all_accepted"],
            skipped=F("skipped") + row["all_known"],
            rejected=F("rejected") + rejected,
            data_rows=F("data_rows") + row["all_accepted"] + row["all_known"] + rejected,
            **told,
        )
    newest = arrived.select_related("run").order_by("-pk")[0]
    return newest.run


def _add(stream: EventStream, last: int) -> list[Row]:
    """Add the new events to the totals; the keys that were touched."""
    return _rows(statements.ADD, [stream.pk, stream.counted_event, last])


def load_totals(
    stream: EventStream, run: ImportRun, touched: Sequence[Row], at: datetime
) -> Batch | None:
    """Bring facts and observations up to the totals of the touched days; None when none changed.

    Facts are absolute: what is loaded is what the day adds up to now.
    """
    facts = _facts(stream, [row for row in touched if not row["topic"]])
    batch = None
    if facts:
        batch = _load_facts(stream, run, facts, at)
    found = _observed(stream, [row for row in touched if row["topic"]])
    if not found:
        return batch
    batch = batch or Batch.objects.create(
        known_at=at,
        source=stream.source_id,
        label=run.file_name[:200],
        first_day=min(o.first_day for o in found),
        last_day=max(o.last_day for o in found),
    )
    _observe(stream, found, batch)
    return batch


def _load_facts(
    stream: EventStream, run: ImportRun, facts: Sequence[Row], at: datetime
) -> Batch | None:
    """Days of campaigns; where the stream's source is cut finer already, they stand beside."""
    frame = pd.DataFrame(facts).astype(dict.fromkeys(EVENT_SUMS, "Int64")).assign(**WHOLE_CAMPAIGN)
    frame = frame.assign(source=stream.source_id, day=pd.to_datetime(frame["day"]))
    said = run.warnings
    loaded = frame_load(
        frame, level=CAMPAIGN, run=run, source=stream.source, actor=events.SYSTEM, at=at
    )
    if run.warnings != said:
        run.save(update_fields=["warnings"])
    return loaded.batch


def _facts(stream: EventStream, touched: Sequence[Row]) -> list[Row]:
    """What the lines of the touched subjects add up to on the touched days."""
    if not touched:
        return []
    keys = [[row[name] for row in touched] for name in ("subject_id", "day")]
    return _rows(statements.FACTS, [*keys, stream.pk])


def _observed(stream: EventStream, touched: Sequence[Row]) -> list[Observation]:
    """Touches, product events and payments of the touched days, over all campaigns."""
    if not touched:
        return []
    keys = [[row[name] for row in touched] for name in ("topic", "day")]
    rows = _rows(statements.OBSERVED, [stream.pk, *keys])
    found = []
    for row in rows:
        found.append(_observation(stream, row, "events.event_count", row["events"] * MICROS))
        if row["revenue"] is not None:
            amount = _observation(stream, row, "events.revenue", row["revenue"])
            amount.currency = stream.source.currency
            found.append(amount)
    return found


def _observation(stream: EventStream, row: Row, metric: str, value: int) -> Observation:
    """The stream's key is part of the subject: two streams of a team stay apart."""
    return Observation(
        metric=metric,
        team=stream.source.team,
        subject=f"{stream.source.key} {row['topic']}"[:200],
        first_day=row["day"],
        last_day=row["day"],
        value_micros=value,
    )


def _observe(stream: EventStream, found: Sequence[Observation], batch: Batch) -> None:
    keys = [[getattr(o, name) for o in found] for name in ("metric", "subject", "first_day")]
    with connection.cursor() as cursor:
        cursor.execute(statements.END_OBSERVATIONS, [batch.pk, stream.source.team_id, *keys])
    for observation in found:
        observation.batch = batch
    Observation.objects.bulk_create(found)


def _measured(
    stream: EventStream,
    run: ImportRun,
    last: int,
    visible_at: datetime,
    *,
    batch: Batch | None,
    journeys: Batch | None,
) -> StreamFlush:
    """Keep how long the events had waited when they became visible."""
    [row] = _rows(statements.WAITED, [visible_at, stream.pk, stream.counted_event, last])
    flush = StreamFlush.objects.create(
        stream=stream,
        run=run,
        batch=batch,
        journeys=journeys,
        first_event=stream.counted_event + 1,
        last_event=max(last, stream.counted_event),
        events=row["events"],
        oldest_at=row["oldest_at"] or visible_at,
        visible_at=visible_at,
        **{name: max(round(row[name]), 0) for name in ("lag_p50", "lag_p95", "lag_max")},
    )
    events.record(
        actor=events.SYSTEM,
        action="stream.counted",
        subject=stream,
        at=visible_at,
        after={"events": flush.events, "batch": batch.pk if batch else None},
        team_path=stream.source.team.path,
        live=["streams", "importruns"],
    )
    return flush


def _rows(statement: str, params: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
