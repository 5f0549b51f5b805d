"""Where the table begins: the separator and the header row are found by what the cells say.

A header row is the first of the rows with the most headers that any known export uses, or that a
person has mapped; failing that, the first row of words above rows of the same width.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from integrations.rules.answers import FileRefused
from integrations.rules.codes import Code
from integrations.rules.dates import understand as understand_date
from integrations.rules.grid import Grid
from integrations.rules.layouts import known_headers, normal
from integrations.rules.limits import Limits
from integrations.rules.numbers import Sort, shape_of
from integrations.rules.numbers import understand as understand_number
from integrations.rules.split import SEPARATORS, split

SAMPLE_BYTES = 256 * 1024
SAMPLE_RECORDS = 100
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Start:
    """``record`` is the index of the header row, ``known`` how many of its headers are known."""

    record: int
    known: int


def find_separator(content: bytes, wanted: Collection[str], limits: Limits) -> str:
    """The name of the separator that gives the best header row; refuses what is no table."""
    _refuse_markup(content)
    sample = _sample(content)
    best: tuple[int, int, str] | None = None
    for name, separator in SEPARATORS.items():
        grid = split(sample, separator, limits)
        start = find_header(first_records(grid, limits), wanted)
        if start is None:
            continue
        rank = (start.known, int(grid.widths[start.record]), name)
        best = rank if best is None or rank[:2] > best[:2] else best
    if best is None:
        raise FileRefused(
            Code.NOT_TABULAR,
            "No table was found: there is no row of headers with rows of the same width below. "
            "Export as CSV, with one header row.",
        )
    return best[2]


def _refuse_markup(content: bytes) -> None:
    head = content[:64].lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise FileRefused(
            Code.NOT_TABULAR,
            "This is a web page, not an export; the download link has probably expired. "
            "Sign in to the platform and export again.",
        )
    if head.startswith((b"{", b"[{")):
        raise FileRefused(Code.NOT_TABULAR, "This is JSON, not a table. Export as CSV or Excel.")


def _sample(content: bytes) -> bytes:
    if len(content) <= SAMPLE_BYTES:
        return content
    cut = max(content.rfind(b"\n", 0, SAMPLE_BYTES), content.rfind(b"\r", 0, SAMPLE_BYTES))
    return (
        content[: cut + 1] if cut > 0 else content[:SAMPLE_BYTES].decode("utf-8", "ignore").encode()
    )


def first_records(grid: Grid, limits: Limits) -> list[list[str]]:
    """The first records as text, each cut off just past the widest row that is allowed."""
    count = min(len(grid), SAMPLE_RECORDS)
    return [grid.record(record, limits.columns + 1) for record in range(count)]


def find_header(records: Sequence[Sequence[str]], wanted: Collection[str]) -> Start | None:
    """The header row among the first records; ``wanted`` are headers a person has named."""
    named = {normal(header).key for header in wanted}
    scores = [_known(record, named) for record in records]
    best = max(scores, default=0)
    if best >= _ENOUGH:
        return Start(scores.index(best), best)
    for index, record in enumerate(records):
        if _looks_like_header(record, records[index + 1 :]):
            return Start(index, 0)
    return None


def _known(record: Sequence[str], named: Collection[str]) -> int:
    keys = {normal(cell).key for cell in record if cell and len(cell) <= SAMPLE_RECORDS}
    return len(keys & known_headers() | keys & set(named))


def _looks_like_header(record: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    filled = [cell.strip() for cell in record if cell.strip()]
    if len(filled) < _ENOUGH or len(set(filled)) != len(filled) or len(filled) < len(record):
        return False
    if any(_is_value(cell) for cell in filled):
        return False
    rows = [row for row in below if any(cell.strip() for cell in row)]
    return bool(rows) and len(rows[0]) == len(record)


def _is_value(cell: str) -> bool:
    return (
        understand_number(shape_of(cell)).sort is Sort.NUMBER
        or understand_date(cell).looks_like_date
    )


def header_hash(headers: Sequence[str]) -> str:
    """The same for files with the same headers in the same order, whatever their case or blanks."""
    keys = (f"{header.key}|{header.currency}" for header in map(normal, headers))
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()
