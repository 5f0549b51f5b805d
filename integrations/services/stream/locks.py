"""Who waits for whom at a stream.

Requests hold the door open together while they write, and close it behind them by committing.
Whoever wants to know that everything up to some number is there takes the door alone for a
moment: no request is half way through then, and numbers handed out later are higher. Waiting
for it is fair, so neither side starves. Counting is one at a time.
"""

from __future__ import annotations

from django.db import connection

DOOR, COUNT = 7_402_421, 7_402_422


def hold_door(stream_id: int) -> None:
    """With others, until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared", DOOR, stream_id)


def take_door(stream_id: int) -> None:
    """Alone, until the transaction ends."""
    _lock("pg_advisory_xact_lock", DOOR, stream_id)


def count_alone(stream_id: int) -> None:
    """Nobody else counts this stream until the transaction ends."""
    _lock("pg_advisory_xact_lock", COUNT, stream_id)


def _lock(function: str, kind: int, stream_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [kind, stream_id])
