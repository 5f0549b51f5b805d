"""The import run of a stream's day: lineage, quarantine and taking back are those of every import."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from core import formats
from integrations.choices import Origin, RunState, Verdict
from integrations.models import EventStream, ImportRun, StreamRun


def run_of(stream: EventStream, at: datetime) -> ImportRun:
    """The run that collects what arrives at this moment; made by the first who needs it."""
    day = at.astimezone(ZoneInfo(stream.source.time_zone)).date()
    known = StreamRun.objects.filter(stream=stream, day=day).select_related("run").first()
    if known is not None:
        return known.run
    with transaction.atomic():
        # Of two at once the second waits here, and then finds the first one's.
        EventStream.objects.select_for_update().get(pk=stream.pk)
        known = StreamRun.objects.filter(stream=stream, day=day).select_related("run").first()
        if known is not None:
            return known.run
        run = ImportRun.objects.create(
            team=stream.source.team,
            source=stream.source,
            origin=Origin.STREAM,
            file_name=f"{stream.source.name}, {formats.day(day, weekday=False)}"[:255],
            stored_as="",
            sha256="",
            size=0,
            state=RunState.IMPORTED,
            verdict=Verdict.ACCEPT,
            data_rows=0,
            accepted=0,
            rejected=0,
            skipped=0,
            uploaded_at=at,
            imported_at=at,
        )
        StreamRun.objects.create(stream=stream, day=day, run=run)
    return run
