"""The period and currency a page is about, as the person chose them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from core.errors import Invalid
from core.known import known_at
from core.models import Organisation
from core.periods import Period
from core.shell import chosen

DEFAULT = "this-quarter"


@dataclass(frozen=True, slots=True)
class Window:
    """What the figures of a page cover.

    ``period`` is whole, ``to_date`` its part up to yesterday (None before it began).
    ``as_of`` is None for what is known now.
    """

    period: Period
    currency: str
    today: date
    as_of: datetime | None
    organisation: Organisation

    @property
    def to_date(self) -> Period:
        """The part of the period whose days are over; a period ahead keeps its first day."""
        yesterday = date.fromordinal(self.today.toordinal() - 1)
        return self.period.until(yesterday) or Period(
            self.period.key, self.period.start, self.period.start, self.period.label
        )


def window_of(request: HttpRequest, *, now: datetime) -> Window:
    """Read ``?period=`` and ``?currency=``, else what was chosen before.

    On a page that is read as of a moment the day of that moment is today.
    """
    organisation = Organisation.current()
    as_of = known_at()
    today = (as_of or now).astimezone(ZoneInfo(organisation.time_zone)).date()
    wanted = chosen(request, "period") or DEFAULT
    try:
        period = organisation.calendar.parse(wanted, today=today)
    except Invalid:
        if "period" in request.GET:
            raise
        period = organisation.calendar.parse(DEFAULT, today=today)
    currency = chosen(request, "currency") or organisation.reporting_currency
    return Window(period, currency, today, as_of, organisation)
