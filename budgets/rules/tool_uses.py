"""Counts of who used a tool, as people paste or upload them, and when its contract comes up."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import Invalid

MOST_ROWS = 5_000
HEADER = ("name", "day", "active_users")


@dataclass(frozen=True, slots=True)
class UseRow:
    """A tool by name, the day of the count, and how many people used it in the month before."""

    name: str
    day: date
    active_users: int


def read_uses(text: str) -> list[UseRow]:
    """The rows of a file or a paste with the columns name, day, active_users; a header may stand first.

    Commas, semicolons or tabs part the columns. All rows or none: raises ``Invalid`` with
    every row that cannot be read.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise Invalid("There is no row to read.", where="rows", remedy="Paste name, day and count.")
    if len(lines) > MOST_ROWS:
        raise Invalid(f"At most {MOST_ROWS:,} rows are read at once.", where="rows")
    mark = next((mark for mark in "\t;" if mark in lines[0]), ",")
    found, wrong, seen = [], [], set()
    for number, cells in enumerate(_cells(lines, mark), start=1):
        if number == 1 and [cell.strip().lower() for cell in cells] == list(HEADER):
            continue
        try:
            row = _row(cells)
        except ValueError as error:
            wrong.append((number, str(error)))
            continue
        if (row.name.lower(), row.day) in seen:
            wrong.append((number, f"{row.name} has two counts for {row.day}"))
        seen.add((row.name.lower(), row.day))
        found.append(row)
    if wrong:
        raise refusal(wrong)
    return found


def _cells(lines: list[str], mark: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=mark)
    except csv.Error as error:
        raise Invalid(
            "A row is too long to be a count of a tool.",
            where="rows",
            remedy="Paste name, day and count.",
        ) from error


def refusal(wrong: list[tuple[int, str]]) -> Invalid:
    """The rows that cannot be kept, the first in the message."""
    number, why = wrong[0]
    more = f" {len(wrong) - 1} more cannot be kept." if len(wrong) > 1 else ""
    return Invalid(
        f"Row {number}: {why}.{more} Nothing was kept.",
        where="rows",
        remedy="Write one count a row, as: Tool, 2026-11-01, 24",
        details=[{"where": f"rows.{row}", "message": text} for row, text in wrong],
    )


def _row(cells: list[str]) -> UseRow:
    if len(cells) != len(HEADER):
        raise ValueError(f"{len(cells)} columns instead of name, day, active_users")
    name, day, count = (cell.strip() for cell in cells)
    if not name:
        raise ValueError("the name of the tool is missing")
    try:
        on = date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"“{day}” is not a day like 2026-11-01") from error
    if not (count.isascii() and count.isdigit() and len(count) <= 7):
        raise ValueError(f"“{count}” is not a count of people")
    return UseRow(name, on, int(count))


def next_renewal(renews_on: date, today: date, *, renews_itself: bool) -> date | None:
    """When the contract next renews, or ends; None when it ended."""
    if renews_on >= today:
        return renews_on
    if not renews_itself:
        return None
    due = _year_later(renews_on, today.year - renews_on.year)
    return due if due >= today else _year_later(renews_on, today.year - renews_on.year + 1)


def _year_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def notice_day(renewal: date, notice_days: int) -> date:
    """The last day on which notice can be given."""
    return renewal - timedelta(days=notice_days)
