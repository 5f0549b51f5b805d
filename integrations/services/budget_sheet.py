"""The finance team's sheet: written, read back against the books, and sent as one change of the plan."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from accounts.selectors import active_people_for
from budgets.models import BudgetLine, FiscalYear
from budgets.selectors.plan_rows import PlanRow, PlanRows, plan_rows
from budgets.services import line_create
from budgets.services.bulk_edit import BulkEdited, CellEdit, Place, plan_edit_many
from budgets.services.line_bulk import lines_change
from campaigns.models import Channel
from core.errors import Conflict, Invalid
from core.exports import harmless
from core.forms import read_amount
from core.money import MICROS, Money
from integrations.rules import budget_sheet as layout
from integrations.services.files import stored_path
from integrations.services.sheet_codes import (
    CodeChange,
    code_changes,
    code_problems,
    codes_apply,
)
from integrations.services.tables import records_of

SHEET = "Plan"


@dataclass(frozen=True, slots=True)
class Difference:
    """An amount that the sheet would change; ``newer`` says that the books moved since its export."""

    line: BudgetLine
    month: str
    cell: str
    old: int
    new: int
    version: int
    newer: bool = False


@dataclass(frozen=True, slots=True)
class NewLine:
    """A row of the sheet that no line fits; ``why_not`` says what is missing to make it."""

    row: layout.SheetRow
    total: Money
    why_not: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetReading:
    """A sheet beside the books."""

    year: FiscalYear
    differences: Sequence[Difference]
    new_lines: Sequence[NewLine]
    problems: Sequence[str]
    rows: int
    rounded: int
    codes: Sequence[CodeChange] = ()

    @property
    def edits(self) -> list[CellEdit]:
        return [CellEdit(Place(d.line.pk, d.month), d.new, d.version) for d in self.differences]

    @property
    def digest(self) -> str:
        """Changes when the sheet, or what the books say to it, changes."""
        told = [(d.line.pk, d.month, d.old, d.new, d.version) for d in self.differences]
        news = [(n.row.number, n.row.name, n.total.micros) for n in self.new_lines]
        codes = [(c.line.pk, c.head, c.old, c.new) for c in self.codes]
        return hashlib.sha256(json.dumps([told, news, codes]).encode()).hexdigest()


# Writing


def sheet_write(user: User, year: FiscalYear, *, today: date) -> bytes:
    """The plan of a year as a workbook that can be edited and read back."""
    found = plan_rows(user, year, today=today)
    rows = [row for row in found.rows if row.part is None]
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        _write(book, found, rows)
    return out.getvalue()


def _write(book: Any, found: PlanRows, rows: Sequence[PlanRow]) -> None:
    page = book.add_worksheet(SHEET)
    bold = book.add_format({"bold": True, "bottom": 1})
    amount = book.add_format({"num_format": "#,##0.00"})
    strong = book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
    shut = book.add_format({"num_format": "#,##0.00", "font_color": "#6b7280"})
    first = len(layout.HEADS) + 2
    last = first + len(found.months) - 1
    heads = [
        layout.ID,
        layout.BEFORE,
        *layout.HEADS,
        *(m.label for m in found.months),
        layout.TOTAL,
    ]
    for column, head in enumerate(heads):
        page.write_string(0, column, head, bold)
    page.set_column(0, 1, None, None, {"hidden": True})
    page.set_column(2, 2, 34)
    page.set_column(3, first - 1, 16)
    page.set_column(first, last + 1, 14)
    page.freeze_panes(1, 3)
    styles = [shut if m.key in found.shut else amount for m in found.months]
    for number, row in enumerate(rows, 1):
        _write_row(page, number, row, found, styles)
    _write_totals(page, rows, strong)


def _write_row(
    page: Any, number: int, row: PlanRow, found: PlanRows, styles: Sequence[Any]
) -> None:
    line, first = row.line, len(layout.HEADS) + 2
    amounts = [Decimal(micros) / MICROS for micros in row.micros]
    before = (f"{m.key}={a:f}" for m, a in zip(found.months, amounts, strict=True))
    page.write_number(number, 0, line.pk)
    page.write_string(number, 1, " ".join([*before, *layout.kept_codes(line)]))
    texts = (
        line.name, line.team.name, line.channel.name, line.owner.name, line.currency,
        line.gl_code, line.cost_centre,
    )  # fmt: skip
    for column, text in enumerate(texts, 2):
        page.write_string(number, column, harmless(text))
    for column, (value, style) in enumerate(zip(amounts, styles, strict=True), first):
        page.write_number(number, column, value, style)
    last = first + len(amounts) - 1
    span = f"{layout.letters(first)}{number + 1}:{layout.letters(last)}{number + 1}"
    page.write_formula(number, last + 1, f"=SUM({span})", styles[-1], sum(amounts))


def _write_totals(page: Any, rows: Sequence[PlanRow], style: Any) -> None:
    """One total for each currency; two are never added."""
    first, end = len(layout.HEADS) + 2, len(rows) + 1
    currency_column = layout.letters(2 + layout.HEADS.index(layout.CURRENCY))
    for number, currency in enumerate(sorted({row.line.currency for row in rows}), end):
        page.write_string(number, 2, f"{layout.TOTAL} {currency}", style)
        page.write_string(number, 2 + layout.HEADS.index(layout.CURRENCY), currency, style)
        own = [row for row in rows if row.line.currency == currency]
        sums = [sum(month) for month in zip(*(row.micros for row in own), strict=True)]
        for at, micros in enumerate([*sums, sum(sums)]):
            column = layout.letters(first + at)
            names = f"${currency_column}$2:${currency_column}${end}"
            formula = f'=SUMIF({names},"{currency}",{column}$2:{column}${end})'
            page.write_formula(number, first + at, formula, style, Decimal(micros) / MICROS)


# Reading


def sheet_read(user: User, year: FiscalYear, stored_as: str, *, today: date) -> SheetReading:
    """A kept file beside the plan as it is now; raises ``Invalid`` for what is no sheet."""
    records = records_of(stored_path(stored_as).read_bytes(), SHEET)
    found = plan_rows(user, year, today=today)
    content = layout.read_sheet(records, {m.key: m.label for m in found.months}, _amount)
    return _compare(user, found, content)


def _amount(text: str) -> Decimal:
    try:
        return read_amount(text)
    except ValidationError as error:
        said = str(error.message)
        raise ValueError(said[:1].lower() + said[1:]) from error


def _compare(user: User, found: PlanRows, content: layout.SheetContent) -> SheetReading:
    known = _Known(row for row in found.rows if row.part is None)
    differences: list[Difference] = []
    codes: list[CodeChange] = []
    problems = [str(problem) for problem in content.problems]
    new: list[layout.SheetRow] = []
    seen: dict[int, int] = {}
    for row in content.rows:
        plan = known.find(row)
        if plan is None and row.id is None:
            new.append(row)
        elif plan is None:
            problems.append(
                f"Row {row.number}: this line is not in {found.year}, or you may not see it."
            )
        elif plan.line.pk in seen:
            problems.append(
                f"Row {row.number}: {plan.line} stands in row {seen[plan.line.pk]} already."
            )
        else:
            seen[plan.line.pk] = row.number
            differences += _differences(plan, row, found)
            codes += code_changes(plan, row)
            problems += _wrong_currency(plan, row)
    problems += [
        f"{d.cell}: {d.line} in {d.month} is {found.shut[d.month]}, so its plan stays as it is."
        for d in differences
        if d.month in found.shut
    ]
    problems += code_problems(codes, user)
    offers = _Offers(user, found.year)
    return SheetReading(
        year=found.year,
        differences=differences,
        new_lines=[offers.offer(row) for row in new],
        problems=problems,
        rows=len(content.rows),
        rounded=content.rounded,
        codes=codes,
    )


class _Known:
    """The lines of the year by number, and by team and name."""

    def __init__(self, rows: Any) -> None:
        self.by_id = {row.line.pk: row for row in rows}
        self.by_name = {
            (row.line.team.name.casefold(), row.line.name.casefold()): row
            for row in self.by_id.values()
        }

    def find(self, row: layout.SheetRow) -> PlanRow | None:
        if row.id is not None:
            return self.by_id.get(row.id)
        return self.by_name.get((row.texts[layout.TEAM].casefold(), row.name.casefold()))


def _differences(plan: PlanRow, row: layout.SheetRow, found: PlanRows) -> list[Difference]:
    """Amounts that somebody edited: other than the books, and other than what was exported."""
    changed = []
    for month, old, version in zip(found.months, plan.micros, plan.versions, strict=True):
        new, before = row.amounts.get(month.key), row.before.get(month.key)
        if (
            new is None
            or new == old
            or new == _minor(old if before is None else before, plan.line.currency)
        ):
            continue
        newer = before is not None and before != old
        cell = row.cells[month.key]
        changed.append(Difference(plan.line, month.key, cell, old, new, version, newer))
    return changed


def _minor(micros: int, currency: str) -> int:
    """What a cell showed when it was written, rounded as reading rounds."""
    return int(Money(micros, currency).rounded() * MICROS)


def _wrong_currency(plan: PlanRow, row: layout.SheetRow) -> list[str]:
    said = row.texts[layout.CURRENCY].upper()
    if not said or said == plan.line.currency:
        return []
    return [f"Row {row.number}: {plan.line} pays in {plan.line.currency}, the sheet says {said}."]


class _Offers:
    """What is needed to make a line from a row, found by its names."""

    def __init__(self, user: User, year: FiscalYear) -> None:
        self.year = year
        self.teams = {team.name.casefold(): team for team in teams_with(user, Act.DRAFT_REQUEST)}
        self.channels = {c.name.casefold(): c for c in Channel.objects.all()}
        self.channels |= {c.key: c for c in self.channels.values()}
        people = active_people_for(user)
        self.people = {p.name.casefold(): p for p in people} | {
            p.email.casefold(): p for p in people
        }

    def offer(self, row: layout.SheetRow) -> NewLine:
        texts = row.texts
        team: Team | None = self.teams.get(texts[layout.TEAM].casefold())
        channel = self.channels.get(texts[layout.CHANNEL].casefold())
        owner = self.people.get(texts[layout.OWNER].casefold())
        currency = texts[layout.CURRENCY].upper()
        lacks = [
            name
            for name, value in (
                (layout.TEAM, team), (layout.CHANNEL, channel), (layout.OWNER, owner),
                (layout.CURRENCY, len(currency) == 3 and currency.isalpha()),
            )
            if not value
        ]  # fmt: skip
        fields = {
            "fiscal_year": self.year, "team": team, "channel": channel, "owner": owner,
            "name": row.name, "currency": currency, "gl_code": texts[layout.ACCOUNT],
            "cost_centre": texts[layout.COST_CENTRE],
        }  # fmt: skip
        total = Money(sum(row.amounts.values()), currency or "EUR")
        why_not = f"Its {', '.join(lacks).lower()} is not one you can choose." if lacks else ""
        return NewLine(row, total, why_not, fields)


# Sending


@transaction.atomic
def sheet_apply(
    *,
    user: User,
    year: FiscalYear,
    stored_as: str,
    digest: str,
    make: Collection[int],
    reason: str,
    at: datetime,
    today: date,
) -> BulkEdited | None:
    """Make the chosen new lines (row numbers) and bring codes and plan to the sheet, all or nothing.

    Codes hold at once, with an event for each line; amounts take the way of every change of a plan
    (None where the sheet changes codes alone).

    ``digest`` is of the reading that the person looked at; raises ``Conflict`` when the books
    or the sheet say something else now, ``Invalid`` while something in the sheet is wrong.
    """
    reading = sheet_read(user, year, stored_as, today=today)
    if reading.digest != digest:
        raise Conflict(
            "The plan changed since you looked at this sheet.",
            code="stale",
            remedy="Look at the differences again, then send them.",
        )
    if reading.problems:
        raise Invalid(
            f"The sheet cannot be taken as it is: {reading.problems[0]}",
            where="file",
            remedy="Mend it and read it again; nothing was changed.",
        )
    chosen = [new for new in reading.new_lines if new.row.number in make and not new.why_not]
    if not reason.strip():
        raise Invalid("Say why the plan changes.", where="reason")
    codes_apply(reading.codes, user, reason, at)
    edits = [*reading.edits, *(edit for new in chosen for edit in _make(new, user, at))]
    return plan_edit_many(user=user, cells=edits, reason=reason, at=at) if edits else None


def _make(new: NewLine, user: User, at: datetime) -> list[CellEdit]:
    fields = dict(new.fields)
    cost_centre = fields.pop("cost_centre")
    line = line_create(user=user, at=at, **fields)
    if cost_centre:
        lines_change(ids=[line.pk], user=user, cost_centre=cost_centre, at=at)
    return [
        CellEdit(Place(line.pk, month), micros, 0)
        for month, micros in new.row.amounts.items()
        if micros
    ]
