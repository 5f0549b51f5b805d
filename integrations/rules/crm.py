"""The rows of a customer file: deals, companies, contacts, touches, payments, usage.

Its layout (``kind = "crm"``) says what one row is (``entity``) and which columns it must have.
Days may lie in the future where something is only expected, amounts may be in several
currencies, and lists stand in one cell. Headers, dates, numbers and currencies are read by the
same modules as everywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.text import plain_name
from integrations.rules.answers import Caution, Outcome, Question, Reading, RowProblem
from integrations.rules.cells import Column, changed, constant, read_column
from integrations.rules.codes import Code
from integrations.rules.currency_columns import currencies_of
from integrations.rules.day_columns import (
    BLANK,
    FINE,
    FUTURE,
    TOO_OLD,
    Habits,
    days_of,
    decide_order,
)
from integrations.rules.draft import Draft
from integrations.rules.duplicates import mark_exact
from integrations.rules.grid import Flags, Grid, Places
from integrations.rules.issues import Issues
from integrations.rules.limits import Limits
from integrations.rules.measures import Measured, measure
from integrations.rules.number_columns import FINE as A_NUMBER
from integrations.rules.number_columns import MISSING as NO_NUMBER
from integrations.rules.options import ReadOptions
from integrations.rules.recognise import Recognised, Table
from integrations.rules.records import Sorted, sort_records
from integrations.rules.totals import exact_amount, exact_sum, in_units
from integrations.rules.words import is_error, is_missing

CRM = "crm"
# What columns of customer files may be, beside the amount, the currency and the number of events.
TEXTS = frozenset(
    {"number", "name", "stage", "pipeline", "probability", "fiscal_period", "owner", "account_ref",
     "account_name", "contact_ref", "contact_refs", "person_name", "email", "phone", "lifecycle",
     "lead_status", "origin", "industry", "country", "kind", "campaign_name", "status", "reason"}
)  # fmt: skip
DAYS = ("created_at", "closes_at", "became_at", "at", "day")
EXPECTED = frozenset({"closes_at"})
LISTS = frozenset({"contact_refs"})
NUMBERS = ("revenue", "event_count")
_EPOCH = 719163
_STATED = re.compile(r"grand totals? \((?P<count>[\d,.]+) records?\)", re.IGNORECASE)


@dataclass(slots=True)
class _Body:
    """The data records of a customer file, column by column."""

    grid: Grid
    records: Places
    table: Table
    found: Recognised
    options: ReadOptions
    issues: Issues
    texts: dict[str, Column] = field(default_factory=dict)
    days: dict[str, Any] = field(default_factory=dict)
    measured: Measured = field(default_factory=Measured)
    currency: Column | None = None
    questions: list[Question] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)


def read_crm(
    grid: Grid,
    header: int,
    separator: int,
    table: Table,
    found: Recognised,
    options: ReadOptions,
    limits: Limits,
    draft: Draft,
) -> Reading:
    """Read all rows below the header; the frame has ``row`` and a column per target."""
    sorting = sort_records(grid, header, separator, found)
    records = _without_footers(grid, sorting)
    body = _Body(
        grid, records, table, found, options,
        Issues(grid, records, table.headers, limits.problem_rows),
    )  # fmt: skip
    _read_texts(body)
    _read_days(body)
    _read_amounts(body)
    _require_cells(body)
    exempt = ~_good(body)
    mark_exact(grid, records, exempt, body.issues)
    _mark_contradictions(body)
    return _conclude(body, sorting, draft)


def _good(body: _Body) -> Flags:
    return ~body.issues.flags()


def _without_footers(grid: Grid, sorting: Sorted) -> Places:
    """The data records; a sentence alone in the first cell, below all data, is a footer."""
    records = list(sorting.data)
    while records and _is_sentence(grid.record(int(records[-1]))):
        sorting.notes.append(int(records.pop()))
    sorting.notes += [record for record in sorting.totals if record not in sorting.notes]
    return np.array(records, dtype=np.int64)


def _is_sentence(cells: list[str]) -> bool:
    filled = [text for text in cells if text.strip()]
    return len(cells) > 1 and len(filled) == 1 and bool(cells[0].strip()) and " " in cells[0]


def _read_texts(body: _Body) -> None:
    columns = body.found.columns
    for target, at in columns.items():
        if target in DAYS or target in NUMBERS:
            continue
        cells = read_column(body.grid, body.records, at)
        limit = 2_000 if target in LISTS else 300
        body.issues.add_values(
            cells, partial(_is_longer, limit), at, Code.FIELD_TOO_LONG,
            f"The text is longer than {limit:,} characters and is never cut off.",
        )  # fmt: skip
        body.texts[target] = changed(cells, _given)


def _is_longer(limit: int, text: str) -> bool:
    return len(text) > limit


def _given(text: str) -> str:
    """The text, or "" where the cell says that there is none."""
    return "" if is_missing(text) or is_error(text) else plain_name(text)


def _read_days(body: _Body) -> None:
    layout, settings = body.found.layout, dict(body.options.settings)
    settings.setdefault("account_tz", "UTC")
    habits = Habits(
        body.options.today, settings, layout.date_order, layout.date_why, body.found.found.language
    )
    columns = {target: at for target, at in body.found.columns.items() if target in DAYS}
    cells = {
        target: changed(read_column(body.grid, body.records, at), _given)
        for target, at in columns.items()
    }
    if not cells:
        return
    order = decide_order(
        list(cells.values()), habits, lambda at: body.grid.line(int(body.records[at]))
    )
    if order.question:
        body.questions.append(order.question)
        return
    for target, at in columns.items():
        days = days_of(cells[target], order.order, habits)
        allowed = [BLANK, TOO_OLD, FUTURE] if target in EXPECTED else [BLANK, TOO_OLD]
        states = np.where(np.isin(days.states, allowed), FINE, days.states).astype(np.uint8)
        body.issues.add_days(states, at)
        body.days[target] = np.where(days.states == BLANK, np.iinfo(np.int64).min, days.end)


def _read_amounts(body: _Body) -> None:
    wanted = {t: at for t, at in body.found.columns.items() if t in NUMBERS}
    body.measured = measure(body.grid, body.records, wanted, body.options.settings)
    body.questions += body.measured.questions
    for target, numbers in body.measured.numbers.items():
        body.issues.add_numbers(numbers.states, body.measured.columns[target])
    if "revenue" not in wanted:
        return
    named = body.texts.get("currency")
    result = currencies_of(
        len(body.records), named, body.found, body.measured, body.options, body.issues
    )
    if body.found.layout.entity == "account" and result.questions:
        # A company's yearly revenue is no reason to ask; without a currency it is left out.
        body.measured.numbers["revenue"].states[:] = NO_NUMBER
        sentence = "The file names no currency, so yearly revenues are left out."
        body.cautions.append(Caution(Code.CURRENCY_ASSUMED, sentence))
        body.currency = constant("", len(body.records))
        return
    body.questions += result.questions
    body.cautions += result.cautions
    body.currency = result.codes


def _require_cells(body: _Body) -> None:
    """Every row needs one filled cell of each group of targets its layout requires."""
    for group in body.found.layout.required:
        targets = [target for target in group if target in body.found.columns]
        empty = np.ones(len(body.records), dtype=bool)
        for target in targets:
            empty &= _is_empty(body, target)
        name = body.table.headers[body.found.columns[targets[0]]].strip() if targets else group[0]
        at = body.found.columns[targets[0]] if targets else None
        body.issues.add_all(empty, at, Code.MISSING_VALUE, f"“{name}” is blank.")


def _is_empty(body: _Body, target: str) -> Flags:
    if target in body.texts:
        return body.texts[target].among({""})
    if target in body.days:
        empty: Flags = body.days[target] == np.iinfo(np.int64).min
        return empty
    if target in body.measured.numbers:
        missing: Flags = body.measured.numbers[target].states != A_NUMBER
        return missing
    return np.zeros(len(body.records), dtype=bool)


def _mark_contradictions(body: _Body) -> None:
    """Two rows with one number and other content: which one holds is not known."""
    if "number" not in body.texts or "day" in body.days:
        return
    numbers, good = body.texts["number"], _good(body)
    rows: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(good):
        rows[int(numbers.codes[place])].append(int(place))
    for code, places in rows.items():
        if len(places) > 1 and numbers.values[code]:
            for at in places:
                body.issues.add(
                    int(body.records[at]), body.found.columns["number"],
                    Code.DUPLICATE_IN_FILE,
                    "Another row has the same number but other content; keep one of them.",
                )  # fmt: skip


def _conclude(body: _Body, sorting: Sorted, draft: Draft) -> Reading:
    _note_miscounted(body, sorting)
    keep = _good(body)
    footers = tuple(_footer(body.grid, record) for record in sorted(sorting.notes))
    draft.questions += body.questions
    draft.cautions += body.cautions
    draft.evidence |= {
        "footers": footers,
        "decimal_mark": body.measured.mark,
        "decimal_why": body.measured.why,
    }
    skipped = len(sorting.notes) + len(sorting.repeated)
    accepted, rejected = int(keep.sum()), len(body.issues)
    data = accepted + rejected
    count = {"data_rows": data + skipped, "skipped": skipped}
    refusals = [*_no_rows(data), *_stated(body, footers, data, draft)]
    if draft.questions or refusals or not accepted:
        own = () if draft.questions else body.issues.problems()
        held = () if draft.questions else body.issues.held()
        return draft.refused([*refusals, *own], held=held, rejected=data, **count)
    return draft.reading(
        Outcome.PARTIAL if rejected else Outcome.ACCEPT,
        problems=body.issues.problems(),
        held=body.issues.held(),
        rows=_frame(body, keep),
        accepted=accepted,
        rejected=rejected,
        **_sums(body, keep),
        **count,
    )


def _note_miscounted(body: _Body, sorting: Sorted) -> None:
    width = len(body.table.headers)
    for record in sorting.miscounted:
        cells = int(body.grid.widths[record])
        sentence = f"The row has {cells} cells, the header has {width}."
        body.issues.add(record, None, Code.COLUMN_COUNT, sentence)


def _footer(grid: Grid, record: int) -> tuple[int, str]:
    text = " ".join(cell.strip() for cell in grid.record(record) if cell.strip())
    return grid.line(record), text[:200]


def _no_rows(data: int) -> list[RowProblem]:
    sentence = "The file has headers but no rows of data."
    return [] if data else [RowProblem(None, "", Code.EMPTY_FILE, sentence)]


def _stated(
    body: _Body, footers: tuple[tuple[int, str], ...], data: int, draft: Draft
) -> list[RowProblem]:
    """Salesforce writes how many records a report has; fewer rows were lost on the way."""
    for line, text in footers:
        stated = _STATED.search(text)
        if not stated:
            continue
        count = int(re.sub(r"\D", "", stated["count"]))
        draft.evidence["rows_stated"] = count
        overridden = body.options.settings.get("override") == Code.ROW_COUNT_MISMATCH
        if count != data and not overridden:
            sentence = (
                f"The report says it has {count:,} records, the file has {data:,} rows. "
                "Export the details again."
            )
            return [RowProblem(line, "", Code.ROW_COUNT_MISMATCH, sentence)]
    return []


def _sums(body: _Body, keep: Flags) -> dict[str, Any]:
    numbers = body.measured.numbers.get("revenue")
    if numbers is None or body.currency is None:
        return {}
    totals: dict[str, Decimal] = {}
    for code in set(body.currency.values) - {""}:
        own = keep & body.currency.among({code})
        if own.any():
            totals[code] = exact_amount(in_units("revenue", exact_sum(numbers, own)), code)
    return {"totals": totals}


def _frame(body: _Body, keep: Flags) -> pd.DataFrame:
    data: dict[str, Any] = {"row": body.grid.lines[body.records[keep]]}
    for target, column in body.texts.items():
        values = [column.of(int(place)) for place in np.flatnonzero(keep)]
        data[target] = [_percent(text) for text in values] if target == "probability" else values
    for target, days in body.days.items():
        data[target] = [_day(int(day)) for day in days[keep]]
    for target, numbers in body.measured.numbers.items():
        fine = numbers.states[keep] == A_NUMBER
        data[target] = pd.arrays.IntegerArray(numbers.values[keep], ~fine)
    if body.currency is not None:
        data["currency"] = [body.currency.of(int(place)) for place in np.flatnonzero(keep)]
    return pd.DataFrame(data)


def _day(ordinal: int) -> pd.Timestamp | None:
    if ordinal == np.iinfo(np.int64).min:
        return None
    return pd.Timestamp(np.datetime64(ordinal - _EPOCH, "D"))


def _percent(text: str) -> str:
    """A probability in whole per cent: ``0.25``, ``25`` and ``25.00 %`` are the same."""
    plain = text.replace("%", "").replace(",", ".").strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return ""
    share = "%" not in text and "." in plain and number <= 1
    percent = number * 100 if share else number
    return str(int(percent)) if 0 <= percent <= 100 else ""


def split_list(text: str) -> list[str]:
    """The numbers of one cell: HubSpot puts ``;`` between them."""
    return [part.strip() for part in re.split(r"[;|]", text) if part.strip()]
