"""Applying changes of facts: history, facts, differences and roll-ups, in that order.

A temporary table ``metrics_change`` says what each touched fact becomes: its measures,
or nothing (``is_gone``), and what it was (``was_batch_id`` and the measures with
``was_``) and where it lies (``place``) where it ``existed``. Loading and undoing fill it; everything below follows from it,
inside the caller's transaction and under the teams' locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from psycopg import sql

from core.errors import Conflict
from metrics.choices import MEASURES
from metrics.models import Batch
from metrics.selectors.sql import (
    FACT_KEY,
    LINE_DAY_KEY,
    SEGMENT_DAY_KEY,
    comma,
    differ,
    names,
    renewed,
    sums,
    together,
)
from metrics.services.locks import lock_teams

# One bit per measure, and one for a row that did not exist.
NO_ROW = 1 << len(MEASURES)
DAY_KEY = ("line_id", "day", "period_days")
WAS = ("was_batch_id", *(f"was_{measure}" for measure in MEASURES))
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """What ``metrics_change`` holds."""

    inserted: int
    changed: int
    first_day: date | None
    last_day: date | None


def run(statement: sql.SQL | sql.Composed, params: Sequence[int | datetime] | None = None) -> int:
    """Execute one statement of our own; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


@contextmanager
def by_key() -> Iterator[None]:
    """Look every row up by its key or place: reading all facts to join a file costs more the more
    there are, and the planner, which takes pages for far away, would."""
    run(sql.SQL("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"))
    yield
    run(sql.SQL("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"))


def former(table: str) -> sql.Composed:
    """What a fact is now and where it lies, as ``metrics_change`` keeps it."""
    columns = [
        sql.SQL("{} AS {}").format(
            sql.Identifier(table, name.removeprefix("was_")), sql.Identifier(name)
        )
        for name in WAS
    ]
    return comma([*columns, sql.SQL("{}.ctid AS place").format(sql.Identifier(table))])


def count_changes() -> ChangeCounts:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE NOT existed), count(*) FILTER (WHERE existed),"
            " min(day), max(day) FROM metrics_change"
        )
        return ChangeCounts(*cursor.fetchone())


def lock_lines(table: str) -> list[tuple[int, str]]:
    """Take the locks of all teams whose lines stand in a temporary table: (team, path)."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT DISTINCT t.id, t.path FROM (SELECT DISTINCT line_id FROM {}) i"
                " JOIN campaigns_campaignline l ON l.id = i.line_id"
                " JOIN campaigns_campaign c ON c.id = l.campaign_id"
                " JOIN accounts_team t ON t.id = c.team_id ORDER BY t.id"
            ).format(sql.Identifier(table))
        )
        teams = [(int(team), str(path)) for team, path in cursor.fetchall()]
    lock_teams(team for team, _ in teams)
    return teams


def refuse_older(known_at: datetime) -> None:
    """Raise when something newer is known of a changed day already: history only grows forward."""
    if not Batch.objects.filter(known_at__gt=known_at).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT b.id, b.label, b.known_at FROM metrics_batch b WHERE b.id IN ("
                " SELECT d.batch_id FROM (SELECT DISTINCT {key} FROM metrics_change) c"
                " JOIN metrics_linedaydelta d {using} WHERE d.known_at > %s LIMIT 1)"
            ).format(key=names(LINE_DAY_KEY), using=together(LINE_DAY_KEY)),
            [known_at],
        )
        newer = cursor.fetchone()
    if newer:
        raise Conflict(
            f"“{newer[1]}” (batch {newer[0]}, {newer[2]:%Y-%m-%d %H:%M}) is newer and changed the"
            " same days, so this can no longer have been known before it.",
            code="STALE_EXPORT",
            remedy="Load it with the moment at which it really became known.",
        )


def _silent(note: str) -> None:
    pass


def apply_changes(batch: Batch, say: Say = _silent) -> None:
    """Write what ``metrics_change`` says, as of ``batch``."""
    say("writing facts")
    _keep_history(batch)
    _write_facts(batch)
    say("rolling up")
    _find_touched_days()
    _sum_touched_days()
    _roll_up_lines(batch)
    _replace("metrics_segmentday", SEGMENT_DAY_KEY, batch)
    _roll_up_channels()
    _remember_lines(batch)


def _keep_history(batch: Batch) -> None:
    columns = (*FACT_KEY, "batch_id", *MEASURES)
    run(
        sql.SQL(
            "INSERT INTO metrics_factrevision ({columns}, ended_by_id)"
            " SELECT {key}, {was}, %s FROM metrics_change WHERE existed"
        ).format(columns=names(columns), key=names(FACT_KEY), was=names(WAS)),
        [batch.pk],
    )


def _write_facts(batch: Batch) -> None:
    """New facts are added, known ones renewed where they lie; an undo also takes away.

    Under the teams' locks nobody else writes these facts, so each is where it was found.
    That costs half of what INSERT ... ON CONFLICT does, which looks every key up again;
    should a row have moved all the same, the count says so and nothing is written.
    """
    columns = names((*FACT_KEY, *MEASURES))
    run(
        sql.SQL(
            "INSERT INTO metrics_fact ({columns}, batch_id)"
            " SELECT {columns}, %s FROM metrics_change WHERE NOT existed"
        ).format(columns=columns),
        [batch.pk],
    )
    with by_key():
        written = _renew_facts(batch)
        if batch.kind == Batch.Kind.UNDO:
            written += run(
                sql.SQL(
                    "DELETE FROM metrics_fact f USING metrics_change c"
                    " WHERE f.ctid = c.place AND c.is_gone"
                )
            )
    _refuse_moved(written)


def _renew_facts(batch: Batch) -> int:
    return run(
        sql.SQL(
            "UPDATE metrics_fact f SET {renewed}, batch_id = %s FROM metrics_change c"
            " WHERE f.ctid = c.place AND NOT c.is_gone"
        ).format(
            renewed=comma(
                sql.SQL("{0} = c.{0}").format(sql.Identifier(measure)) for measure in MEASURES
            )
        ),
        [batch.pk],
    )


def _refuse_moved(written: int) -> None:
    expected = count_changes().changed
    if written != expected:
        raise Conflict(
            f"{expected - written} facts were changed by somebody else meanwhile.",
            remedy="Nothing was written; try again.",
        )


def _same(key: tuple[str, ...], left: str, right: str) -> sql.Composed:
    return sql.SQL("({}) = ({})").format(names(key, left), names(key, right))


def _sum_touched_days() -> None:
    """Sum the touched days of lines anew, per source and segment: both roll-ups follow from these."""
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_fresh"))
    run(
        sql.SQL(
            "CREATE TEMP TABLE metrics_fresh ON COMMIT DROP AS"
            " SELECT {key}, n.* FROM metrics_touched_day c CROSS JOIN LATERAL"
            " (SELECT f.source, f.segment_id, {sums} FROM metrics_fact f WHERE {same}"
            " GROUP BY f.source, f.segment_id) n"
        ).format(key=names(DAY_KEY), sums=sums("f"), same=_same(DAY_KEY, "f", "c"))
    )
    run(sql.SQL("ANALYZE metrics_fresh"))


def _find_touched_days() -> None:
    """Each line's day on which a fact changed."""
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_touched_day"))
    run(
        sql.SQL(
            "CREATE TEMP TABLE metrics_touched_day ON COMMIT DROP AS"
            " SELECT DISTINCT {} FROM metrics_change"
        ).format(names(DAY_KEY))
    )
    run(sql.SQL("ANALYZE metrics_touched_day"))


def _replace(roll_up: str, key: tuple[str, ...], batch: Batch) -> None:
    """Put the fresh sums into the roll-up; without a fact there is no row.

    Pages ask for days of all lines, so the rows of a day are written together.
    """
    run(
        sql.SQL(
            "INSERT INTO {roll_up} AS r ({key}, {measures}) SELECT {key}, {sums}"
            " FROM metrics_fresh f GROUP BY {key} ORDER BY day, line_id"
            " ON CONFLICT ({key}) DO UPDATE SET {renewed} WHERE {differ}"
        ).format(
            roll_up=sql.Identifier(roll_up),
            key=names(key),
            measures=names(MEASURES),
            sums=sums("f"),
            renewed=renewed(MEASURES),
            differ=differ("r", "excluded"),
        )
    )
    if batch.kind == Batch.Kind.UNDO:
        run(
            sql.SQL("DELETE FROM {roll_up} r USING ({gone}) c WHERE {same}").format(
                roll_up=sql.Identifier(roll_up), gone=_gone(key), same=_same(key, "r", "c")
            )
        )


def _gone(key: tuple[str, ...]) -> sql.Composed:
    """Keys of a roll-up that lost their last fact."""
    return sql.SQL(
        "SELECT DISTINCT {key} FROM metrics_change g"
        " WHERE g.is_gone AND NOT EXISTS (SELECT FROM metrics_fresh n WHERE {same})"
    ).format(key=names(key), same=_same(key, "n", "g"))


def _roll_up_lines(batch: Batch) -> None:
    _append_differences(batch)
    _replace("metrics_lineday", LINE_DAY_KEY, batch)


def _append_differences(batch: Batch) -> None:
    """What this batch changes of each line's day, measured against the roll-up before it."""
    change = comma(
        sql.SQL(
            "CASE WHEN n.{0} IS NOT NULL OR r.{0} IS NOT NULL"
            " THEN coalesce(n.{0}, 0) - coalesce(r.{0}, 0) END"
        ).format(sql.Identifier(measure))
        for measure in MEASURES
    )
    missing = sql.SQL(" + ").join(
        sql.SQL("CASE WHEN r.{0} IS NULL THEN {1} ELSE 0 END").format(
            sql.Identifier(measure), sql.Literal(1 << bit)
        )
        for bit, measure in enumerate(MEASURES)
    )
    run(
        sql.SQL(
            "INSERT INTO metrics_linedaydelta"
            " ({key}, {measures}, batch_id, known_at, missing_before)"
            " SELECT {key}, {change}, %s, %s,"
            " CASE WHEN r.line_id IS NULL THEN {no_row} ELSE {missing} END"
            " FROM ({fresh}) n LEFT JOIN metrics_lineday r {using}"
            " WHERE r.line_id IS NULL OR n.is_gone OR {differ}"
        ).format(
            key=names(LINE_DAY_KEY),
            measures=names(MEASURES),
            change=change,
            no_row=sql.Literal(NO_ROW | (NO_ROW - 1)),
            missing=missing,
            using=together(LINE_DAY_KEY),
            differ=differ("n", "r"),
            fresh=_fresh_lines(batch),
        ),
        [batch.pk, batch.known_at],
    )


def _fresh_lines(batch: Batch) -> sql.Composed:
    """The lines' new sums; what lost its last fact stands there with nothing in it."""
    fresh = sql.SQL(
        "SELECT {key}, {sums}, false AS is_gone FROM metrics_fresh f GROUP BY {key}"
    ).format(key=names(LINE_DAY_KEY), sums=sums("f"))
    if batch.kind != Batch.Kind.UNDO:
        return fresh
    nothing = comma(sql.SQL("NULL::bigint") for _ in MEASURES)
    return sql.SQL("{} UNION ALL SELECT {}, {}, true FROM ({}) gone").format(
        fresh, names(LINE_DAY_KEY), nothing, _gone(LINE_DAY_KEY)
    )


def _roll_up_channels() -> None:
    """Rebuild the touched days of each channel from the lines; whole-period rows stay out."""
    place = sql.SQL("d.day, l.channel_id, c.team_id, l.currency")
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_touched_channel"))
    run(
        sql.SQL(
            "CREATE TEMP TABLE metrics_touched_channel ON COMMIT DROP AS SELECT DISTINCT {place}"
            " FROM (SELECT line_id, day FROM metrics_touched_day WHERE period_days = 1) d"
            " JOIN campaigns_campaignline l ON l.id = d.line_id"
            " JOIN campaigns_campaign c ON c.id = l.campaign_id"
        ).format(place=place)
    )
    run(sql.SQL("ANALYZE metrics_touched_channel"))
    run(
        sql.SQL("DELETE FROM metrics_channelday r USING metrics_touched_channel c WHERE {}").format(
            _same(("day", "channel_id", "team_id", "currency"), "r", "c")
        )
    )
    run(
        sql.SQL(
            "INSERT INTO metrics_channelday (day, channel_id, team_id, currency, {measures})"
            " SELECT {place}, {sums} FROM metrics_lineday d"
            " JOIN campaigns_campaignline l ON l.id = d.line_id"
            " JOIN campaigns_campaign c ON c.id = l.campaign_id"
            " JOIN metrics_touched_channel t ON t.day = d.day AND t.channel_id = l.channel_id"
            " AND t.team_id = c.team_id AND t.currency = l.currency"
            " WHERE d.period_days = 1 GROUP BY {place}"
        ).format(measures=names(MEASURES), place=place, sums=sums("d"))
    )


def _remember_lines(batch: Batch) -> None:
    run(
        sql.SQL(
            "INSERT INTO metrics_batchline (batch_id, line_id, first_day, last_day)"
            " SELECT %s, line_id, min(day - period_days + 1), max(day)"
            " FROM metrics_touched_day GROUP BY line_id"
        ),
        [batch.pk],
    )
