"""Fiscal calendars: every day belongs to one month, quarter and year of the books, however they are cut."""

from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.periods import DAY, FiscalCalendar, Period

TODAY = date(2026, 11, 22)
PATTERNS = ("calendar", "445")
EVERY_CALENDAR = [
    FiscalCalendar(month, pattern, week_start)
    for month, pattern, week_start in product(range(1, 13), PATTERNS, range(7))
]
calendars = st.sampled_from(EVERY_CALENDAR)
days = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize("calendar", EVERY_CALENDAR, ids=repr)
def test_every_day_belongs_to_exactly_one_month(calendar: FiscalCalendar) -> None:
    years = range(2024, 2030)
    months = [month for year in years for month in calendar.months(year)]
    for before, after in pairwise(months):
        assert after.start == before.end + DAY
    assert months[0].start == calendar.year_start(2024)
    assert months[-1].end == calendar.year_start(2030) - DAY
    assert len({month.key for month in months}) == len(months) == 12 * len(years)


@pytest.mark.parametrize("calendar", EVERY_CALENDAR, ids=repr)
def test_quarters_and_years_are_made_of_whole_months(calendar: FiscalCalendar) -> None:
    for year in (2025, 2026, 2027):
        months, quarters = calendar.months(year), calendar.quarters(year)
        assert [(q.start, q.end) for q in quarters] == [
            (months[i].start, months[i + 2].end) for i in (0, 3, 6, 9)
        ]
        whole = calendar.year(year)
        assert (whole.start, whole.end) == (months[0].start, months[-1].end)
        assert sum(month.days for month in months) == whole.days


@given(calendars, days)
@settings(deadline=None, max_examples=400)
def test_the_period_of_a_day_holds_the_day(calendar: FiscalCalendar, day: date) -> None:
    month, quarter = calendar.month_of(day), calendar.quarter_of(day)
    year, week = calendar.year(calendar.year_of(day)), calendar.week_of(day)
    for period in (month, quarter, year, week):
        assert day in period
    assert quarter.start <= month.start <= month.end <= quarter.end
    assert week.days == 7
    assert week.start.weekday() == calendar.week_start


@given(calendars, days)
@settings(deadline=None, max_examples=200)
def test_a_period_is_found_again_by_its_key(calendar: FiscalCalendar, day: date) -> None:
    for period in (calendar.month_of(day), calendar.quarter_of(day)):
        assert calendar.parse(period.key, today=TODAY) == period
    year = calendar.year_of(day)
    assert calendar.parse(f"FY{year}", today=TODAY) == calendar.year(year)


@pytest.mark.parametrize("week_start", range(7))
@pytest.mark.parametrize("month", range(1, 13))
def test_a_445_year_opens_on_the_week_start_nearest_to_the_first(
    month: int, week_start: int
) -> None:
    calendar = FiscalCalendar(month, "445", week_start)
    for year in range(2020, 2035):
        start = calendar.year_start(year)
        first = date(year if month == 1 else year - 1, month, 1)
        assert start.weekday() == week_start
        assert abs((start - first).days) <= 3


def test_a_445_quarter_has_4_4_and_5_weeks_and_a_53rd_week_goes_to_the_last_month() -> None:
    calendar = FiscalCalendar(1, "445", 0)
    assert [month.days // 7 for month in calendar.months(2025)] == [4, 4, 5] * 4
    assert calendar.year(2026).days == 53 * 7
    assert [month.days // 7 for month in calendar.months(2026)] == [4, 4, 5] * 3 + [4, 4, 6]


def test_a_fiscal_year_is_named_after_the_year_it_ends_in() -> None:
    april = FiscalCalendar(4)
    assert april.year(2027) == Period("FY2027", date(2026, 4, 1), date(2027, 3, 31))
    assert april.year_of(date(2026, 3, 31)) == 2026
    assert april.year_of(date(2026, 4, 1)) == 2027
    assert april.quarters(2027)[0].label == "Q1 2027"
    assert [month.key for month in april.months(2027)][::11] == ["2026-04", "2027-03"]


@pytest.mark.parametrize(
    ("text", "start", "end", "label"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), "Oct 2026"),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), "Q3 2026"),
        ("FY2026", date(2026, 1, 1), date(2026, 12, 31), "FY2026"),
        ("2026-10-05", date(2026, 10, 5), date(2026, 10, 5), "5 Oct 2026"),
        ("2026-04..2026-06", date(2026, 4, 1), date(2026, 6, 30), "Apr 2026 to Jun 2026"),
        ("2026-10-05..2026-11", date(2026, 10, 5), date(2026, 11, 30), "5 Oct 2026 to Nov 2026"),
        ("last-28d", date(2026, 10, 25), date(2026, 11, 21), "last 28 days"),
        ("this-month", date(2026, 11, 1), date(2026, 11, 30), "Nov 2026"),
        ("last-month", date(2026, 10, 1), date(2026, 10, 31), "Oct 2026"),
        ("this-quarter", date(2026, 10, 1), date(2026, 12, 31), "Q4 2026"),
        ("last-quarter", date(2026, 7, 1), date(2026, 9, 30), "Q3 2026"),
        ("this-year", date(2026, 1, 1), date(2026, 12, 31), "FY2026"),
        ("last-year", date(2025, 1, 1), date(2025, 12, 31), "FY2025"),
    ],
)
def test_periods_are_named_like_this(text: str, start: date, end: date, label: str) -> None:
    period = FiscalCalendar().parse(text, today=TODAY)
    assert (period.start, period.end, period.label) == (start, end, label)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-02-30",
        "last-0d",
        "2026-06..2026-04",
        "2026-06..",
        "..",
        "FY0000",
        "FY9999",
        "0000-05",
        "9999-12",
        "9999-12-31",
        "0001-01-01",
        "2026-W01",
    ],
)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_no_period_is_refused_in_words(text: str, pattern: str) -> None:
    with pytest.raises(Invalid) as refused:
        FiscalCalendar(4, pattern).parse(text, today=TODAY)
    assert refused.value.where == "period"


def test_a_period_until_a_day_and_the_days_before_it() -> None:
    quarter = FiscalCalendar().parse("2026-Q4", today=TODAY)
    so_far = quarter.until(TODAY)
    assert so_far is not None
    assert (so_far.start, so_far.end, so_far.days) == (quarter.start, TODAY, 53)
    assert quarter.until(quarter.start - DAY) is None
    assert quarter.until(date(2030, 1, 1)) == quarter
    before = quarter.previous()
    assert (before.days, before.end) == (quarter.days, quarter.start - DAY)


@given(calendars, days, st.integers(0, 800))
@settings(deadline=None, max_examples=150)
def test_months_between_two_days_touch_them_and_leave_no_gap(
    calendar: FiscalCalendar, start: date, length: int
) -> None:
    end = start + timedelta(days=length)
    months = list(calendar.months_between(start, end))
    assert start in months[0]
    assert end in months[-1]
    assert all(after.start == before.end + DAY for before, after in pairwise(months))
