"""Events on their way into their table: by COPY, each id once, without a Python object per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from integrations.models import EventStream, StreamSubject
from integrations.rules.stream import Event
from integrations.services.stream import statements
from integrations.services.stream.people import erased_marks, token_of

Subject = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Staged:
    """How many events were new, and the lines whose id is taken by another content."""

    new: int
    contradicting: Sequence[int]


def subjects_of(stream: EventStream, found: Sequence[Event]) -> dict[Subject, int]:
    """The number of each campaign as events name it; new ones are kept."""
    wanted = {event.subject for event in found if event.subject is not None}
    known = _known(stream, wanted)
    new = wanted - known.keys()
    if not new:
        return known
    StreamSubject.objects.bulk_create(
        (
            StreamSubject(stream=stream, campaign_id=number, campaign=name, channel=channel)
            for number, name, channel in sorted(new)
        ),
        ignore_conflicts=True,
    )
    return _known(stream, wanted)


def _known(stream: EventStream, wanted: set[Subject]) -> dict[Subject, int]:
    rows = StreamSubject.objects.filter(
        stream=stream,
        campaign_id__in={number for number, _, _ in wanted},
        campaign__in={name for _, name, _ in wanted},
    ).values_list("campaign_id", "campaign", "channel", "pk")
    return {(number, name, channel): pk for number, name, channel, pk in rows}


def stage(
    stream: EventStream, found: Sequence[Event], subjects: Mapping[Subject, int], at: datetime
) -> Staged:
    """Insert the events whose id is new."""
    if not found:
        return Staged(0, ())
    erased = erased_marks() if any(event.person for event in found) else frozenset()
    with connection.cursor() as cursor:
        cursor.execute(statements.STAGING)
        cursor.execute("DELETE FROM stream_incoming")
        with cursor.copy(statements.COPY_IN) as copy:
            for event in found:
                copy.write_row(_row(event, subjects, erased))
        cursor.execute(statements.ACCEPT, [stream.pk, at])
        new = cursor.rowcount
        if new == len(found):
            return Staged(new, ())
        cursor.execute(statements.CONTRADICTING, [stream.pk])
        return Staged(new, [line for (line,) in cursor.fetchall()])


def _row(
    event: Event, subjects: Mapping[Subject, int], erased: frozenset[str]
) -> tuple[object, ...]:
    return (
        event.line,
        event.id,
        event.digest,
        event.kind,
        event.topic,
        event.at,
        event.day,
        subjects[event.subject] if event.subject else None,
        token_of(event.person, erased) if event.person else "",
        *event.sums,
    )
