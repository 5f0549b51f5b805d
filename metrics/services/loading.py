"""Loading facts: everything or nothing, and nothing when nothing is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from posixpath import commonpath

import pandas as pd
from django.db import connection, transaction
from psycopg import sql

from core import events
from core.errors import Invalid
from core.events import Actor
from metrics.choices import MEASURES
from metrics.models import Batch
from metrics.selectors.sql import FACT_KEY, comma, differ, names, together
from metrics.services.changes import (
    apply_changes,
    by_key,
    count_changes,
    former,
    lock_lines,
    refuse_older,
    run,
)
from metrics.services.frames import FactFrame
from metrics.services.months import restatements_log

# done, of how many, what is being done
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did. ``batch`` is None when every row was known already: nothing was written."""

    batch: Batch | None
    rows: int
    inserted: int
    changed: int

    @property
    def unchanged(self) -> int:
        return self.rows - self.inserted - self.changed


@transaction.atomic
def facts_load(
    *,
    frame: pd.DataFrame,
    label: str,
    known_at: datetime,
    actor: Actor,
    source: int = 0,
    kind: str = Batch.Kind.LOAD,
    on_progress: Progress | None = None,
) -> LoadResult:
    """Bring the facts up to ``frame``; what they were before goes to the revisions.

    ``frame`` has ``line_id``, ``day`` (of a whole-period row: its last), optionally
    ``source``, ``creative_id``, ``segment_id``, ``period_days``, and measures as whole
    numbers (``Int64``; money and conversions in micros). A missing value says that the
    source does not report it; a measure without a column keeps what is known. Facts that
    are not in the frame are untouched.

    Raises ``Invalid`` for a frame that cannot be stored exactly, ``Conflict`` when newer
    knowledge of the same days is stored already. ``on_progress`` may raise to stop:
    nothing of the load remains.
    """
    found = FactFrame.of(frame)
    total = len(found)
    say = on_progress or _silent
    if not total:
        return LoadResult(None, 0, 0, 0)
    # A load sorts and joins as many rows as it brings; it runs alone in its team. Of the tables
    # it makes the planner needs the size, hardly more.
    run(sql.SQL("SET LOCAL work_mem = '256MB'; SET LOCAL default_statistics_target = 5"))
    _copy(found, say)
    teams = lock_lines("metrics_incoming")
    _refuse_unknown_lines()
    say(total, total, "comparing")
    _find_changes(found.measures)
    counts = count_changes()
    if not counts.inserted + counts.changed:
        return LoadResult(None, total, 0, 0)
    refuse_older(known_at)
    batch = Batch.objects.create(
        kind=kind,
        known_at=known_at,
        source=source,
        label=label[:200],
        rows=total,
        changed=counts.inserted + counts.changed,
        first_day=counts.first_day,
        last_day=counts.last_day,
    )
    apply_changes(batch, lambda note: say(total, total, note))
    result = LoadResult(batch, total, counts.inserted, counts.changed)
    shared = common_path([path for _, path in teams])
    _record(batch, result, actor, shared)
    restatements_log(batch, actor, shared)
    return result


def _silent(done: int, total: int, note: str) -> None:
    pass


def _copy(found: FactFrame, say: Progress) -> None:
    types = {"day": "date", "source": "int", "period_days": "smallint"}
    columns = [*FACT_KEY, *found.measures]
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_incoming"))
    run(
        sql.SQL("CREATE TEMP TABLE metrics_incoming ({}) ON COMMIT DROP").format(
            comma(
                sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(types.get(c, "bigint")))
                for c in columns
            )
        )
    )
    statement = sql.SQL("COPY metrics_incoming ({}) FROM STDIN (FORMAT BINARY)").format(
        names(columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for done, chunk in found.chunks():
            copy.write(chunk)
            say(done, len(found), "sending rows")
    run(sql.SQL("ANALYZE metrics_incoming"))


def _refuse_unknown_lines() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT i.line_id FROM metrics_incoming i"
            " LEFT JOIN campaigns_campaignline l ON l.id = i.line_id WHERE l.id IS NULL LIMIT 5"
        )
        unknown = [str(row[0]) for row in cursor.fetchall()]
    if unknown:
        raise Invalid(
            f"There is no campaign line {', '.join(unknown)}.", code="unknown_line", where="line_id"
        )


def _find_changes(measures: Sequence[str]) -> None:
    """Fill ``metrics_change`` with the rows that state something new."""
    kept = [measure for measure in MEASURES if measure not in measures]
    stated = comma(sql.Identifier("f" if measure in kept else "i", measure) for measure in MEASURES)
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_change"))
    with by_key():
        run(
            sql.SQL(
                "CREATE TEMP TABLE metrics_change ON COMMIT DROP AS"
                " SELECT {key}, {stated}, {former}, f.line_id IS NOT NULL AS existed,"
                " false AS is_gone FROM metrics_incoming i LEFT JOIN metrics_fact f {using}"
                " WHERE f.line_id IS NULL OR {differ}"
            ).format(
                key=names(FACT_KEY),
                stated=stated,
                former=former("f"),
                using=together(FACT_KEY),
                differ=differ("i", "f", measures),
            )
        )
    run(sql.SQL("ANALYZE metrics_change"))


def _record(batch: Batch, result: LoadResult, actor: Actor, team_path: str) -> None:
    events.record(
        actor=actor,
        action="facts.loaded",
        subject=batch,
        at=batch.known_at,
        after={
            "rows": result.rows,
            "inserted": result.inserted,
            "changed": result.changed,
            "first_day": batch.first_day,
            "last_day": batch.last_day,
        },
        team_path=team_path,
        live=["facts"],
    )


def common_path(paths: Sequence[str]) -> str:
    """The path of the nearest team above all of these."""
    shared = commonpath(paths) if paths else ""
    return f"{shared}/" if shared else ""
