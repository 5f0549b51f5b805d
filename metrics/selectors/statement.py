"""The one statement that answers a query."""

from __future__ import annotations

from psycopg import sql

from metrics.choices import MONEY_MEASURES
from metrics.selectors import whole_periods
from metrics.selectors.ask import (
    TRUE,
    Ask,
    attribute_of,
    column_of,
    filters,
    in_scope,
    lines,
    value,
)
from metrics.selectors.dimensions import Dimension, Table, dimension
from metrics.selectors.history import rows_known
from metrics.selectors.sql import comma, names, sums


def statement(ask: Ask) -> sql.Composed:
    """Groups with their sums, in the order of their keys: dimensions, measures, first and last day,
    and what was not converted.
    """
    parts = [_daily(ask)]
    if ask.has_whole_periods:
        parts.append(_whole(ask))
    body = sql.SQL(" UNION ALL ").join(parts)
    if ask.plan:
        body = _converted(ask, body)
    elif len(parts) > 1:
        body = _summed(ask, body)
    ordered = sql.SQL("ORDER BY {}").format(names(ask.dims)) if ask.by else sql.SQL("")
    return sql.SQL("{} {} {}").format(_with(ask), body, ordered)


def _with(ask: Ask) -> sql.Composable:
    if ask.table == Table.CHANNEL_DAY and not ask.has_whole_periods:
        return sql.SQL("")
    # Materialized: what belongs to a line, or to a segment, is worked out once, not per fact.
    parts = [sql.SQL("lines AS MATERIALIZED ({})").format(lines(ask))]
    if ask.attributes:
        parts.append(sql.SQL("segments AS MATERIALIZED ({})").format(segments_of(ask)))
    if ask.has_whole_periods:
        parts.append(sql.SQL("counted AS ({})").format(whole_periods.counted(ask)))
    return sql.SQL("WITH {}").format(comma(parts))


def _daily(ask: Ask) -> sql.Composed:
    """Daily rows, summed by the dimensions."""
    conditions = [sql.SQL("f.day BETWEEN {} AND {}").format(value("first_day"), value("last_day"))]
    if ask.table == Table.CHANNEL_DAY:
        conditions += [in_scope(ask, "f"), *filters(ask, of_line=True, table="f")]
    else:
        conditions += [sql.SQL("f.period_days = 1").format(), *filters(ask, of_line=False)]
    return _grouped(ask, conditions, whole=False)


def _whole(ask: Ask) -> sql.Composed:
    """Whole-period rows that may be counted, summed by the dimensions."""
    return _grouped(ask, [*filters(ask, of_line=False), TRUE], whole=True)


def _grouped(ask: Ask, conditions: list[sql.Composed], *, whole: bool) -> sql.Composed:
    dims = [
        sql.SQL("{} AS {}").format(_dimension(ask, d, whole=whole), sql.Identifier(name))
        for d, name in zip(ask.by, ask.dims, strict=True)
    ]
    groups = list(ask.dims)
    if ask.plan:
        dims += [_currency(ask, whole=whole), _rate_span()]
        groups += ["paid_in", "span"]
    first = "f.day - f.period_days + 1" if whole else "f.day"
    return sql.SQL("SELECT {columns} FROM {source} WHERE {conditions} {grouped}").format(
        columns=comma(
            [
                *dims,
                sums("f", ask.measures, whole=ask.growth is None),
                sql.SQL("min({}) AS first_day").format(sql.SQL(first)),
                sql.SQL("max(f.day) AS last_day"),
            ]
        ),
        source=_source(ask, whole=whole),
        conditions=sql.SQL(" AND ").join(conditions),
        grouped=sql.SQL("GROUP BY {}").format(names(groups)) if groups else sql.SQL(""),
    )


def _dimension(ask: Ask, wanted: Dimension, *, whole: bool) -> sql.Composable:
    if wanted.key in ask.buckets:
        number = sql.SQL("width_bucket({}, {})")
        starts = value(f"starts_{wanted.key}", "date[]")
        last = number.format(sql.SQL("f.day"), starts)
        if not whole:
            return last
        first = number.format(sql.SQL("f.day - f.period_days + 1"), starts)
        # One that spans two months is part of the total and of neither month.
        return sql.SQL("CASE WHEN {} = {} THEN {} END").format(first, last, last)
    if wanted.key == "day":
        return sql.SQL("NULL::date") if whole else sql.SQL("f.day")
    if wanted.attribute:
        return attribute_of(ask, wanted)
    return column_of(wanted, _home(ask, wanted, whole=whole))


def _home(ask: Ask, wanted: Dimension, *, whole: bool) -> str:
    """Where a dimension's column is: in the lines, or in the facts themselves."""
    in_lines = wanted.of_line and (whole or ask.table != Table.CHANNEL_DAY)
    return "l" if in_lines else "f"


def _currency(ask: Ask, *, whole: bool) -> sql.Composed:
    home = _home(ask, dimension("currency"), whole=whole)
    return sql.SQL("{} AS paid_in").format(sql.Identifier(home, "currency"))


def _rate_span() -> sql.Composed:
    return sql.SQL("width_bucket(f.day, {}) AS span").format(value("rate_spans", "date[]"))


def _source(ask: Ask, *, whole: bool) -> sql.Composed:
    table = ask.table
    if table == Table.CHANNEL_DAY and not whole:
        return sql.SQL("metrics_channelday f").format()
    if table == Table.CHANNEL_DAY:
        table = Table.LINE_DAY
    source = sql.SQL("{} f JOIN lines l ON l.id = f.line_id").format(rows_known(ask, table))
    if whole:
        source = sql.SQL("{} JOIN counted k ON ({}) = ({})").format(
            source,
            names(("line_id", "day", "period_days"), "k"),
            names(("line_id", "day", "period_days"), "f"),
        )
    if ask.attributes:
        source = sql.SQL("{} LEFT JOIN segments s ON s.id = f.segment_id").format(source)
    return source


def segments_of(ask: Ask) -> sql.Composed:
    """Each segment's value of the attributes a query names, empty where it has none."""
    columns = [
        sql.SQL("coalesce(attributes ->> {}, '') AS {}").format(
            value(f"attribute_{key}", "text"), sql.Identifier(ask.attribute_name(key))
        )
        for key in ask.attributes
    ]
    return sql.SQL("SELECT id, {} FROM metrics_segment").format(comma(columns))


def _summed(ask: Ask, body: sql.Composed) -> sql.Composed:
    """Daily and whole-period groups together."""
    grouped = sql.SQL("GROUP BY {}").format(names(ask.dims)) if ask.by else sql.SQL("")
    added = sums("g", ask.measures, whole=ask.growth is None)
    return sql.SQL("SELECT {} FROM ({}) g {}").format(
        comma([*map(sql.Identifier, ask.dims), added, *_days()]), body, grouped
    )


def _days() -> list[sql.Composable]:
    return [
        sql.SQL("min(g.first_day) AS first_day"),
        sql.SQL("max(g.last_day) AS last_day"),
    ]


def _converted(ask: Ask, body: sql.Composed) -> sql.Composed:
    """Groups in one currency: amounts times the rate of their days, not rounded.

    The last columns say which currencies the amounts came in and how many groups with
    amounts had no rate (of how many).
    """
    money = [m for m in ask.measures if m in MONEY_MEASURES]
    amounts = sql.SQL(" OR ").join(
        sql.SQL("g.{} IS NOT NULL").format(sql.Identifier(m)) for m in money
    )
    measures = [
        sql.SQL("sum(g.{0} * coalesce(r.rate, 1)) AS {0}").format(sql.Identifier(m))
        if m in MONEY_MEASURES
        else sums("g", [m], whole=ask.growth is None)
        for m in ask.measures
    ]
    return sql.SQL(
        "SELECT {columns} FROM ({body}) g LEFT JOIN"
        " unnest({currencies}, {numbers}, {rates}) AS r (currency, span, rate)"
        " ON r.currency = g.paid_in AND r.span = g.span {grouped}"
    ).format(
        columns=comma(
            [
                *map(sql.Identifier, ask.dims),
                *measures,
                *_days(),
                # As text: a list in every row takes longer to read than all its numbers.
                sql.SQL("string_agg(DISTINCT g.paid_in, ',') FILTER (WHERE {}) AS paid_in").format(
                    amounts
                ),
                sql.SQL("count(*) FILTER (WHERE ({}) AND r.rate IS NULL) AS unrated").format(
                    amounts
                ),
                sql.SQL("count(*) FILTER (WHERE {}) AS amounts").format(amounts),
            ]
        ),
        body=body,
        currencies=value("rate_currencies", "text[]"),
        numbers=value("rate_numbers", "int[]"),
        rates=value("rates", "numeric[]"),
        grouped=sql.SQL("GROUP BY {}").format(names(ask.dims)) if ask.by else sql.SQL(""),
    )
