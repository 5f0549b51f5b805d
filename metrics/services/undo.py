"""Taking a batch back: the facts become what they were before it, and both stay on record."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from psycopg import sql

from core import events
from core.errors import Conflict
from core.events import Actor
from metrics.choices import MEASURES
from metrics.models import Batch
from metrics.selectors.sql import FACT_KEY, comma, differ, names, together
from metrics.services.changes import (
    apply_changes,
    count_changes,
    former,
    lock_lines,
    refuse_older,
    run,
)
from metrics.services.loading import common_path
from metrics.services.months import restatements_log


@transaction.atomic
def batch_undo(*, batch: Batch, actor: Actor, at: datetime, reason: str = "") -> Batch:
    """Restore the versions before ``batch``, as a new batch of kind undo; returns that.

    Raises ``Conflict`` when it was undone already, when it is an undo itself, or when a
    later batch changed some of the same facts (and was not undone), naming that batch.
    """
    current = Batch.objects.select_for_update().get(pk=batch.pk)
    _refuse_wrong_kind(current)
    _find_touched(current)
    teams = lock_lines("metrics_touched")
    _refuse_changed_since(current)
    _find_former(current)
    counts = count_changes()
    refuse_older(at)
    undo = Batch.objects.create(
        kind=Batch.Kind.UNDO,
        known_at=at,
        source=current.source,
        label=f"Undo of {current.label}"[:200],
        undoes=current,
        rows=counts.changed,
        changed=counts.changed,
        first_day=counts.first_day,
        last_day=counts.last_day,
    )
    apply_changes(undo)
    shared = common_path([path for _, path in teams])
    events.record(
        actor=actor,
        action="facts.undone",
        subject=current,
        at=at,
        after={"undo": undo.pk, "facts": counts.changed},
        reason=reason,
        team_path=shared,
        live=["facts"],
    )
    restatements_log(undo, actor, shared)
    return undo


def _refuse_wrong_kind(batch: Batch) -> None:
    if batch.kind == Batch.Kind.UNDO:
        raise Conflict(
            f"{batch} is itself an undo.", remedy="Load the file again to bring its facts back."
        )
    if Batch.objects.filter(undoes=batch).exists():
        raise Conflict(f"{batch} was undone already.", code="already_undone")


def _find_touched(batch: Batch) -> None:
    """Every fact the batch stated, with what it said: still in force, or replaced since."""
    columns = names((*FACT_KEY, *MEASURES), "v")
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_touched"))
    run(
        sql.SQL(
            "CREATE TEMP TABLE metrics_touched ON COMMIT DROP AS"
            " SELECT {columns} FROM metrics_batchline b"
            " JOIN metrics_fact v ON v.line_id = b.line_id AND v.day BETWEEN b.first_day AND b.last_day"
            " WHERE b.batch_id = %s AND v.batch_id = b.batch_id"
            " UNION ALL SELECT {columns} FROM metrics_batchline b"
            " JOIN metrics_factrevision v"
            " ON v.line_id = b.line_id AND v.day BETWEEN b.first_day AND b.last_day"
            " WHERE b.batch_id = %s AND v.batch_id = b.batch_id"
        ).format(columns=columns),
        [batch.pk, batch.pk],
    )
    run(sql.SQL("ANALYZE metrics_touched"))


def _refuse_changed_since(batch: Batch) -> None:
    """A fact still says what the batch said when it is the batch's own version, or when an
    undo of something later brought exactly that back."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT b.id, b.label, count(*) FROM metrics_touched t"
                " JOIN metrics_fact f {using} JOIN metrics_batch b ON b.id = f.batch_id"
                " WHERE b.id <> %s AND (b.kind <> %s OR {differ})"
                " GROUP BY b.id, b.label ORDER BY b.id DESC"
            ).format(using=together(FACT_KEY), differ=differ("f", "t")),
            [batch.pk, Batch.Kind.UNDO],
        )
        later = cursor.fetchall()
    if later:
        raise Conflict(
            f"{batch} cannot be undone: “{later[0][1]}” (batch {later[0][0]}) changed"
            f" {later[0][2]:,} of the same facts since.",
            code="changed_since",
            remedy=f"Undo batch {later[0][0]} first.",
            details=[{"batch": pk, "label": label, "facts": n} for pk, label, n in later],
        )


def _find_former(batch: Batch) -> None:
    """Fill ``metrics_change`` with what each fact was before the batch; gone where it was not."""
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_change"))
    run(
        sql.SQL(
            "CREATE TEMP TABLE metrics_change ON COMMIT DROP AS"
            " SELECT {key}, {restored}, {former}, true AS existed, r.line_id IS NULL AS is_gone"
            " FROM (SELECT DISTINCT {key} FROM metrics_touched) t JOIN metrics_fact f {using}"
            " LEFT JOIN (SELECT * FROM metrics_factrevision WHERE ended_by_id = %s) r {using}"
        ).format(
            key=names(FACT_KEY),
            restored=comma(sql.Identifier("r", measure) for measure in MEASURES),
            former=former("f"),
            using=together(FACT_KEY),
        ),
        [batch.pk],
    )
    run(sql.SQL("ANALYZE metrics_change"))
