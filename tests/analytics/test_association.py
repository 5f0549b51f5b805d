"""Correlation with lag: the lag that was planted is found, noise and trends are not."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.association import association
from analytics.results import Reason

pytestmark = pytest.mark.feature("6.8")


def test_a_lag_that_was_planted_is_found() -> None:
    dice = np.random.default_rng(3)
    spend = dice.lognormal(5, 0.4, 80)
    revenue = np.concatenate([[400.0, 400.0], 300 + 3 * spend[:-2]]) * dice.lognormal(0, 0.05, 80)
    found = association(spend, revenue, most=6)
    assert found.strongest is not None
    assert found.strongest.lag == 2
    assert found.strongest.interval.low > 0.5
    assert found.chance is not None
    assert found.chance < 0.05


def test_chance_is_told_as_chance() -> None:
    often = 0
    for seed in range(60):
        dice = np.random.default_rng(seed)
        found = association(dice.lognormal(5, 0.3, 78), dice.lognormal(6, 0.3, 78), most=6)
        assert found.chance is not None
        often += found.chance < 0.1
    assert often <= 12


def test_a_common_trend_is_no_association() -> None:
    dice = np.random.default_rng(8)
    rising = np.linspace(100, 900, 78)
    found = association(
        rising * dice.lognormal(0, 0.1, 78), rising * dice.lognormal(0, 0.1, 78), most=0
    )
    assert abs(found.lags[0].value) < 0.3


def test_little_data_and_steady_spend_say_why() -> None:
    few = association(np.ones(12), np.ones(12), most=6)
    assert few.reason is Reason.TOO_FEW_WEEKS
    steady = association(np.full(78, 50.0), np.arange(78.0), most=6)
    assert steady.reason is Reason.SPEND_TOO_STEADY
