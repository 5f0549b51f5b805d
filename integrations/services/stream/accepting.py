"""Taking events in: what is answered as accepted is a committed row, and somebody was woken to count it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core.errors import AdroitError
from core.text import counted
from integrations.models import (
    EventStream,
    ImportRun,
    QuarantinedRow,
    StreamDelivery,
    StreamFlush,
)
from integrations.rules.stream import LIMITS, BadLine, Event, StreamLimits, read_events
from integrations.selectors.streams import backlog_of
from integrations.services.stream.collecting import run_of
from integrations.services.stream.locks import hold_door
from integrations.services.stream.people import hidden
from integrations.services.stream.staging import Staged, stage, subjects_of
from integrations.services.stream.waking import wake

KEEP_IN_QUARANTINE = 5_000
LONGEST_WAIT = 60


class Busy(AdroitError):
    """More is waiting to be counted than the stream may owe; nothing was taken."""

    status = 429
    code = "busy"

    def __init__(self, backlog: int, retry_after: int) -> None:
        super().__init__(
            f"{counted(backlog, 'event waits', 'events wait')} to be counted, so no more are taken for a moment.",
            remedy=f"Nothing was lost: send the same lines again in {retry_after} seconds.",
        )
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the lines: newly accepted, known already by their id, and refused."""

    delivery: StreamDelivery
    rejected: Sequence[BadLine]

    @property
    def accepted(self) -> int:
        return self.delivery.accepted

    @property
    def known(self) -> int:
        return self.delivery.known


def events_accept(
    *, stream: EventStream, user: User, body: bytes, at: datetime, limits: StreamLimits = LIMITS
) -> Receipt:
    """Keep the events of ``body`` once each and its bad lines in quarantine, all in one commit.

    The same id with the same content again changes nothing; with another content it is
    refused. Raises ``Busy`` while too many events wait, ``TooLarge`` for too many lines.
    """
    source = stream.source
    require(user, Act.SEND_EVENTS, team=source.team)
    refuse_when_busy(stream, limits)
    good, bad = read_events(
        body, currency=source.currency, zone=ZoneInfo(source.time_zone), now=at, limits=limits
    )
    # Committed before the door: campaigns are few, and two requests may name a new one at once.
    subjects = subjects_of(stream, good)
    with transaction.atomic():
        hold_door(stream.pk)
        staged = stage(stream, good, subjects, at)
        run = run_of(stream, at)
        refused = [*bad, *_contradictions(staged, good)]
        delivery = StreamDelivery.objects.create(
            stream=stream,
            run=run,
            received_at=at,
            sent_by=user,
            size=len(body),
            accepted=staged.new,
            known=len(good) - staged.new - len(refused) + len(bad),
            rejected=len(refused),
        )
        _quarantine(run, refused)
        wake(stream, at)
    return Receipt(delivery, refused)


def refuse_when_busy(stream: EventStream, limits: StreamLimits = LIMITS) -> None:
    """Raise ``Busy`` while the stream owes as much as it may."""
    backlog = backlog_of(stream, limits.backlog)
    if backlog >= limits.backlog:
        raise Busy(backlog, _retry_after(stream, backlog))


def _retry_after(stream: EventStream, backlog: int) -> int:
    """Seconds until half of it is counted, at the pace of the newest micro-batch."""
    latest = StreamFlush.objects.filter(stream=stream).first()
    if latest is None or not latest.events:
        return 5
    seconds = max((latest.visible_at - latest.oldest_at).total_seconds(), 1)
    return min(max(math.ceil(backlog / 2 * seconds / latest.events), 1), LONGEST_WAIT)


def _contradictions(staged: Staged, good: Sequence[Event]) -> list[BadLine]:
    """Lines whose id was used for something else before, or in the same body."""
    ids = {event.line: event.id for event in good} if staged.contradicting else {}
    return [
        BadLine(
            line,
            "OTHER_CONTENT",
            "This id came before with another content, which stays.",
            "id",
            ids[line],
            ids[line],
        )
        for line in staged.contradicting
    ]


def _quarantine(run: ImportRun, bad: Sequence[BadLine]) -> None:
    """Keep refused lines once a day, however often they are sent; the delivery counts them all."""
    if not bad:
        return
    known = set(run.quarantine.values_list("code", "cells__0"))
    rows = {}
    for line in bad:
        text = hidden(line.text)
        if (line.code, text) not in known:
            rows[line.code, text] = QuarantinedRow(
                run=run,
                row=line.line,
                column=line.field,
                code=line.code,
                message=line.message,
                value=hidden(line.value),
                cells=[text],
            )
    room = max(KEEP_IN_QUARANTINE - len(known), 0)
    QuarantinedRow.objects.bulk_create(list(rows.values())[:room])
