"""Which days a sync asks for. Today is never one of them: its figures are not complete."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.errors import Invalid
from integrations.models import Connection, SyncRun
from integrations.rules.api import api_for


def latest_whole_day(connection: Connection, now: datetime) -> date:
    """Yesterday where the account is."""
    return now.astimezone(ZoneInfo(connection.source.time_zone)).date() - timedelta(days=1)


def usual_period(connection: Connection, now: datetime) -> tuple[date, date]:
    """The days that may still change, and all that were missed since the latest sync."""
    last = latest_whole_day(connection, now)
    first = last - timedelta(days=connection.lookback_days - 1)
    reached = connection.complete_until
    return (min(first, reached + timedelta(days=1)) if reached else first), last


def backfill_period(connection: Connection, since: date, now: datetime) -> tuple[date, date]:
    """From ``since`` to the latest whole day."""
    last = latest_whole_day(connection, now)
    if since > last:
        raise Invalid(
            f"{since} is not over yet where the account is.",
            where="since",
            remedy=f"Choose a day up to {last}.",
        )
    return since, last


def parts_of(connection: Connection, first: date, last: date) -> int:
    """How many parts a period has."""
    return -(-((last - first).days + 1) // api_for(connection.platform).days_per_part)


def days_of_part(run: SyncRun) -> tuple[date, date]:
    """First and last day of the part in work."""
    length = timedelta(days=api_for(run.connection.platform).days_per_part)
    first = run.first_day + run.part * length
    return first, min(first + length - timedelta(days=1), run.last_day)
