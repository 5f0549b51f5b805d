"""Rows that stand in a file twice, and rows that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from integrations.rules.cells import Codes, combine, read_column
from integrations.rules.codes import Code
from integrations.rules.grid import Flags, Grid, Places
from integrations.rules.issues import Issues

_PIECE = 50_000


def mark_exact(grid: Grid, records: Places, exempt: Flags, issues: Issues) -> Flags:
    """Every record that repeats an earlier one byte by byte; those ``exempt`` may repeat."""
    if not len(records):
        return np.zeros(0, dtype=bool)
    hashes = _hashes(grid, records)
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    suspects = np.flatnonzero((first[inverse] != np.arange(len(records))) & ~exempt)
    repeated = np.zeros(len(records), dtype=bool)
    for place in suspects:
        original = int(first[inverse[place]])
        if grid.raw_record(int(records[place])) == grid.raw_record(int(records[original])):
            repeated[place] = True
            issues.add(
                int(records[place]),
                None,
                Code.DUPLICATE_IN_FILE,
                f"The row is the same as row {grid.line(int(records[original]))}; it counts once.",
            )
    return repeated


def _hashes(grid: Grid, records: Places) -> Places:
    """A number per record from its bytes; equal records get equal numbers."""
    view = memoryview(grid.block.data)
    found = np.empty(len(records), dtype=np.int64)
    for low in range(0, len(records), _PIECE):
        starts, stops = grid.record_spans(records[low : low + _PIECE])
        spans = zip(starts.tolist(), stops.tolist(), strict=True)
        found[low : low + _PIECE] = [hash(view[start:stop].tobytes()) for start, stop in spans]
    return found


def mark_contradictions(
    grid: Grid,
    records: Places,
    keep: Flags,
    keys: Sequence[Codes | Places],
    other_columns: Sequence[int],
    issues: Issues,
) -> None:
    """Rows with the same day, ids and dimensions but other numbers: which one holds is not known.

    ``keys`` are codes per data record, ``other_columns`` columns that are not imported but may
    tell the rows apart. Meant for files that identify their campaigns; elsewhere two campaigns
    may share a name.
    """
    groups = combine(keys, len(records))
    groups[~keep] = -1
    values, counts = np.unique(groups[keep], return_counts=True)
    doubled = np.isin(groups, values[counts > 1])
    if not doubled.any():
        return
    places = np.flatnonzero(doubled)
    extra = [read_column(grid, records[places], column).codes for column in other_columns]
    exact = combine([groups[places], *extra], len(places))
    values, counts = np.unique(exact, return_counts=True)
    for place in places[np.isin(exact, values[counts > 1])]:
        issues.add(
            int(records[place]),
            None,
            Code.DUPLICATE_IN_FILE,
            "Another row has the same day, campaign and breakdown but other numbers; "
            "which one holds is not known. Keep one of them.",
        )
