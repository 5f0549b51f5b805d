"""Working time: hours of working days, wherever the team is and whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import DayOff, WorkCalendar
from approvals.rules.worktime import WorkHours, after, between, is_open
from approvals.selectors.calendars import due_moment, work_hours
from core.models import Organisation
from tests.cast import Cast

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The hours in which clocks change in these zones are among them.
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)
LENGTHS = st.integers(0, 60 * 120).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def hours(draw: st.DrawFn) -> WorkHours:
    """Any hours of any week, in zones whose clocks change by an hour, by half, or never."""
    opens = draw(st.integers(0, 22))
    closes = draw(st.integers(opens + 1, 23))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    off = draw(st.frozensets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=6))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return WorkHours(zone, days, time(opens), time(closes), off.__contains__)


@given(hours(), MOMENTS, LENGTHS)
def test_after_and_between_undo_each_other(
    calendar: WorkHours, start: datetime, length: timedelta
) -> None:
    end = after(calendar, start, length)
    assert end >= start
    assert between(calendar, start, end) == length
    if length:
        # Not a moment too late: just before, less had passed.
        assert between(calendar, start, end - timedelta(seconds=1)) < length


@given(hours(), MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(
    calendar: WorkHours, one: datetime, two: datetime, three: datetime
) -> None:
    first, second, third = sorted((one, two, three))
    parts = between(calendar, first, second) + between(calendar, second, third)
    assert between(calendar, first, third) == parts
    assert timedelta(0) <= parts <= third - first


@given(hours(), MOMENTS)
def test_working_time_passes_only_while_open(calendar: WorkHours, start: datetime) -> None:
    minute = timedelta(minutes=1)
    if not is_open(calendar, start) and not is_open(calendar, start + minute):
        assert between(calendar, start, start + minute) == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        # Friday 16:00 to Monday 10:00 is two working hours across each change of clocks.
        ("America/New_York", "2026-03-06T16:00-05:00", "2026-03-09T10:00-04:00"),
        ("America/New_York", "2026-10-30T16:00-04:00", "2026-11-02T10:00-05:00"),
        ("Europe/Berlin", "2026-03-27T16:00+01:00", "2026-03-30T10:00+02:00"),
        ("Europe/Berlin", "2026-10-23T16:00+02:00", "2026-10-26T10:00+01:00"),
        ("Australia/Lord_Howe", "2026-10-02T16:00+10:30", "2026-10-05T10:00+11:00"),
        ("Australia/Lord_Howe", "2026-04-03T16:00+11:00", "2026-04-06T10:00+10:30"),
        ("Asia/Kathmandu", "2026-11-20T16:00+05:45", "2026-11-23T10:00+05:45"),
    ],
)
def test_a_weekend_on_which_the_clocks_change(zone: str, start: str, end: str) -> None:
    calendar = WorkHours(ZoneInfo(zone))
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    assert after(calendar, first, 2 * HOUR) == last
    assert between(calendar, first, last) == 2 * HOUR


def test_a_shift_across_the_change_is_as_long_as_it_is() -> None:
    night = WorkHours(ZoneInfo("Europe/Berlin"), frozenset({6}), time(0), time(6))
    short, long = date(2026, 3, 29), date(2026, 10, 25)
    for day, length in ((short, 5 * HOUR), (long, 7 * HOUR), (long + 7 * DAY, 6 * HOUR)):
        opens, closes = night.span(day)
        assert closes - opens == length


def test_a_calendar_on_which_nobody_works_is_refused() -> None:
    with pytest.raises(ValueError, match="working day"):
        WorkHours(ZoneInfo("UTC"), frozenset())
    never = WorkHours(ZoneInfo("UTC"), is_off=lambda day: True)
    with pytest.raises(ValueError, match="Nobody works"):
        after(never, datetime(2026, 1, 1, tzinfo=UTC), HOUR)


def test_the_nearest_calendar_above_a_team_counts_with_its_holidays(cast: Cast) -> None:
    organisation = Organisation.current()
    organisation.time_zone = "Europe/Berlin"
    organisation.save()
    everybody = WorkCalendar.objects.create(days=[0, 1, 2, 3, 4])
    europe = WorkCalendar.objects.create(
        team=cast.europe, days=[0, 1, 2, 3], country="DE", part="BY", time_zone="Europe/Berlin"
    )
    DayOff.objects.create(calendar=europe, day=date(2026, 12, 24), name="Christmas Eve")
    # Of the Epiphany Bavaria makes a holiday, Berlin does not.
    assert not work_hours(cast.dach).works_on(date(2027, 1, 6))
    assert not work_hours(cast.dach).works_on(date(2026, 12, 24))
    assert work_hours(cast.us).works_on(date(2026, 12, 24))
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert due_moment(cast.us, 4, friday) == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    assert due_moment(cast.dach, 4, friday) == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    everybody.delete()
    assert work_hours(cast.us).works_on(date(2026, 11, 20))
