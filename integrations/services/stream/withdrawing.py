"""Taking a day of a stream back: its events stay on record and count no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from core import events
from core.errors import Conflict
from integrations.choices import RunState
from integrations.models import EventStream, ImportRun, StreamRun
from integrations.services.stream import statements
from integrations.services.stream.counting import known_at, load_totals
from integrations.services.stream.journeys import journeys_undo
from integrations.services.stream.locks import count_alone
from metrics.models import Batch


@transaction.atomic
def stream_withdraw(run: ImportRun, *, user: User, reason: str, at: datetime) -> Batch | None:
    """Let the counted events of a run count no more, whatever came after them.

    The days they touched are summed again without them. Sent again, they stay withdrawn:
    their ids are known. Returns the batch that says so, None when no figure changed.
    """
    streams = EventStream.objects.select_related("source__team", "opened_by")
    count_alone(streams.get(source=run.source_id).pk)
    stream = streams.get(source=run.source_id)
    if not ImportRun.objects.filter(pk=run.pk, state=RunState.IMPORTED).update(
        state=RunState.UNDONE, undone_at=at
    ):
        raise Conflict(f"{run} was taken back already.", code="already_undone")
    # What arrives from now on is collected by a run of its own.
    StreamRun.objects.filter(run=run).delete()
    touched = _withdraw(stream, run)
    _sum_again(stream, touched)
    batch = load_totals(stream, run, touched, known_at(stream, at))
    journeys_undo(run, actor=user.as_actor(), at=at, reason=reason)
    events.record(
        actor=user.as_actor(),
        action="import.undone",
        subject=run,
        at=at,
        after={"batch": batch.pk if batch else None},
        reason=reason,
        team_path=run.team.path,
        live=["imports", "streams"],
    )
    return batch


def _withdraw(stream: EventStream, run: ImportRun) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statements.WITHDRAW, [stream.pk, run.pk, stream.counted_event, run.pk])
        return [
            {"subject_id": subject, "topic": topic, "day": day}
            for subject, topic, day in cursor.fetchall()
        ]


def _sum_again(stream: EventStream, touched: list[dict[str, Any]]) -> None:
    keys = [[row[name] for row in touched] for name in ("subject_id", "topic", "day")]
    with connection.cursor() as cursor:
        cursor.execute(statements.SUM_AGAIN, [*keys, stream.pk, stream.counted_event, stream.pk])
