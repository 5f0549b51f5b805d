"""A file of invoices: which column is what, and every row with what is wrong about it.

One row for each line of an invoice. Nothing is compared with the books here, and nothing is
guessed: a date or an amount that can be read in two ways is a problem of its cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from core.money import MICROS, minor_digits
from integrations.rules.dates import DateText, understand
from integrations.rules.grid import NUMBER

VENDOR, NUMBER_, DATED, AMOUNT = "vendor", "number", "dated", "amount"
CURRENCY, ORDER, CODE, PERIOD, ABOUT = "currency", "order", "code", "period", "about"
LABELS: Final = {
    VENDOR: "Vendor", NUMBER_: "Invoice number", DATED: "Date", AMOUNT: "Amount",
    CURRENCY: "Currency", ORDER: "Order", CODE: "Line or account", PERIOD: "Month", ABOUT: "What",
}  # fmt: skip
NEEDED: Final = (VENDOR, NUMBER_, DATED, AMOUNT)
_ALSO: Final = {
    VENDOR: ("supplier", "vendor name", "supplier name", "creditor", "lieferant", "fournisseur"),
    NUMBER_: ("number", "invoice", "invoice no", "invoice no.", "invoice nr", "rechnungsnummer",
              "reference", "document number"),
    DATED: ("invoice date", "dated", "document date", "rechnungsdatum", "datum"),
    AMOUNT: ("net amount", "total", "net", "invoice amount", "betrag"),
    CURRENCY: ("ccy", "währung", "devise"),
    ORDER: ("order number", "po", "po number", "purchase order", "order no", "bestellung"),
    CODE: ("line", "budget line", "gl code", "gl", "account", "account in the books",
           "cost centre", "cost center", "konto", "line/gl code"),
    PERIOD: ("period", "booking month", "monat"),
    ABOUT: ("description", "text", "note", "subject"),
}  # fmt: skip
_LONGEST: Final = {VENDOR: 120, NUMBER_: 60, ORDER: 40, CODE: 120, ABOUT: 200}
_MONTH: Final = re.compile(r"(\d{1,2})[/.-]((?:19|20)\d\d)")
_ORDER: Final = re.compile(r"(?:P[OH][\s#:-]*)?0*(\d{1,9})", re.IGNORECASE)
HEAD_ROWS: Final = 20
MOST_ROWS: Final = 500
MOST: Final = 10**11

Cell = tuple[int, str]
# The amount that a text means; raises ``ValueError`` with why it means none.
ReadText = Callable[[str], Decimal]


@dataclass(slots=True)
class BillRow:
    """One row: its texts by field, what they mean, and by field what is wrong with them."""

    line: int
    texts: Mapping[str, str]
    dated: date | None = None
    amount: Decimal | None = None
    month: str = ""
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def order_number(self) -> int | None:
        """The number of the order that it names; None for none, and for what is no number."""
        found = _ORDER.fullmatch(self.texts.get(ORDER, ""))
        return int(found[1]) if found else None

    def micros(self, currency: str) -> int:
        """The amount; raises ``ValueError`` where it has more decimals than its currency."""
        amount = self.amount or Decimal(0)
        if amount != amount.quantize(Decimal(1).scaleb(-minor_digits(currency))):
            raise ValueError(f"{amount} has more decimals than {currency} is paid in.")
        return int(amount * MICROS)


@dataclass(slots=True)
class BillTable:
    """A file as it was read; ``problem`` when it is no table of invoices at all."""

    head: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    rows: list[BillRow] = field(default_factory=list)
    problem: str = ""


def read_bill_table(records: Sequence[Sequence[Cell]], read_text: ReadText) -> BillTable:
    """Every row of a file of invoices."""
    found = next(
        ((at, columns) for at, record in enumerate(records[:HEAD_ROWS])
         if (columns := _columns(record)) and all(name in columns for name in NEEDED)),
        None,
    )  # fmt: skip
    if found is None:
        wanted = ", ".join(LABELS[name] for name in NEEDED)
        return BillTable(problem=f"No row of this file has the headings {wanted}.")
    head, columns = found
    filled = [
        (line, record)
        for line, record in enumerate(records[head + 1 :], head + 2)
        if any(text.strip() for _, text in record)
    ]
    if len(filled) > MOST_ROWS:
        said = f"This file has {len(filled):,} rows; at most {MOST_ROWS:,} are taken at once."
        return BillTable(problem=f"{said} Split it.")
    if not filled:
        return BillTable(problem="There is no row below the headings.")
    order = _date_order(_text(record, columns[DATED]) for _, record in filled)
    rows = [_row(line, record, columns, order, read_text) for line, record in filled]
    return BillTable(head, columns, rows)


def _columns(record: Sequence[Cell]) -> dict[str, int]:
    known = {label.casefold(): name for name, label in LABELS.items()}
    known |= {word: name for name, words in _ALSO.items() for word in words}
    found: dict[str, int] = {}
    for column, (_, text) in enumerate(record):
        name = known.get(" ".join(text.split()).casefold())
        if name:
            found.setdefault(name, column)
    return found


def _text(record: Sequence[Cell], column: int | None) -> str:
    """A cell's text without the mark that keeps spreadsheets from running it."""
    if column is None or column >= len(record):
        return ""
    return record[column][1].strip().removeprefix("'")


def _row(
    line: int,
    record: Sequence[Cell],
    columns: Mapping[str, int],
    order: str,
    read_text: ReadText,
) -> BillRow:
    row = BillRow(line, {name: _text(record, columns.get(name)) for name in LABELS})
    for name in NEEDED:
        if not row.texts[name]:
            row.problems[name] = f"{LABELS[name]} is missing."
    for name, most in _LONGEST.items():
        if len(row.texts[name]) > most:
            row.problems[name] = f"{LABELS[name]} has more than {most} characters."
    currency = row.texts[CURRENCY]
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        row.problems[CURRENCY] = f"“{currency[:40]}” is not a currency; write EUR."
    kind = record[columns[AMOUNT]][0] if columns[AMOUNT] < len(record) else NUMBER
    amount_of = _plain_number if kind == NUMBER else read_text
    _tell(row, DATED, lambda: _read_day(row, order))
    _tell(row, AMOUNT, lambda: _read_amount(row, amount_of))
    _tell(row, PERIOD, lambda: _read_month(row, order))
    return row


def _tell(row: BillRow, name: str, read: Callable[[], None]) -> None:
    """Read a cell that is filled; why it cannot be read stands at its field."""
    try:
        if row.texts[name]:
            read()
    except ValueError as error:
        row.problems[name] = str(error)


def _date_order(texts: Iterable[str]) -> str:
    """The order of day, month and year that some date of the column proves; "" for none."""
    proofs = {
        next(iter(reading.days))
        for reading in map(understand, texts)
        if len(reading.days) == 1 and not reading.short_year
    }
    known = proofs & {"dmy", "mdy", "ymd"}
    return known.pop() if len(known) == 1 else ""


def _read_day(row: BillRow, order: str) -> None:
    text = row.texts[DATED]
    reading = understand(text)
    made = None if reading.last_of_month or reading.short_year else reading.under(order)
    if made is None:
        raise ValueError(_unclear(text, reading))
    row.dated = made


def _unclear(text: str, reading: DateText) -> str:
    days = sorted({day.isoformat() for day in reading.days.values()})
    if len(days) > 1:
        return f"“{text[:40]}” can be read in two ways; write {' or '.join(days)}."
    return f"“{text[:40]}” is not a day; write it as 2026-11-30."


def _plain_number(text: str) -> Decimal:
    """The number of a workbook's cell."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"“{text[:40]}” is not an amount.") from error


def _read_amount(row: BillRow, amount_of: ReadText) -> None:
    text = row.texts[AMOUNT]
    if text[:1] in "-−(":
        raise ValueError("An invoice is above zero; enter a credit note on its invoice's page.")
    amount = amount_of(text)
    if not amount.is_finite() or not 0 < amount < MOST:
        raise ValueError(f"“{text[:40]}” is not an amount above zero.")
    row.amount = amount


def _read_month(row: BillRow, order: str) -> None:
    text = row.texts[PERIOD]
    short = _MONTH.fullmatch(text)
    if short and 1 <= int(short[1]) <= 12:
        row.month = f"{short[2]}-{int(short[1]):02d}"
        return
    day = understand(text).under(order)
    if day is None:
        raise ValueError(f"“{text[:40]}” is not a month; write it as 2026-11.")
    row.month = f"{day:%Y-%m}"
