"""Where imports hold something about people: stored files, checks, quarantine; how long they stay.

See ``core.personal``. Files are hashed at the door, so what is looked for here are tokens, and
words that somebody wrote into a free text.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Q

from core.personal import Kept, Person, is_outdated, renew
from customers.services.holders import naming
from integrations.models import ImportRun, QuarantinedRow
from integrations.services.files import drafts_left, store, stored_path
from metrics.models import Batch

FORGOTTEN = "What stood here is forgotten."
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


class Files:
    """Stored files: each is rewritten without the person, and kept under its new content."""

    key, label = "files", "Stored files"

    def known(self, _person: Person) -> Collection[str]:
        return ()

    def count(self, person: Person) -> int:
        return sum(1 for _ in self._naming(person))

    def _naming(self, person: Person) -> Iterator[tuple[str, bytes]]:
        for stored_as, content in _stored():
            if _changed(content, _taking_out(person)) != content:
                yield stored_as, content

    def erase(self, person: Person, _at: datetime) -> int:
        change = _taking_out(person)
        return _rewrite(self._naming(person), change)

    def renew(self) -> int:
        outdated = ((name, body) for name, body in _stored() if _changed(body, renew) != body)
        return _rewrite(outdated, renew)


def _taking_out(person: Person) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(person.taken_out(one) if person.is_in(one) else one for one in lines)

    return change


def _stored() -> Iterator[tuple[str, bytes]]:
    """Every stored file once: the name it is kept under, and its content."""
    names = ImportRun.objects.exclude(stored_as="").values_list("stored_as", flat=True)
    for name in names.order_by().distinct():
        path = stored_path(name)
        if path.exists():
            yield name, path.read_bytes()


def _rewrite(files: Iterable[tuple[str, bytes]], change: Callable[[str], str]) -> int:
    """Keep each file anew, under the hash of what it holds now; the former one is deleted.

    ``sha256`` of its imports stays that of the file they were made from.
    """
    count = 0
    for name, content in list(files):
        digest, size = store(ContentFile(_changed(content, change)))
        ImportRun.objects.filter(stored_as=name).update(stored_as=digest, size=size)
        if digest != name:
            stored_path(name).unlink(missing_ok=True)
        count += 1
    return count


def _changed(content: bytes, change: Callable[[str], str]) -> bytes:
    """Text of every member with ``change``; what is no UTF-8 text stays as it is."""
    if content.startswith(_ZIP):
        return _changed_zip(content, change)
    if content.startswith(_GZIP):
        inner = gzip.decompress(content)
        after = _changed_text(inner, change)
        return content if after == inner else gzip.compress(after, mtime=0)
    return _changed_text(content, change)


def _changed_text(content: bytes, change: Callable[[str], str]) -> bytes:
    try:
        return change(content.decode()).encode()
    except UnicodeDecodeError:
        return content


def _changed_zip(content: bytes, change: Callable[[str], str]) -> bytes:
    """A workbook's texts stand in one line each, so that the line is a cell here."""
    out, is_same = io.BytesIO(), True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
            for member in source.infolist():
                before = source.read(member)
                after = _changed_text(before.replace(b"<si>", b"\n<si>"), change)
                after = after.replace(b"\n<si>", b"<si>")
                is_same &= after == before
                target.writestr(member, after)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        return content
    return content if is_same else out.getvalue()


class Checks:
    """What checks of files and quarantined rows show of single rows."""

    key, label = "quarantine", "Quarantined rows and checks of files"

    def known(self, _person: Person) -> Collection[str]:
        return ()

    def _rows(self, person: Person) -> Any:
        held = naming(QuarantinedRow.objects.all(), "cells", person)
        mended = naming(QuarantinedRow.objects.all(), "mended", person)
        named = Q(pk__in=held.values("pk")) | Q(pk__in=mended.values("pk"))
        return QuarantinedRow.objects.filter(
            named | _worded(("message", "value", "reason"), person)
        )

    def _runs(self, person: Person) -> Any:
        named = _worded(("file_name",), person)
        for field in _SAID:
            named |= Q(pk__in=naming(ImportRun.objects.all(), field, person).values("pk"))
        return ImportRun.objects.filter(named)

    def _batches(self, person: Person) -> Any:
        return Batch.objects.filter(_worded(("label",), person))

    def count(self, person: Person) -> int:
        held = (self._rows(person), self._runs(person), self._batches(person))
        return sum(int(rows.count()) for rows in held)

    def erase(self, person: Person, _at: datetime) -> int:
        rows, runs = list(self._rows(person)), list(self._runs(person))
        for row in rows:
            _change_row(row, person.taken_out)
        QuarantinedRow.objects.bulk_update(rows, _ROW, batch_size=500)
        for run in runs:
            _change_said(run, person.taken_out)
            run.file_name = person.taken_out(run.file_name)
        ImportRun.objects.bulk_update(runs, [*_SAID, "file_name"], batch_size=100)
        batches = list(self._batches(person))
        for batch in batches:
            batch.label = person.taken_out(batch.label)
        Batch.objects.bulk_update(batches, ["label"], batch_size=500)
        return len(rows) + len(runs) + len(batches)

    def renew(self) -> int:
        held = QuarantinedRow.objects.iterator(1_000)
        rows = [row for row in held if is_outdated(json.dumps([row.cells, row.mended]))]
        for row in rows:
            _change_row(row, renew)
        QuarantinedRow.objects.bulk_update(rows, _ROW, batch_size=500)
        every = ImportRun.objects.iterator(1_000)
        runs = [r for r in every if is_outdated(json.dumps([getattr(r, name) for name in _SAID]))]
        for run in runs:
            _change_said(run, renew)
        ImportRun.objects.bulk_update(runs, _SAID, batch_size=100)
        return len(rows) + len(runs)


_ROW = ["cells", "mended", "message", "value", "reason"]
# What an import says of its rows, in JSON.
_SAID = ["check_result", "settings", "warnings"]


def _change_row(row: QuarantinedRow, change: Callable[[str], str]) -> None:
    """All cells at once: the name beside somebody's number is theirs."""
    for name in ("cells", "mended"):
        cells = getattr(row, name)
        if cells:
            setattr(row, name, change("\x1f".join(cells)).split("\x1f"))
    for name in ("message", "value", "reason"):
        setattr(row, name, change(getattr(row, name)))


def _change_said(run: ImportRun, change: Callable[[str], str]) -> None:
    for name in _SAID:
        said = json.dumps(getattr(run, name), ensure_ascii=False)
        setattr(run, name, json.loads(change(said)))


def _worded(fields: Iterable[str], person: Person) -> Q:
    found = Q(pk__in=[])
    for field in fields:
        for text in (*person.tokens, *person.words):
            found |= Q(**{f"{field}__icontains": text})
    return found


def _forget_files(*, before: datetime, at: datetime, dry: bool) -> int:  # noqa: ARG001
    """Files of imports that are older and that no younger import shares, and what killed uploads left."""
    old = ImportRun.objects.filter(uploaded_at__lt=before).exclude(stored_as="")
    younger = ImportRun.objects.filter(uploaded_at__gte=before).values("stored_as")
    names = set(old.exclude(stored_as__in=younger).values_list("stored_as", flat=True))
    there = [path for path in map(stored_path, names) if path.exists()] + drafts_left(before)
    if not dry:
        for path in there:
            path.unlink(missing_ok=True)
        ImportRun.objects.filter(stored_as__in=names).update(stored_as="")
    return len(there)


def _forget_rows(*, before: datetime, at: datetime, dry: bool) -> int:  # noqa: ARG001
    """The cells go; where and why the row was held stays."""
    old = QuarantinedRow.objects.filter(run__uploaded_at__lt=before).exclude(cells=[])
    cleared: dict[str, Any] = {"cells": [], "mended": [], "value": "", "reason": ""}
    return old.count() if dry else old.update(**cleared, message=FORGOTTEN)


KEPT = (
    Kept(
        "files",
        "Stored files",
        "Since the upload. What was imported stays; the file can no longer be downloaded.",
        _forget_files,
    ),
    Kept(
        "quarantine",
        "Quarantined rows",
        "Since the upload. Their cells go; row, column and reason stay.",
        _forget_rows,
    ),
)
