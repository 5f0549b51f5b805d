"""The period of a money page: a fiscal month, quarter or year, and the way to the ones beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict

from budgets.models import FiscalYear
from core.errors import Invalid
from core.models import Organisation
from core.parts import Tab
from core.periods import FiscalCalendar, Period

DAY = timedelta(days=1)
KINDS = (("month", "Month"), ("quarter", "Quarter"), ("year", "Year"))


@dataclass(frozen=True, slots=True)
class Picker:
    """What is chosen, in which size, and the periods before and after (None: no books there)."""

    period: Period
    kind: str
    kinds: list[Tab]
    tabs: list[Tab]
    before: Tab | None
    after: Tab | None


def read_period(query: Mapping[str, str], today: date) -> tuple[Period, str]:
    """The period that the URL names by the organisation's calendar, and its size.

    What cannot be read, or is no month, quarter or year of the books, is the present quarter.
    """
    calendar = Organisation.current().calendar
    asked = query.get("period", "") or query.get("quarter", "")
    try:
        found = calendar.parse(asked, today=today) if asked else calendar.quarter_of(today)
    except Invalid:
        found = calendar.quarter_of(today)
    for kind, _ in KINDS:
        own = period_of(calendar, kind, found.start)
        if (own.start, own.end) == (found.start, found.end):
            return own, kind
    return calendar.quarter_of(found.start), "quarter"


def period_of(calendar: FiscalCalendar, kind: str, day: date) -> Period:
    """The month, quarter or year of the books that a day lies in."""
    if kind == "month":
        return calendar.month_of(day)
    return calendar.quarter_of(day) if kind == "quarter" else calendar.year(calendar.year_of(day))


def picker(period: Period, kind: str, query: QueryDict, today: date) -> Picker:
    """The choices around a period; the rest of the URL stays, but for the open cell."""
    calendar = Organisation.current().calendar
    years = set(FiscalYear.objects.values_list("year", flat=True))
    year = calendar.year_of(period.start)
    inside = today if today in period else period.start

    def tab(label: str, one: Period, current: bool) -> Tab:
        return Tab(label, _url(query, one), current)

    def beside(day: date) -> Tab | None:
        one = period_of(calendar, kind, day)
        return tab(one.label, one, False) if calendar.year_of(one.start) in years else None

    return Picker(
        period,
        kind,
        [tab(name, period_of(calendar, key, inside), key == kind) for key, name in KINDS],
        [tab(one.label, one, one == period) for one in _siblings(calendar, kind, year, years)],
        beside(period.start - DAY),
        beside(period.end + DAY),
    )


def _siblings(calendar: FiscalCalendar, kind: str, year: int, years: set[int]) -> list[Period]:
    if kind == "month":
        return calendar.months(year)
    if kind == "quarter":
        return calendar.quarters(year)
    return [calendar.year(one) for one in sorted({year, *(y for y in years if abs(y - year) < 3)})]


def _url(query: QueryDict, period: Period) -> str:
    kept = query.copy()
    for name in ("cell", "quarter", "export", "page"):
        kept.pop(name, None)
    kept["period"] = period.key
    return f"?{kept.urlencode(safe='/')}"
