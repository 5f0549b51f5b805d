"""Statements that take long: measured where pages and jobs run, kept by their text without values."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from core.models import SlowStatement
from core.text import cut

SLOW_SECONDS = 1.0
LONGEST_TEXT, LONGEST_PLACE = 4_000, 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slow:
    """A statement as it was prepared, without the values it was asked with."""

    text: str
    seconds: float


@contextmanager
def timed() -> Iterator[list[Slow]]:
    """Within, statements that take longer than ``SLOW_SECONDS`` are collected."""
    found: list[Slow] = []

    def measure(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            seconds = time.perf_counter() - began
            if seconds >= SLOW_SECONDS:
                found.append(Slow(_text(sql), seconds))

    with connection.execute_wrapper(measure):
        yield found


def _text(sql: Any) -> str:
    text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
    return cut(" ".join(text.split()), LONGEST_TEXT)


def keep(found: list[Slow], *, place: str, at: datetime) -> None:
    """Add what was collected to the table; never a reason for anything else to fail."""
    try:
        with transaction.atomic():
            for slow in found:
                _add(slow, cut(place, LONGEST_PLACE), at)
    except DatabaseError:
        log.warning("slow statements could not be kept", exc_info=True)


def _add(slow: Slow, place: str, at: datetime) -> None:
    milliseconds = round(slow.seconds * 1_000)
    digest = hashlib.sha256(slow.text.encode()).hexdigest()
    known, is_new = SlowStatement.objects.get_or_create(
        digest=digest,
        defaults={
            "text": slow.text, "place": place, "times": 1, "latest_at": at,
            "total_ms": milliseconds, "worst_ms": milliseconds,
        },
    )  # fmt: skip
    if is_new:
        return
    SlowStatement.objects.filter(pk=known.pk).update(
        times=F("times") + 1,
        total_ms=F("total_ms") + milliseconds,
        worst_ms=Greatest(F("worst_ms"), Value(milliseconds)),
        latest_at=at,
        place=place,
    )
