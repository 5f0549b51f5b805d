"""What was known at a moment: the choice in the page's header, and every question below it.

    @gate(Act.VIEW_CAMPAIGNS)
    @require_safe
    @page_as_known
    def campaign(request): ...

Within such a view ``known_at()`` is the moment that was chosen, and ``now()`` and
``today()`` are the clock of that moment: the page is what it was then. The one query
takes the moment from here when it is given none, so that no question on the page can
forget it. Facts, targets and exchange rates go back; names, plans
and people stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core import clock
from core.errors import Invalid
from core.models import Organisation

PARAMETER = "as_of"
COOKIE = "adroit_as_of"
# At the ends of the calendar a page has no day before or after.
_YEARS = range(1970, 9999)
P = ParamSpec("P")
V = TypeVar("V")
R = TypeVar("R")

_at: ContextVar[datetime | None] = ContextVar("adroit_known_at", default=None)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a page was asked to show: ``at`` None is what is known now."""

    at: datetime | None = None

    @property
    def words(self) -> str:
        """``3 Oct 2026, 08:00``, in the zone of whoever reads."""
        return words(self.at) if self.at else ""

    @property
    def typed(self) -> str:
        """As the field of the header holds it."""
        return f"{timezone.localtime(self.at):%Y-%m-%dT%H:%M}" if self.at else ""


def words(at: datetime) -> str:
    """``3 Oct 2026, 08:00``: always with its year, seconds only where there are some."""
    local = timezone.localtime(at)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local.day} {local:%b %Y, %H:%M}{seconds}"


def known_at() -> datetime | None:
    """The moment that figures are read as of, None for now."""
    return _at.get()


def now() -> datetime:
    """The moment that the figures are true for."""
    return _at.get() or clock.now()


def today() -> date:
    """The day of that moment, where the organisation keeps its books."""
    at = _at.get()
    return at.astimezone(ZoneInfo(Organisation.current().time_zone)).date() if at else clock.today()


@contextmanager
def as_known(at: datetime | None) -> Iterator[None]:
    """Within, the one query answers as of ``at`` unless it is asked otherwise."""
    before = _at.set(at)
    try:
        yield
    finally:
        _at.reset(before)


def page_as_known(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page whose figures can be read as of a moment: from the URL, else as chosen before."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        moment = Moment(_asked(request))
        request.as_known = moment  # type: ignore[attr-defined]
        with as_known(moment.at):
            return view(request, *args, **kwargs)

    return shown


def answer_as_known(method: Callable[Concatenate[V, Any, P], R]) -> Callable[..., R]:
    """A method of an API view whose figures can be read ``?as_of=`` a moment."""

    @wraps(method)
    def answered(view: V, request: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        text = request.query_params.get(PARAMETER, "")
        with as_known(read_moment(text) if text else None):
            return method(view, request, *args, **kwargs)

    return answered


def chosen_moment(request: HttpRequest) -> datetime | None:
    """The moment picked in the header before; what cannot be read counts as none."""
    try:
        return _read_kept(request)
    except Invalid:
        return None


def _asked(request: HttpRequest) -> datetime | None:
    if PARAMETER in request.GET:
        text = request.GET[PARAMETER]
        return read_moment(text) if text else None
    return chosen_moment(request)


def _read_kept(request: HttpRequest) -> datetime | None:
    text = request.COOKIES.get(COOKIE, "")
    return read_moment(unquote(text)) if text else None


def read_moment(text: str) -> datetime:
    """``2026-10-31`` is the end of that day, ``2026-10-31T08:00`` a moment of the books' zone.

    Raises ``Invalid`` for what is neither, or still to come; today is what is known now.
    """
    zone = ZoneInfo(Organisation.current().time_zone)
    present = clock.now()
    try:
        found = _end_of_day(date.fromisoformat(text), zone)
        is_ahead = found - timedelta(days=1) >= present
    except (ValueError, OverflowError):
        found = _moment(text, zone)
        is_ahead = found > present
    if is_ahead:
        raise Invalid(
            f"{words(found)} is still to come, so nobody knows it yet.",
            where=PARAMETER,
            remedy="Choose a moment that is over.",
        )
    return min(found, present)


def _end_of_day(day: date, zone: ZoneInfo) -> datetime:
    _require_reach(day)
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return midnight - timedelta(microseconds=1)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        _require_reach(found)
    except ValueError as error:
        raise Invalid(
            f"“{text}” is not a day or moment.",
            where=PARAMETER,
            remedy="Write 2026-10-31, or 2026-10-31T08:00 with a time.",
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _require_reach(day: date) -> None:
    if day.year not in _YEARS:
        raise ValueError(f"the year {day.year} is out of reach")
