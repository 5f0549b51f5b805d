"""Kill -9 between an event's acceptance and its counting: what was answered is counted, once.

A sender sends pieces of events and sends a piece again only when it got no answer; the
process that accepts and counts is killed at a random moment. The control answers before
its events are committed, which is what keeping them in memory comes to.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from core.invariants import check_all
from integrations.models import EventStream, StreamEvent
from integrations.services.stream import stream_flush
from tests.cast import Cast
from tests.drills.crowd import killed_after
from tests.drills.sheet import counted, keep, size
from tests.integrations.streams import NOW, Ticking, count, event, facts, make_stream, send

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
SEED = 20_261_122
PIECES, EVENTS = size(12, 400), 50
LATER = Ticking(NOW + timedelta(hours=1))
Work = Callable[[], None]


class Sender:
    """Sends pieces to a process that is killed; remembers which ones were answered."""

    def __init__(self, cast: Cast, stream: EventStream) -> None:
        self.cast, self.stream = cast, stream
        self.dice, self.longest = random.Random(SEED), 0.2
        handle, name = tempfile.mkstemp(prefix="adroit-drill-")
        os.close(handle)
        self.answers = Path(name)

    def piece(self, number: int) -> list[dict[str, object]]:
        first = number * EVENTS
        return [event(first + n, at=f"2026-11-{20 + n % 3}T10:00:00Z") for n in range(EVENTS)]

    def accept(self, number: int) -> None:
        send(self.cast, self.stream, self.piece(number))
        self.answer(number)

    def answer(self, number: int) -> None:
        with self.answers.open("a", encoding="utf-8") as file:
            file.write(f"{number}\n")
            file.flush()

    def answered(self) -> set[int]:
        return {int(line) for line in self.answers.read_text(encoding="utf-8").split()}

    def shoot(self, work: Work) -> bool:
        """Whether the work was killed; it learns how long the work takes."""
        killed = not killed_after(work, self.dice.uniform(0.005, self.longest))
        self.longest *= 1.05 if killed else 0.8
        return killed


@pytest.fixture
def sender(cast: Cast) -> Sender:
    return Sender(cast, make_stream(cast))


def test_what_was_answered_is_counted_once_whatever_dies(sender: Sender) -> None:
    kills = 0
    for number in counted(range(PIECES), PIECES, "pieces"):

        def work(number: int = number) -> None:
            sender.accept(number)
            stream_flush(sender.stream.pk, clock=LATER)

        while number not in sender.answered():
            kills += sender.shoot(work)
    count(Ticking(NOW + timedelta(hours=2)))
    stream_flush(sender.stream.pk, clock=Ticking(NOW + timedelta(hours=3)))
    total = sum(row["spend"] for row in facts(sender.stream).values())
    assert total == PIECES * EVENTS * 1_000_000
    assert StreamEvent.objects.count() == PIECES * EVENTS
    assert [held for held in check_all() if not held.is_kept] == []
    lost = _control(sender)
    assert lost
    keep(
        "Events under kill -9",
        did=f"{PIECES} pieces of {EVENTS} events accepted and counted, {kills} kills",
        found="every answered event counted once, sums exact",
        control=f"answering before the commit lost {lost} of {PIECES} pieces",
    )


def _control(sender: Sender) -> int:
    """Pieces that were answered and are gone when the answer comes before the commit."""
    first = 1_000_000
    for number in range(first, first + PIECES):

        def work(number: int = number) -> None:
            with transaction.atomic():
                send(sender.cast, sender.stream, sender.piece(number))
                sender.answer(number)
                stream_flush(sender.stream.pk, clock=LATER)

        sender.shoot(work)
    kept = set(StreamEvent.objects.values_list("event_id", flat=True))
    told = {number for number in sender.answered() if number >= first}
    return sum(f"e-{number * EVENTS}" not in kept for number in told)
