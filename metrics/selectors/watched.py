"""Days as they were known, import by import: the sums behind the maturity triangle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from psycopg import sql

from core.models import Organisation
from metrics.selectors.ask import PLATFORM_LINES
from metrics.selectors.sql import sums


@dataclass(frozen=True, slots=True)
class Watched:
    """What one day of imports changed of a day: a change for each measure, None where not reported."""

    platform: str
    source: int
    currency: str
    day: date
    known_on: date
    changes: tuple[int | None, ...]


def days_watched(
    *, measures: Sequence[str], first_day: date, known_until: datetime
) -> list[Watched]:
    """Every change of daily rows from ``first_day`` on, by platform, source, currency and day.

    Summed over all of them a day is as it was known at ``known_until``; what platforms restate
    of older days is not among them. ``known_on`` is the day where the books are kept.
    """
    statement = sql.SQL(
        "SELECT l.platform, d.source, l.currency, d.day,"
        " (d.known_at AT TIME ZONE %s)::date AS known_on, {sums}"
        " FROM metrics_linedaydelta d JOIN {lines} l ON l.id = d.line_id"
        " WHERE d.period_days = 1 AND d.day >= %s AND d.known_at BETWEEN %s AND %s"
        " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    ).format(sums=sums("d", measures), lines=PLATFORM_LINES)
    zone = Organisation.current().time_zone
    with connection.cursor() as cursor:
        cursor.execute(statement, [zone, first_day, first_day, known_until])
        return [
            Watched(platform, source, currency, day, known_on, tuple(changes))
            for platform, source, currency, day, known_on, *changes in cursor.fetchall()
        ]
