"""What a page of goals covers: today, and the period and currency picked in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest

from core import known
from core.errors import Invalid
from core.models import Organisation
from core.periods import FiscalCalendar, Period
from core.shell import chosen

DEFAULT = "this-quarter"


@dataclass(frozen=True, slots=True)
class Window:
    """``period`` is whole; ``to_date`` is the part of it whose days are over."""

    period: Period
    currency: str
    today: date
    calendar: FiscalCalendar

    @property
    def to_date(self) -> Period:
        begun = self.period.until(self.today - timedelta(days=1))
        return begun or Period(self.period.key, self.period.start, self.period.start)


def window_of(request: HttpRequest) -> Window:
    """From the URL, else what was picked before, else this quarter."""
    organisation = Organisation.current()
    today = known.today()
    try:
        wanted = chosen(request, "period") or DEFAULT
        period = organisation.calendar.parse(wanted, today=today)
    except Invalid:
        if "period" in request.GET:
            raise
        period = organisation.calendar.parse(DEFAULT, today=today)
    currency = chosen(request, "currency") or organisation.reporting_currency
    return Window(period, currency, today, organisation.calendar)
