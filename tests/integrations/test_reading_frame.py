"""The answer as data: one frame, exact, typed, and made without a database or a clock."""

import subprocess
import sys
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from integrations.rules import (
    COUNTS,
    DEFAULT_LIMITS,
    DIMENSIONS,
    FRACTIONS,
    MEASURES,
    Outcome,
    Reading,
)
from integrations.rules.cells import WIDE, distinct, read_column
from integrations.rules.number_columns import FINE, Numbers
from integrations.rules.split import split
from integrations.rules.totals import exact_amount, exact_sum
from tests.integrations.files import HEADER, TODAY, codes, days, line, read, sheet_row, workbook

GA4 = (
    "# Start date: 20260101\n# End date: 20260131\nEvent name,Event count,Total users,"
    "Event count per user,Total revenue\npage_view,10,4,2.5,1.25\n"
)


def small() -> Reading:
    return read(HEADER + line(cost="1.25", conversions="0.5") + line(day="2026-11-02", clicks=""))


def test_columns_are_always_the_same() -> None:
    wide = ["row", "day", "period_start", *DIMENSIONS[2:], *MEASURES]
    assert sorted(small().rows.columns) == sorted(wide)
    tiny = read("Date,Campaign,Cost\n2026-11-01,A,1\n")
    assert sorted(tiny.rows.columns) == sorted(wide)


def test_types() -> None:
    frame = small().rows
    assert str(frame["day"].dtype) == "datetime64[s]"
    for dimension in DIMENSIONS[2:]:
        assert isinstance(frame[dimension].dtype, pd.CategoricalDtype), dimension
    for measure in MEASURES:
        assert str(frame[measure].dtype) == "Int64", measure


def test_units() -> None:
    frame = small().rows
    assert frame["spend"].tolist() == [1_250_000, 1_000_000]
    assert frame["conversions"].tolist() == [500_000, 1_000_000]
    assert frame["clicks"].tolist() == [10, pd.NA]
    assert frame["video_views"].isna().all()
    assert set(COUNTS) | set(FRACTIONS) == set(MEASURES)


def test_sums_and_totals_are_exact() -> None:
    reading = read(HEADER + days(*["0.1"] * 10))
    assert reading.sums["spend"] == Decimal(1)
    assert str(reading.totals["USD"]) == "1.00"


def test_sums_beyond_what_64_bits_hold() -> None:
    reading = read(HEADER + days(*["999999999999.999999"] * 20))
    assert reading.sums["spend"] == Decimal("19999999999999.999980")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1855", "USD", "1855.00"), ("12.345679", "USD", "12.345679"), ("12.346", "BHD", "12.346"),
        ("1234", "JPY", "1234"), ("0.5", "JPY", "0.5"), ("0", "EUR", "0.00"), ("-3.1", "EUR", "-3.10"),
        ("1E+3", "USD", "1000.00"),
    ],
)  # fmt: skip
def test_amounts_have_their_cents_and_no_more(amount: str, currency: str, text: str) -> None:
    assert str(exact_amount(Decimal(amount), currency)) == text


def test_events_are_observations_of_their_period() -> None:
    reading = read(GA4, grain="period")
    assert reading.layout is not None
    assert reading.layout.kind == "events"
    [row] = reading.rows.to_dict("records")
    assert (row["event_name"], row["event_count"], row["users"]) == ("page_view", 10, 4)
    assert row["revenue"] == 1_250_000
    assert reading.period == (date(2026, 1, 1), date(2026, 1, 31))
    assert str(reading.totals["USD"]) == "1.25"


def test_the_file_is_known_by_its_bytes() -> None:
    one, two = read(HEADER + line()), read(HEADER + line())
    assert one.content_hash == two.content_hash
    assert one.content_hash != read(HEADER + line(cost="2")).content_hash
    assert one.header_hash == read(HEADER + line(cost="2")).header_hash


def test_the_same_file_gives_the_same_answer() -> None:
    data = workbook([HEADER.strip().split(","), sheet_row(), sheet_row(id="2")])
    one, two = read(data), read(data)
    pd.testing.assert_frame_equal(one.rows, two.rows)
    assert one.warnings == two.warnings


def test_a_refused_file_has_no_rows_to_write() -> None:
    reading = read(HEADER + line(currency="EUR") + line())
    assert reading.outcome is Outcome.REFUSE
    assert (reading.accepted, len(reading.rows), dict(reading.totals)) == (0, 0, {})


def test_today_is_the_callers() -> None:
    text = HEADER + line(day="2026-11-21")
    assert read(text, today=TODAY).accepted == 1
    assert codes(read(text, today=date(2026, 11, 20))) == ["FUTURE_DATE"]


def test_no_database_and_no_framework_are_loaded() -> None:
    script = (
        "import sys; import integrations.rules; "
        "bad = [name for name in sys.modules if name.split('.')[0] in "
        "{'django', 'psycopg', 'celery', 'rest_framework'}]; "
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class TestColumns:
    def test_long_and_short_cells_are_told_apart(self) -> None:
        texts = ["a", "a" * WIDE, "a" * (WIDE + 1), "a" * (WIDE + 2), "b" * 300, "", "é", "a"]
        grid = split("".join(f"{text},x\n" for text in texts).encode(), 44, DEFAULT_LIMITS)
        column = read_column(grid, np.arange(len(texts)), 0)
        assert [column.of(at) for at in range(len(texts))] == texts
        assert len(column.values) == len(set(texts))

    def test_quoted_and_bare_cells_of_one_text_are_one_value(self) -> None:
        grid = split(b'"a",x\na,x\n"a ""b""",x\n', 44, DEFAULT_LIMITS)
        assert read_column(grid, np.arange(3), 0).values == ("a", 'a "b"')

    def test_cells_that_share_a_hash_are_still_told_apart(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a hash that knows nothing, every cell collides with every other."""
        monkeypatch.setattr("integrations.rules.cells._FNV_PRIME", 0)
        grid = split(b"a,x\nb,x\na,x\nc,x\n", 44, DEFAULT_LIMITS)
        column = read_column(grid, np.arange(4), 0)
        assert [column.of(at) for at in range(4)] == ["a", "b", "a", "c"]

    def test_no_records(self) -> None:
        grid = split(b"a,b\n", 44, DEFAULT_LIMITS)
        assert read_column(grid, np.arange(0), 0).values == ()


def test_sums_take_only_good_values() -> None:
    numbers = Numbers(
        np.array([5, 7, 11]), np.array([FINE, 3, FINE], dtype=np.uint8), np.zeros(3, dtype=bool)
    )
    assert exact_sum(numbers, np.array([True, True, False])) == 5
    assert distinct(np.zeros((0, 2), dtype=np.uint8))[0].tolist() == [0, 0]
