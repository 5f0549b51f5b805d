"""Which month a bill may be booked in."""

from __future__ import annotations

from datetime import date

from budgets.models import FiscalYear
from budgets.selectors.closes import closed_months
from core.models import Organisation
from core.periods import Period


def open_months(fiscal_year: FiscalYear) -> list[Period]:
    """The months of a year that are not closed, in order."""
    shut = closed_months(fiscal_year)
    months = Organisation.current().calendar.months(fiscal_year.year)
    return [month for month in months if month.key not in shut]


def first_open_month(fiscal_year: FiscalYear, month: str) -> str | None:
    """``month`` while it is open, else the next open one of the year; None when there is none."""
    return next((one.key for one in open_months(fiscal_year) if one.key >= month), None)


def month_after(fiscal_year: FiscalYear, month: str) -> Period | None:
    """The month that follows in the year; None after the last."""
    months = Organisation.current().calendar.months(fiscal_year.year)
    return next((one for one in months if one.key > month), None)


def bookable_months() -> list[Period]:
    """The open months of every year whose books are open, in order."""
    years = FiscalYear.objects.order_by("year")
    return [month for year in years for month in open_months(year)]


def proposed_month(day: date, months: list[Period]) -> str:
    """The month of a day while it is open, else the first open one after it, else the last open one."""
    after = next((month.key for month in months if month.end >= day), None)
    return after or (months[-1].key if months else "")
