"""The parts of an .xlsx file, checked before anything else opens them.

Refused here: entities and document types in the XML, parts that unpack to too much, sheets whose
few cells span a huge area. Found here: where formulas, error values and long numbers stand, which
the reader of the values does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from integrations.rules.answers import FileRefused
from integrations.rules.codes import Code
from integrations.rules.limits import Limits
from integrations.rules.unpack import Archive

_OVERLAP = 256
_ENTITY = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SPECIAL = re.compile(rb"""<(?:\w+:)?f[\s/>]|\bt\s*=\s*["']e["']""")
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Z]{2,})\d""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d+)""")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")


@dataclass(slots=True)
class SheetMarks:
    """Places (row, column), counted from 0. ``formulas`` says whether a value was kept with it,
    ``errors`` how the error reads."""

    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(slots=True)
class _Extent:
    cells: int = 0
    rows: int = 0
    columns: int = 26
    special: bool = False


def check_parts(archive: Archive, limits: Limits) -> dict[str, SheetMarks]:
    """Read every XML part once; answers what is special per worksheet part."""
    marks: dict[str, SheetMarks] = {}
    for name in archive.members:
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        is_sheet = name.startswith("xl/worksheets/") and "/_rels/" not in name
        extent = _scan(archive.pieces(name), is_sheet=is_sheet)
        if is_sheet:
            _refuse_sparse(extent, limits)
            marks[name] = _read_marks(archive.pieces(name)) if extent.special else SheetMarks()
    return marks


def _scan(pieces: Iterator[bytes], *, is_sheet: bool) -> _Extent:
    extent = _Extent()
    tail = b""
    for piece in pieces:
        window = tail + piece
        if not tail and window[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
            raise FileRefused(Code.CORRUPT, "The workbook is not written in UTF-8. Save it again.")
        if b"<!" in window and _ENTITY.search(window):
            raise FileRefused(
                Code.XML_ENTITY,
                "The workbook refers to things outside of itself. Save it again in Excel.",
            )
        if is_sheet:
            _measure(window, piece, extent)
        tail = window[-_OVERLAP:]
    return extent


def _measure(window: bytes, piece: bytes, extent: _Extent) -> None:
    """Add what a piece shows; ``window`` also has the end of the piece before it."""
    extent.cells += piece.count(b"<c ") + piece.count(b":c ")
    for letters in set(_COLUMN.findall(window)):
        extent.columns = max(extent.columns, column_number(letters.decode()[:4]))
    extent.rows = max(extent.rows, *map(_row_number, _ROW.findall(window)), 0)
    extent.special = extent.special or _is_special(window)


def _row_number(digits: bytes) -> int:
    return int(digits[:10])


def _is_special(window: bytes) -> bool:
    hint = b"<f" in window or b":f" in window or b'"e"' in window or b"'e'" in window
    return hint and _SPECIAL.search(window) is not None


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _refuse_sparse(extent: _Extent, limits: Limits) -> None:
    if extent.columns > limits.columns:
        raise FileRefused(
            Code.TOO_MANY_COLUMNS,
            f"The sheet uses {extent.columns:,} columns; at most {limits.columns:,} are read.",
        )
    area = extent.columns * max(extent.rows, 1)
    sparse = area > limits.sparse_area and area > limits.sparse_factor * extent.cells
    if sparse or area > limits.sheet_area:
        raise FileRefused(
            Code.DECOMPRESSION_LIMIT,
            f"The sheet spans {extent.rows:,} rows and {extent.columns:,} columns for "
            f"{extent.cells:,} cells. Delete the cells far outside of the table.",
        )


class _MarkReader:
    """Follows the cells of one sheet and notes formulas and errors."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._row = -1
        self._column = -1
        self._kind = ""
        self._formula = self._value = False
        self._text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = _number(attributes.get("r"), self._row + 2) - 1
            self._column = -1
        elif name == "c":
            self._open_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "v":
            self._value, self._text = True, ""

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._column += 1
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if found:
            self._row, self._column = int(found[2][:10]) - 1, column_number(found[1]) - 1
        self._kind = attributes.get("t", "n")
        self._formula = self._value = False
        self._text = ""

    def text(self, data: str) -> None:
        if self._value and len(self._text) < _OVERLAP:
            self._text += data

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] != "c":
            return
        place = (self._row, self._column)
        if self._kind == "e":
            self.marks.errors[place] = self._text.strip() or "#ERROR"
        elif self._formula:
            self.marks.formulas[place] = self._value and bool(self._text.strip())


def _number(text: str | None, default: int) -> int:
    return int(text[:10]) if text and text.isdecimal() else default


def _read_marks(pieces: Iterator[bytes]) -> SheetMarks:
    reader = _MarkReader()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileRefused(
            Code.CORRUPT, "The sheet of this workbook is damaged. Save it again in Excel."
        ) from error
    return reader.marks
