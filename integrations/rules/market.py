"""The rows of a report on the market: shares of ad auctions by advertiser and period.

Its layout has ``kind = "market"``. A share lies between 0 and 100 %, so a comma and a point can
only be a decimal mark. ``--`` is no data. ``< 10%`` is kept as a bound and never as 10 %.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from core.money import MICROS
from integrations.rules.answers import (
    MARKET_SHARES,
    Choice,
    FileRefused,
    Outcome,
    Question,
    Reading,
    RowProblem,
)
from integrations.rules.cells import Column, changed, read_column
from integrations.rules.codes import Code
from integrations.rules.dates import last_day_of_month
from integrations.rules.day_columns import Days, Habits, days_of, decide_order, one_span
from integrations.rules.draft import Draft
from integrations.rules.duplicates import mark_exact
from integrations.rules.grid import Flags, Grid, Places
from integrations.rules.issues import Issues
from integrations.rules.limits import Limits
from integrations.rules.options import ReadOptions
from integrations.rules.recognise import Recognised, Table
from integrations.rules.records import Sorted, sort_records
from integrations.rules.words import is_error, is_missing

MARKET: Final = "market"
BELOW, ABOVE = "below", "above"
# Columns that name the period of a row; of several the shortest counts.
PERIODS = ("day", "week", "month")
# How the report calls whoever downloads it.
_OURSELVES = frozenset({"you", "sie", "du"})
_SHARE = re.compile(
    r"(?P<bound>[<>≤≥]?)\s*(?P<number>[0-9]{1,3}(?:[.,][0-9]{1,20})?)\s*(?P<sign>%?)"
)
_BOUNDS = {"<": BELOW, "≤": BELOW, ">": ABOVE, "≥": ABOVE, "": ""}
_UNIT = "shares"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class _Share:
    """One cell: ``number`` as written, ``bound`` "" for an exact one; ``code`` where it is none."""

    number: Decimal | None = None
    bound: str = ""
    is_percent: bool = False
    code: Code | None = None


@dataclass(slots=True)
class _Body:
    """The data records, column by column. ``shares``: target to its cells in micros of 1."""

    grid: Grid
    records: Places
    table: Table
    found: Recognised
    options: ReadOptions
    issues: Issues
    domains: list[str] = field(default_factory=list)
    days: Days = field(default_factory=lambda: one_span((date.min, date.min), 0, date.min))
    shares: dict[str, list[tuple[int, str] | None]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    order: tuple[str, str] = ("", "")


def read_market(
    grid: Grid,
    header: int,
    separator: int,
    table: Table,
    found: Recognised,
    options: ReadOptions,
    limits: Limits,
    period: tuple[date, date] | None,
    draft: Draft,
) -> Reading:
    """Read all rows below the header.

    The frame has ``row``, ``period_start``, ``day``, ``domain`` ("" for ourselves) and, for each
    of ``MARKET_SHARES``, its value in micros of 1 and in ``<share>_bound`` "", "below" or "above".
    """
    sorting = sort_records(grid, header, separator, found)
    records = sorting.data
    body = _Body(
        grid, records, table, found, options,
        Issues(grid, records, table.headers, limits.problem_rows),
    )  # fmt: skip
    _read_domains(body)
    _read_periods(body, period)
    _read_shares(body)
    mark_exact(grid, records, body.issues.flags(), body.issues)
    if not body.questions:
        _mark_contradictions(body)
    return _conclude(body, sorting, draft)


def _read_domains(body: _Body) -> None:
    at = body.found.columns["domain"]
    cells = read_column(body.grid, body.records, at)
    body.issues.add_values(
        cells, _is_nobody, at, Code.MISSING_VALUE, "The row does not say whose shares these are.",
    )  # fmt: skip
    body.issues.add_values(
        cells, _is_longer, at, Code.FIELD_TOO_LONG,
        f"The domain is longer than {_LONGEST} characters.",
    )  # fmt: skip
    names = changed(cells, _domain)
    body.domains = [names.of(place) for place in range(len(body.records))]


def _is_nobody(text: str) -> bool:
    return is_missing(text) or is_error(text)


def _is_longer(text: str) -> bool:
    return len(text) > _LONGEST


def _domain(text: str) -> str:
    name = text.strip().casefold()
    return "" if name in _OURSELVES else name


def _read_periods(body: _Body, period: tuple[date, date] | None) -> None:
    target = next((name for name in PERIODS if name in body.found.columns), "")
    if not target:
        if period is None:
            raise FileRefused(
                Code.MISSING_COLUMN,
                "Nothing says which days these shares are of. Segment the report by week, or keep "
                "the line with its period above the table.",
                column="week",
            )
        body.days = one_span(period, len(body.records), body.options.today)
        body.issues.add_days(body.days.states, None)
        return
    at = body.found.columns[target]
    cells = changed(read_column(body.grid, body.records, at), str.strip)
    layout = body.found.layout
    habits = Habits(
        body.options.today, body.options.settings, layout.date_order, layout.date_why,
        body.found.found.language,
    )  # fmt: skip
    order = decide_order([cells], habits, lambda place: body.grid.line(int(body.records[place])))
    if order.question:
        body.questions.append(order.question)
        return
    body.order = (order.order, order.why)
    days = days_of(cells, order.order, habits)
    body.issues.add_days(days.states, at)
    body.days = _whole(days, target)


def _whole(days: Days, target: str) -> Days:
    """A week is named by its first day, a month by a day of it or by its name."""
    if target == "week":
        return Days(days.start, days.start + 6, days.states)
    if target == "month":
        starts = [date.fromordinal(int(day)).replace(day=1) for day in days.start]
        ends = [last_day_of_month(day).toordinal() for day in starts]
        first = np.array([day.toordinal() for day in starts], dtype=np.int64)
        return Days(first, np.array(ends, dtype=np.int64), days.states)
    return days


def _read_shares(body: _Body) -> None:
    columns = {t: at for t, at in body.found.columns.items() if t in MARKET_SHARES}
    cells = {t: read_column(body.grid, body.records, at) for t, at in columns.items()}
    read = {target: tuple(map(_read, column.values)) for target, column in cells.items()}
    is_fraction = _are_fractions(body, read)
    for target, column in cells.items():
        made = tuple(_in_micros(share, is_fraction=is_fraction) for share in read[target])
        for code, sentence in _SENTENCES.items():
            wrong = partial(_has_code, dict(zip(column.values, made, strict=True)), code)
            body.issues.add_values(column, wrong, columns[target], code, sentence)
        body.shares[target] = _of_records(column, made)


_SENTENCES = {
    Code.NOT_A_NUMBER: "“{value}” is not a share; write 12.3 %, < 10 % or --.",
    Code.OUT_OF_RANGE: "“{value}” is more than 100 %.",
}


def _has_code(made: Mapping[str, tuple[int, str] | Code | None], code: Code, text: str) -> bool:
    return made[text] is code


def _read(text: str) -> _Share:
    plain = text.strip().strip("\u200e\u200f")
    if is_missing(plain) or is_error(plain):
        return _Share()
    found = _SHARE.fullmatch(plain)
    if found is None:
        return _Share(code=Code.NOT_A_NUMBER)
    number = Decimal(found["number"].replace(",", "."))
    return _Share(number, _BOUNDS[found["bound"]], bool(found["sign"]))


def _are_fractions(body: _Body, read: Mapping[str, tuple[_Share, ...]]) -> bool:
    """Whether numbers without a sign are parts of 1; asked where the file does not tell."""
    said = body.options.settings.get(_UNIT, "")
    if said not in {"", "percent", "fraction"}:
        raise FileRefused(Code.UNKNOWN_CHOICE, f"“{said}” is no unit of shares; percent, fraction.")
    bare = [
        share.number
        for shares in read.values()
        for share in shares
        if share.number and not share.is_percent
    ]
    if said or not bare or max(bare) > 1:
        return said == "fraction"
    example = format(max(bare), "f")
    percent = format(max(bare) * 100, "f")
    options = (
        Choice("fraction", "Parts of 1", f"{example} is {percent} %"),
        Choice("percent", "Per cent", f"{example} is {example} %"),
    )
    sentence = f"The shares have no per cent sign. Is {example} a part of 1, or per cent?"
    body.questions.append(Question(_UNIT, Code.AMBIGUOUS_NUMBER, sentence, options))
    return False


def _in_micros(share: _Share, *, is_fraction: bool) -> tuple[int, str] | Code | None:
    if share.number is None:
        return share.code
    whole = share.number if is_fraction and not share.is_percent else share.number / 100
    micros = int((whole * MICROS).to_integral_value())
    return (micros, share.bound) if micros <= MICROS else Code.OUT_OF_RANGE


def _of_records(
    column: Column, made: tuple[tuple[int, str] | Code | None, ...]
) -> list[tuple[int, str] | None]:
    found = (made[int(code)] for code in column.codes)
    return [share if isinstance(share, tuple) else None for share in found]


def _mark_contradictions(body: _Body) -> None:
    """Two rows for one advertiser and period: the report was split by something else."""
    rows: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for place in np.flatnonzero(~body.issues.flags()):
        span = int(body.days.start[place]), int(body.days.end[place])
        rows[body.domains[place], *span].append(int(place))
    for places in rows.values():
        for twin in places if len(places) > 1 else ():
            body.issues.add(
                int(body.records[twin]), body.found.columns["domain"], Code.DUPLICATE_IN_FILE,
                "Another row has other shares of the same advertiser and period. Shares do not add "
                "up: export without campaigns, devices or other segments.",
            )  # fmt: skip


def _conclude(body: _Body, sorting: Sorted, draft: Draft) -> Reading:
    width = len(body.table.headers)
    for record in sorting.miscounted:
        cells = int(body.grid.widths[record])
        sentence = f"The row has {cells} cells, the header has {width}."
        body.issues.add(record, None, Code.COLUMN_COUNT, sentence)
    draft.questions += body.questions
    draft.evidence |= {"date_order": body.order[0], "date_why": body.order[1]}
    keep = ~body.issues.flags()
    skipped = len(sorting.notes) + len(sorting.repeated) + len(sorting.totals)
    accepted, rejected = int(keep.sum()), len(body.issues)
    data = accepted + rejected
    count = {"data_rows": data + skipped, "skipped": skipped}
    if draft.questions:
        return draft.refused([], rejected=data, **count)
    refusals = [] if data else [_NO_ROWS]
    problems, held = body.issues.problems(), body.issues.held()
    if not accepted:
        return draft.refused([*refusals, *problems], held=held, rejected=data, **count)
    return draft.reading(
        Outcome.PARTIAL if rejected else Outcome.ACCEPT,
        problems=problems, held=held, rows=_frame(body, keep), accepted=accepted,
        rejected=rejected, period=_period(body, keep), **count,
    )  # fmt: skip


_NO_ROWS = RowProblem(None, "", Code.EMPTY_FILE, "The file has headers but no rows of data.")


def _period(body: _Body, keep: Flags) -> tuple[date, date]:
    first, last = int(body.days.start[keep].min()), int(body.days.end[keep].max())
    return date.fromordinal(first), date.fromordinal(last)


def _frame(body: _Body, keep: Flags) -> pd.DataFrame:
    places = [int(place) for place in np.flatnonzero(keep)]
    data: dict[str, Any] = {
        "row": body.grid.lines[body.records[keep]],
        "period_start": _dates(body.days.start[keep]),
        "day": _dates(body.days.end[keep]),
        "domain": [body.domains[place] for place in places],
    }
    for target in MARKET_SHARES:
        cells = body.shares.get(target)
        found = [cells[place] if cells else None for place in places]
        data[target] = pd.array([share[0] if share else None for share in found], dtype="Int64")
        data[f"{target}_bound"] = [share[1] if share else "" for share in found]
    return pd.DataFrame(data)


def _dates(ordinals: Places) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp(date.fromordinal(int(day))) for day in ordinals])
