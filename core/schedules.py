"""What runs by itself and when. Beat ticks in UTC; the due times are worked out here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from core import outbox
from core.errors import Conflict
from core.models import Organisation, OutboxItem, ScheduledRun

OFTEN, HOURLY, DAILY, WEEKLY, MONTHLY = "often", "hourly", "daily", "weekly", "monthly"
# How often "often" is.
FIVE_MINUTES = 5
CATCH_UP = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``run`` is the dotted path of a ``(now) -> dict | None``; hour and minute are local.

    ``day`` is the weekday (0 = Monday) of a weekly and the day of month of a monthly
    one (the last day where the month is shorter). A local time that the clocks skip is
    due by as much later as they skip (02:30 becomes 03:30); one that occurs twice is
    due the first time. A day that is skipped as a whole falls together with the next.
    After an outage only the latest slot is made up for, and only within ``CATCH_UP``.
    """

    key: str
    title: str
    every: str
    run: str
    hour: int = 0
    minute: int = 0
    day: int = 1


def all_schedules() -> list[Schedule]:
    """The schedules of ``config/schedules.py``."""
    schedules: list[Schedule] = import_string(settings.SCHEDULES)
    return schedules


def due_slot(schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest moment at or before ``now`` at which the schedule was due, in UTC."""
    utc = ZoneInfo("UTC")
    if schedule.every == OFTEN:
        at = now.astimezone(utc)
        return at.replace(minute=at.minute // FIVE_MINUTES * FIVE_MINUTES, second=0, microsecond=0)
    if schedule.every == HOURLY:
        slot = now.astimezone(utc).replace(minute=schedule.minute, second=0, microsecond=0)
        return slot if slot <= now else slot - timedelta(hours=1)
    day = now.astimezone(zone).date()
    while True:
        slot = _at(schedule, day, zone)
        if slot <= now and _falls_on(schedule, day):
            return slot
        day -= timedelta(days=1)


def _at(schedule: Schedule, day: date, zone: ZoneInfo) -> datetime:
    # The offset from before a gap is used, which moves a skipped time behind the gap,
    # and of a time that occurs twice the first is meant (fold=0).
    local = datetime.combine(day, time(schedule.hour, schedule.minute), zone)
    return local.astimezone(ZoneInfo("UTC"))


def _falls_on(schedule: Schedule, day: date) -> bool:
    if schedule.every == WEEKLY:
        return day.weekday() == schedule.day
    if schedule.every == MONTHLY:
        return day.day == min(schedule.day, monthrange(day.year, day.month)[1])
    return True


def run_due(*, now: datetime, schedules: Iterable[Schedule] | None = None) -> int:
    """Ask once for everything that is due; safe with several clocks. Returns how many were new."""
    zone = ZoneInfo(Organisation.current().time_zone)
    started = 0
    for schedule in all_schedules() if schedules is None else schedules:
        slot = due_slot(schedule, now, zone)
        if now - slot <= CATCH_UP:
            started += _claim(schedule, slot, now)
    return started


def _claim(schedule: Schedule, slot: datetime, now: datetime) -> bool:
    if ScheduledRun.objects.filter(schedule=schedule.key, due_at=slot).exists():
        return False
    try:
        with transaction.atomic():
            run = ScheduledRun.objects.create(schedule=schedule.key, due_at=slot, claimed_at=now)
            key = f"schedule:{schedule.key}:{slot:%Y-%m-%dT%H:%M}"
            run.outbox = outbox.enqueue("schedule", key, {"schedule": schedule.key}, at=now)
            run.save(update_fields=["outbox"])
    except IntegrityError:
        return False
    return True


def handle(item: OutboxItem, now: datetime) -> dict[str, object] | None:
    """Outbox handler: run the schedule an item names."""
    key = item.payload["schedule"]
    schedule = next((s for s in all_schedules() if s.key == key), None)
    if schedule is None:
        raise Conflict(f"There is no schedule “{key}” any more.", remedy="Nothing is left to do.")
    result: dict[str, object] | None = import_string(schedule.run)(now=now)
    return result
