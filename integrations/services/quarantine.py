"""What becomes of rows that could not be read: mended and imported, or dismissed with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import outbox
from core.errors import Conflict, Invalid
from integrations.choices import Origin, RunState
from integrations.models import ImportRun, QuarantinedRow
from integrations.rules import HeldRow, Outcome, Reading
from integrations.services.crm import crm_load, is_crm
from integrations.services.door import hashed_row
from integrations.services.frames import KEY, facts_of
from integrations.services.levels import source_load
from integrations.services.observations import is_observed, observations_load
from integrations.services.runs import CHECK, record, run_read
from integrations.services.stale import held_when_stale
from integrations.services.undoing import batches_of
from metrics.models import Batch, Fact
from metrics.services import LoadResult

MOST_CELLS, LONGEST_CELL = 200, 2_000
SAME = ("day", "period_start", "channel", "segment", "currency")
Resolution = QuarantinedRow.Resolution


@dataclass(frozen=True, slots=True)
class Mending:
    """What came of it: the rows that were imported, those that still cannot be read, the batch."""

    mended: Sequence[QuarantinedRow]
    held: Sequence[QuarantinedRow]
    batch: Batch | None


@transaction.atomic
def rows_mend(
    run: ImportRun,
    *,
    cells: Mapping[int, Sequence[str]],
    user: User,
    today: date,
    at: datetime,
) -> Mending:
    """Read the file again with these rows (by their keys) as written; import those that are good now.

    The same rules as for any row. What is still wrong stays in quarantine, with what was written
    and the new reason. Raises ``Invalid`` when the rows would change how others are read, and
    ``Conflict`` when a later import stated the same facts.
    """
    locked = _locked(run, user)
    if locked.origin == Origin.STREAM:
        raise Conflict(
            "A line of an event stream is not mended here: whoever sends it has the right one.",
            remedy="Have it sent again, corrected, and dismiss this one.",
        )
    rows = _waiting(locked, cells)
    if not rows:
        raise Invalid("Nothing was written anew.", remedy="Correct a cell first, then import.")
    for row in rows:
        row.mended = _checked(cells[row.pk], row)
    before = run_read(locked, today=today)
    written = run_read(locked, today=today, mended={row.row: row.mended for row in rows})
    reading = held_when_stale(written, locked)
    _refuse_side_effects(before, reading)
    held = {item.row: item for item in reading.held}
    good = [row for row in rows if row.row not in held]
    for row in rows:
        if row.row in held:
            _keep_held(row, held[row.row])
    result = _load(locked, reading, good, user, at) if good else LoadResult(None, 0, 0, 0)
    _resolve(good, Resolution.MENDED, user, at, batch=result.batch)
    _adopt(locked, result.batch)
    after = {"rows": [row.row for row in good], "batch": result.batch.pk if result.batch else None}
    record(locked, "quarantine.mended", user.as_actor(), at, after=after)
    return Mending(good, [row for row in rows if row.row in held], result.batch)


@transaction.atomic
def rows_dismiss(
    run: ImportRun, *, ids: Sequence[int], user: User, reason: str, at: datetime
) -> int:
    """Leave rows of a run out for good, with a reason; answers how many."""
    locked = _locked(run, user)
    if not reason.strip():
        raise Invalid("Say why these rows are left out.", where="reason")
    rows = _waiting(locked, ids)
    _resolve(rows, Resolution.DISMISSED, user, at, reason=reason.strip())
    after = {"rows": [row.row for row in rows]}
    record(locked, "quarantine.dismissed", user.as_actor(), at, after=after, reason=reason.strip())
    return len(rows)


def quarantine_open(run: ImportRun) -> bool:
    """Whether rows of this run can be mended or dismissed: it is imported and stands."""
    return run.state in (RunState.IMPORTED, RunState.UNCHANGED)


def _locked(run: ImportRun, user: User) -> ImportRun:
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    require(user, Act.CONFIRM_PARTIAL, team=locked.team, owner_id=locked.uploaded_by_id)
    if not quarantine_open(locked):
        raise Conflict(
            f"{locked} is not imported, so its rows wait for nothing.",
            remedy="Import the file first, or upload it again when it was taken back.",
        )
    return locked


def _waiting(run: ImportRun, ids: Mapping[int, object] | Sequence[int]) -> list[QuarantinedRow]:
    wanted = set(ids)
    rows = list(run.quarantine.select_for_update().filter(pk__in=wanted, resolved_at=None))
    if len(rows) != len(wanted):
        raise Conflict(
            "Some of these rows are decided already.", remedy="Open the quarantine again."
        )
    return rows


def _checked(cells: Sequence[str], row: QuarantinedRow) -> list[str]:
    if len(cells) > MOST_CELLS or any(len(cell) > LONGEST_CELL for cell in cells):
        raise Invalid(
            f"A row has at most {MOST_CELLS} cells of {LONGEST_CELL:,} characters.",
            where=f"row {row.row}",
        )
    return hashed_row(row.run, cells)


def _refuse_side_effects(before: Reading, reading: Reading) -> None:
    """Rows that were good must stay exactly what they were, whatever is written beside them."""
    if reading.outcome == Outcome.REFUSE:
        first = reading.problems[0].message if reading.problems else "It cannot be read."
        raise Invalid(f"With these rows the file could not be read. {first}", where="cells")
    known = reading.rows[reading.rows["row"].isin(before.rows["row"])]
    if not _plain(known).equals(_plain(before.rows)):
        raise Invalid(
            "These rows would change how other rows of the file are read.",
            where="cells",
            remedy="Write dates, numbers and currency as the rest of the file does, and no row twice.",
        )


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype(str).reset_index(drop=True)


def _keep_held(row: QuarantinedRow, held: HeldRow) -> None:
    """What was written stays, with the reason why it is not good either."""
    problem = held.problems[0]
    row.column, row.code, row.value = problem.column[:200], problem.code.value, problem.value
    row.message = " ".join(p.message for p in held.problems)
    row.save()


def _load(
    run: ImportRun, reading: Reading, good: Sequence[QuarantinedRow], user: User, at: datetime
) -> LoadResult:
    """Only the facts that the mended rows are part of; each with all rows of the file it sums."""
    source, actor = run.source, user.as_actor()
    if source is None:
        raise Conflict(f"{run} has no source.")
    if is_observed(reading):
        batch = observations_load(reading, run=run, source_id=source.pk, at=at)
        return LoadResult(batch, len(good), batch.changed if batch else 0, 0)
    if is_crm(reading):
        loaded = crm_load(reading, run=run, source=source, actor=actor, at=at)
        return LoadResult(loaded.batch, len(good), loaded.created, loaded.changed)
    rows = _together(reading.rows, [row.row for row in good])
    _refuse_later(run, facts_of(rows, run=run, source=source, actor=actor, at=at))
    result = source_load(rows, run=run, source=source, actor=actor, at=at)
    if result.batch:
        outbox.enqueue(CHECK, f"check:batch:{result.batch.pk}", {}, at=at)
    return result


def _together(rows: pd.DataFrame, numbers: Sequence[int]) -> pd.DataFrame:
    """The rows with these numbers and all that fall on the same facts."""
    keys = pd.DataFrame(
        {
            "campaign": _named(rows, "campaign"),
            "creative": _named(rows, "creative"),
            **{name: rows[name].astype(str) for name in SAME},
        }
    ).agg("\x1f".join, axis=1)
    return rows[keys.isin(keys[rows["row"].isin(numbers)])]


def _named(rows: pd.DataFrame, thing: str) -> pd.Series:
    """By its number, else by its name, as lines and creatives are known."""
    number = rows[f"{thing}_external_id"].astype(str)
    return number.where(number != "", rows[f"{thing}_name"].astype(str))


def _refuse_later(run: ImportRun, frame: pd.DataFrame) -> None:
    own = {batch.pk for batch in batches_of(run)}
    newest = max(own, default=0)
    stated = Fact.objects.filter(
        line_id__in=frame["line_id"].unique().tolist(),
        day__in=[day.date() for day in frame["day"].unique()],
        source=frame["source"].iloc[0],
        batch_id__gt=newest,
    ).values_list("line_id", "day", "creative_id", "segment_id", "period_days", "batch_id")
    keys = {
        (line, day.date(), creative, segment, period)
        for line, day, creative, segment, period in frame[KEY].itertuples(index=False)
    }
    later = {batch for *key, batch in stated if tuple(key) in keys} - own
    if later:
        raise Conflict(
            f"Batch {max(later)} stated the same facts after this file, so its rows are outdated.",
            code="changed_since",
            remedy="Dismiss the rows, or correct them in a new export.",
        )


def _resolve(
    rows: Sequence[QuarantinedRow],
    resolution: str,
    user: User,
    at: datetime,
    *,
    batch: Batch | None = None,
    reason: str = "",
) -> None:
    for row in rows:
        row.resolution, row.resolved_at, row.resolved_by = resolution, at, user
        row.batch, row.reason = batch, reason
    fields = ["resolution", "resolved_at", "resolved_by", "batch", "reason", "mended"]
    QuarantinedRow.objects.bulk_update(rows, fields)


def _adopt(run: ImportRun, batch: Batch | None) -> None:
    """A run that had changed nothing until now has a batch of its own, and can be undone."""
    if batch and run.batch_id is None:
        run.batch, run.state = batch, RunState.IMPORTED
        run.save(update_fields=["batch", "state"])
