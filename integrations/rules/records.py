"""What each record below the header is: data, a total, a repeated header, a note, or broken.

Only records that look unusual are taken one by one: a cell that should be a date and is none, a
campaign without a name, another number of cells. A campaign called "Total Care" is data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from integrations.rules.answers import EVENT_MEASURES, MEASURES, FileRefused
from integrations.rules.cells import read_column
from integrations.rules.codes import Code
from integrations.rules.dates import month_of
from integrations.rules.dates import understand as understand_date
from integrations.rules.grid import Flags, Grid, Places, blank_records
from integrations.rules.layouts import known_headers, left_out_numbers, normal
from integrations.rules.numbers import Sort, shape_of
from integrations.rules.numbers import understand as understand_number
from integrations.rules.recognise import Recognised
from integrations.rules.words import is_error, is_missing, is_total_label

_HEADERS_OF_A_TABLE = 3
_MOST_EXTRA_CELLS = 64
_LONGEST_HEADER = 100
_DAY_TARGETS = ("day", "hour", "period_start")


@dataclass(slots=True)
class Sorted:
    """Indices of records. ``nameless`` have numbers but no campaign: perhaps a total, perhaps not.

    ``miscounted`` have too few or too many cells; ``cut_off`` is the last record if its line never
    ends, as in an interrupted download.
    """

    data: Places
    totals: list[int] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    miscounted: list[int] = field(default_factory=list)
    cut_off: int | None = None
    first_of_body: int = -1


def sort_records(grid: Grid, header: int, separator: int, found: Recognised) -> Sorted:
    """Sort everything below the ``header`` record."""
    body = np.arange(header + 1, len(grid))
    body = body[~blank_records(grid, separator)[header + 1 :]]
    full = _has_full_width(grid, header, body)
    records, odd = body[full], body[~full]
    unusual = _unusual(grid, records, found)
    result = Sorted(records[~unusual])
    result.first_of_body = int(body[0]) if len(body) else -1
    last = int(result.data[-1]) if len(result.data) else -1
    sorter = _Sorter(grid, header, found, result, last)
    kept = [int(record) for record in records[unusual] if sorter.place(int(record))]
    for record in odd:
        sorter.place_odd(int(record))
    if kept:
        result.data = np.sort(np.concatenate([result.data, np.array(kept, dtype=np.int64)]))
    return result


def _has_full_width(grid: Grid, header: int, records: Places) -> Flags:
    """Whether a record has a cell for every named header and nothing filled beyond the header."""
    names = grid.record(header)
    most = len(names)
    least = max((at + 1 for at, name in enumerate(names) if name.strip()), default=0)
    widths = grid.widths[records]
    full: Flags = (widths >= least) & (widths <= most)
    longer = np.flatnonzero((widths > most) & (widths <= most + _MOST_EXTRA_CELLS))
    if len(longer):
        extra = np.zeros(len(longer), dtype=np.int64)
        for column in range(most, int(widths[longer].max())):
            extra += grid.spans(records[longer], column)[1]
        full[longer[extra == 0]] = True
    return full


def _unusual(grid: Grid, records: Places, found: Recognised) -> Flags:
    """Records with words where the day should be, or whose name is missing, a total or a header."""
    odd = np.zeros(len(records), dtype=bool)
    columns = found.columns
    for target in (*_DAY_TARGETS, "month_name"):
        if target in columns:
            odd |= _cells_that(grid, records, columns[target], _is_in_place_of_a_date)
    # What happened to a customer need not have been a campaign's; its rows are told by their days.
    is_no_name = _is_label if found.layout.entity else _is_no_name
    for target in ("campaign_name", "event_name"):
        if target in columns:
            key = found.keys[columns[target]].key
            odd |= _cells_that(grid, records, columns[target], partial(is_no_name, key))
    if "campaign_name" not in columns and "campaign_external_id" in columns:
        odd |= _cells_that(grid, records, columns["campaign_external_id"], is_missing)
    return odd


def _cells_that(grid: Grid, records: Places, column: int, test: Callable[[str], bool]) -> Flags:
    return read_column(grid, records, column).which(test)


def _is_no_date(text: str) -> bool:
    reading = understand_date(text)
    return not reading.days and reading.without_year is None and month_of(text) is None


def _is_in_place_of_a_date(text: str) -> bool:
    """Whether a total, a header or a note may stand here; a date gone wrong still has digits."""
    return _is_no_date(text) and (
        not any(letter.isdigit() for letter in text)
        or is_total_label(text)
        or _short_key(text) in known_headers()
    )


def _is_no_name(header_key: str, text: str) -> bool:
    return is_missing(text) or is_error(text) or _is_label(header_key, text)


def _is_label(header_key: str, text: str) -> bool:
    return is_total_label(text) or _short_key(text) == header_key


class _Sorter:
    """Places one record at a time."""

    def __init__(
        self, grid: Grid, header: int, found: Recognised, result: Sorted, last: int
    ) -> None:
        self._grid = grid
        self._header = [key.key for key in found.keys]
        self._found = found
        self._result = result
        self._last = last
        self._numbers = {
            at
            for target, at in found.columns.items()
            if target in MEASURES or target in EVENT_MEASURES or target == "spend_micros"
        } | {at for at, key in enumerate(found.keys) if key.key in left_out_numbers()}
        self._header_record = header

    def place(self, record: int) -> bool:
        """Note what an unusual full record is; True when it is data all the same."""
        cells = self._grid.record(record, len(self._header))
        if self._is_header(cells):
            self._result.repeated.append(record)
        elif self._is_total(cells):
            self._result.totals.append(record)
        elif self._is_note(record, cells):
            self._result.notes.append(record)
        elif self._is_nameless(cells):
            self._result.nameless.append(record)
        else:
            self._refuse_other_table(record, cells)
            return True
        return False

    def place_odd(self, record: int) -> None:
        """Note what a record with another number of cells is."""
        cells = self._grid.record(record, len(self._header) + 1)
        self._refuse_other_table(record, cells)
        if self._is_cut_off(record, cells):
            self._result.cut_off = record
            self._result.miscounted.append(record)
        elif self._is_total(cells):
            self._result.totals.append(record)
        elif self._is_note(record, cells):
            self._result.notes.append(record)
        else:
            self._result.miscounted.append(record)

    def _cell(self, target: str, cells: Sequence[str]) -> str | None:
        at = self._found.columns.get(target)
        return cells[at] if at is not None and at < len(cells) else None

    def _is_total(self, cells: Sequence[str]) -> bool:
        """A total has a label like "Total: Account", and neither a day nor a campaign of its own."""
        label = next(
            (
                text
                for at, text in enumerate(cells)
                if at not in self._numbers and not is_missing(text)
            ),
            "",
        )
        if not is_total_label(label):
            return False
        name = self._cell("campaign_name", cells) or self._cell("event_name", cells) or ""
        days = [self._cell(target, cells) for target in _DAY_TARGETS]
        has_day = any(day is not None and not _is_no_date(day) for day in days)
        return not has_day and (is_missing(name) or name == label)

    def _is_note(self, record: int, cells: Sequence[str]) -> bool:
        """Words in the first cells, below all data: a footnote, a copyright line."""
        filled = [text for text in cells if text.strip()]
        if record < self._last or not filled or len(filled) > max(1, len(self._header) - 1):
            return False
        return not any(_is_value(text) for text in filled) and bool(cells[0].strip())

    def _is_nameless(self, cells: Sequence[str]) -> bool:
        """Numbers without a campaign; a day alone does not say whose they are."""
        names = [self._cell(target, cells) for target in ("campaign_name", "campaign_external_id")]
        given = [name for name in names if name is not None]
        has_number = any(at < len(cells) and not is_missing(cells[at]) for at in self._numbers)
        return bool(given) and all(is_missing(name) for name in given) and has_number

    def _is_cut_off(self, record: int, cells: Sequence[str]) -> bool:
        if not self._grid.ends_in_line or record != len(self._grid) - 1:
            return False
        is_sentence = len(cells) == 1 and (" " in cells[0].strip() or cells[0][:1] in "*#©@")
        return not is_sentence and len(cells) < len(self._header)

    def _is_header(self, cells: Sequence[str]) -> bool:
        keys = map(_short_key, cells)
        return all(key == own for key, own in zip(keys, self._header, strict=False))

    def _refuse_other_table(self, record: int, cells: Sequence[str]) -> None:
        """Another row of headers means that the file holds several tables."""
        first = next((cell for cell in cells if cell.strip()), "")
        if _short_key(first) not in known_headers():
            return
        keys = [_short_key(cell) for cell in cells]
        others = set(keys) & known_headers()
        if (
            len(others) >= _HEADERS_OF_A_TABLE
            and len(others) >= len([key for key in keys if key]) / 2
        ):
            line = self._grid.line(record)
            raise FileRefused(
                Code.SEVERAL_TABLES,
                f"Another table with other headers begins in line {line}. Save each as its own file.",
                row=line,
            )


def _short_key(text: str) -> str:
    return normal(text).key if len(text) <= _LONGEST_HEADER else ""


def _is_value(text: str) -> bool:
    is_number = understand_number(shape_of(text)).sort in (Sort.NUMBER, Sort.BOUND)
    return is_number or understand_date(text).looks_like_date
