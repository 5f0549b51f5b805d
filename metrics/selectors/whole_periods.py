"""Rows that state a whole period at once: counted in totals that contain them, never as days."""

from __future__ import annotations

from psycopg import sql

from metrics.selectors.ask import Ask, lines, value
from metrics.selectors.dimensions import Table
from metrics.selectors.history import rows_known


def counted(ask: Ask) -> sql.Composed:
    """Whole-period rows that lie inside the period and repeat nothing else that does.

    Daily rows of the same line win over them, then shorter periods, then later ones.
    """
    rows = rows_known(ask, Table.LINE_DAY)
    return sql.SQL(
        "SELECT DISTINCT w.line_id, w.day, w.period_days FROM {rows} w"
        " JOIN lines l ON l.id = w.line_id WHERE {inside_w} AND NOT EXISTS ("
        " SELECT FROM {rows} x WHERE x.line_id = w.line_id"
        " AND x.day BETWEEN w.day - w.period_days + 1 AND {last} AND CASE"
        " WHEN x.period_days = 1 THEN x.day <= w.day"
        " ELSE {inside_x} AND x.day - x.period_days + 1 <= w.day AND (x.period_days < w.period_days"
        " OR (x.period_days = w.period_days AND x.day > w.day)) END)"
    ).format(
        rows=rows,
        last=value("last_day"),
        inside_w=_inside("w"),
        inside_x=_inside("x"),
    )


def _inside(table: str) -> sql.Composed:
    return sql.SQL(
        "{t}.period_days > 1 AND {t}.day <= {last} AND {t}.day - {t}.period_days + 1 >= {first}"
    ).format(t=sql.Identifier(table), first=value("first_day"), last=value("last_day"))


def _touching(table: str) -> sql.Composed:
    return sql.SQL(
        "{t}.period_days > 1 AND {t}.day >= {first} AND {t}.day - {t}.period_days + 1 <= {last}"
    ).format(t=sql.Identifier(table), first=value("first_day"), last=value("last_day"))


def exist(ask: Ask) -> sql.Composed:
    """Whether any whole-period row shares a day with the period, or did at ``as_of``."""
    now = sql.SQL("EXISTS (SELECT FROM metrics_lineday w WHERE {})").format(_touching("w"))
    if ask.as_of is None:
        return now
    return sql.SQL(
        "({} OR EXISTS (SELECT FROM metrics_linedaydelta w WHERE w.known_at > {} AND {}))"
    ).format(now, value("as_of"), _touching("w"))


def left_out(ask: Ask) -> sql.Composed:
    """How many whole-period rows touch the period, and how many of them are counted."""
    return sql.SQL(
        "WITH lines AS ({lines}), counted AS ({counted}) SELECT"
        " (SELECT count(*) FROM (SELECT DISTINCT w.line_id, w.day, w.period_days FROM {rows} w"
        "  JOIN lines l ON l.id = w.line_id WHERE {touching}) t), (SELECT count(*) FROM counted)"
    ).format(
        lines=lines(ask),
        counted=counted(ask),
        rows=rows_known(ask, Table.LINE_DAY),
        touching=_touching("w"),
    )
