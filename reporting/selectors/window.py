"""The period and currency a page is about, as the person chose them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.dateparse import parse_date

from core.errors import Invalid
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
    """Read ``?period=``, ``?currency=`` and ``?as_of=`` (else what was chosen before)."""
    organisation = Organisation.current()
    today = now.astimezone(ZoneInfo(organisation.time_zone)).date()
    wanted = chosen(request, "period") or DEFAULT
    try:
        period = organisation.calendar.parse(wanted, today=today)
    except Invalid:
        if "period" in request.GET:
            raise
        period = organisation.calendar.parse(DEFAULT, today=today)
    currency = chosen(request, "currency") or organisation.reporting_currency
    return Window(period, currency, today, _as_of(request), organisation)


def _as_of(request: HttpRequest) -> datetime | None:
    text = request.GET.get("as_of", "")
    if not text:
        return None
    day = parse_date(text)
    if day is None:
        raise Invalid(f"“{text}” is not a day.", where="as_of", remedy="Write it like 2026-10-31.")
    return datetime.combine(day, datetime.max.time(), tzinfo=UTC)
