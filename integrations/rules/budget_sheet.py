"""The finance team's sheet of planned amounts: how it is laid out, and reading what came back.

One row for each line, one column for each month. Two hidden columns say which line a row is and
what stood there when the sheet was written, so that an amount that nobody touched is never put
over a newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Protocol
from urllib.parse import quote, unquote

from core.money import MICROS, minor_digits
from integrations.rules.grid import DATE, EMPTY_FORMULA, NUMBER, OTHER

ID, BEFORE = "Adroit line", "Adroit amounts"
LINE, TEAM, CHANNEL, OWNER, CURRENCY = "Line", "Team", "Channel", "Owner", "Currency"
ACCOUNT, COST_CENTRE, TOTAL = "Account in the books", "Cost centre", "Total"
CODES = {ACCOUNT: "gl_code", COST_CENTRE: "cost_centre"}
LONGEST_CODE = 40
HEADS = (LINE, TEAM, CHANNEL, OWNER, CURRENCY, ACCOUNT, COST_CENTRE)
ALSO = {"gl code": ACCOUNT, "account": ACCOUNT, "cost center": COST_CENTRE, "budget line": LINE}
HEAD_ROWS = 20
MOST_ROWS = 5_000
MOST = 10**11

# Kind and text of one cell.
Cell = tuple[int, str]
# The amount that a text means; raises ``ValueError`` with why it means none.
ReadText = Callable[[str], Decimal]
BLANK: Cell = (NUMBER, "")


class Coded(Protocol):
    """What has an account in the books and a cost centre."""

    gl_code: str
    cost_centre: str


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What cannot be read and where: ``D14``."""

    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.cell}: {self.message}"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line of the sheet: micros by month, and by month what was written when it was exported.

    ``codes`` are by heading, of the columns that the sheet has.
    """

    number: int
    id: int | None
    texts: Mapping[str, str]
    amounts: Mapping[str, int]
    cells: Mapping[str, str]
    before: Mapping[str, int]
    codes: Mapping[str, str] = field(default_factory=dict)
    before_codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.texts.get(LINE, "")


@dataclass(slots=True)
class SheetContent:
    """What a sheet says; nothing of it is compared with the books yet."""

    rows: list[SheetRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    months: Sequence[str] = ()
    rounded: int = 0


@dataclass(frozen=True, slots=True)
class _Columns:
    head: int
    read_text: ReadText
    texts: Mapping[str, int]
    months: Mapping[str, int]
    id: int | None
    before: int | None
    total: int | None


def read_sheet(
    records: Sequence[Sequence[Cell]], months: Mapping[str, str], read_text: ReadText
) -> SheetContent:
    """The lines of a sheet; ``months`` are key -> label of the year's months.

    Problems name the cell. A row total or a total of a currency that does not agree with
    its amounts is one of them.
    """
    content = SheetContent()
    columns = _columns(records, months, read_text)
    if columns is None:
        wanted = next(iter(months.values()), "")
        content.problems.append(
            CellProblem("A1", f"no row has the headings “{LINE}” and a month such as “{wanted}”.")
        )
        return content
    content.months = [key for key in months if key in columns.months]
    if len(records) > MOST_ROWS:
        content.problems.append(
            CellProblem(f"A{MOST_ROWS}", f"at most {MOST_ROWS:,} rows are read.")
        )
        return content
    totals: list[tuple[int, Sequence[Cell]]] = []
    for number, record in enumerate(records[columns.head + 1 :], columns.head + 2):
        if _is_total(record, columns):
            totals.append((number, record))
        elif any(text.strip() for _, text in record):
            _read_row(content, number, record, columns)
    for number, record in totals:
        _check_total(content, number, record, columns)
    return content


def _columns(
    records: Sequence[Sequence[Cell]], months: Mapping[str, str], read_text: ReadText
) -> _Columns | None:
    named = {label.casefold(): key for key, label in months.items()}
    named |= {key: key for key in months}
    for head, record in enumerate(records[:HEAD_ROWS]):
        texts: dict[str, int] = {}
        found: dict[str, int] = {}
        for column, (kind, text) in enumerate(record):
            plain = " ".join(text.split()).casefold()
            key = named.get(plain[:7] if kind == DATE else plain)
            if key:
                found.setdefault(key, column)
            else:
                texts.setdefault(ALSO.get(plain, _proper(plain)), column)
        if LINE in texts and found:
            hidden = (texts.get(ID), texts.get(BEFORE), texts.get(TOTAL))
            return _Columns(head, read_text, texts, found, *hidden)
    return None


def _proper(plain: str) -> str:
    known = {name.casefold(): name for name in (*HEADS, ID, BEFORE, TOTAL)}
    return known.get(plain, plain)


def _text(record: Sequence[Cell], column: int | None) -> str:
    """A cell's text without the mark that keeps spreadsheets from running it."""
    if column is None or column >= len(record):
        return ""
    return record[column][1].strip().removeprefix("'")


def _is_total(record: Sequence[Cell], columns: _Columns) -> bool:
    name = _text(record, columns.texts[LINE]).casefold()
    return name.startswith(TOTAL.casefold()) and not _text(record, columns.texts.get(TEAM))


def _read_row(
    content: SheetContent, number: int, record: Sequence[Cell], columns: _Columns
) -> None:
    texts = {name: _text(record, columns.texts.get(name)) for name in HEADS}
    if not texts[LINE]:
        content.problems.append(
            CellProblem(f"{letters(columns.texts[LINE])}{number}", "the line has no name.")
        )
        return
    amounts: dict[str, int] = {}
    cells: dict[str, str] = {}
    for month, column in columns.months.items():
        cells[month] = f"{letters(column)}{number}"
        at = record[column] if column < len(record) else BLANK
        micros = _read_cell(content, at, cells[month], texts[CURRENCY], columns.read_text)
        if micros is not None:
            amounts[month] = micros
    id_text = _text(record, columns.id)
    content.rows.append(
        SheetRow(
            number=number,
            id=int(id_text) if id_text.isdecimal() and len(id_text) < 16 else None,
            texts=texts,
            amounts=amounts,
            cells=cells,
            before=dict(_before(_text(record, columns.before))),
            codes={head: texts[head] for head in CODES if head in columns.texts},
            before_codes=dict(_before_codes(_text(record, columns.before))),
        )
    )
    if len(amounts) == len(columns.months):
        _check_row(content, number, record, columns, sum(amounts.values()))


def _before(text: str) -> Iterator[tuple[str, int]]:
    """``"2026-11=165000.00 …"`` as it was written; what somebody broke is left out."""
    for part in text.split():
        month, _, amount = part.partition("=")
        if month in CODES.values():
            continue
        try:
            yield month, int(Decimal(amount) * MICROS)
        except (InvalidOperation, ValueError, OverflowError):
            continue


def kept_codes(line: Coded) -> list[str]:
    """The codes of a line as the hidden column keeps them, without a space."""
    return [f"{name}={quote(getattr(line, name), safe='')}" for name in CODES.values()]


def _before_codes(text: str) -> Iterator[tuple[str, str]]:
    """The same back, by heading."""
    heads = {name: head for head, name in CODES.items()}
    for part in text.split():
        name, _, code = part.partition("=")
        if name in heads:
            yield heads[name], unquote(code)


def _read_cell(
    content: SheetContent, at: Cell, cell: str, currency: str, read_text: ReadText
) -> int | None:
    try:
        exact = read_number(at, read_text)
    except ValueError as error:
        content.problems.append(CellProblem(cell, str(error)))
        return None
    rounded = exact.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_EVEN)
    content.rounded += rounded != exact
    return int(rounded * MICROS)


def read_number(at: Cell, read_text: ReadText) -> Decimal:
    """The amount of a cell, nothing for a blank one; raises ``ValueError`` with why not."""
    kind, plain = at[0], at[1].strip()
    shown = plain[:40]
    if kind == EMPTY_FORMULA:
        raise ValueError("this formula has no value; open the sheet, save it and send it again.")
    if not plain:
        return Decimal(0)
    if kind in (OTHER, DATE):
        raise ValueError(f"“{shown}” is not an amount.")
    amount = _number(plain) if kind == NUMBER else read_text(plain)
    if amount < 0:
        raise ValueError(f"“{shown}” is below zero; a plan is not.")
    if amount >= MOST:
        raise ValueError(f"“{shown}” is more than any plan holds.")
    return amount


def _number(plain: str) -> Decimal:
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(f"“{plain[:40]}” is not an amount.") from error
    if not amount.is_finite():
        raise ValueError(f"“{plain[:40]}” is not an amount.")
    return amount


def _check_row(
    content: SheetContent, number: int, record: Sequence[Cell], columns: _Columns, micros: int
) -> None:
    if columns.total is not None:
        _compare(content, number, record, columns, columns.total, micros, "the months of this row")


def _check_total(
    content: SheetContent, number: int, record: Sequence[Cell], columns: _Columns
) -> None:
    """A total of one currency against the rows above it, month by month."""
    currency = _text(record, columns.texts.get(CURRENCY))
    rows = [row for row in content.rows if row.texts[CURRENCY] == currency]
    for month, column in columns.months.items():
        if all(month in row.amounts for row in rows):
            micros = sum(row.amounts[month] for row in rows)
            _compare(content, number, record, columns, column, micros, "the lines of this column")


def _compare(
    content: SheetContent,
    number: int,
    record: Sequence[Cell],
    columns: _Columns,
    column: int,
    micros: int,
    what: str,
) -> None:
    at = record[column] if column < len(record) else BLANK
    if at[0] == EMPTY_FORMULA or not at[1].strip():
        return
    cell = f"{letters(column)}{number}"
    try:
        stated = read_number(at, columns.read_text)
    except ValueError as error:
        content.problems.append(CellProblem(cell, str(error)))
        return
    # Every amount may have been rounded by half a cent.
    if abs(stated * MICROS - micros) > MICROS // 200 * max(12, len(content.rows)):
        added = Decimal(micros) / MICROS
        content.problems.append(
            CellProblem(cell, f"the total says {stated:,.2f}, {what} add up to {added:,.2f}.")
        )


def letters(column: int) -> str:
    """0 is ``A``, 26 is ``AA``."""
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name
