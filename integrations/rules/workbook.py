"""An .xlsx workbook as a grid: the one sheet that holds a table, its cells as plain text.

Numbers keep the 15 significant digits that spreadsheets keep, so 0.30000000000000004 is 0.3.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from core.text import counted
from integrations.rules.answers import Caution, Choice, FileRefused, Question
from integrations.rules.codes import Code
from integrations.rules.grid import DATE, EMPTY_FORMULA, NUMBER, OTHER, TEXT, Grid
from integrations.rules.limits import Limits
from integrations.rules.unpack import Archive
from integrations.rules.workbook_parts import SheetMarks, check_parts

Value = int | float | str | bool | time | date | datetime | timedelta

FILLER = 0
_PACK = 100_000
_SHORT = 15  # characters; so at most 15 significant digits
_RELATIONS = "xl/_rels/workbook.xml.rels"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as a grid, with what to know about it."""

    grid: Grid
    name: str
    cautions: tuple[Caution, ...] = ()


class SheetUnclear(FileRefused):
    """Several sheets hold a table; carries the question which one is meant."""

    def __init__(self, names: list[str]) -> None:
        sentence = "Several sheets of this workbook hold data. Which one is to be imported?"
        super().__init__(Code.NEEDS_CHOICE, sentence, column="sheet")
        options = tuple(Choice(name, name) for name in names)
        self.question = Question("sheet", Code.NEEDS_CHOICE, sentence, options)


def read_workbook(data: bytes, settings: Mapping[str, str], limits: Limits) -> Sheet:
    """The sheet with the table; raises ``FileRefused`` when a part is unsafe or damaged."""
    archive = Archive(data, limits)
    marks = check_parts(archive, limits)
    parts = _sheet_parts(archive)
    with _open(data) as book:
        visible = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        hidden = [s.name for s in book.sheets_metadata if s.name not in visible]
        sheet = _choose(book, visible, settings.get("sheet", ""))
        found = marks.get(parts.get(sheet.name, ""), SheetMarks())
        grid = _to_grid(sheet, found, limits)
    return Sheet(grid, sheet.name, (*_hidden(hidden), *_formulas(found)))


@contextmanager
def _natively() -> Iterator[None]:
    """Turns every failure of the native reader, a panic included, into a refusal."""
    try:
        yield
    except (CalamineError, ValueError, OSError, IndexError) as error:
        raise _damaged() from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged() from error


def _open(data: bytes) -> CalamineWorkbook:
    with _natively():
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _damaged() -> FileRefused:
    return FileRefused(Code.CORRUPT, "The workbook is damaged. Save it again in Excel.")


def _choose(book: CalamineWorkbook, visible: list[str], wanted: str) -> CalamineSheet:
    if wanted and wanted not in visible:
        raise FileRefused(Code.UNKNOWN_CHOICE, f"There is no sheet “{wanted}”.", column="sheet")
    if wanted:
        return _sheet(book, wanted)
    sheets = [_sheet(book, name) for name in visible]
    filled = [sheet for sheet in sheets if sheet.height > 1 and sheet.width > 1]
    if len(filled) > 1:
        raise SheetUnclear([sheet.name for sheet in filled])
    if not filled and not any(sheet.height for sheet in sheets):
        raise FileRefused(Code.EMPTY_FILE, "The workbook has no filled sheet.")
    return filled[0] if filled else next(sheet for sheet in sheets if sheet.height)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    with _natively():
        return book.get_sheet_by_name(name)


def _tree(archive: Archive, name: str) -> ElementTree.Element:
    """A part as a tree; `check_parts` has refused entities before, so parsing is safe."""
    try:
        parser = ElementTree.XMLParser(encoding="utf-8")  # noqa: S314
        return ElementTree.fromstring(archive.read(name), parser)  # noqa: S314
    except (KeyError, ElementTree.ParseError) as error:
        raise _damaged() from error


def _sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name to the part of the archive that holds it."""
    book, relations = _tree(archive, "xl/workbook.xml"), _tree(archive, _RELATIONS)
    targets = {node.get("Id", ""): node.get("Target", "") for node in relations}
    sheets = [node for node in book.iter() if node.tag.endswith("}sheet")]
    return {
        node.get("name", ""): posixpath.normpath(
            posixpath.join("/xl", targets.get(node.get(_RELATION, ""), ""))
        ).lstrip("/")
        for node in sheets
    }


def _hidden(names: list[str]) -> Iterator[Caution]:
    if names:
        yield Caution(
            Code.HIDDEN_SHEET,
            f"The workbook also has hidden sheets, which were not read: {', '.join(names)}.",
        )


def _formulas(marks: SheetMarks) -> Iterator[Caution]:
    kept = sorted({row + 1 for (row, _), has_value in marks.formulas.items() if has_value})
    if kept:
        yield Caution(
            Code.FORMULA_CELL,
            f"{counted(len(kept), 'row holds', 'rows hold')} formulas; the values Excel last worked out were used.",
            tuple(kept),
        )


def _to_grid(sheet: CalamineSheet, marks: SheetMarks, limits: Limits) -> Grid:
    left = (sheet.start or (0, 0))[1]
    width = max(sheet.width, 1)
    if sheet.height * width > limits.sheet_area:
        raise FileRefused(Code.TOO_MANY_ROWS, "The sheet is too large. Export a shorter period.")
    packer = Packer()
    is_special = bool(marks.formulas or marks.errors)
    for row, values in enumerate(_rows(sheet)):
        cells = [_as_text(value) for value in values]
        if is_special:
            _mark(cells, marks, row, left)
        packer.add(cells, row + 1)
    return packer.grid(width)


class Packer:
    """Gathers cells of rows into one block of bytes."""

    def __init__(self) -> None:
        self._texts: list[bytes] = []
        self._kinds = bytearray()
        self._blocks: list[bytes] = []
        self._ends: list[npt.NDArray[np.int64]] = []
        self._size = 0

    def add(self, cells: list[tuple[int, str]], row: int) -> None:
        for kind, text in cells:
            if "\0" in text:
                raise FileRefused(Code.NUL_BYTE, f"Row {row} holds a NUL character.", row=row)
            self._kinds.append(kind)
            self._texts.append(text.encode())
        if len(self._texts) > _PACK:
            self._pack()

    def _pack(self) -> None:
        """Join the waiting texts, each followed by a filler."""
        if not self._texts:
            return
        lengths = np.fromiter(map(len, self._texts), dtype=np.int64, count=len(self._texts))
        ends = np.cumsum(lengths + 1) - 1 + self._size
        self._blocks.append(b"\0".join(self._texts) + b"\0")
        self._ends.append(ends)
        self._size = int(ends[-1]) + 1
        self._texts = []

    def grid(self, width: int) -> Grid:
        self._pack()
        ends = np.concatenate(self._ends) if self._ends else np.zeros(0, dtype=np.int64)
        count = len(ends) // width
        return Grid(
            np.frombuffer(b"".join(self._blocks) or b"\0", dtype=np.uint8),
            ends.astype(np.int32),
            np.arange(0, count * width + 1, width, dtype=np.int64),
            np.arange(1, count + 1, dtype=np.int64),
            quoted=False,
            kinds=np.frombuffer(bytes(self._kinds), dtype=np.uint8),
        )


def _rows(sheet: CalamineSheet) -> Iterator[list[Value]]:
    """The rows from the very first on, each from the sheet's first filled column on."""
    with _natively():
        yield from sheet.iter_rows()


def _mark(cells: list[tuple[int, str]], marks: SheetMarks, row: int, left: int) -> None:
    """Put errors and formulas without a value into a row; the reader shows both as empty."""
    for column in range(len(cells)):
        place = (row, column + left)
        if place in marks.errors:
            cells[column] = (OTHER, marks.errors[place])
        elif marks.formulas.get(place) is False:
            cells[column] = (EMPTY_FORMULA, "")


def _as_text(value: Value) -> tuple[int, str]:
    """Kind and plain text of a cell's value."""
    if isinstance(value, str):
        return TEXT, value
    if isinstance(value, bool):
        return OTHER, str(value).upper()
    if isinstance(value, (int, float)):
        return NUMBER, _plain_number(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return DATE, value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return DATE, value.isoformat()
    return OTHER, str(value)


def _plain_number(value: float) -> str:
    """The 15 significant digits a spreadsheet keeps, without an exponent."""
    text = repr(value)
    if len(text) <= _SHORT and "e" not in text and "n" not in text:
        return text.removesuffix(".0")
    number = Decimal(f"{value:.15g}")
    return f"{number:f}" if number.is_finite() else text
