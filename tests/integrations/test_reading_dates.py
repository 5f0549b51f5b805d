"""Dates: every way platforms write them, one order per file, proved or asked for."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rules import Outcome
from integrations.rules.dates import ANY, month_of, understand
from integrations.rules.words import months
from tests.integrations.files import HEADER, TODAY, cautions, codes, day_list, line, read

DAYS = st.dates(date(1995, 1, 1), TODAY)


def table(*dates: str, header: str = HEADER) -> str:
    return header + "".join(
        line(day=f'"{text}"', id=str(7000 + at)) for at, text in enumerate(dates)
    )


def written(day: date, order: str, mark: str, pad: bool) -> str:
    width = "02d" if pad else "d"
    parts = {"d": f"{day.day:{width}}", "m": f"{day.month:{width}}", "y": str(day.year)}
    return mark.join(parts[letter] for letter in order)


@settings(max_examples=60, deadline=None)
@given(
    found=st.lists(DAYS, min_size=1, max_size=6, unique=True),
    order=st.sampled_from(["dmy", "mdy"]),
    mark=st.sampled_from("/.-"),
    pad=st.booleans(),
)
def test_an_order_that_one_row_proves_holds_for_all(
    found: list[date], order: str, mark: str, pad: bool
) -> None:
    proof = date(2026, 10, 13)
    reading = read(table(*(written(day, order, mark, pad) for day in [*found, proof])))
    assert day_list(reading) == [day.isoformat() for day in [*found, proof]]
    assert reading.evidence.date_order == order


@settings(max_examples=60, deadline=None)
@given(day=DAYS, mark=st.sampled_from("/.-"))
def test_year_first_needs_no_proof(day: date, mark: str) -> None:
    reading = read(table(written(day, "ymd", mark, True), day.strftime("%Y%m%d")))
    assert day_list(reading) == [day.isoformat()] * 2


@settings(max_examples=80, deadline=None)
@given(day=DAYS, name=st.sampled_from(sorted(months())))
def test_a_month_in_words_needs_no_proof(day: date, name: str) -> None:
    month = months()[name]
    day = day.replace(month=month, day=min(day.day, 28))
    for text in (
        f"{name} {day.day}, {day.year}",
        f"{day.day} {name.title()} {day.year}",
        f"{day.day}. {name}. {day.year}",
        f"{day.day} de {name}. de {day.year}",
        f"{day.year} {name} {day.day}",
    ):
        assert understand(text).days == {ANY: day}, text


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.sampled_from("0123456789/.- :TZabcNov,"), max_size=16))
def test_any_text_is_a_date_or_none(text: str) -> None:
    reading = understand(text)
    for day in reading.days.values():
        assert str(day.day) in text or f"{day.day:02d}" in text or reading.last_of_month


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Nov 1, 2026", date(2026, 11, 1)),
        ("November 2, 2026", date(2026, 11, 2)),
        ("Sun, Nov 15, 2026", date(2026, 11, 15)),
        ("1st November 2026", date(2026, 11, 1)),
        ("10 de dez. de 2022", date(2022, 12, 10)),
        ("15. März 2024", date(2024, 3, 15)),
        ("1 août 2025", date(2025, 8, 1)),
        ("3 września 2025", date(2025, 9, 3)),
        ("2026年11月1日", date(2026, 11, 1)),
        ("20261101", date(2026, 11, 1)),
        ("2026-11-01 00:00:00", date(2026, 11, 1)),
        ("2026/1/5", date(2026, 1, 5)),
        ("２０２６-11-01", date(2026, 11, 1)),
    ],
)
def test_ways_to_write_a_day(text: str, day: date) -> None:
    assert understand(text).days == {ANY: day}


@pytest.mark.parametrize(
    "text",
    [
        "", "Total", "46327", "2025-02-29", "2026-11-31", "31/02/2026", "13/13/2026", "2026-13-01",
        "yesterday", "Q4 2026", "1/2", "Nov", "2026", "1 Nov Dec 2026", "Brand 2026", "99/99/9999",
        "2026-11-01T25:00", "x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    assert not understand(text).days


@pytest.mark.parametrize(
    ("text", "month"), [("April", 4), ("abr.", 4), ("4", 4), ("04", 4), ("13", None), ("x", None)]
)
def test_months(text: str, month: int | None) -> None:
    assert month_of(text) == month


def test_dates_that_nothing_settles_are_asked_about() -> None:
    reading = read(table("01/11/2026", "02/11/2026"))
    assert codes(reading) == ["AMBIGUOUS_DATE"]
    [question] = reading.questions
    assert question.key == "date_order"
    assert {option.value: option.example for option in question.options} == {
        "dmy": "1 November 2026",
        "mdy": "11 January 2026",
    }


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ({"date_order": "dmy"}, "2026-11-01"),
        ({"date_order": "mdy"}, "2026-01-11"),
        ({"locale": "en-GB"}, "2026-11-01"),
        ({"locale": "en-US"}, "2026-01-11"),
        ({"locale": "de-DE"}, "2026-11-01"),
    ],
)
def test_the_answer_settles_them(said: dict[str, str], first: str) -> None:
    reading = read(table("01/11/2026", "02/11/2026"), settings=said)
    assert day_list(reading)[0] == first
    assert reading.evidence.date_why


def test_a_day_that_reads_the_same_both_ways_needs_no_answer() -> None:
    assert day_list(read(table("05/05/2026", "06/06/2026"))) == ["2026-05-05", "2026-06-06"]


def test_two_orders_in_one_file_are_refused() -> None:
    reading = read(table("13/10/2026", "10/13/2026"))
    assert codes(reading) == ["INCONSISTENT_DATE"]
    assert reading.problems[0].row == 3


def test_a_person_overrules_and_the_odd_row_is_held() -> None:
    reading = read(table("13/10/2026", "10/13/2026"), date_order="dmy")
    assert reading.outcome is Outcome.PARTIAL
    assert codes(reading) == ["INVALID_DATE"]
    assert day_list(reading) == ["2026-10-13"]


@pytest.mark.parametrize("text", ["01.11.26", "1-Nov-26", "31/10/26"])
def test_years_of_two_digits_are_never_guessed(text: str) -> None:
    reading = read(table(text))
    assert codes(reading) == ["AMBIGUOUS_DATE"]
    assert read(table(text), date_order="dmy").outcome is Outcome.ACCEPT


def test_impossible_days_are_held_one_by_one() -> None:
    reading = read(table("2024-02-29", "2025-02-29", "2026-11-31", "Total Care"))
    assert (reading.accepted, reading.rejected) == (1, 3)
    assert codes(reading) == ["INVALID_DATE"]
    assert [problem.row for problem in reading.problems] == [3, 4, 5]


def test_days_that_have_not_come_yet_are_held() -> None:
    reading = read(table(TODAY.isoformat(), (TODAY + timedelta(days=1)).isoformat()))
    assert codes(reading) == ["FUTURE_DATE"]
    assert day_list(reading) == [TODAY.isoformat()]


@pytest.mark.parametrize("text", ["1970-01-01", "0001-01-01", "1900-01-00"])
def test_days_before_online_advertising_are_held(text: str) -> None:
    reading = read(table(text, "2026-11-01"))
    assert codes(reading) == ["INVALID_DATE"]


@pytest.mark.parametrize(
    "settings_",
    [
        {"date_order": "ydm"},
        {"locale": "xx"},
        {"account_tz": "Mars/Base"},
        {"account_tz": "../etc/passwd"},
    ],
)
def test_unknown_answers_are_refused(settings_: dict[str, str]) -> None:
    reading = read(table("01/11/2026"), settings=settings_)
    assert codes(reading) == ["UNKNOWN_CHOICE"]


class TestWithoutYear:
    TEXT = "month,day,campaign,cost,impressions\nFebruary,29,A,1.50,10\nApril,31,A,2.50,10\nMay,1,A,4.00,10\n"

    def test_the_year_is_asked_for(self) -> None:
        reading = read(self.TEXT)
        assert codes(reading) == ["NEEDS_CHOICE"]
        assert reading.questions[0].key == "year"
        assert [option.value for option in reading.questions[0].options][:2] == ["2026", "2025"]

    def test_a_leap_year_has_its_day(self) -> None:
        assert day_list(read(self.TEXT, year="2024")) == ["2024-02-29", "2024-05-01"]

    def test_another_year_has_not(self) -> None:
        reading = read(self.TEXT, year="2025")
        assert day_list(reading) == ["2025-05-01"]
        assert codes(reading) == ["INVALID_DATE"]

    @pytest.mark.parametrize("year", ["26", "twenty", "0026", "1899"])
    def test_what_is_no_year_is_refused(self, year: str) -> None:
        assert codes(read(self.TEXT, year=year)) == ["UNKNOWN_CHOICE"]

    def test_one_column_of_day_and_month(self) -> None:
        text = table("19 April", "20 April")
        assert [question.key for question in read(text).questions] == ["year"]
        assert day_list(read(text, year="2025")) == ["2025-04-19", "2025-04-20"]


class TestHours:
    """Hourly rows belong to the day they fall on in the account's time zone."""

    HEADER = "Hour start" + HEADER[3:]

    @settings(max_examples=80, deadline=None)
    @given(
        moment=st.datetimes(
            datetime.fromisoformat("2015-01-01"), datetime.fromisoformat("2026-11-01")
        ),
        offset=st.integers(-12, 14),
        zone=st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu"]),
    )
    def test_a_moment_with_an_offset(self, moment: datetime, offset: int, zone: str) -> None:
        moment = moment.replace(microsecond=0)
        aware = datetime.fromisoformat(f"{moment.isoformat()}{offset:+03d}:00")
        reading = read(table(aware.isoformat()), account_tz=zone)
        assert day_list(reading) == [aware.astimezone(ZoneInfo(zone)).date().isoformat()]

    def test_a_moment_with_an_offset_needs_the_accounts_zone(self) -> None:
        reading = read(table("2026-11-01T23:30:00-08:00", "2026-11-02"))
        assert codes(reading) == ["INVALID_DATE"]
        assert "time zone" in reading.problems[0].message

    def test_an_hour_the_clocks_skip_does_not_exist(self) -> None:
        text = table("2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 03:30", header=self.HEADER)
        reading = read(text, account_tz="Europe/Berlin")
        assert codes(reading) == ["NONEXISTENT_TIME"]
        assert reading.accepted == 2
        assert read(text, account_tz="America/New_York").accepted == 3

    def test_an_hour_the_clocks_show_twice_counts_twice(self) -> None:
        row = line(day="2026-10-25 02:30", cost="1.00")
        reading = read(self.HEADER + row + row, account_tz="Europe/Berlin")
        assert reading.outcome is Outcome.ACCEPT
        assert str(reading.totals["USD"]) == "2.00"
        assert cautions(reading) == ["AMBIGUOUS_TIME"]

    def test_hours_of_one_day_are_added_not_contradictory(self) -> None:
        text = self.HEADER + "".join(
            line(day=f"2026-11-01 {hour:02d}:00", cost=f"{hour}.50") for hour in range(3)
        )
        reading = read(text)
        assert day_list(reading) == ["2026-11-01"] * 3
        assert str(reading.totals["USD"]) == "4.50"

    @pytest.mark.parametrize("text", ["2026-11-01|13", "11/13/2026 1:05 PM", "2026-11-01T13:05Z"])
    def test_other_ways_to_write_an_hour(self, text: str) -> None:
        reading = read(table(text, header=self.HEADER), account_tz="UTC")
        assert reading.outcome is Outcome.ACCEPT


class TestPeriods:
    """Rows that cover more than a day are kept whole or not at all."""

    META = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Impressions\n"

    def test_daily_rows_are_days(self) -> None:
        reading = read(self.META + "2026-11-01,2026-11-01,A,1.50,10\n")
        assert reading.outcome is Outcome.ACCEPT
        assert (reading.rows["day"] == reading.rows["period_start"]).all()

    def test_whole_periods_are_asked_about(self) -> None:
        reading = read(self.META + "2026-11-01,2026-11-05,A,1.50,10\n")
        assert codes(reading) == ["WHOLE_PERIOD"]
        assert [option.value for option in reading.questions[0].options] == ["period"]

    def test_and_kept_whole_if_a_person_says_so(self) -> None:
        reading = read(self.META + "2026-11-01,2026-11-05,A,1.50,10\n", grain="period")
        [row] = reading.rows.to_dict("records")
        assert str(row["period_start"].date()) == "2026-11-01"
        assert str(row["day"].date()) == "2026-11-05"
        assert cautions(reading) == ["WHOLE_PERIOD_KEPT"]

    def test_a_single_whole_period_among_days_is_held(self) -> None:
        text = self.META + "2026-11-01,2026-11-01,A,1,10\n2026-11-01,2026-11-05,B,2,10\n"
        reading = read(text)
        assert reading.outcome is Outcome.PARTIAL
        assert codes(reading) == ["WHOLE_PERIOD"]
        assert read(text, grain="period").accepted == 2

    def test_a_row_that_ends_before_it_starts_is_held(self) -> None:
        text = self.META + "2026-11-05,2026-11-01,A,1,10\n2026-11-01,2026-11-01,B,2,10\n"
        assert codes(read(text)) == ["INVALID_DATE"]

    def test_months_are_periods(self) -> None:
        text = "Month,Campaign,Cost,Impressions\n2026-09,A,1.50,10\nOctober 2026,A,2.50,10\n"
        assert codes(read(text)) == ["WHOLE_PERIOD"]
        reading = read(text, grain="period")
        assert day_list(reading) == ["2026-09-30", "2026-10-31"]

    def test_a_file_without_days_takes_them_from_above(self) -> None:
        rows = "Campaign,Currency code,Impr.,Cost,Conv. value\nA,USD,10,1.50,1\n"
        reading = read('"November 1, 2026 - November 6, 2026"\n' + rows, grain="period")
        assert reading.period == (date(2026, 11, 1), date(2026, 11, 6))
        assert codes(read("All time\n" + rows, grain="period")) == ["MISSING_COLUMN"]

    def test_one_day_named_above_is_that_day(self) -> None:
        rows = "Campaign,Currency code,Impr.,Cost,Conv. value\nA,USD,10,1.50,1\n"
        reading = read('Campaign report\n"November 6, 2026"\n' + rows)
        assert reading.outcome is Outcome.ACCEPT
        assert day_list(reading) == ["2026-11-06"]

    def test_an_unknown_grain_is_refused(self) -> None:
        assert codes(read(HEADER + line(), grain="hour")) == ["UNKNOWN_CHOICE"]
