"""One file on its way in: uploaded, checked, imported, perhaps undone. Nothing counts before import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from core import events, outbox
from core.errors import Conflict, Invalid
from core.events import Actor
from core.models import OutboxItem
from core.text import counted
from integrations.choices import Origin, RunState
from integrations.models import ImportRun, QuarantinedRow, Source, WayIn
from integrations.rules import Outcome, Reading, ReadOptions, read_file
from integrations.rules.layouts import GENERIC
from integrations.services.crm import crm_load, crm_source, is_crm
from integrations.services.door import nameless, store_hashed
from integrations.services.files import file_name, stored_path
from integrations.services.held_rows import rows_hold
from integrations.services.levels import source_load
from integrations.services.mappings import mapping_for, mapping_remember
from integrations.services.observations import is_observed, observations_load
from integrations.services.results import check_result
from integrations.services.sources import refuse_other_account, source_ensure
from integrations.services.stale import account_said, held_when_stale
from metrics.services import LoadResult, Progress

CHECK = "insights.check"
# The setting that lifts a refusal; only ``run_override`` sets it for people.
OVERRIDE = "override"
TURNS_LOCK = 7_402_434


@transaction.atomic
def run_upload(
    *,
    team: Team,
    file: UploadedFile | Path,
    name: str,
    actor: Actor,
    at: datetime,
    user: User | None = None,
    source: Source | None = None,
    settings: Mapping[str, str] | None = None,
    origin: str = Origin.UPLOAD,
    way: WayIn | None = None,
) -> ImportRun:
    """Keep an uploaded file; nothing of it is read into the facts yet."""
    if user:
        require(user, Act.UPLOAD_IMPORT, team=team, owner_id=user.pk)
        _refuse_override(settings or {})
    digest, size = store_hashed(file)
    run = ImportRun.objects.create(
        team=team,
        origin=origin,
        way=way,
        source=source,
        file_name=file_name(nameless(name)),
        stored_as=digest,
        sha256=digest,
        size=size,
        settings=dict(settings or {}),
        uploaded_by=user,
        uploaded_at=at,
    )
    record(run, "import.uploaded", actor, at, after={"file": run.file_name, "sha256": digest})
    return run


def run_check(run: ImportRun, *, today: date, columns: Mapping[str, str] | None = None) -> Reading:
    """Read the file with what is known about its header set; keep the answer on the run.

    ``columns`` (target -> header) are the person's own choices, before the remembered ones.
    """
    reading = _read(run, today, columns)
    remembered = run.mapping or mapping_for(run.team, reading.header_hash)
    if remembered and not run.mapping:
        run.mapping = remembered
        del reading  # a large file fits into memory once, not twice
        reading = _read(run, today, columns)
    run_keep(run, reading, columns or {})
    return reading


def run_keep(run: ImportRun, reading: Reading, columns: Mapping[str, str]) -> None:
    """Keep what a reading found on the run, as its page shows it."""
    run.state = RunState.CHECKED
    run.verdict = reading.outcome.value
    run.layout = reading.layout.key if reading.layout else ""
    run.data_rows, run.accepted = reading.data_rows, reading.accepted
    run.rejected, run.skipped = reading.rejected, reading.skipped
    run.totals = {currency: format(total, "f") for currency, total in reading.totals.items()}
    run.warnings = [{"code": w.code.value, "message": w.message} for w in reading.warnings]
    run.first_day, run.last_day = reading.period or (None, None)
    run.exported_on = reading.evidence.exported_on
    run.check_result = check_result(reading, columns)
    run.save()


@transaction.atomic
def run_answer(
    run: ImportRun,
    *,
    user: User,
    answers: Mapping[str, str],
    columns: Mapping[str, str],
    today: date,
    at: datetime,
) -> Reading:
    """Take a person's answers and column choices, and read the file again."""
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    require(user, Act.UPLOAD_IMPORT, team=locked.team, owner_id=locked.uploaded_by_id)
    _refuse_override(answers)
    require_open(locked, None, confirm=False)
    locked.settings = {**locked.settings, **answers}
    reading = run_check(locked, today=today, columns=columns)
    record(locked, "import.answered", user.as_actor(), at, after={**answers, **columns})
    return reading


def _refuse_override(settings: Mapping[str, str]) -> None:
    if OVERRIDE in settings:
        raise Invalid(
            "Nobody lifts the refusal of their own file.",
            where=OVERRIDE,
            remedy="Ask a director or auditor to let it pass, with a reason, on the import's page.",
        )


def _read(run: ImportRun, today: date, columns: Mapping[str, str] | None) -> Reading:
    return held_when_stale(run_read(run, today=today, columns=columns), run)


def run_read(
    run: ImportRun,
    *,
    today: date,
    columns: Mapping[str, str] | None = None,
    mended: Mapping[int, Sequence[str]] | None = None,
) -> Reading:
    """The kept file with the mapping and answers of its run; nothing is written.

    Rows that were mended are read as mended, and so are those of ``mended`` (row to cells).
    """
    mapping = run.mapping
    chosen = run.check_result.get("chosen", {}) if columns is None else columns
    source = run.source
    account = source.ad_account if source else None
    facts = {"account_tz": account.time_zone} if account and account.time_zone != "UTC" else {}
    options = ReadOptions(
        today=today,
        source=source.platform if source and source.platform not in ("", "other") else None,
        currency=run.settings.get("currency") or (source.currency if source else None),
        mapping={**(mapping.columns if mapping else {}), **chosen},
        settings={**(mapping.settings if mapping else {}), **facts, **run.settings},
        mended={**_mended(run), **(mended or {})},
    )
    return read_file(stored_path(run.stored_as), name=run.file_name, options=options)


def _mended(run: ImportRun) -> dict[int, Sequence[str]]:
    done = run.quarantine.filter(resolution=QuarantinedRow.Resolution.MENDED)
    return {row.row: row.mended for row in done}


def run_import(
    run: ImportRun,
    *,
    actor: Actor,
    at: datetime,
    today: date,
    user: User | None = None,
    confirm: bool = False,
    reading: Reading | None = None,
    on_progress: Progress | None = None,
    is_asked: bool = False,
) -> LoadResult:
    """Write the accepted rows as one batch; all of it or nothing.

    ``confirm`` is needed when some rows are left out (PARTIAL). The same content again
    changes nothing. Raises ``Invalid`` when the file cannot be imported as it stands,
    ``Conflict`` when the run is already imported or undone, or a worker was asked to import
    it; that worker says ``is_asked``.
    """
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        require_open(locked, user, confirm, is_asked=is_asked)
        reading = reading or _read(locked, today, None)
        _require_importable(reading, confirm)
        _take_turns(locked.team)
        source = _source(locked, reading)
        result = _load(reading, locked, source, actor, at, on_progress)
        _remember(locked, reading, user, actor, at)
        _finish(locked, source, result, user, at)
        rows_hold(locked, reading)
        record(locked, "import.imported", actor, at, after=_summary(locked, result))
        if result.batch:
            outbox.enqueue(CHECK, f"check:batch:{result.batch.pk}", {}, at=at)
    run.refresh_from_db()
    return result


def require_open(
    run: ImportRun, user: User | None, confirm: bool, *, is_asked: bool = False
) -> None:
    """Raise unless this person may still decide on the upload; ``is_asked`` once a worker has it."""
    if run.state == RunState.IMPORTING and not is_asked and not _is_left(run):
        raise Conflict(f"{run} is being imported.", remedy="Its page shows how far it is.")
    if run.state in (RunState.IMPORTED, RunState.UNCHANGED):
        raise Conflict(f"{run} is imported already.", code="already_imported")
    if run.state in (RunState.UNDONE, RunState.DISCARDED):
        raise Conflict(f"{run} was {run.get_state_display().lower()}; upload the file again.")
    if user:
        act = Act.CONFIRM_PARTIAL if confirm else Act.UPLOAD_IMPORT
        require(user, act, team=run.team, owner_id=run.uploaded_by_id)


def _take_turns(team: Team) -> None:
    """Files of one team are written one after the other: the second finds what the first made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURNS_LOCK, team.pk])


def _is_left(run: ImportRun) -> bool:
    """Whether no worker goes on with it: several have died over it."""
    left = [OutboxItem.State.NEEDS_PERSON, OutboxItem.State.STOPPED]
    return OutboxItem.objects.filter(pk=run.outbox_id or 0, state__in=left).exists()


def _require_importable(reading: Reading, confirm: bool) -> None:
    details = [
        {"row": p.row, "column": p.column, "code": p.code.value, "message": p.message}
        for p in reading.problems[:100]
    ]
    if reading.outcome == Outcome.REFUSE:
        message = reading.questions[0].sentence if reading.questions else _first(details)
        raise Invalid(message, code="REFUSE", where="file", details=details)
    if reading.outcome == Outcome.PARTIAL and not confirm:
        raise Invalid(
            f"{reading.rejected:,} of {counted(reading.data_rows, 'row', 'rows')} cannot be read.",
            code="PARTIAL",
            remedy="Look at them, then confirm that the others should be imported.",
            details=details,
        )


def _first(details: list[dict[str, Any]]) -> str:
    return str(details[0]["message"]) if details else "The file cannot be imported."


def _source(run: ImportRun, reading: Reading) -> Source:
    account = account_said(run)
    if run.source:
        refuse_other_account(run.source, account)
        return run.source
    currencies = list(reading.totals)
    if reading.layout and is_crm(reading):
        return crm_source(run.team, reading.layout.platform, run.settings.get("currency", ""))
    return source_ensure(
        team=run.team,
        layout=reading.layout,
        currency=run.settings.get("currency") or (currencies[0] if currencies else "EUR"),
        account=account,
    )


def _load(
    reading: Reading,
    run: ImportRun,
    source: Source,
    actor: Actor,
    at: datetime,
    on_progress: Progress | None = None,
) -> LoadResult:
    if is_observed(reading):
        batch = observations_load(reading, run=run, source_id=source.pk, at=at)
        return LoadResult(batch, len(reading.rows), batch.changed if batch else 0, 0)
    if is_crm(reading):
        loaded = crm_load(reading, run=run, source=source, actor=actor, at=at)
        known = loaded.created + loaded.changed + loaded.unchanged
        return LoadResult(loaded.batch, known, loaded.created, loaded.changed)
    if reading.rows.empty:
        return LoadResult(None, 0, 0, 0)
    controls = reading.evidence.control_totals
    return source_load(
        reading.rows, run=run, source=source, actor=actor, at=at, controls=controls,
        on_progress=on_progress,
    )  # fmt: skip


def _remember(
    run: ImportRun, reading: Reading, user: User | None, actor: Actor, at: datetime
) -> None:
    run.mapping = mapping_remember(
        team=run.team,
        header_hash=reading.header_hash,
        layout=reading.layout.key if reading.layout else "",
        name=_layout_name(run, reading),
        columns=_chosen(run),
        settings={**(run.mapping.settings if run.mapping else {}), **run.settings},
        user=user,
        actor=actor,
        at=at,
    )


def _layout_name(run: ImportRun, reading: Reading) -> str:
    """What the layout is called from now on; a table of nobody's is called like its first file."""
    layout = reading.layout
    return layout.name if layout and layout.key != GENERIC else run.file_name


def _chosen(run: ImportRun) -> dict[str, str]:
    """What a person decided about columns, now or when this header set was first seen."""
    known = run.mapping.columns if run.mapping else {}
    return {**known, **run.check_result.get("chosen", {})}


def _finish(
    run: ImportRun, source: Source, result: LoadResult, user: User | None, at: datetime
) -> None:
    run.source = source
    run.batch = result.batch
    run.state = RunState.IMPORTED if result.batch else RunState.UNCHANGED
    run.imported_by, run.imported_at = user, at
    run.save()


def _summary(run: ImportRun, result: LoadResult) -> dict[str, Any]:
    return {
        "batch": result.batch.pk if result.batch else None,
        "rows": run.data_rows,
        "accepted": run.accepted,
        "rejected": run.rejected,
        "new": result.inserted,
        "restated": result.changed,
        "unchanged": result.unchanged,
        "totals": run.totals,
    }


@transaction.atomic
def run_discard(run: ImportRun, *, user: User, at: datetime) -> None:
    """Put an upload aside that was never imported."""
    require(user, Act.UPLOAD_IMPORT, team=run.team, owner_id=run.uploaded_by_id)
    changed = ImportRun.objects.filter(
        pk=run.pk, state__in=[RunState.UPLOADED, RunState.CHECKED]
    ).update(state=RunState.DISCARDED)
    if not changed:
        raise Conflict(f"{run} is imported or being imported; undo it instead.")
    record(run, "import.discarded", user.as_actor(), at)


def record(
    run: ImportRun,
    action: str,
    actor: Actor,
    at: datetime,
    *,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """The event of a change to a run."""
    events.record(
        actor=actor,
        action=action,
        subject=run,
        at=at,
        after=after,
        reason=reason,
        team_path=run.team.path,
        live=["imports"],
    )
