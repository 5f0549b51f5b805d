"""A table of text as one block of UTF-8 bytes and the places where its cells end.

Cells become Python strings only where somebody looks at them; columns are read as arrays of bytes.
So a file of a million rows costs a few bytes per cell and no object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUOTE, LF, CR = 34, 10, 13
_PIECE = 50_000

# What kind of cell a workbook had; text files have only TEXT. OTHER is an error or true or false.
TEXT: Final = 0
NUMBER: Final = 1
DATE: Final = 2
OTHER: Final = 3
EMPTY_FORMULA: Final = 4


@dataclass(frozen=True, slots=True)
class Grid:
    """``ends[i]`` is the place of the separator after cell ``i``; ``first[r]`` is the first cell of
    record ``r`` and ``first[-1]`` their number. ``lines[r]`` is the row number a person sees.

    ``kinds`` (workbooks only) gives one kind per cell. ``quoted`` says that cells may stand in
    quotes. ``broken`` is the record from which on the quotes do not balance.
    """

    block: Bytes
    ends: npt.NDArray[np.int32]
    first: Places
    lines: Places
    quoted: bool = True
    kinds: npt.NDArray[np.uint8] | None = None
    broken: int | None = None
    ends_in_line: bool = False

    def __len__(self) -> int:
        return len(self.first) - 1

    @property
    def widths(self) -> Places:
        """Cells per record."""
        return np.diff(self.first)

    def spans(self, records: Places, column: int) -> tuple[Places, Places]:
        """Start and length in bytes of one cell per record, quotes included."""
        cells = self.first[records] + column
        missing = cells >= self.first[records + 1]
        cells = np.where(missing, 0, cells)
        stop = self.ends[cells].astype(np.int64)
        start = np.where(cells > 0, self.ends[cells - 1].astype(np.int64) + 1, 0)
        returns = (self.block[stop] == LF) & (stop > start) & (self.block[stop - 1] == CR)
        length = np.where(missing, 0, stop - returns - start)
        return start, length

    def cell(self, record: int, column: int) -> str:
        """One cell as written, without its quotes; "" when the record is shorter."""
        at = int(self.first[record]) + column
        if at >= self.first[record + 1]:
            return ""
        return self.plain(self._raw(int(self.ends[at - 1]) + 1 if at else 0, int(self.ends[at])))

    def record(self, record: int, at_most: int | None = None) -> list[str]:
        """The cells of one record as written, without quotes."""
        begin, stop = int(self.first[record]), int(self.first[record + 1])
        stop = stop if at_most is None else min(stop, begin + at_most)
        ends = self.ends[begin:stop].tolist()
        starts = [int(self.ends[begin - 1]) + 1 if begin else 0, *(end + 1 for end in ends)]
        return [self.plain(self._raw(*span)) for span in zip(starts, ends, strict=False)]

    def _raw(self, start: int, stop: int) -> bytes:
        """The bytes of a cell that ends before ``stop``, without the CR of a CRLF."""
        raw = self.block[start:stop].tobytes()
        return raw[:-1] if raw.endswith(b"\r") and self.block[stop] == LF else raw

    def line(self, record: int) -> int:
        return int(self.lines[record])

    def kinds_of(self, records: Places, column: int) -> npt.NDArray[np.uint8] | None:
        """The kind of one cell per record, or None when every cell is text."""
        if self.kinds is None:
            return None
        cells = np.minimum(self.first[records] + column, self.first[records + 1] - 1)
        return self.kinds[cells]

    def plain(self, raw: bytes) -> str:
        """The text of a raw cell: outer quotes off, doubled quotes single."""
        text = raw.decode()
        if self.quoted and len(text) > 1 and text[0] == '"' and text[-1] == '"':
            return text[1:-1].replace('""', '"')
        return text

    def raw_record(self, record: int) -> bytes:
        """A whole record as its bytes stand in the file, without the line end."""
        start, stop = self.record_spans(np.array([record]))
        return self.block[int(start[0]) : int(stop[0])].tobytes()

    def record_spans(self, records: Places) -> tuple[Places, Places]:
        """Start and end in bytes of whole records, without the line end."""
        begin, final = self.first[records], self.first[records + 1] - 1
        start = np.where(begin > 0, self.ends[begin - 1].astype(np.int64) + 1, 0)
        stop = self.ends[final].astype(np.int64)
        returns = (self.block[stop] == LF) & (stop > start) & (self.block[stop - 1] == CR)
        return start, stop - returns


def blank_records(grid: Grid, separator: int) -> Flags:
    """Which records hold nothing but separators, quotes and blanks."""
    loud = np.ones(256, dtype=np.uint8)
    loud[[separator, QUOTE, LF, CR, 32, 9]] = 0
    begin = grid.first[:-1]
    starts = np.where(begin > 0, grid.ends[begin - 1].astype(np.int64) + 1, 0)
    blank = np.zeros(len(grid), dtype=bool)
    for low in range(0, len(grid), _PIECE):
        edges = starts[low : low + _PIECE]
        high = starts[low + _PIECE] if low + _PIECE < len(grid) else len(grid.block)
        piece = loud[grid.block[edges[0] : high]]
        blank[low : low + _PIECE] = np.maximum.reduceat(piece, edges - edges[0]) == 0
    return blank
