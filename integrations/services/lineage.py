"""The end of a number's way back: its import, and the rows of the kept file behind a line's day.

Facts are added up from rows, so no row carries a fact's number. The file is read again
with the mapping and answers of its run, and the rows that fall on the line and day are
what the fact was made of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal

import pandas as pd
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.permissions import sees_money
from campaigns.models import CampaignLine
from core.money import MICROS
from integrations.choices import Origin
from integrations.models import ImportRun, StreamFlush
from integrations.rules.answers import MEASURES, Reading
from integrations.services.files import stored_path
from integrations.services.runs import run_read
from metrics.choices import MICRO_MEASURES
from metrics.selectors import MEASURE_LABELS, BatchOrigin, FileRow, FileRows, Place, decimal_text

# What a row is about, as far as its file says so.
ABOUT = {
    "day": "Day",
    "campaign_name": "Campaign",
    "campaign_external_id": "Campaign number",
    "account": "Account",
    "ad_group_name": "Ad group",
    "creative_name": "Ad",
    "segment": "Split",
    "currency": "Currency",
}
# Sums of thousands of rows are not read by anybody; the file itself can be downloaded.
MOST_ROWS = 500


def batch_runs(user: User, ids: Collection[int]) -> Mapping[int, BatchOrigin]:
    """The import of each batch, of those in the person's sight; an undo leads to what it undid."""
    visible = ImportRun.objects.for_user(user)
    found: dict[int, BatchOrigin] = {}
    for run in visible.filter(batch__in=ids).only("pk", "file_name", "batch_id"):
        found[run.batch_id or 0] = _origin(run, f"Import {run.pk}: {run.file_name}")
    for flush in StreamFlush.objects.filter(run__in=visible, batch__in=ids).select_related("run"):
        found[flush.batch_id or 0] = _origin(flush.run, f"Event stream: {flush.run.file_name}")
    undone = visible.filter(batch__undone_by__in=ids).select_related("batch__undone_by")
    for run in undone:
        if run.batch:
            found[run.batch.undone_by.pk] = _origin(
                run, f"Undo of import {run.pk}: {run.file_name}"
            )
    return found


def _origin(run: ImportRun, words: str) -> BatchOrigin:
    return BatchOrigin(words, reverse("integrations:run", args=[run.pk]))


def rows_behind(user: User, place: Place) -> FileRows:
    """The rows of the stored file that a line's day was added up from, or why they cannot be shown."""
    brought = Q(batch=place.batch) | Q(flushes__batch=place.batch)
    run = ImportRun.objects.for_user(user).filter(brought).first()
    if run is None:
        return FileRows(reason=_why_none(user, place))
    known = FileRows(
        file_name=run.file_name,
        sha256=run.sha256,
        url=reverse("integrations:run", args=[run.pk]),
    )
    if not sees_money(user):
        return _because(known, "Rows of files hold amounts, which your role does not see.")
    if run.origin in (Origin.CONNECTION, Origin.STREAM):
        said = f"This came by {run.get_origin_display().lower()}, not as a file with rows."
        return _because(known, said)
    if not stored_path(run.stored_as).is_file():
        return _because(known, "The file is no longer kept. Its fingerprint and its facts are.")
    return _rows(known, run, place)


def _why_none(user: User, place: Place) -> str:
    undone = place.batch.undoes
    if undone:
        origin = batch_runs(user, [place.batch.pk]).get(place.batch.pk)
        return f"No file: {origin.words if origin else f'an undo of {undone}'} brought this back."
    return "This batch did not come from a file that you may see."


def _because(found: FileRows, reason: str) -> FileRows:
    return FileRows(found.file_name, found.sha256, found.url, reason=reason)


def _rows(found: FileRows, run: ImportRun, place: Place) -> FileRows:
    """The file read as on the day of its import."""
    reading = run_read(run, today=(run.imported_at or run.uploaded_at).date())
    if reading.rows.empty or "campaign_name" not in reading.rows:
        return _because(found, "The file reads differently now: none of its rows is accepted.")
    chosen = _on_place(reading, place)
    if chosen.empty:
        reason = "No row of the file names this line and day: the line was renamed or moved since."
        return _because(found, reason)
    shown = chosen.head(MOST_ROWS)
    columns = _columns(shown)
    cells = [[_text(column, row[column]) for column in columns] for _, row in shown.iterrows()]
    numbers = [int(number) for number in shown["row"]]
    left = len(chosen) - len(shown)
    return FileRows(
        found.file_name,
        found.sha256,
        found.url,
        heads=[ABOUT.get(c) or MEASURE_LABELS[c] for c in columns],
        rows=[FileRow(n, cell) for n, cell in zip(numbers, cells, strict=True)],
        reason=f"{left:,} more rows fall on this day; download the file to see them."
        if left
        else "",
    )


def _on_place(reading: Reading, place: Place) -> pd.DataFrame:
    rows = reading.rows
    day = pd.Timestamp(place.day)
    start = day - pd.Timedelta(days=place.period_days - 1)
    on_day = rows[(rows["day"] == day) & (rows["period_start"] == start)]
    return on_day[_of_line(on_day, place.line)]


def _of_line(rows: pd.DataFrame, line: CampaignLine) -> pd.Series:
    """Rows of a line as imports find it: by the platform's number, else by the name."""
    numbers = rows["campaign_external_id"].astype(str)
    if line.external_id and (numbers == line.external_id).any():
        return numbers == line.external_id
    names = rows["campaign_name"].astype(str).str.casefold()
    return names.isin([line.name.casefold(), line.campaign.name.casefold()])


def _columns(rows: pd.DataFrame) -> list[str]:
    """What the file says of these rows, and the measures that it reports."""
    about = [c for c in ABOUT if c in rows and (rows[c].astype(str) != "").any()]
    return about + [c for c in MEASURES if rows[c].notna().any()]


def _text(column: str, value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if column == "segment":
        return _split(str(value))
    if column in MICRO_MEASURES:
        return decimal_text(Decimal(str(value)) / MICROS)
    return str(value)


def _split(text: str) -> str:
    """``keyword coat, device mobile`` for the leftover dimensions of a row."""
    parts = json.loads(text) if text else {}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parts.items())
