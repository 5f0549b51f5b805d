"""How much of a period was in by the same day a year earlier."""

import numpy as np
import pytest

from analytics.results import Reason
from analytics.year_before import YEAR, share_by_then

DAYS = np.arange(1_000, 1_030)
NOW = {"first_day": 1_000 + YEAR, "through": 1_019 + YEAR, "last_day": 1_029 + YEAR}


def test_a_season_at_the_end_leaves_little_before_it() -> None:
    values = np.where(DAYS < 1_020, 1.0, 8.0)
    found = share_by_then(values, DAYS, **NOW)
    assert (found.share, found.n, found.reason) == (0.2, 30, None)


def test_an_even_year_gives_the_share_of_days() -> None:
    assert share_by_then(np.ones(30), DAYS, **NOW).share == pytest.approx(20 / 30)


def test_missing_days_in_either_part_are_refused() -> None:
    for gap in (slice(0, 5), slice(25, 30)):
        values = np.ones(30)
        values[gap] = np.nan
        assert share_by_then(values, DAYS, **NOW).reason is Reason.TOO_FEW_DAYS


def test_nothing_at_all_is_no_shape() -> None:
    assert share_by_then(np.zeros(30), DAYS, **NOW).reason is Reason.NO_VOLUME
    assert share_by_then([], [], **NOW).reason is Reason.TOO_FEW_DAYS
