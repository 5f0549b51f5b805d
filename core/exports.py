"""What a table shows, as a file: CSV, XLSX and PDF with the same columns, order and filters.

Names that a spreadsheet would run as a formula get a leading apostrophe; numbers stay
numbers. The PDF writer lives on an upper floor and registers itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from core.cells import text_of
from core.errors import Invalid
from core.known import known_at, words
from core.models import Organisation
from core.money import Money
from core.parts import Delta
from core.tables import Column, Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
Scalar = str | int | float | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table ready to be written: ``heads`` and ``cells`` agree; ``texts`` is what the screen shows."""

    title: str
    filters: Sequence[tuple[str, str]]
    as_of: datetime | None
    classification: str
    columns: Sequence[Column]
    heads: Sequence[str]
    cells: Sequence[Sequence[Scalar]]
    text_heads: Sequence[str]
    texts: Sequence[Sequence[str]]

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What stands beside the figures: filters, as-of, classification."""
        as_of = f"{self.as_of:%Y-%m-%d %H:%M %Z}".strip() if self.as_of else "not known"
        return [*self.filters, ("Data as of", as_of), ("Classification", self.classification)]


PdfWriter = Callable[[Sheet], bytes]
_pdf_writers: list[PdfWriter] = []
# (person, printed label): raises when the person may not take such a document away.
Guard = Callable[[Any, str], None]
_guards: list[Guard] = []


def register_pdf(write: PdfWriter) -> None:
    """Name the function that lays a sheet out as PDF; the last one registered counts."""
    _pdf_writers[:] = [write]


def register_guard(guard: Guard) -> None:
    """Ask ``guard`` before every export; the last one registered counts."""
    _guards[:] = [guard]


def export_response(
    table: Table,
    fmt: str,
    *,
    title: str,
    filters: Sequence[tuple[str, str]] = (),
    as_of: datetime | None = None,
    classification: str = "",
) -> HttpResponse:
    """The table as a download; raises ``Invalid`` for a format that is not offered.

    Without a ``classification`` the organisation's is printed and decides who may have it.
    """
    label = classification or Organisation.current().classification
    for guard in _guards:
        guard(table.request.user, label)
    if at := known_at():
        filters, as_of = [*filters, ("As known on", words(at))], at
    sheet = sheet_of(table, title=title, filters=filters, as_of=as_of, classification=label)
    answer = HttpResponse(write(sheet, fmt), content_type=TYPES[fmt])
    answer["Content-Disposition"] = f'attachment; filename="{file_name(title)}.{fmt}"'
    return answer


def write(sheet: Sheet, fmt: str) -> bytes:
    """The sheet as bytes of a format."""
    writers: dict[str, PdfWriter] = {"csv": to_csv, "xlsx": to_xlsx}
    if fmt == "pdf" and _pdf_writers:
        return _pdf_writers[0](sheet)
    if fmt not in writers:
        raise Invalid(f"“{fmt}” is not a file format we write.", remedy="Use csv, xlsx or pdf.")
    return writers[fmt](sheet)


def file_name(title: str) -> str:
    """A title as a plain file name."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80] or "export"


def sheet_of(
    table: Table,
    *,
    title: str,
    filters: Sequence[tuple[str, str]],
    as_of: datetime | None,
    classification: str,
) -> Sheet:
    """All rows of a table in the columns on screen, once as values and once as texts."""
    searched = [("Search", table.state.q)] if table.state.q else []
    rows = list(table.every_row())
    if table.totals:
        rows.append(_total_row(table))
    heads, cells = _values(table.shown, rows)
    today = as_of.date() if as_of else None
    return Sheet(
        title=title,
        filters=[*filters, *searched],
        as_of=as_of,
        classification=classification,
        columns=table.shown,
        heads=heads,
        cells=cells,
        text_heads=[c.heading for c in table.shown],
        texts=[
            [text_of(c, v, today) for c, v in zip(table.shown, row, strict=True)] for row in rows
        ],
    )


def _total_row(table: Table) -> list[Any]:
    values = [cell.value for cell in table.total_cells]
    return ["Total" if values[0] is None else values[0], *values[1:]]


def _values(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]]
) -> tuple[list[str], list[list[Scalar]]]:
    """Heads and plain values; a column of amounts names its currency, in the head when there is
    only one, else in a column of its own."""
    heads: list[str] = []
    cells: list[list[Scalar]] = [[] for _ in rows]
    for index, column in enumerate(columns):
        values = [row[index] for row in rows]
        names = {v.currency for v in values if isinstance(v, Money)}
        heads.append(f"{column.label} ({names.pop()})" if len(names) == 1 else column.label)
        for cell, value in zip(cells, values, strict=True):
            cell.append(_plain(value))
        if names:
            heads.append(f"{column.label} currency")
            for cell, value in zip(cells, values, strict=True):
                cell.append(value.currency if isinstance(value, Money) else None)
    return heads, cells


def _plain(value: Any) -> Scalar:
    """A value as a file holds it: amounts as paid, numbers and dates as themselves, the rest as text."""
    if isinstance(value, Money):
        return value.rounded()
    if isinstance(value, Delta):
        return value.text
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    if isinstance(value, int | float | Decimal | date | datetime):
        return value
    return str(value)


def harmless(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _csv_cell(value: Scalar) -> str:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a byte-order mark: heads, rows, an empty line, title and notes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(head) for head in sheet.heads])
    writer.writerows([_csv_cell(value) for value in row] for row in sheet.cells)
    writer.writerow([])
    notes = [("Title", sheet.title), *sheet.notes]
    writer.writerows([harmless(name), harmless(value)] for name, value in notes)
    return ("\ufeff" + out.getvalue()).encode()


def to_xlsx(sheet: Sheet) -> bytes:
    """One sheet with the figures, frozen heads and a filter; a second one with the notes."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _write_figures(book, sheet)
        notes = book.add_worksheet("About")
        for line, (name, value) in enumerate([("Title", sheet.title), *sheet.notes]):
            notes.write_string(line, 0, harmless(name))
            notes.write_string(line, 1, harmless(value))
        notes.set_column(0, 1, 32)
    return out.getvalue()


def _write_figures(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Figures")
    bold = book.add_format({"bold": True, "bottom": 1})
    styles = _Styles(book)
    page.freeze_panes(1, 1)
    page.set_column(0, 0, 36)
    page.set_column(1, max(1, len(sheet.heads) - 1), 16)
    for index, head in enumerate(sheet.heads):
        page.write_string(0, index, harmless(head), bold)
    for line, row in enumerate(sheet.cells, start=1):
        for index, value in enumerate(row):
            styles.put(page, line, index, value)
    page.autofilter(0, 0, max(1, len(sheet.cells)), max(0, len(sheet.heads) - 1))


class _Styles:
    """How each type of value is written into a workbook."""

    def __init__(self, book: Any) -> None:
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.exact = book.add_format({"num_format": "#,##0.00"})
        self.whole = book.add_format({"num_format": "#,##0"})

    def put(self, page: Any, line: int, index: int, value: Scalar) -> None:
        if isinstance(value, str):
            page.write_string(line, index, harmless(value))
        elif isinstance(value, datetime):
            page.write_datetime(line, index, value.replace(tzinfo=None), self.moment)
        elif isinstance(value, date):
            page.write_datetime(line, index, value, self.day)
        elif value is not None:
            style = self.whole if isinstance(value, int) else self.exact
            page.write_number(line, index, value, style)
