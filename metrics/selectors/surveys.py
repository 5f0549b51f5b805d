"""Small questions about a query: which currencies, which batches."""

from __future__ import annotations

from psycopg import sql

from metrics.selectors import whole_periods
from metrics.selectors.ask import TRUE, Ask, lines, value
from metrics.selectors.dimensions import Table
from metrics.selectors.history import rows_known


def survey(ask: Ask) -> sql.Composed:
    """Currencies of the lines in question, and whether any whole-period row lies in the period."""
    return sql.SQL(
        "WITH lines AS ({lines}) SELECT (SELECT array_agg(DISTINCT currency) FROM lines), {whole}"
    ).format(lines=lines(ask), whole=whole_periods.exist(ask))


def currencies_with_facts(ask: Ask) -> sql.Composed:
    """Currencies of those lines that have facts in the period, or had at ``as_of``."""
    return sql.SQL(
        "WITH lines AS ({lines}) SELECT DISTINCT l.currency FROM lines l WHERE EXISTS ("
        " SELECT FROM {rows} f WHERE f.line_id = l.id AND f.day BETWEEN {first} AND {last})"
    ).format(
        lines=lines(ask),
        rows=rows_known(ask, Table.LINE_DAY),
        first=value("first_day"),
        last=value("last_day"),
    )


def batches_used(ask: Ask) -> sql.Composed:
    """Batches that changed these lines on these days and were in force, oldest first."""
    known = sql.SQL("b.known_at <= {}").format(value("as_of")) if ask.as_of else TRUE
    undone = sql.SQL("u.known_at <= {}").format(value("as_of")) if ask.as_of else TRUE
    return sql.SQL(
        "WITH lines AS ({lines}) SELECT b.id FROM metrics_batch b WHERE {known}"
        " AND EXISTS (SELECT FROM metrics_batchline k WHERE k.batch_id = b.id"
        "  AND k.line_id IN (SELECT id FROM lines)"
        "  AND k.first_day <= {last} AND k.last_day >= {first})"
        " AND NOT EXISTS (SELECT FROM metrics_batch u WHERE u.undoes_id = b.id AND {undone})"
        " ORDER BY b.known_at, b.id"
    ).format(
        lines=lines(ask),
        known=known,
        undone=undone,
        first=value("first_day"),
        last=value("last_day"),
    )
