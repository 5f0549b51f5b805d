"""Columns of a grid as arrays: equal cells are found without making a string of each.

A column is laid out as a matrix of bytes, one row per byte position and one column per record,
so that every step below is one array operation over all records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from integrations.rules.grid import Bytes, Flags, Grid, Places

WIDE = 64
_NARROW = 1 << 16
_FNV_PRIME = np.uint64(1099511628211)
_FNV_START = np.uint64(14695981039346656037)

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Column:
    """A text column: ``values[codes[i]]`` is the cell of the i-th record as written."""

    codes: Codes
    values: tuple[str, ...]

    def of(self, index: int) -> str:
        return self.values[int(self.codes[index])]

    def which(self, test: Callable[[str], bool]) -> Flags:
        """Per record, whether its value passes the test, which sees each value once."""
        passed = np.array([test(text) for text in self.values], dtype=np.bool_)
        return passed[self.codes] if len(self.codes) else np.zeros(0, dtype=np.bool_)

    def among(self, wanted: Collection[str]) -> Flags:
        """Per record, whether its value is one of the wanted ones."""
        return self.which(lambda text: text in wanted)


def byte_rows(grid: Grid, starts: Places, lengths: Places, width: int) -> Bytes:
    """The first ``width`` bytes of each cell, zero where a cell is shorter: shape (width, n)."""
    rows = np.zeros((width, len(starts)), dtype=np.uint8)
    places = starts.copy()
    for place, row in enumerate(rows):
        grid.block.take(places, mode="clip", out=row)
        row[lengths <= place] = 0
        places += 1
    return rows


def distinct(rows: Bytes) -> tuple[Codes, Places]:
    """Number equal columns of ``rows`` alike; answers the numbers and the first place of each.

    Equality is decided by a hash and then checked byte by byte; should two different cells ever
    share a hash, they are told apart one by one.
    """
    hashes = np.full(rows.shape[1], _FNV_START)
    for row in rows:
        hashes = (hashes ^ row) * _FNV_PRIME
    codes = pd.factorize(hashes)[0].astype(np.int32)
    first = _first_places(codes)
    twins = first[codes]
    if all((row == row[twins]).all() for row in rows):
        return codes, first
    codes = pd.factorize(pd.Series([column.tobytes() for column in rows.T]))[0].astype(np.int32)
    return codes, _first_places(codes)


def _first_places(codes: Codes) -> Places:
    if not len(codes):
        return np.zeros(0, dtype=np.int64)
    first = np.zeros(int(codes.max()) + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def read_column(grid: Grid, records: Places, column: int) -> Column:
    """One column of the grid, each different cell decoded once."""
    starts, lengths = grid.spans(records, column)
    short = lengths <= WIDE
    width = int(lengths[short].max()) if short.any() else 0
    rows = byte_rows(grid, starts[short], lengths[short], width)
    short_codes, first = distinct(rows)
    raw = [rows[:, place].tobytes().rstrip(b"\0") for place in first]
    codes = np.zeros(len(records), dtype=np.int32)
    codes[short] = short_codes
    if not short.all():
        _add_long(grid, starts, lengths, np.flatnonzero(~short), codes, raw)
    return _decoded(grid, codes, raw)


def _add_long(
    grid: Grid, starts: Places, lengths: Places, long: Places, codes: Codes, raw: list[bytes]
) -> None:
    known: dict[bytes, int] = {}
    for place in long:
        start = int(starts[place])
        cell = grid.block[start : start + int(lengths[place])].tobytes()
        if cell not in known:
            known[cell] = len(raw)
            raw.append(cell)
        codes[place] = known[cell]


def _decoded(grid: Grid, codes: Codes, raw: list[bytes]) -> Column:
    """Cells that differ only in their quotes become one value."""
    texts = [grid.plain(cell) for cell in raw]
    known: dict[str, int] = {}
    for text in texts:
        known.setdefault(text, len(known))
    if len(known) == len(texts):
        return Column(codes, tuple(texts))
    renumber = np.array([known[text] for text in texts], dtype=np.int32)
    return Column(renumber[codes], tuple(known))


def constant(value: str, count: int) -> Column:
    """A column that holds one value throughout."""
    return Column(np.zeros(count, dtype=np.int32), (value,))


def compact(column: Column) -> Column:
    """Only the values that occur, numbered in the order they first occur."""
    codes, uniques = pd.factorize(column.codes)
    return Column(codes.astype(np.int32), tuple(column.values[int(code)] for code in uniques))


def changed(column: Column, change: Callable[[str], str]) -> Column:
    """The same column with every different value changed; values that become equal are one."""
    known: dict[str, int] = {}
    renumber = [known.setdefault(change(text), len(known)) for text in column.values]
    return Column(np.array(renumber, dtype=np.int32)[column.codes], tuple(known))


def combine(keys: Sequence[Codes | Places], count: int) -> Codes:
    """One code per record for the combination of several."""
    result = np.zeros(count, dtype=np.int32)
    for codes in keys:
        size = int(codes.max(initial=0)) + 2
        pairs = result.astype(np.int64) * size + codes + 1
        result = pd.factorize(pairs)[0].astype(np.int32)
    return result


def grouped(codes: Codes) -> tuple[Places, Places]:
    """Records ordered by code and where each code begins, for walking group by group."""
    count = int(codes.max(initial=-1)) + 1
    narrow = codes.astype(np.uint16) if count < _NARROW else codes  # sorted far quicker
    order = np.argsort(narrow, kind="stable")
    return order, np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=count))))
