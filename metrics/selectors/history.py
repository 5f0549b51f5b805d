"""What was known at a moment, and what it grows to.

Lines' days come from the differences, facts from their revisions; young days times their growth.
"""

from __future__ import annotations

from psycopg import sql

from metrics.choices import MEASURES
from metrics.selectors.ask import Ask, value
from metrics.selectors.dimensions import Table
from metrics.selectors.sql import FACT_KEY, LINE_DAY_KEY, comma, names, sums, together

NO_ROW = 1 << len(MEASURES)


def rows_known(ask: Ask, table: Table) -> sql.Composable:
    """The table as it is, or as it was known at ``as_of``; with ``growth`` as it will be when final."""
    known = _as_known(ask, table)
    return _grown(ask, table, known) if ask.growth else known


def _as_known(ask: Ask, table: Table) -> sql.Composable:
    if ask.as_of is None:
        return sql.Identifier(table.value)
    return sql.SQL("({})").format(
        _line_days_as_known(ask) if table == Table.LINE_DAY else _facts_as_known(ask)
    )


def _grown(ask: Ask, table: Table, known: sql.Composable) -> sql.Composed:
    """Young days times what their platform's days of that age still grow by."""
    growing = ask.growth.growing(ask.measures) if ask.growth else ()
    key = FACT_KEY if table == Table.FACT else LINE_DAY_KEY
    measures = comma(
        sql.SQL("r.{0} * coalesce(g.{0}, 1) AS {0}" if m in growing else "r.{0}").format(
            sql.Identifier(m)
        )
        for m in ask.measures
    )
    return sql.SQL(
        "(SELECT {key}, {measures} FROM {known} r JOIN lines o ON o.id = r.line_id LEFT JOIN"
        " unnest({platforms}, {sources}, {days}, {factors}) AS g (platform, source, day, {names})"
        " ON g.platform = o.platform AND g.source = r.source AND g.day = r.day"
        " AND r.period_days = 1)"
    ).format(
        key=names(key, "r"),
        measures=measures,
        known=known,
        platforms=value("growth_platforms", "text[]"),
        sources=value("growth_sources", "int[]"),
        days=value("growth_days", "date[]"),
        factors=comma(value(f"growth_{m}", "numeric[]") for m in growing),
        names=names(growing),
    )


def _line_days_as_known(ask: Ask) -> sql.Composed:
    """Today's roll-up minus what became known later; a row that did not exist then is left out.

    The earliest later difference knows which measures had no value before it.
    """
    former = comma(
        sql.SQL(
            "CASE WHEN coalesce(n.missing, 0) & {bit} <> 0 THEN NULL"
            " WHEN n.missing IS NULL THEN r.{m} ELSE coalesce(r.{m}, 0) - coalesce(n.{m}, 0) END AS {m}"
        ).format(bit=sql.Literal(1 << MEASURES.index(m)), m=sql.Identifier(m))
        for m in ask.measures
    )
    return sql.SQL(
        "SELECT {key}, {former} FROM"
        " (SELECT * FROM metrics_lineday WHERE day BETWEEN {first} AND {last}"
        "  AND line_id IN (SELECT id FROM lines)) r"
        " FULL JOIN (SELECT {key}, {sums},"
        "  (array_agg(missing_before ORDER BY d.known_at, d.batch_id))[1] AS missing"
        "  FROM metrics_linedaydelta d WHERE d.known_at > {as_of}"
        "  AND d.day BETWEEN {first} AND {last} AND d.line_id IN (SELECT id FROM lines)"
        "  GROUP BY {key}) n {using} WHERE coalesce(n.missing, 0) & {no_row} = 0"
    ).format(
        key=names(LINE_DAY_KEY),
        former=former,
        sums=sums("d", ask.measures),
        first=value("first_day"),
        last=value("last_day"),
        as_of=value("as_of"),
        using=together(LINE_DAY_KEY),
        no_row=sql.Literal(NO_ROW),
    )


def _facts_as_known(ask: Ask) -> sql.Composed:
    """Each fact in the version that was in force."""
    columns = names((*FACT_KEY, "batch_id", *ask.measures), "v")
    within = sql.SQL("v.day BETWEEN {} AND {} AND v.line_id IN (SELECT id FROM lines)").format(
        value("first_day"), value("last_day")
    )
    return sql.SQL(
        "SELECT {columns} FROM metrics_fact v JOIN metrics_batch b ON b.id = v.batch_id"
        " WHERE b.known_at <= {as_of} AND {within}"
        " UNION ALL SELECT {columns} FROM metrics_factrevision v"
        " JOIN metrics_batch b ON b.id = v.batch_id JOIN metrics_batch e ON e.id = v.ended_by_id"
        " WHERE b.known_at <= {as_of} AND e.known_at > {as_of} AND {within}"
    ).format(columns=columns, within=within, as_of=value("as_of"))
