"""Buckets of age, quantiles, and the interval of a share."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.times import bucket, times, wilson

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("days", "label"),
    [(0, "Under 1 day"), (1, "1–2 days"), (2, "1–2 days"), (5, "3–5 days"), (6, "6–10 days"),
     (10, "6–10 days"), (11, "Over 10 days")],
)  # fmt: skip
def test_buckets(days: int, label: str) -> None:
    assert bucket(days) == label


@given(st.integers(1, 500), st.data())
def test_the_interval_of_a_share_holds_it_and_narrows(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1 + 1e-12
    wider = wilson(hits * 4, n * 4)
    assert wider[1] - wider[0] < high - low + 1e-12


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(9, 12)
    assert (round(low, 4), round(high, 4)) == (0.4677, 0.9111)


def test_nine_decisions_are_not_enough() -> None:
    pair = (MINUTE, MINUTE)
    assert times([pair] * 9).is_thin
    assert times([pair] * 10).share == 1.0
