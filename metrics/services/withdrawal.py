"""Facts that must not count for now: taken out as a batch, and brought back as they were."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

import pandas as pd
from django.db import connection, transaction
from psycopg import sql

from core import events
from core.events import Actor
from metrics.choices import MEASURES
from metrics.models import Batch, FactRevision
from metrics.selectors.sql import FACT_KEY, comma, names
from metrics.services.changes import (
    apply_changes,
    count_changes,
    former,
    lock_lines,
    refuse_older,
    run,
)
from metrics.services.loading import LoadResult, common_path, facts_load

LineDayKey = tuple[int, date]


@transaction.atomic
def facts_withdraw(
    *,
    source: int,
    keys: Collection[LineDayKey],
    label: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> Batch | None:
    """Take a source's facts of these lines and days out of every figure; None when there are none.

    What they said stays in the revisions that the batch ended, and in every earlier ``as_of``.
    """
    if not keys:
        return None
    _name_keys(keys)
    teams = lock_lines("metrics_named")
    _find_withdrawn(source)
    counts = count_changes()
    if not counts.changed:
        return None
    refuse_older(at)
    batch = Batch.objects.create(
        kind=Batch.Kind.UNDO,
        known_at=at,
        source=source,
        label=label[:200],
        rows=counts.changed,
        changed=counts.changed,
        first_day=counts.first_day,
        last_day=counts.last_day,
    )
    apply_changes(batch)
    events.record(
        actor=actor,
        action="facts.withdrawn",
        subject=batch,
        at=at,
        after={"facts": counts.changed, "first_day": batch.first_day, "last_day": batch.last_day},
        reason=reason,
        team_path=common_path([path for _, path in teams]),
        live=["facts"],
    )
    return batch


def _name_keys(keys: Collection[LineDayKey]) -> None:
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_named"))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE metrics_named ON COMMIT DROP AS"
            " SELECT DISTINCT * FROM unnest(%s::bigint[], %s::date[]) AS k (line_id, day)",
            [[line for line, _ in keys], [day for _, day in keys]],
        )
    run(sql.SQL("ANALYZE metrics_named"))


def _find_withdrawn(source: int) -> None:
    """Fill ``metrics_change`` with the named facts, all of them to go."""
    run(sql.SQL("DROP TABLE IF EXISTS pg_temp.metrics_change"))
    run(
        sql.SQL(
            "CREATE TEMP TABLE metrics_change ON COMMIT DROP AS"
            " SELECT {key}, {nothing}, {former}, true AS existed, true AS is_gone"
            " FROM metrics_fact f JOIN metrics_named n ON n.line_id = f.line_id AND n.day = f.day"
            " WHERE f.source = %s AND f.period_days = 1"
        ).format(
            key=names(FACT_KEY, "f"),
            nothing=comma(
                sql.SQL("NULL::bigint AS {}").format(sql.Identifier(measure))
                for measure in MEASURES
            ),
            former=former("f"),
        ),
        [source],
    )
    run(sql.SQL("ANALYZE metrics_change"))


def withdrawn_facts(batches: Sequence[int]) -> pd.DataFrame:
    """What withdrawn facts said last, as a frame to load; versions of undone loads are left out."""
    rows = (
        FactRevision.objects.filter(ended_by_id__in=batches, batch__undone_by=None)
        .order_by("ended_by_id")
        .values_list(*FACT_KEY, *MEASURES)
    )
    frame = pd.DataFrame(rows, columns=[*FACT_KEY, *MEASURES])
    for name in MEASURES:
        frame[name] = frame[name].astype("Int64")
    return frame.drop_duplicates(list(FACT_KEY), keep="last").reset_index(drop=True)


def facts_return(
    *, batches: Sequence[int], source: int, label: str, actor: Actor, at: datetime
) -> LoadResult:
    """Bring withdrawn facts back as they were."""
    frame = withdrawn_facts(batches)
    return facts_load(frame=frame, label=label, source=source, known_at=at, actor=actor)
