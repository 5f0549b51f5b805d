"""The clock, read only by views, tasks and commands; everything below is told the time."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.models import Organisation


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return timezone.now()


def today(organisation: Organisation | None = None) -> date:
    """The current day where the organisation keeps its books."""
    zone = (organisation or Organisation.current()).time_zone
    return now().astimezone(ZoneInfo(zone)).date()
