"""Any table as a PDF: exactly what a screen shows, with its filters and as-of, on as many pages as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reporting.rules.pack.checks import digest
from reporting.rules.pack.content.cover import Imprint
from reporting.rules.pack.drawing import close_document, open_document
from reporting.rules.pack.errors import PackError
from reporting.rules.pack.figures import FigureStore, Name
from reporting.rules.pack.frame import Running, draw_accent, draw_footer
from reporting.rules.pack.look import (
    BODY_BOTTOM,
    GUTTER,
    HEAD,
    INK,
    LEFT,
    NOTE,
    RIGHT,
    RULE_INK,
    RULE_ROW,
    SECONDARY,
    SECTION,
    STANDFIRST,
    TERTIARY,
    TITLE,
    Style,
)
from reporting.rules.pack.pen import Pen
from reporting.rules.pack.typefaces import REGULAR, SEMIBOLD
from reporting.rules.pack.wording import (
    Line,
    draw_lines,
    set_lines,
    set_title,
    shortened,
    text_width,
)

CELL = Style(REGULAR, 8.2, 10.4, INK)
_TOTAL = Style(SEMIBOLD, 8.2, 10.4, INK)
_MOST_LINES = 3
_PAD = 4.2
_GAP = GUTTER
_WIDEST_NUMBER = 96.0
_NARROWEST_WORDS = 44.0
_WIDEST_WORDS = 260.0
_SAMPLE = 400  # rows measured to choose widths
_NO_FIGURES = FigureStore.of((), ())


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as shown on screen; numbers are right-aligned and never cut."""

    label: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A table of printed texts with what the screen says about it.

    ``rows`` hold one text a column, as formatted on the screen. ``totals``, if any, closes the table.
    ``filters`` are sentences such as "Channel is Paid search".
    """

    title: str
    subtitle: str
    filters: tuple[str, ...]
    as_of: datetime
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] = ()
    organisation: str = ""
    classification: str = "Internal"
    currency: str = ""
    language: str = "en-GB"


@dataclass(frozen=True, slots=True)
class _Band:
    """Columns that stand side by side on a page: their numbers and widths."""

    indices: tuple[int, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _SetRow:
    cells: tuple[list[Line], ...]
    strong: bool

    @property
    def height(self) -> float:
        return max((len(cell) for cell in self.cells), default=1) * CELL.leading + 2 * _PAD


@dataclass(frozen=True, slots=True)
class _Page:
    band: _Band
    rows: tuple[_SetRow, ...]
    note: str


def draw_table_pdf(sheet: TableSheet) -> bytes:
    """The table as a PDF, A4 landscape, the head repeated on every page.

    Words wrap to three lines and end in an ellipsis, numbers are set smaller rather than cut. Columns
    that do not fit beside each other go to further pages, the first one repeated. Raises ``PackError``
    when a row has not one text a column.
    """
    if any(len(row) != len(sheet.columns) for row in (*sheet.rows, sheet.totals or sheet.columns)):
        raise PackError("A row of the table has more or fewer cells than there are columns.")
    imprint = _imprint(sheet)
    top = _head_height(sheet)
    pages = _pages(sheet, BODY_BOTTOM - top - 22)
    running = Running(imprint, digest(sheet), len(pages))
    file, pen = open_document(imprint)
    for number, page in enumerate(pages, 1):
        _draw_page(pen, sheet, page, top)
        draw_footer(pen, running)
        if number < len(pages):
            pen.turn_page()
    return close_document(file, pen)


def _imprint(sheet: TableSheet) -> Imprint:
    return Imprint(
        organisation=sheet.organisation,
        document="Table",
        period=sheet.title,
        period_note="",
        classification=sheet.classification,
        as_of=sheet.as_of,
        currency=sheet.currency,
        language=sheet.language,
    )


# --- columns and rows


def _pages(sheet: TableSheet, room: float) -> list[_Page]:
    bands = _bands(sheet)
    pages: list[_Page] = []
    for band in bands:
        rows = [_set_row(row, sheet, band) for row in sheet.rows]
        if sheet.totals:
            rows.append(_set_row(sheet.totals, sheet, band, strong=True))
        pages += _cut(rows, band, room, _band_note(band, sheet, len(bands)))
    return pages


def _band_note(band: _Band, sheet: TableSheet, count: int) -> str:
    if count == 1:
        return ""
    first, last = band.indices[1 if band.indices[:2] != (0, 1) else 0], band.indices[-1]
    return f"columns {first + 1}–{last + 1} of {len(sheet.columns)}"


def _cut(rows: list[_SetRow], band: _Band, room: float, band_note: str) -> list[_Page]:
    pages: list[_Page] = []
    start = 0
    body = sum(1 for row in rows if not row.strong)
    while start < len(rows) or not pages:
        used, end = 0.0, start
        while end < len(rows) and (end == start or used + rows[end].height <= room):
            used += rows[end].height
            end += 1
        shown = f"rows {start + 1:,}–{min(end, body):,} of {body:,}" if body > start else ""
        note = ", ".join(part for part in (shown, band_note) if part)
        pages.append(_Page(band, tuple(rows[start:end]), note))
        start = end
    return pages


def _bands(sheet: TableSheet) -> list[_Band]:
    """Columns grouped so that each group fits the page; the first column leads every group."""
    natural = [_natural_width(sheet, index) for index in range(len(sheet.columns))]
    least = [
        width if column.numeric else min(width, _NARROWEST_WORDS * 2)
        for width, column in zip(natural, sheet.columns, strict=True)
    ]
    groups: list[list[int]] = [[]]
    for index in range(len(sheet.columns)):
        if groups[-1] and _total([least[i] for i in (*groups[-1], index)]) > RIGHT - LEFT:
            groups.append([0])
        groups[-1].append(index)
    return [_band(group, natural, sheet) for group in groups]


def _band(group: Sequence[int], natural: Sequence[float], sheet: TableSheet) -> _Band:
    """Widths for one group: numbers as wide as they are, words share what is left."""
    numeric = [sheet.columns[index].numeric for index in group]
    room = RIGHT - LEFT - _GAP * (len(group) - 1)
    fixed = sum(
        natural[index] for index, is_number in zip(group, numeric, strict=True) if is_number
    )
    wanted = [
        natural[index] for index, is_number in zip(group, numeric, strict=True) if not is_number
    ]
    shares = iter(_shared_out(wanted, room - fixed))
    widths = [
        natural[i] if is_number else next(shares)
        for i, is_number in zip(group, numeric, strict=True)
    ]
    return _Band(tuple(group), tuple(_spread(widths, room, numeric)))


def _shared_out(wanted: Sequence[float], room: float) -> list[float]:
    """What each gets when the widest give way first: none is cut below the level that fits."""
    level, left, rest = room, room, sorted(wanted)
    for position, width in enumerate(rest):
        level = left / (len(rest) - position)
        if width > level:
            break
        left -= width
        level = room
    return [min(width, level) for width in wanted]


def _spread(widths: Sequence[float], room: float, numeric: Sequence[bool]) -> list[float]:
    """The page filled: up to 22 points more for every column, the rest for those of words."""
    spare = max(0.0, room - sum(widths))
    extra = min(22.0, spare / max(1, len(widths)))
    rest = (spare - extra * len(widths)) / max(1, len(widths) - sum(numeric))
    return [
        width + extra + (0.0 if is_number else rest)
        for width, is_number in zip(widths, numeric, strict=True)
    ]


def _total(widths: Sequence[float]) -> float:
    return sum(widths) + _GAP * (len(widths) - 1)


def _natural_width(sheet: TableSheet, index: int) -> float:
    column = sheet.columns[index]
    step = max(1, len(sheet.rows) // _SAMPLE)
    texts = [row[index] for row in sheet.rows[::step]] + (
        [sheet.totals[index]] if sheet.totals else []
    )
    widest = max((text_width(text[:120], _TOTAL) for text in texts), default=0.0)
    longest_word = max((text_width(word, HEAD) for word in column.label[:80].split()), default=0.0)
    head = min(text_width(column.label[:80], HEAD), max(longest_word, 60.0))
    most = _WIDEST_NUMBER if column.numeric else _WIDEST_WORDS
    return min(most, max(widest, head, 18.0))


def _set_row(
    row: Sequence[str], sheet: TableSheet, band: _Band, *, strong: bool = False
) -> _SetRow:
    style = _TOTAL if strong else CELL
    cells = []
    for index, width in zip(band.indices, band.widths, strict=True):
        text = Name(row[index], limit=max(1, len(row[index])))
        if sheet.columns[index].numeric:
            cells.append(_number_line(text, style, width))
        else:
            cells.append(set_lines((text,), style, _NO_FIGURES, width, _MOST_LINES))
    return _SetRow(tuple(cells), strong)


def _number_line(text: Name, style: Style, width: float) -> list[Line]:
    wide = text_width(text.text, style)
    style = style.sized(max(4.0, style.size * width / wide)) if wide > width else style
    unbroken = Name(text.text.replace(" ", "\u00a0"), limit=text.limit)
    return set_lines((unbroken,), style, _NO_FIGURES, width + 0.5, 1)


# --- drawing


def _head_height(sheet: TableSheet) -> float:
    """Where the head of the table begins."""
    lines, _ = set_title((Name(sheet.title, 200),), TITLE, _NO_FIGURES, 660)
    y = 72.0 + (len(lines) - 1) * 25 + 17
    y += (len(_subtitle(sheet)) - 1) * STANDFIRST.leading
    return y + len(_filters(sheet)) * NOTE.leading + 20


def _subtitle(sheet: TableSheet) -> list[Line]:
    return set_lines((Name(sheet.subtitle or " ", 400),), STANDFIRST, _NO_FIGURES, RIGHT - LEFT, 2)


def _filters(sheet: TableSheet) -> list[Line]:
    if not sheet.filters:
        return []
    text = "Filtered: " + "; ".join(sheet.filters)
    return set_lines((Name(text, 800),), NOTE.coloured(TERTIARY), _NO_FIGURES, RIGHT - LEFT, 3)


def _draw_page(pen: Pen, sheet: TableSheet, page: _Page, top: float) -> None:
    draw_accent(pen)
    pen.text(LEFT, 46, shortened(sheet.organisation, SECTION, 420), SECTION)
    context = NOTE.coloured(TERTIARY)
    pen.text(RIGHT, 46, page.note[:1].upper() + page.note[1:], context, "right")
    title, _ = set_title((Name(sheet.title, 200),), TITLE, _NO_FIGURES, 660)
    y = draw_lines(pen, title, LEFT, 72, 25) + 17
    y = draw_lines(pen, _subtitle(sheet), LEFT, y, STANDFIRST.leading) + 12
    draw_lines(pen, _filters(sheet), LEFT, y, NOTE.leading)
    _draw_heads(pen, sheet, page.band, top + 16)
    _draw_rows(pen, sheet, page, top + 22)


def _edges(band: _Band) -> list[tuple[float, float]]:
    """Left and right edge of every column of the band."""
    edges, x = [], LEFT
    for width in band.widths:
        edges.append((x, x + width))
        x += width + _GAP
    return edges


def _draw_heads(pen: Pen, sheet: TableSheet, band: _Band, y: float) -> None:
    style = HEAD.coloured(SECONDARY)
    for index, (left, right) in zip(band.indices, _edges(band), strict=True):
        column = sheet.columns[index]
        lines = set_lines((Name(column.label, 80),), style, _NO_FIGURES, right - left, 2)
        first = y - (len(lines) - 1) * style.leading
        at, align = (right, "right") if column.numeric else (left, "left")
        draw_lines(pen, lines, at, first, style.leading, "right" if align == "right" else "left")
    pen.rule(y + 6, RULE_INK)


def _draw_rows(pen: Pen, sheet: TableSheet, page: _Page, y: float) -> None:
    edges = _edges(page.band)
    for number, row in enumerate(page.rows, 1):
        if row.strong:
            pen.rule(y, RULE_INK)
        for index, cell, (left, right) in zip(page.band.indices, row.cells, edges, strict=True):
            baseline = y + _PAD + CELL.size * 0.82
            if sheet.columns[index].numeric:
                draw_lines(pen, cell, right, baseline, CELL.leading, "right")
            else:
                draw_lines(pen, cell, left, baseline, CELL.leading)
        y += row.height
        pen.rule(y, RULE_INK if number == len(page.rows) else RULE_ROW)
    if not page.rows:
        pen.text(LEFT, y + 16, "No rows match.", NOTE)
