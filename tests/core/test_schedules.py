"""What runs by itself: each due slot once, at the right local time, whoever ticks."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.utils.module_loading import import_string

from config.schedules import SCHEDULES
from core import outbox, schedules
from core.models import Event, Organisation, OutboxItem, ScheduledRun
from core.schedules import DAILY, HOURLY, MONTHLY, WEEKLY, Schedule, due_slot, run_due

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
EACH_KIND = (
    Schedule("hourly", "Hourly", HOURLY, "", minute=5),
    Schedule("early", "In the hour that clocks skip", DAILY, "", hour=2, minute=30),
    Schedule("morning", "Every morning", DAILY, "", hour=6),
    Schedule("monday", "Every Monday", WEEKLY, "", hour=7, day=0),
    Schedule("first", "Every first", MONTHLY, "", hour=6, day=1),
    Schedule("last", "Every last", MONTHLY, "", hour=23, minute=45, day=31),
)
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 400


def local_days(zone: ZoneInfo) -> list[date]:
    first = START.astimezone(zone).date() + timedelta(days=1)
    return [first + timedelta(days=n) for n in range(DAYS - 2)]


@cache
def slots_seen_in(zone: ZoneInfo) -> dict[str, list[datetime]]:
    """The slots that a clock sees which ticks every hour for 400 days."""
    seen: dict[str, list[datetime]] = {one.key: [] for one in EACH_KIND}
    now, end = START + timedelta(minutes=50), START + timedelta(days=DAYS)
    while now < end:
        for one in EACH_KIND:
            slot = due_slot(one, now, zone)
            if not seen[one.key] or seen[one.key][-1] != slot:
                seen[one.key].append(slot)
        now += timedelta(hours=1)
    return seen


@pytest.mark.parametrize("name", ZONES)
def test_over_400_days_every_slot_comes_once_and_in_order(name: str) -> None:
    zone = ZoneInfo(name)
    seen = slots_seen_in(zone)
    for slots in seen.values():
        assert slots == sorted(set(slots))
    assert len(seen["hourly"]) == DAYS * 24
    for key in ("early", "morning"):
        by_day = Counter(slot.astimezone(zone).date() for slot in seen[key])
        assert all(by_day[day] == 1 for day in local_days(zone))
    assert all(slot.astimezone(zone).weekday() == 0 for slot in seen["monday"])
    assert all(slot.astimezone(zone).day == 1 for slot in seen["first"])


@pytest.mark.parametrize("name", ZONES)
def test_a_monthly_slot_on_the_31st_falls_on_the_last_day_of_every_month(name: str) -> None:
    zone = ZoneInfo(name)
    slots = [slot.astimezone(zone).date() for slot in slots_seen_in(zone)["last"]]
    assert all((day + timedelta(days=1)).day == 1 for day in slots)
    months = {(day.year, day.month) for day in slots}
    assert len(months) == len(slots)
    assert {(2026, month) for month in range(1, 13)} < months


@pytest.mark.parametrize("name", ZONES)
def test_local_time_is_kept_through_summer_and_winter(name: str) -> None:
    zone = ZoneInfo(name)
    for slot in slots_seen_in(zone)["morning"]:
        assert (slot.astimezone(zone).hour, slot.astimezone(zone).minute) == (6, 0)


@pytest.mark.parametrize(
    ("name", "day", "local", "utc"),
    [
        # 02:30 is skipped: it is due by as much later as the clocks skip.
        ("Europe/Berlin", date(2026, 3, 29), "03:30", "01:30"),
        ("America/New_York", date(2026, 3, 8), "03:30", "07:30"),
        # Lord Howe skips half an hour, 02:00 to 02:30: 02:30 exists.
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:30", "15:30"),
        # 02:30 comes twice: it is due the first time.
        ("Europe/Berlin", date(2026, 10, 25), "02:30", "00:30"),
        ("America/New_York", date(2026, 11, 1), "02:30", "07:30"),
    ],
)
def test_when_the_clocks_change(name: str, day: date, local: str, utc: str) -> None:
    zone = ZoneInfo(name)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    slot = due_slot(EACH_KIND[1], noon, zone)
    assert f"{slot.astimezone(zone):%H:%M}" == local
    assert f"{slot:%H:%M}" == utc


def test_a_time_that_occurs_twice_is_due_the_first_time_only() -> None:
    zone, early = ZoneInfo("America/New_York"), Schedule("x", "x", DAILY, "", hour=1, minute=30)
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    for minutes in range(0, 180, 10):
        assert due_slot(early, first + timedelta(minutes=minutes), zone) == first


def test_a_day_that_is_skipped_as_a_whole_falls_together_with_the_next() -> None:
    zone = ZoneInfo("Pacific/Apia")  # there was no 30 December 2011
    morning = EACH_KIND[2]
    now, slots = datetime(2011, 12, 28, tzinfo=UTC), set()
    for _ in range(24 * 5):
        slots.add(due_slot(morning, now, zone))
        now += timedelta(hours=1)
    assert [f"{slot.astimezone(zone):%d %H:%M}" for slot in sorted(slots)] == [
        "27 06:00",
        "28 06:00",
        "29 06:00",
        "31 06:00",
        "01 06:00",
        "02 06:00",
    ]


def quiet(now: datetime) -> dict[str, str]:
    return {"ran": now.isoformat()}


@pytest.fixture
def in_berlin(db: None) -> Organisation:
    organisation = Organisation.current()
    organisation.time_zone = "Europe/Berlin"
    organisation.save()
    return organisation


@pytest.mark.parametrize("name", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_two_clocks_that_drift_claim_each_slot_once(in_berlin: Organisation, name: str) -> None:
    Organisation.objects.update(time_zone=name)
    daily = [Schedule("night", "Night", DAILY, "tests.core.test_schedules.quiet", hour=3)]
    claimed = 0
    for hour in range(0, 24 * DAYS, 11):
        now = START + timedelta(hours=hour)
        claimed += run_due(now=now, schedules=daily)
        claimed += run_due(now=now + timedelta(seconds=37), schedules=daily)
        claimed += run_due(now=now - timedelta(minutes=9), schedules=daily)  # a jump back
    runs = list(ScheduledRun.objects.order_by("due_at").values_list("due_at", flat=True))
    assert claimed == len(runs) == OutboxItem.objects.count()
    zone = ZoneInfo(name)
    local = [f"{run.astimezone(zone):%Y-%m-%d}" for run in runs]
    assert len(set(local)) == len(local) >= DAYS


def test_after_an_outage_only_the_latest_slot_is_made_up_for(in_berlin: Organisation) -> None:
    hourly = [Schedule("h", "H", HOURLY, "tests.core.test_schedules.quiet")]
    run_due(now=START, schedules=hourly)
    assert run_due(now=START + timedelta(hours=26, minutes=3), schedules=hourly) == 1
    assert ScheduledRun.objects.count() == 2


def test_a_slot_older_than_the_catch_up_is_let_go(in_berlin: Organisation) -> None:
    weekly = [Schedule("w", "W", WEEKLY, "tests.core.test_schedules.quiet", hour=7, day=0)]
    monday = datetime(2026, 1, 5, 6, tzinfo=UTC)
    assert run_due(now=monday + schedules.CATCH_UP + timedelta(minutes=1), schedules=weekly) == 0
    assert run_due(now=monday + schedules.CATCH_UP, schedules=weekly) == 1


def test_a_due_schedule_runs_through_the_outbox(
    in_berlin: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Schedule("night", "Night", DAILY, "tests.core.test_schedules.quiet", hour=3)
    monkeypatch.setattr(schedules, "all_schedules", lambda: [one])
    run_due(now=START)
    item = ScheduledRun.objects.get().outbox
    assert item is not None
    assert outbox.deliver(item.pk, now=START)
    item.refresh_from_db()
    assert (item.state, item.result) == ("done", {"ran": START.isoformat()})


def test_a_schedule_that_no_longer_exists_is_left_to_a_person(in_berlin: Organisation) -> None:
    gone = [Schedule("gone", "Gone", DAILY, "nowhere.at_all")]
    run_due(now=START, schedules=gone)
    item = OutboxItem.objects.get()
    assert not outbox.deliver(item.pk, now=START)
    item.refresh_from_db()
    assert item.state == "needs_person"
    assert "gone" in item.error


def test_every_configured_schedule_can_be_run(db: None) -> None:
    assert len({one.key for one in SCHEDULES}) == len(SCHEDULES)
    zone = ZoneInfo("Europe/Berlin")
    for one in SCHEDULES:
        assert due_slot(one, START, zone) <= START
        assert callable(import_string(one.run))


def test_sealing_is_scheduled_and_keeps_the_head(db: None) -> None:
    seal = next(one for one in SCHEDULES if one.key == "seal-events")
    assert seal.every == HOURLY
    assert import_string(seal.run)(now=START) == {"sealed": Event.objects.count()}
