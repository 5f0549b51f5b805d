"""The pages of a part as an import: kept as a file, read by the platform's mapping, loaded as a batch."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pandas as pd
from django.conf import settings

from core import outbox
from core.events import SYSTEM
from integrations.choices import Origin, RunState, Verdict
from integrations.models import ImportRun, SyncPage, SyncPart, SyncRun
from integrations.rules import api as rules
from integrations.rules.connector import (
    Connector,
    RowsRefused,
    connectors,
    pages_to_tables,
    read_json,
    tables_to_rows,
)
from integrations.services.connections.failures import Unreadable
from integrations.services.connections.observed import observed_load
from integrations.services.connections.pages import page_lines
from integrations.services.connections.periods import days_of_part
from integrations.services.connections.records import records_sync, unreadable
from integrations.services.levels import source_load
from integrations.services.runs import CHECK, record, run_upload
from metrics.services import LoadResult

NOTHING = LoadResult(None, 0, 0, 0)


def part_load(run: SyncRun, *, api: rules.Api, at: datetime) -> LoadResult:
    """Write the part in work; call it in the transaction that moves on to the next one.

    The unique row of the part makes a second time impossible.
    """
    imported = _kept(run, api, at)
    SyncPart.objects.create(run=run, part=run.part, import_run=imported)
    result = _written(run, imported, api, at)
    imported.data_rows = imported.accepted = result.rows
    imported.batch = result.batch
    imported.state = RunState.IMPORTED if result.batch else RunState.UNCHANGED
    imported.imported_at = at
    imported.save()
    summary = {"rows": result.rows, "new": result.inserted, "restated": result.changed}
    record(imported, "import.imported", SYSTEM, at, after=summary)
    if result.batch:
        outbox.enqueue(CHECK, f"check:batch:{result.batch.pk}", {}, at=at)
    return result


def _written(run: SyncRun, imported: ImportRun, api: rules.Api, at: datetime) -> LoadResult:
    if api.observed:
        return observed_load(api.observed, _all_items(run, api), run=run, at=at)
    if api.brings_records:
        pages = ((read, _items(read, answer)) for read, answer in _answers(run, api))
        return records_sync(pages, run=run, at=at)
    rows = _rows(run, api)
    if rows.empty:
        return NOTHING
    source = run.connection.source
    return source_load(rows, run=imported, source=source, actor=SYSTEM, at=at)


def _rows(run: SyncRun, api: rules.Api) -> pd.DataFrame:
    """Standard rows of the days that were asked for; conversions as they were chosen."""
    connector = connectors()[api.key]
    choices = api.choices(run.connection.source.currency, run.connection.events)
    try:
        rows = tables_to_rows(_tables(run, api, connector), connector, choices=choices)
    except RowsRefused as error:
        raise Unreadable(error.message, remedy=error.remedy) from error
    rows = _with_chosen(rows, run, api)
    first, last = (pd.Timestamp(day) for day in days_of_part(run))
    return rows[rows["day"].between(first, last)]


def _with_chosen(rows: pd.DataFrame, run: SyncRun, api: rules.Api) -> pd.DataFrame:
    """Conversions of the chosen events, where the platform was asked for them by event."""
    held, counts, asked = run.connection, list[rules.Count](), set[str]()
    for read, answer in _answers(run, api):
        asked.add(read.name)
        if read.counted:
            try:
                counts += rules.counts_of(read.counted, _items(read, answer), held.events)
            except ValueError as error:
                raise unreadable(str(error), "day or number") from error
    needed = {read.name for read in api.reads if read.when_chosen}
    if not held.events or not needed or not needed <= asked:
        return rows
    return rules.with_counts(rows, counts, held.source.currency)


def _tables(run: SyncRun, api: rules.Api, connector: Connector) -> dict[str, pd.DataFrame]:
    """Each table from the answers of its own question."""
    answers: dict[str, list[Any]] = {read.name: [] for read in api.reads}
    for read, answer in _answers(run, api):
        # The mapping file knows the list by its own name, wherever in the answer it stands.
        items = {read.items.rpartition(".")[2]: _items(read, answer)}
        answers[read.name].append(items)
    found: dict[str, pd.DataFrame] = {}
    for read in api.reads:
        own = replace(connector, pages={name: connector.pages[name] for name in read.tables})
        found.update(pages_to_tables(answers[read.name], own))
    return found


def _all_items(run: SyncRun, api: rules.Api) -> list[Any]:
    return [item for read, answer in _answers(run, api) for item in _items(read, answer)]


def _items(read: rules.Read, answer: Any) -> list[Any]:
    return rules.items_of(read, answer) or []


def _answers(run: SyncRun, api: rules.Api) -> Iterator[tuple[rules.Read, Any]]:
    for read, content in _contents(run):
        yield api.reads[read], read_json(content)


def _contents(run: SyncRun) -> Iterator[tuple[int, bytes]]:
    kept = SyncPage.objects.filter(run=run, part=run.part).values_list("read", "body")
    for read, body in kept.iterator(20):
        yield read, gzip.decompress(body)


def _kept(run: SyncRun, api: rules.Api, at: datetime) -> ImportRun:
    """The import of the part, with its pages as they came: one JSON text a line, packed."""
    first, last = days_of_part(run)
    folder = Path(settings.UPLOADS) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=".jsonl.gz") as draft:
        with gzip.GzipFile(filename="", fileobj=draft, mode="wb", mtime=0) as packed:
            for read, content in _contents(run):
                packed.writelines(page_lines(content, api.reads[read]))
        draft.flush()
        imported = run_upload(
            team=run.connection.team,
            file=Path(draft.name),
            name=f"{run.connection.key} {first} to {last}.jsonl.gz",
            actor=SYSTEM,
            at=at,
            source=run.connection.source,
        )
    imported.origin, imported.layout = Origin.CONNECTION, api.key
    imported.first_day, imported.last_day, imported.verdict = first, last, Verdict.ACCEPT
    imported.rejected = imported.skipped = 0
    return imported
