"""The data rows of a table: their days, texts, numbers and currencies, with every problem noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from core.money import minor_digits
from core.text import counted
from integrations.rules.answers import Caution, Choice, FileRefused, Question
from integrations.rules.cells import Codes, Column, changed, read_column
from integrations.rules.codes import Code
from integrations.rules.currencies import signs
from integrations.rules.currency_columns import currencies_of, refuse_mixture
from integrations.rules.dates import understand
from integrations.rules.day_columns import (
    FINE,
    TWICE,
    Days,
    Habits,
    ask_year,
    days_of,
    decide_order,
    month_and_day,
    one_span,
    spans_of,
    year_named,
)
from integrations.rules.duplicates import mark_contradictions, mark_exact
from integrations.rules.grid import NUMBER, Flags, Grid, Places
from integrations.rules.issues import Issues
from integrations.rules.layouts import left_out_numbers
from integrations.rules.limits import Limits
from integrations.rules.measures import Measured, blank_where, measure, number_targets
from integrations.rules.options import ReadOptions
from integrations.rules.recognise import Recognised, Table
from integrations.rules.words import is_error, is_missing

_TEXTS = (
    "campaign_name",
    "campaign_external_id",
    "account",
    "channel",
    "ad_group_name",
    "ad_group_external_id",
    "creative_name",
    "creative_external_id",
    "event_name",
)
_IDS = ("campaign_external_id", "ad_group_external_id", "creative_external_id")
_AS_TYPED = ("campaign_name", "ad_group_name", "creative_name", "event_name")
_EXACT_DIGITS = 15
_SOME = 100


@dataclass(slots=True)
class Body:
    """Everything about the data records, in their order. ``questions`` stop the import."""

    grid: Grid
    records: Places
    table: Table
    found: Recognised
    options: ReadOptions
    limits: Limits
    issues: Issues
    days: Days
    date_order: str = ""
    date_why: str = ""
    texts: dict[str, Column] = field(default_factory=dict)
    segments: dict[str, Column] = field(default_factory=dict)
    named_currency: Column | None = None
    measured: Measured = field(default_factory=Measured)
    questions: list[Question] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    repeated: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def good(self) -> Flags:
        """Data records without a problem."""
        return ~self.issues.flags()

    def lines(self) -> Places:
        return self.grid.lines[self.records]

    def some_lines(self, where: Flags) -> tuple[int, ...]:
        """The row numbers of the first flagged records, for a caution."""
        return tuple(self.grid.lines[self.records[where][:_SOME]].tolist())


def read_body(
    grid: Grid,
    records: Places,
    table: Table,
    found: Recognised,
    options: ReadOptions,
    limits: Limits,
    period: tuple[date, date] | None,
) -> Body:
    """Read all data records; raises ``FileRefused`` where the file contradicts itself."""
    nothing = np.zeros(len(records), dtype=np.int64)
    body = Body(
        grid, records, table, found, options, limits,
        issues=Issues(grid, records, table.headers, limits.problem_rows),
        days=Days(nothing, nothing, nothing.astype(np.uint8)),
    )  # fmt: skip
    _read_days(body, period)
    _read_texts(body)
    if "currency" in found.columns:
        body.named_currency = _column(body, "currency")
    _read_numbers(body)
    _read_currency(body)
    _mark_twice(body)
    _settle_grain(body)
    return body


def _column(body: Body, target: str) -> Column:
    return read_column(body.grid, body.records, body.found.columns[target])


def _read_days(body: Body, period: tuple[date, date] | None) -> None:
    columns = body.found.columns
    habits = Habits(
        body.options.today, body.options.settings, body.found.layout.date_order,
        body.found.layout.date_why, body.found.found.language,
    )  # fmt: skip
    if "month_name" in columns and "day_of_month" in columns:
        _read_split_days(body, habits)
        return
    targets = _day_targets(columns)
    if not targets:
        if period is None:
            raise FileRefused(Code.MISSING_COLUMN, "There is no column for the day.", column="day")
        body.days = one_span(period, len(body.records), habits.today)
        return
    cells = [changed(_column(body, target), str.strip) for target in targets]
    order = decide_order(cells, habits, lambda at: body.grid.line(int(body.records[at])))
    body.date_order, body.date_why = order.order, order.why
    if order.question:
        body.questions.append(order.question)
        return
    _ask_for_year(body, cells[0], habits)
    if body.questions:
        return
    found = [days_of(column, order.order, habits) for column in cells]
    body.days = found[0] if len(found) == 1 else spans_of(found[0], found[1])
    for target, days in zip(targets, found, strict=True):
        body.issues.add_days(days.states, columns[target])
    body.issues.add_all(
        body.days.start > body.days.end, columns[targets[0]], Code.INVALID_DATE,
        "The row ends before it starts.",
    )  # fmt: skip


def _day_targets(columns: Mapping[str, int]) -> tuple[str, ...]:
    for targets in (("day",), ("hour",), ("period_start", "period_end")):
        if all(target in columns for target in targets):
            return targets
    return ()


def _ask_for_year(body: Body, cells: Column, habits: Habits) -> None:
    yearless = next((text for text in cells.values if understand(text).without_year), None)
    if yearless is not None and year_named(habits.settings) is None:
        body.questions.append(ask_year(habits.today, yearless))


def _read_split_days(body: Body, habits: Habits) -> None:
    months, days = _column(body, "month_name"), _column(body, "day_of_month")
    if year_named(habits.settings) is None:
        example = f"{days.of(0).strip()} {months.of(0).strip()}" if len(months.codes) else ""
        body.questions.append(ask_year(habits.today, example))
        return
    body.days = month_and_day(months, days, habits)
    body.date_why = (
        f"month and day stand in two columns, the year {habits.settings['year']} was named"
    )
    body.issues.add_days(body.days.states, body.found.columns["day_of_month"])


def _read_texts(body: Body) -> None:
    for target in _TEXTS:
        if target in body.found.columns:
            body.texts[target] = _read_text(body, target)
    for target in body.found.columns:
        if target.startswith("segment."):
            body.segments[target] = _read_text(body, target)
    _require_names(body)


def _read_text(body: Body, target: str) -> Column:
    at = body.found.columns[target]
    cells = _column(body, target)
    limit = body.limits.text
    body.issues.add_values(
        cells, lambda text: len(text) > limit, at, Code.FIELD_TOO_LONG,
        f"The text is longer than {limit} characters and is never cut off.",
    )  # fmt: skip
    body.issues.add_values(
        cells, lambda text: "\ufffd" in text, at, Code.ENCODING_INVALID,
        "“{value}” holds the sign for a lost character; an earlier program damaged this text.",
    )  # fmt: skip
    if target in _IDS:
        _check_precision(body, cells, at)
    _note_errors(body, cells, at)
    if target in _AS_TYPED:
        return changed(cells, _given)
    return changed(cells, lambda text: _given(text).strip())


def _given(text: str) -> str:
    """The text, or "" where the cell says that there is none."""
    return "" if is_missing(text) or is_error(text) else text


def _note_errors(body: Body, cells: Column, at: int) -> None:
    failed = cells.which(is_error)
    if failed.any():
        sentence = (
            f"{counted(int(failed.sum()), 'row has', 'rows have')} a spreadsheet's error such as #N/A in "
            f"“{body.table.headers[at].strip()}”; such a cell counts as blank."
        )
        body.cautions.append(Caution(Code.ERROR_TEXT, sentence, body.some_lines(failed)))


def _check_precision(body: Body, cells: Column, at: int) -> None:
    """A spreadsheet keeps 15 digits of a number, so longer ids have lost their end."""
    kinds = body.grid.kinds_of(body.records, at)
    if kinds is None:
        return
    long = cells.which(lambda text: len(text.strip("-")) > _EXACT_DIGITS)
    body.issues.add_all(
        long & (kinds == NUMBER), at, Code.ID_PRECISION,
        "The id was saved as a number and has lost its last digits. Format the column as text.",
    )  # fmt: skip


def _require_names(body: Body) -> None:
    names = [body.texts[t] for t in ("campaign_name", "campaign_external_id") if t in body.texts]
    target, what = "campaign_name", "campaign"
    if body.found.layout.kind == "events":
        names, target, what = [body.texts["event_name"]], "event_name", "event"
    missing = np.ones(len(body.records), dtype=bool)
    for column in names:
        missing &= column.among({""})
    at = body.found.columns.get(target)
    body.issues.add_all(missing, at, Code.MISSING_VALUE, f"The {what} is missing.")


def _read_numbers(body: Body) -> None:
    body.measured = measure(
        body.grid, body.records, body.found.columns, body.options.settings,
        undivided=_is_undivided(body),
    )  # fmt: skip
    body.questions += body.measured.questions
    for target, (_, when) in body.found.condition.items():
        words = body.found.layout.conditional[target].words
        cells = read_column(body.grid, body.records, when)
        counted = changed(cells, lambda text: text.strip().casefold()).among(words)
        numbers = body.measured.numbers[target]
        body.measured.numbers[target] = blank_where(numbers, ~counted)
    for target, numbers in body.measured.numbers.items():
        body.issues.add_numbers(numbers.states, body.measured.columns[target])


def _is_undivided(body: Body) -> bool:
    """Whether the only currency the file names has no smaller unit."""
    codes = set(signs().get(body.found.header_currency("spend"), ()))
    if body.named_currency is not None:
        codes |= {text.strip().upper() for text in body.named_currency.values}
    codes.discard("")
    return len(codes) == 1 and minor_digits(codes.pop()) == 0


def _read_currency(body: Body) -> None:
    named = body.named_currency
    result = currencies_of(
        len(body.records), named, body.found, body.measured, body.options, body.issues
    )
    body.questions += result.questions
    body.cautions += result.cautions
    body.texts["currency"] = result.codes
    if "spend" in body.measured.numbers or "revenue" in body.measured.numbers:
        refuse_mixture(result.codes, body.good())


def _mark_twice(body: Body) -> None:
    """Rows that repeat or contradict others; an hour that the clock shows twice may stand twice."""
    twice = body.days.states == TWICE
    body.repeated = mark_exact(body.grid, body.records, twice | ~body.good(), body.issues)
    if "campaign_external_id" in body.texts:
        texts = (*body.texts.values(), *body.segments.values())
        keys: list[Codes | Places] = [
            body.days.start,
            body.days.end,
            *_hours(body),
            *(column.codes for column in texts),
        ]
        others = _telling_columns(body)
        mark_contradictions(
            body.grid, body.records, body.good() & ~twice, keys, others, body.issues
        )
    if twice.any():
        rows = body.some_lines(twice)
        sentence = "The clock shows these hours twice; both were counted on their day."
        body.cautions.append(Caution(Code.AMBIGUOUS_TIME, sentence, rows))


def _hours(body: Body) -> list[Codes | Places]:
    """What tells the hours of one day apart, where the day's own cells carry a time."""
    columns = [_column(body, target) for target in ("day", "hour") if target in body.found.columns]
    return [c.codes for c in columns if any(understand(text).clock for text in c.values)]


def _telling_columns(body: Body) -> list[int]:
    """Columns that are not imported but may be what tells two rows apart."""
    used = set(body.found.columns.values()) - set(number_targets(body.found.columns).values())
    used -= {at for target, at in body.found.columns.items() if target == "hour"}
    measures = set(number_targets(body.found.columns).values())
    return [
        at
        for at, header in enumerate(body.found.keys)
        if at not in used and at not in measures and header.key not in left_out_numbers()
    ]


def _settle_grain(body: Body) -> None:
    grain = body.options.settings.get("grain", "")
    if grain not in {"", "day", "period"}:
        raise FileRefused(Code.UNKNOWN_CHOICE, f"“{grain}” is no grain; use day or period.")
    whole = body.days.whole_periods() & np.isin(body.days.states, (FINE, TWICE))
    if not whole.any():
        return
    if grain == "period":
        sentence = "Each of these rows is kept as one figure of its whole period, not as a day."
        body.cautions.append(Caution(Code.WHOLE_PERIOD_KEPT, sentence, body.some_lines(whole)))
    elif whole[body.days.states == FINE].all():
        body.questions.append(_ask_grain(body, int(np.argmax(whole))))
    else:
        body.issues.add_all(whole, None, Code.WHOLE_PERIOD, "The row covers more than one day.")


def _ask_grain(body: Body, at: int) -> Question:
    start = date.fromordinal(int(body.days.start[at]))
    end = date.fromordinal(int(body.days.end[at]))
    sentence = (
        f"Every row covers {start.isoformat()} to {end.isoformat()} as a whole, so there is nothing "
        "to draw by day. Export again with a breakdown by day, or keep each row as one figure of "
        "the period."
    )
    option = Choice("period", "Keep each row as one figure of the whole period")
    return Question("grain", Code.WHOLE_PERIOD, sentence, (option,))
