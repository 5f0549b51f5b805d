"""What in a file says who somebody is, and the same file without it.

Columns are found by their headers (the layout's own, and words that mean a person in any file);
e-mail addresses are found in every cell besides. Rows keep their numbers, so that a problem is
still found in the file one has. What holds nothing personal is left as it is, byte for byte.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from core.personal import EMAIL, Kind
from integrations.rules.answers import FileRefused
from integrations.rules.crm import split_list
from integrations.rules.decode import decode
from integrations.rules.grid import Grid
from integrations.rules.headers import find_header, find_separator, first_records
from integrations.rules.layouts import known_headers, normal
from integrations.rules.limits import Limits
from integrations.rules.recognise import layout_of
from integrations.rules.split import SEPARATORS, split
from integrations.rules.unpack import unpack
from integrations.rules.words import is_missing

# kind, value, system -> token
Hash = Callable[[Kind, str, str], str]

_ANYWHERE: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("email", "e-mail", "email address", "e-mail address", "contact email", "customer email",
         "user email", "lead email", "owner email"),
        Kind.EMAIL,
    ),
    **dict.fromkeys(
        ("phone", "phone number", "mobile phone", "mobile phone number", "telephone", "mobile"),
        Kind.PHONE,
    ),
    **dict.fromkeys(
        ("first name", "last name", "full name", "contact name", "customer name", "lead name",
         "deal owner", "opportunity owner", "contact owner", "company owner", "lead owner"),
        Kind.NAME,
    ),
    **dict.fromkeys(("contact id", "associated contact ids"), Kind.NUMBER),
}  # fmt: skip
_FIRST, _LAST = "first name", "last name"
_FOOTER = re.compile(r"\s*((grand )?totals?\b|confidential|copyright|©)", re.IGNORECASE)
_EMAIL_BYTES = re.compile(
    rb"(?:[\w.%+'-]\0?){1,64}@\0?(?:(?:[\w-]\0?){1,63}\.\0?){1,8}(?:[A-Za-z]\0?){2,24}"
)
_HEADER_ROWS = 100


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns say who somebody is; ``last`` is joined to ``first``, one person one token."""

    kinds: Mapping[int, Kind]
    system: str
    headers: tuple[str, ...]
    first: int | None = None
    last: int | None = None


def without_people(content: bytes, hash_: Hash, limits: Limits) -> bytes | None:
    """The file with tokens in place of people, as UTF-8 text or as a workbook; None as it was."""
    try:
        unpacked = unpack(content, limits)
    except FileRefused:
        return _scrubbed(content)
    if unpacked.kind == "workbook":
        return _workbook(unpacked.content, hash_)
    try:
        text = decode(unpacked.content).content
    except FileRefused:
        return _scrubbed(unpacked.content)
    return _text(text, hash_, limits)


def row_without_people(headers: Sequence[str], cells: Sequence[str], hash_: Hash) -> list[str]:
    """One row as somebody typed it, with tokens in place of people."""
    return _row(cells, _columns(headers), hash_, is_data=True)


def _scrubbed(content: bytes) -> bytes | None:
    """What is no table and will be refused: kept without addresses, for the reason to be seen."""
    changed = _EMAIL_BYTES.sub(b"erased", content)
    return None if changed == content else changed


def _columns(headers: Sequence[str]) -> _Columns:
    layout = layout_of(headers)
    keys = [normal(header).key for header in headers]
    own = {key: Kind(kind) for key, kind in layout.personal.items()}
    kinds = {
        at: found for at, key in enumerate(keys) if (found := own.get(key, _ANYWHERE.get(key)))
    }
    both = _FIRST in keys and _LAST in keys
    system = layout.platform if layout.platform in ("hubspot", "salesforce") else ""
    return _Columns(
        kinds, system, tuple(headers),
        keys.index(_FIRST) if both else None, keys.index(_LAST) if both else None,
    )  # fmt: skip


def _text(content: bytes, hash_: Hash, limits: Limits) -> bytes | None:
    try:
        separator = SEPARATORS[find_separator(content, (), limits)]
        grid = split(content, separator, limits)
        start = find_header(first_records(grid, limits), ())
    except FileRefused:
        start = None
    if start is None:
        return _addresses_only(content, hash_)
    columns = _columns(grid.record(start.record))
    if not columns.kinds:
        return _addresses_only(content, hash_)
    return _rewritten(grid, start.record, chr(separator), columns, hash_)


def _addresses_only(content: bytes, hash_: Hash) -> bytes | None:
    if b"@" not in content:
        return None
    text = content.decode()
    changed = _plain(text, hash_)
    return None if changed == text else changed.encode()


def _rewritten(grid: Grid, header: int, separator: str, columns: _Columns, hash_: Hash) -> bytes:
    """All records again; what stands behind a quote that never closes is not kept at all."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    line = 1
    for record in range(grid.broken if grid.broken is not None else len(grid)):
        out.write("\n" * (grid.line(record) - line))
        cells = grid.record(record)
        if record != header:
            cells = _row(cells, columns, hash_, is_data=record > header)
        writer.writerow(cells) if any(cells) else out.write("\n")
        line = grid.line(record) + 1 + sum(cell.count("\n") for cell in cells)
    if grid.broken is not None:
        out.write('"not kept')
    return out.getvalue().encode()


def _row(cells: Sequence[str], columns: _Columns, hash_: Hash, *, is_data: bool) -> list[str]:
    filled = [cell for cell in cells if cell.strip()]
    if not is_data or (len(filled) == 1 and _FOOTER.match(filled[0])):
        return [_plain(cell, hash_) for cell in cells]
    return [_cell(at, cells, columns, hash_) for at in range(len(cells))]


def _cell(at: int, cells: Sequence[str], columns: _Columns, hash_: Hash) -> str:
    text, kind = cells[at], columns.kinds.get(at)
    if kind is None or is_missing(text) or text.strip() == _header_at(at, columns):
        return _plain(text, hash_)
    if at == columns.last:
        return ""
    if at == columns.first and columns.last is not None and columns.last < len(cells):
        return hash_(Kind.NAME, f"{text} {cells[columns.last]}", "")
    if kind is Kind.NAME:
        return hash_(kind, text, "")
    return ";".join(hash_(kind, part, columns.system) for part in split_list(text))


def _header_at(at: int, columns: _Columns) -> str:
    return columns.headers[at].strip() if at < len(columns.headers) else ""


def _plain(text: str, hash_: Hash) -> str:
    return EMAIL.sub(lambda found: hash_(Kind.EMAIL, found[0], ""), text) if "@" in text else text


def _workbook(content: bytes, hash_: Hash) -> bytes | None:
    """All sheets with their values; formats and formulas go, and only where there are people."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (CalamineError, ValueError, OSError):
        return None
    changed = {name: list(_sheet(rows, hash_)) for name, rows in sheets.items()}
    return None if changed == sheets else _written(changed)


def _sheet(rows: Sequence[Sequence[Any]], hash_: Hash) -> Iterator[list[Any]]:
    header = next((at for at, row in enumerate(rows[:_HEADER_ROWS]) if _is_header(row)), None)
    columns = _columns([str(cell) for cell in rows[header]]) if header is not None else None
    for at, row in enumerate(rows):
        if columns and header is not None and at > header:
            texts = [_as_text(cell) for cell in row]
            clean = _row(texts, columns, hash_, is_data=True)
            yield [
                after if after != before else cell
                for cell, before, after in zip(row, texts, clean, strict=True)
            ]
        else:
            yield [_plain(cell, hash_) if isinstance(cell, str) else cell for cell in row]


def _is_header(row: Sequence[Any]) -> bool:
    keys = {normal(cell).key for cell in row if isinstance(cell, str) and cell}
    return len(keys & (known_headers() | _ANYWHERE.keys())) > 1


def _as_text(cell: Any) -> str:
    """A customer number that a spreadsheet keeps as 4711.0 is 4711."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _written(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(at, column, cell, moment)
                elif isinstance(cell, date):
                    sheet.write_datetime(at, column, datetime.combine(cell, time()), day)
                elif isinstance(cell, str):
                    sheet.write_string(at, column, cell) if cell else None
                elif not isinstance(cell, time | timedelta):
                    sheet.write(at, column, cell)
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  same rows, same bytes
    book.close()
    return out.getvalue()
