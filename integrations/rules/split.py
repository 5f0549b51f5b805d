"""From UTF-8 bytes to a grid of cells, strictly: every quote must open at the start of a cell and
close at its end, and line ends of all kinds may be mixed.

The regular case is done with array operations over the whole block; text with bare quotes takes a
slower scan that follows each cell.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from integrations.rules.answers import FileRefused
from integrations.rules.codes import Code
from integrations.rules.grid import CR, LF, QUOTE, Bytes, Flags, Grid, Places
from integrations.rules.limits import MEGABYTE, Limits

SEPARATORS = {"comma": 44, "semicolon": 59, "tab": 9, "pipe": 124}
_PIECE = 8 * MEGABYTE

_Ends = npt.NDArray[np.int32]


def split(content: bytes, separator: int, limits: Limits) -> Grid:
    """Cut ``content`` (valid UTF-8) at ``separator`` and at line ends."""
    ends_in_line = not content.endswith((b"\n", b"\r"))
    block = np.frombuffer(content + b"\n" if ends_in_line else content, dtype=np.uint8)
    scan = _Scan(block, separator, has_bare_returns=content.count(b"\r") > content.count(b"\r\n"))
    if not scan.run():
        return _split_slowly(block, separator, limits, ends_in_line=ends_in_line)
    ends = np.concatenate(scan.ends)
    records = np.flatnonzero(block[ends] != separator)
    _within(len(records), limits)
    first = np.concatenate(([0], records + 1)).astype(np.int64)
    lines = _line_numbers(np.concatenate(scan.quoted_newlines), ends, first)
    return Grid(block, ends, first, lines, ends_in_line=ends_in_line)


class _Scan:
    """Finds the ends of cells piece by piece, so that only one piece's masks exist at a time."""

    def __init__(self, block: Bytes, separator: int, *, has_bare_returns: bool) -> None:
        self._block = block
        self._separator = separator
        self._has_bare_returns = has_bare_returns
        self._is_open = False
        self.ends: list[_Ends] = []
        self.quoted_newlines: list[_Ends] = []

    def run(self) -> bool:
        """False when some quote does not stand at a cell's start or end."""
        for start in range(0, len(self._block), _PIECE):
            if not self._piece(start, min(start + _PIECE, len(self._block))):
                return False
        return not self._is_open

    def _piece(self, start: int, stop: int) -> bool:
        block = self._block[start:stop]
        newlines = self._newlines(start, stop)
        marks = newlines | (block == self._separator)
        quotes = block == QUOTE
        if quotes.any() or self._is_open:
            inside = np.logical_xor.accumulate(quotes) ^ self._is_open
            if not self._regular(np.flatnonzero(quotes), inside, start):
                return False
            self._is_open = bool(inside[-1])
            marks &= ~inside
            newlines &= inside
        else:
            newlines[:] = False
        self.ends.append(_places(marks, start))
        self.quoted_newlines.append(_places(newlines, start))
        return True

    def _newlines(self, start: int, stop: int) -> Flags:
        """True at LF and at a CR that no LF follows."""
        newlines: Flags = self._block[start:stop] == LF
        if self._has_bare_returns:
            after = self._block[start + 1 : stop + 1] == LF
            returns = self._block[start:stop] == CR
            returns[: len(after)] &= ~after
            newlines |= returns
        return newlines

    def _regular(self, quotes: Places, inside: Flags, start: int) -> bool:
        """Whether every opening quote stands at a cell's start and every closing one at its end."""
        is_opening = inside[quotes]
        opening, closing = quotes[is_opening] + start, quotes[~is_opening] + start
        before = self._block[np.maximum(opening - 1, 0)]
        after = self._block[np.minimum(closing + 1, len(self._block) - 1)]
        edges = (self._separator, LF, CR, QUOTE)
        good_start = (opening == 0) | np.isin(before, edges)
        return bool(good_start.all() and np.isin(after, edges).all())


def _places(marks: Flags, start: int) -> _Ends:
    return (np.flatnonzero(marks) + start).astype(np.int32)


def _within(records: int, limits: Limits) -> None:
    if records > limits.records:
        raise FileRefused(
            Code.TOO_MANY_ROWS,
            f"The file has {records:,} lines; at most {limits.records:,} are read at once. "
            "Export a shorter period.",
        )


def _line_numbers(quoted_newlines: _Ends, ends: _Ends, first: Places) -> Places:
    """The line each record begins in; a quoted cell may itself run over several lines."""
    lines = np.arange(1, len(first), dtype=np.int64)
    if len(quoted_newlines):
        starts = np.concatenate(([0], ends[first[1:-1] - 1].astype(np.int64) + 1))
        lines += np.searchsorted(quoted_newlines, starts, side="left")
    return lines


def _split_slowly(block: Bytes, separator: int, limits: Limits, *, ends_in_line: bool) -> Grid:
    """Cell by cell; a bare quote inside an unquoted cell is text, a badly closed one breaks off."""
    content = block.tobytes()
    mark = re.escape(bytes([separator]))
    quoted = re.compile(rb'"[^"]*(?:""[^"]*)*"(?=[' + mark + rb"\r\n])")
    bare = re.compile(rb"[^" + mark + rb"\r\n]*")
    ends: list[int] = []
    first, lines = [0], [1]
    place, broken = 0, None
    line = 1
    while place < len(content):
        found = quoted.match(content, place) if content[place] == QUOTE else None
        if found is None and content[place] == QUOTE:
            broken = len(first) - 1
            break
        stop = (found or bare.match(content, place)).end()  # type: ignore[union-attr]
        line += _lines_in(content, place, stop) if found else 0
        if content[stop] == CR and content[stop + 1 : stop + 2] == b"\n":
            stop += 1
        ends.append(stop)
        if content[stop] != separator:
            line += 1
            first.append(len(ends))
            lines.append(line)
            _within(len(first), limits)
        place = stop + 1
    if broken is not None:
        first, lines, ends = _finish_broken(content, place, first, lines, ends)
    return Grid(
        block,
        np.array(ends, dtype=np.int32),
        np.array(first, dtype=np.int64),
        np.array(lines[: len(first) - 1], dtype=np.int64),
        broken=broken,
        ends_in_line=ends_in_line,
    )


def _lines_in(content: bytes, start: int, stop: int) -> int:
    cell = content[start:stop]
    return cell.count(b"\n") + cell.count(b"\r") - cell.count(b"\r\n")


def _finish_broken(
    content: bytes, place: int, first: list[int], lines: list[int], ends: list[int]
) -> tuple[list[int], list[int], list[int]]:
    """Close the broken record at the end of its line, so that it can be shown."""
    stop = min(at for at in (content.find(b"\n", place), content.find(b"\r", place)) if at >= 0)
    ends.append(stop)
    first.append(len(ends))
    return first, lines, ends
