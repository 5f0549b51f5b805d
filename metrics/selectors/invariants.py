"""What must always hold of figures: every roll-up is the sum of its facts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from psycopg import sql

from core.invariants import SHOWN, register_check
from metrics.choices import MEASURES
from metrics.selectors.sql import LINE_DAY_KEY, SEGMENT_DAY_KEY, names, sums, together

CHANNEL_DAY_KEY = ("day", "channel_id", "team_id", "currency")


def register() -> None:
    """Add the promises of figures; called once when the product starts."""
    register_check(
        "A line's day is the sum of its facts", lambda: _facts("metrics_lineday", LINE_DAY_KEY)
    )
    register_check(
        "A segment's day is the sum of its facts",
        lambda: _facts("metrics_segmentday", SEGMENT_DAY_KEY),
    )
    register_check("A channel's day is the sum of its lines", _channels)


def _facts(roll_up: str, key: Sequence[str]) -> list[str]:
    fresh = sql.SQL("SELECT {key}, {sums} FROM metrics_fact f GROUP BY {key}").format(
        key=names(key), sums=sums("f")
    )
    return _different(roll_up, key, fresh)


def _channels() -> list[str]:
    fresh = sql.SQL(
        "SELECT d.day, l.channel_id, c.team_id, l.currency, {sums} FROM metrics_lineday d"
        " JOIN campaigns_campaignline l ON l.id = d.line_id"
        " JOIN campaigns_campaign c ON c.id = l.campaign_id"
        " WHERE d.period_days = 1 GROUP BY 1, 2, 3, 4"
    ).format(sums=sums("d"))
    return _different("metrics_channelday", CHANNEL_DAY_KEY, fresh)


def _different(roll_up: str, key: Sequence[str], fresh: sql.Composed) -> list[str]:
    """Rows that are in only one of both, or state other sums, as ``line_id 12, day 2026-10-01``."""
    columns = names([*key, *MEASURES])
    statement = sql.SQL(
        "WITH fresh AS ({fresh}), stored AS (SELECT {columns} FROM {roll_up})"
        " SELECT {key} FROM (SELECT {columns} FROM fresh EXCEPT SELECT {columns} FROM stored) a"
        " FULL JOIN (SELECT {columns} FROM stored EXCEPT SELECT {columns} FROM fresh) b {using}"
        " LIMIT %s"
    ).format(
        fresh=fresh,
        columns=columns,
        roll_up=sql.Identifier(roll_up),
        key=names(key),
        using=together(key),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [SHOWN])
        rows = cursor.fetchall()
    return [", ".join(f"{k} {v}" for k, v in zip(key, row, strict=True)) for row in rows]
