"""Rows of a file as a person wrote them instead, in the place of those that could not be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from integrations.rules.answers import FileRefused
from integrations.rules.codes import Code
from integrations.rules.grid import TEXT, Grid
from integrations.rules.limits import Limits
from integrations.rules.split import split
from integrations.rules.workbook import FILLER, Packer

# The row's number in the file, and its cells from the first to the last.
Mended = Mapping[int, Sequence[str]]


def with_mended(grid: Grid, mended: Mended, separator: int, limits: Limits) -> Grid:
    """``grid`` with the mended rows in place; every row keeps its number."""
    places = {line: at for at, line in enumerate(grid.lines.tolist()) if line in mended}
    if not places:
        return grid
    cells = {places[line]: [_plain(cell) for cell in mended[line]] for line in places}
    if separator == FILLER:
        return _of_workbook(grid, cells)
    return _of_text(grid, cells, separator, limits)


def _plain(cell: str) -> str:
    return cell.replace("\0", "").replace("\r", " ").replace("\n", " ")


def _of_text(
    grid: Grid, cells: Mapping[int, Sequence[str]], separator: int, limits: Limits
) -> Grid:
    pieces: list[bytes] = []
    place = 0
    for at in sorted(cells):
        start, stop = (int(edge) for edge in _edges(grid, at))
        pieces += [grid.block[place:start].tobytes(), _written(cells[at], separator)]
        place = stop
    made = split(b"".join([*pieces, grid.block[place:].tobytes()]), separator, limits)
    if len(made) != len(grid):
        raise FileRefused(Code.UNBALANCED_QUOTE, "The rows as you wrote them break the table.")
    return replace(made, lines=grid.lines, ends_in_line=grid.ends_in_line)


def _edges(grid: Grid, at: int) -> tuple[int, int]:
    raw = grid.raw_record(at)
    start = int(grid.ends[grid.first[at] - 1]) + 1 if grid.first[at] else 0
    return start, start + len(raw)


def _written(cells: Sequence[str], separator: int) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=chr(separator), lineterminator="").writerow(cells)
    return out.getvalue().encode()


def _of_workbook(grid: Grid, cells: Mapping[int, Sequence[str]]) -> Grid:
    """A cell that stayed as it was keeps its kind; what was typed is text."""
    width = int(grid.widths.max())
    packer = Packer()
    for at in range(len(grid)):
        first = int(grid.first[at])
        kinds = grid.kinds[first : first + width].tolist() if grid.kinds is not None else []
        old = list(zip(kinds, grid.record(at), strict=True))
        typed = cells.get(at)
        if typed is not None:
            padded = [*typed, *[""] * width][:width]
            old = [
                was if was[1] == new else (TEXT, new) for was, new in zip(old, padded, strict=True)
            ]
        packer.add(old, at + 1)
    return packer.grid(width)
