"""The cells of an uploaded table, whether it came as text or as a workbook."""

from __future__ import annotations

import csv
import io
from typing import Final

from core.errors import Invalid
from integrations.rules.answers import FileRefused
from integrations.rules.decode import decode
from integrations.rules.grid import NUMBER, TEXT
from integrations.rules.limits import Limits
from integrations.rules.unpack import unpack
from integrations.rules.workbook import SheetUnclear, read_workbook

LIMITS: Final = Limits(packed_bytes=10 * 1024 * 1024, unpacked_bytes=60 * 1024 * 1024, columns=200)
# Kind and text of one cell.
Cell = tuple[int, str]


def records_of(data: bytes, sheet: str) -> list[list[Cell]]:
    """Every row of a file; of a workbook with more than one table, those of ``sheet``.

    Raises ``Invalid`` for what is no table.
    """
    try:
        unpacked = unpack(data, LIMITS)
        if unpacked.kind == "workbook":
            return _from_workbook(unpacked.content, sheet)
        text = decode(unpacked.content).content.decode()
    except FileRefused as error:
        raise Invalid(error.problem.message, where="file", remedy="Nothing was read.") from error
    separator = max(";\t,", key=text[:4_000].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [[(TEXT, cell) for cell in row] for row in rows]
    except csv.Error as error:
        raise Invalid(f"The file cannot be read: {error}.", where="file") from error


def _from_workbook(data: bytes, sheet: str) -> list[list[Cell]]:
    try:
        grid = read_workbook(data, {}, LIMITS).grid
    except SheetUnclear:
        grid = read_workbook(data, {"sheet": sheet}, LIMITS).grid
    kinds = grid.kinds
    return [
        [
            (int(kinds[int(grid.first[at]) + column]) if kinds is not None else NUMBER, text)
            for column, text in enumerate(grid.record(at))
        ]
        for at in range(len(grid))
    ]
