"""A file of invoices beside the books: what each would become, what stops it, and taking all of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import Team, User
from budgets.choices import BillKind, BillState
from budgets.models import Bill, BudgetLine, OrderLine, Vendor
from budgets.selectors.bills import billable_lines, bookable_months, open_lines, proposed_month
from budgets.services.bills import BillIn, LineIn, bill_enter
from core.errors import AdroitError, Conflict, Invalid
from core.exports import harmless
from core.forms import read_amount
from core.money import Money
from integrations.rules import bill_file as layout
from integrations.rules.bill_file import BillRow, BillTable
from integrations.services.files import store, stored_path
from integrations.services.tables import records_of

SHEET = "Invoices"
# Where a refusal of the books stands in a row.
_FIELD = {"number": layout.NUMBER_, "dated": layout.DATED, "vendor": layout.VENDOR,
          "currency": layout.CURRENCY, "amount": layout.AMOUNT, "order_line": layout.ORDER,
          "month": layout.PERIOD, "budget_line": layout.CODE}  # fmt: skip


@dataclass(slots=True)
class FileBill:
    """An invoice of the file; ``state`` is what it becomes, "" while something stops it."""

    rows: Sequence[BillRow]
    given: BillIn | None = None
    state: str = ""
    waits: str = ""
    borne: Sequence[str] = ()

    @property
    def total(self) -> Money | None:
        if self.given is None:
            return None
        return Money(sum(line.amount_micros for line in self.given.lines), self.given.currency)

    @property
    def posts(self) -> bool:
        return self.state == BillState.POSTED


@dataclass(frozen=True, slots=True)
class BillFileReading:
    """A file beside the books, as nothing of it was kept."""

    table: BillTable
    bills: Sequence[FileBill] = field(default_factory=list)

    @property
    def wrong(self) -> list[BillRow]:
        """The rows that something is wrong with."""
        return [row for row in self.table.rows if row.problems]

    @property
    def is_ready(self) -> bool:
        return bool(self.bills) and not self.table.problem and not self.wrong

    @property
    def digest(self) -> str:
        """Changes when the file, or what the books make of it, changes."""
        told = [(bill.rows[0].line, bill.state, bill.waits, str(bill.total)) for bill in self.bills]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def bills_read(user: User, team: Team, stored_as: str, *, at: datetime) -> BillFileReading:
    """What the books would make of a kept file; everything is tried and nothing is kept.

    Raises ``Invalid`` for what is no table.
    """
    with transaction.atomic():
        reading = _enter_all(user, team, stored_as, at)
        transaction.set_rollback(True)
    return reading


@transaction.atomic
def bills_apply(
    *, user: User, team: Team, stored_as: str, digest: str, at: datetime
) -> BillFileReading:
    """Enter every invoice of a file, all or none; what no order covers waits in the matching queue.

    ``digest`` is of the reading that the person looked at. Raises ``Conflict`` when the books
    would make something else of it now, ``Invalid`` while a row is wrong.
    """
    reading = _enter_all(user, team, stored_as, at)
    if not reading.is_ready:
        raise Invalid(
            reading.table.problem or "Something in this file is wrong, so none of it was kept.",
            where="file",
            remedy="Correct the rows that are named, then take the file.",
        )
    if reading.digest != digest:
        raise Conflict(
            "Orders or bills changed since you looked at this file.",
            code="stale",
            remedy="Look at it again, then take it.",
        )
    return reading


def rows_correct(stored_as: str, corrections: Mapping[int, Mapping[str, str]]) -> str:
    """The file with other texts in some rows, kept as a new one; answers its name.

    ``corrections`` are row -> field -> text. A column that the file lacks is added.
    """
    records = [[text for _, text in row] for row in _records(stored_as)]
    table = _table(stored_as)
    columns = dict(table.columns)
    for name in sorted({name for fields in corrections.values() for name in fields} - set(columns)):
        columns[name] = max(map(len, records))
        _put(records[table.head], columns[name], layout.LABELS[name])
    known = {row.line for row in table.rows}
    for line, fields in corrections.items():
        for name, text in fields.items():
            if line in known:
                _put(records[line - 1], columns[name], text)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(records)
    return store(SimpleUploadedFile("corrected.csv", out.getvalue().encode()))[0]


def _put(record: list[str], column: int, text: str) -> None:
    record.extend([""] * (column + 1 - len(record)))
    record[column] = text


def wrong_rows(reading: BillFileReading) -> bytes:
    """The rows that something is wrong with, as a file that can be corrected and read again."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([*layout.LABELS.values(), "What is wrong"])
    for row in reading.wrong:
        texts = [harmless(row.texts[name]) for name in layout.LABELS]
        writer.writerow([*texts, f"Row {row.line}: {' '.join(row.problems.values())}"])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _records(stored_as: str) -> list[list[layout.Cell]]:
    return records_of(stored_path(stored_as).read_bytes(), SHEET)


def _table(stored_as: str) -> BillTable:
    return layout.read_bill_table(_records(stored_as), _amount)


def _amount(text: str) -> Decimal:
    try:
        return read_amount(text)
    except ValidationError as error:
        raise ValueError(str(error.message)) from error


def _enter_all(user: User, team: Team, stored_as: str, at: datetime) -> BillFileReading:
    """Every invoice entered in this transaction; what is refused stands at its rows."""
    table, books = _table(stored_as), _Books(user, team)
    groups: dict[tuple[str, str], list[BillRow]] = defaultdict(list)
    for row in table.rows:
        named = (row.texts[layout.VENDOR].casefold(), row.texts[layout.NUMBER_].casefold())
        groups[named].append(row)
    bills = [FileBill(rows) for rows in groups.values()]
    for bill in bills:
        _require_one(bill.rows)
        bill.given = books.given(bill.rows)
        if bill.given:
            _enter(bill, bill.given, user, at)
    return BillFileReading(table, bills)


def _enter(bill: FileBill, given: BillIn, user: User, at: datetime) -> None:
    try:
        with transaction.atomic():
            made = bill_enter(user=user, given=given, at=at)
    except AdroitError as error:
        name = _FIELD.get(error.where, layout.NUMBER_)
        bill.rows[0].problems[name] = f"{error.message} {error.remedy}".strip()
        return
    bill.state, bill.waits = made.state, made.held_because
    bill.borne = _borne(made)


def _borne(made: Bill) -> list[str]:
    """At which rates it was converted into the currency of its order."""
    names = made.lines.exclude(order_rate_name="").values_list("order_rate_name", flat=True)
    return list(dict.fromkeys(names))


def _require_one(rows: Sequence[BillRow]) -> None:
    """Rows of one number are lines of one invoice: one date, one currency, each for something else."""
    first, places = rows[0], dict[tuple[str, ...], int]()
    if not (first.texts[layout.VENDOR] and first.texts[layout.NUMBER_]):
        return
    for row in rows:
        for name, one, other in (
            (layout.DATED, row.dated, first.dated),
            (layout.CURRENCY, row.texts[layout.CURRENCY], first.texts[layout.CURRENCY]),
        ):
            if one != other:
                row.problems.setdefault(
                    name,
                    f"Row {first.line} has the same vendor and invoice number with another "
                    f"{layout.LABELS[name].lower()}.",
                )
        place = tuple(
            row.texts[name].casefold() for name in (layout.ORDER, layout.CODE, layout.PERIOD)
        )
        earlier = places.setdefault(place, row.line)
        if earlier != row.line:
            row.problems[layout.NUMBER_] = (
                f"{row.texts[layout.NUMBER_]} of {row.texts[layout.VENDOR]} stands in row {earlier} "
                "already. Lines of one invoice differ in order, line or month."
            )


class _Books:
    """What invoices are matched with: vendors, open orders, budget lines, open months; read once."""

    def __init__(self, user: User, team: Team) -> None:
        self.user, self.team = user, team
        vendors = list(Vendor.objects.filter(is_archived=False))
        self.vendors = {vendor.code.casefold(): vendor for vendor in vendors if vendor.code}
        self.vendors |= {vendor.name.casefold(): vendor for vendor in vendors}
        self.months = bookable_months()

    @cached_property
    def orders(self) -> Mapping[int, Sequence[OrderLine]]:
        """Order number -> its lines that something is open of."""
        rows = list(billable_lines(self.user))
        stands = open_lines(rows)
        found: dict[int, list[OrderLine]] = defaultdict(list)
        for row in rows:
            if stands[row.pk].billable:
                found[row.order.number].append(row)
        return found

    @cached_property
    def lines(self) -> Sequence[BudgetLine]:
        rows = BudgetLine.objects.for_user(self.user).select_related("fiscal_year", "team", "owner")
        return list(rows)

    def given(self, rows: Sequence[BillRow]) -> BillIn | None:
        """The invoice of some rows; None with a problem at a row that cannot become one."""
        first = rows[0]
        vendor = self.vendors.get(first.texts[layout.VENDOR].casefold())
        if vendor is None:
            first.problems.setdefault(
                layout.VENDOR,
                f"“{first.texts[layout.VENDOR]}” is not a vendor in use. Write the name as it stands "
                "under Budgets, Vendors, or enter the vendor there.",
            )
        if vendor is None or any(row.problems for row in rows):
            return None
        currency = first.texts[layout.CURRENCY].upper() or vendor.currency
        lines = [self._line(row, vendor, currency) for row in rows]
        if first.dated is None or any(row.problems for row in rows):
            return None
        places = [self._place(line) for line in lines]
        team, owner = next((place for place in places if place), (self.team, self.user))
        return BillIn(
            kind=BillKind.INVOICE, number=first.texts[layout.NUMBER_], vendor=vendor, team=team,
            owner=owner, currency=currency, dated=first.dated, lines=lines,
            note=" ".join(dict.fromkeys(_order_note(row) for row in rows)).strip(),
        )  # fmt: skip

    def _place(self, line: LineIn) -> tuple[Team, User] | None:
        about = line.order_line.order if line.order_line else line.budget_line
        return (about.team, about.owner) if about else None

    def _line(self, row: BillRow, vendor: Vendor, currency: str) -> LineIn:
        month = self._month(row)
        ordered = self._order_line(row, vendor, month)
        try:
            micros = row.micros(currency)
        except ValueError as error:
            row.problems[layout.AMOUNT], micros = str(error), 0
        code = row.texts[layout.CODE]
        bears = None if ordered else self._budget_line(code, month)
        is_name = bears is not None and bears.name.casefold() == code.casefold()
        return LineIn(
            row.texts[layout.ABOUT], micros, month, order_line=ordered, budget_line=bears,
            gl_code="" if is_name or len(code) > 40 else code,
        )  # fmt: skip

    def _month(self, row: BillRow) -> str:
        """The month it names, else that of its date; with a problem where that one is not open."""
        if not row.month:
            return proposed_month(row.dated, self.months) if row.dated else ""
        if row.month not in {month.key for month in self.months}:
            row.problems[layout.PERIOD] = (
                f"{row.month} is closed, or no year has it. Write an open month, or leave it empty."
            )
        return row.month

    def _order_line(self, row: BillRow, vendor: Vendor, month: str) -> OrderLine | None:
        """The one open line of the order it names; None where several or none could be meant."""
        rows = [
            line
            for line in self.orders.get(row.order_number or 0, ())
            if line.order.vendor_id == vendor.pk
        ]
        code = row.texts[layout.CODE].casefold()
        for fits in (lambda line: line.month == month, lambda line: code in _codes(line)):
            if len(rows) > 1:
                rows = [line for line in rows if fits(line)]
        return rows[0] if len(rows) == 1 else None

    def _budget_line(self, code: str, month: str) -> BudgetLine | None:
        """The one line of the month's year that has this name, account or cost centre."""
        years = {month.key: month for month in self.months}
        if not code or month not in years:
            return None
        day, plain = years[month].start, code.casefold()
        rows = [
            line
            for line in self.lines
            if line.fiscal_year.starts_on <= day <= line.fiscal_year.ends_on
            and plain
            in (line.name.casefold(), line.gl_code.casefold(), line.cost_centre.casefold())
        ]
        return rows[0] if len(rows) == 1 else None


def _codes(line: OrderLine) -> Iterator[str]:
    for text in (line.gl_code, line.cost_centre, line.budget_line.name, line.budget_line.gl_code):
        yield text.casefold()


def _order_note(row: BillRow) -> str:
    """The order it names, so that the matching queue finds it again."""
    text = row.texts[layout.ORDER]
    return f"PO-{row.order_number}" if row.order_number is not None else text
