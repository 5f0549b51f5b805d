"""Only periods that lie wholly within the data count."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.periods import complete_edges, month_edges, week_edges


def ordinal(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def test_months_are_whole() -> None:
    edges = month_edges(ordinal("2026-01-15"), ordinal("2026-04-30"))
    assert [date.fromordinal(int(e)).isoformat() for e in edges] == [
        "2026-02-01",
        "2026-03-01",
        "2026-04-01",
        "2026-05-01",
    ]
    assert len(month_edges(ordinal("2026-01-02"), ordinal("2026-02-27"))) == 1


@given(st.integers(700_000, 800_000), st.integers(0, 400), st.integers(0, 6))
def test_weeks_start_on_the_asked_weekday_and_stay_inside(
    first: int, length: int, day: int
) -> None:
    edges = week_edges(first, first + length, week_start=day)
    assert all(date.fromordinal(int(e)).weekday() == day for e in edges)
    assert all(first <= e <= first + length + 1 for e in edges)
    assert (np.diff(edges) == 7).all()
    assert len(edges) - 1 >= (length + 1) // 7 - 1


def test_a_fiscal_grid_keeps_its_complete_part() -> None:
    grid = np.cumsum([1000, 28, 28, 35, 28])
    assert list(complete_edges(grid, 1010, 1095)) == [1028, 1056, 1091]
