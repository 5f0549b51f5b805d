"""Which months are closed."""

from __future__ import annotations

from collections.abc import Iterable

from budgets.models import FiscalYear, MonthClose
from core.errors import Conflict


def closed_months(fiscal_year: FiscalYear) -> set[str]:
    """Keys of the months of a year that are closed now."""
    rows = MonthClose.objects.filter(fiscal_year=fiscal_year, reopened_at__isnull=True)
    return set(rows.values_list("month", flat=True))


def require_open(places: Iterable[tuple[FiscalYear, str]]) -> None:
    """Raise ``Conflict`` when one of (year, month) is closed."""
    for year, months in _by_year(places).items():
        shut = sorted(months & closed_months(year))
        if shut:
            raise Conflict(
                f"{', '.join(shut)} of {year} {'is' if len(shut) == 1 else 'are'} closed.",
                code="month_closed",
                where="month",
                remedy="Book it in an open month, or ask finance to open the month again.",
            )


def _by_year(places: Iterable[tuple[FiscalYear, str]]) -> dict[FiscalYear, set[str]]:
    found: dict[FiscalYear, set[str]] = {}
    for year, month in places:
        found.setdefault(year, set()).add(month)
    return found
