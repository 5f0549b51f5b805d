"""What stands against entering rates: the same day twice, or a month that is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from budgets.models import FxRate, MonthClose
from budgets.rules.rate_files import FileRow
from budgets.rules.rate_rows import RateRow, twice
from core import formats
from core.models import Organisation


def closed_until() -> date | None:
    """The last day of the newest closed month; rates that hold from then or before would change it."""
    calendar = Organisation.current().calendar
    rows = MonthClose.objects.filter(reopened_at__isnull=True)
    ends = {
        period.end
        for year, months in _by_year(rows.values_list("fiscal_year__year", "month")).items()
        for period in calendar.months(year)
        if period.key in months
    }
    return max(ends, default=None)


def _by_year(rows: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for year, month in rows:
        found.setdefault(year, set()).add(month)
    return found


def rate_problems(rows: Sequence[RateRow]) -> dict[int, str]:
    """Position -> why this rate cannot be entered, in a sentence; empty when all can."""
    known, until = _known(rows), closed_until()
    found = {}
    for number, row in enumerate(rows):
        if row.key in known:
            found[number] = (
                f"There is a rate from {row.base} to {row.quote} for {row.valid_from} already."
            )
        elif until and row.valid_from <= until:
            found[number] = (
                f"{formats.day(row.valid_from, weekday=False)} lies in a closed period; no rate "
                f"up to {formats.day(until, weekday=False)} changes unless it is opened again."
            )
    return {**found, **twice(rows)}


def _known(rows: Sequence[RateRow]) -> set[tuple[str, str, str, date]]:
    days = {row.valid_from for row in rows}
    found = FxRate.objects.filter(valid_from__in=days)
    return set(found.values_list("kind", "base", "quote", "valid_from"))


def rate_before(row: RateRow) -> FxRate | None:
    """The rate of the same pair and kind that holds until a new one takes its place."""
    same = FxRate.objects.filter(kind=row.kind, base=row.base, quote=row.quote)
    return same.filter(valid_from__lt=row.valid_from).order_by("-valid_from").first()


def checked_rows(rows: Sequence[FileRow]) -> list[FileRow]:
    """Rows of a file with what stands against them, in the file or in the books."""
    readable = [number for number, row in enumerate(rows) if row.row]
    found = rate_problems([row.row for row in rows if row.row])
    said = {readable[number]: text for number, text in found.items()}
    return [
        FileRow(row.line, row.row, row.problem or said.get(number, ""))
        for number, row in enumerate(rows)
    ]
