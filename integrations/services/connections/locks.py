"""One at a time for each account, held by the database for as long as the worker lives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection as database

from integrations.models import Connection
from integrations.services.connections.failures import Busy

# First half of the lock's number; the second is the connection's.
CLASS = 7_402_432


@contextmanager
def account_lock(held: Connection) -> Iterator[None]:
    """Raise ``Busy`` when somebody else has it. It ends with the database session, so a killed
    worker leaves none behind."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [CLASS, held.pk])
        if not cursor.fetchone()[0]:
            raise Busy(
                f"{held} is being synced at this moment.",
                remedy="Wait until it is done; its page shows how far it is.",
            )
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [CLASS, held.pk])
