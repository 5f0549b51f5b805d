"""Pieces of SQL over the measures, put together from our own names only."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from metrics.choices import MEASURES

FACT_KEY = ("line_id", "day", "source", "creative_id", "segment_id", "period_days")
LINE_DAY_KEY = ("line_id", "day", "source", "period_days")
SEGMENT_DAY_KEY = ("day", "line_id", "segment_id", "period_days")


def names(columns: Iterable[str], table: str = "") -> sql.Composed:
    """``a, b`` or, with a table, ``t.a, t.b``."""
    return comma(sql.Identifier(*((table,) if table else ()), name) for name in columns)


def comma(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


def sums(table: str, measures: Iterable[str] = MEASURES, *, whole: bool = True) -> sql.Composed:
    """Sums that stay whole and stay null when nothing was reported; estimates need not be whole."""
    template = sql.SQL("sum({0})::bigint AS {1}" if whole else "sum({0}) AS {1}")
    return comma(template.format(sql.Identifier(table, m), sql.Identifier(m)) for m in measures)


def differ(left: str, right: str, measures: Iterable[str] = MEASURES) -> sql.Composed:
    """Whether two rows state different measures; null is a statement of its own."""
    measures = list(measures)
    return sql.SQL("({}) IS DISTINCT FROM ({})").format(
        names(measures, left), names(measures, right)
    )


def renewed(columns: Iterable[str]) -> sql.Composed:
    """``a = excluded.a`` for each column, for ON CONFLICT."""
    return comma(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in columns)


def together(key: Iterable[str]) -> sql.Composed:
    """``USING (a, b)``."""
    return sql.SQL("USING ({})").format(names(key))
