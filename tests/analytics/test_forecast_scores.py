"""The scores of the honesty board."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.forecast import Scored, direction, drift, naive_scale, score, seasonal_naive, wilson
from analytics.results import Reason


def scored(error: float, n: int = 40, seed: int = 0) -> Scored:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(50, 150, n)
    told = truth + error * rng.choice([-1, 1], n)
    return Scored(
        truth, told, truth + 10.0, np.full(n, 20.0), np.full(n, 100.0), told - 8, told + 8
    )


def test_scores_to_the_digits_of_a_hand_computation() -> None:
    truth = np.array([10.0, 20, 30, 40, 10, 20, 30, 40])
    told = truth + np.array([1.0, -1, 2, -2, 0, 0, 4, -4])
    one = Scored(truth, told, truth + 2, np.full(8, 2.0), np.full(8, 25.0), told - 2, told + 2)
    found = score(one)
    assert found.n == 8
    assert found.accuracy == pytest.approx(1 - 14 / 200)
    assert found.mase == pytest.approx(14 / 8 / 2)
    assert found.skill == pytest.approx(1 - 14 / 16)
    assert found.coverage == pytest.approx(6 / 8)
    assert found.bias == pytest.approx(0.0)
    assert found.direction == 1.0
    assert found.reason is None


def test_a_model_that_loses_to_the_naive_is_for_the_bench() -> None:
    assert not score(scored(5)).loses_to_naive
    assert score(scored(15)).loses_to_naive


def test_too_few_forecasts_get_no_score() -> None:
    assert score(scored(5, n=7)).reason == Reason.TOO_FEW_DAYS
    assert score(scored(5, n=7)).accuracy is None


def test_unknown_truths_do_not_count() -> None:
    one = scored(5)
    truth = one.truth.copy()
    truth[:10] = np.nan
    assert score(replace(one, truth=truth)).n == 30


def test_wilson_interval_of_a_textbook_case() -> None:
    interval = wilson(8, 10)
    assert interval is not None
    assert interval.low == pytest.approx(0.490162, abs=1e-6)
    assert interval.high == pytest.approx(0.943318, abs=1e-6)
    assert wilson(0, 0) is None


def test_up_down_and_flat() -> None:
    found = direction(np.array([110.0, 104, 90, np.nan]), np.full(4, 100.0))
    np.testing.assert_array_equal(found, [1, 0, -1, np.nan])


def test_drift_is_seen_when_errors_grow_out_of_their_ranges_only() -> None:
    steady, worse = scored(5, seed=1), scored(15, seed=2)
    assert drift(worse, steady).drifted
    assert not drift(steady, steady).drifted
    wide = replace(worse, low80=worse.forecast - 50, high80=worse.forecast + 50)
    assert not drift(wide, steady).drifted
    assert drift(scored(5, n=3), steady).reason == Reason.TOO_FEW_DAYS


def test_seasonal_naive_repeats_the_last_week_and_its_scale() -> None:
    seen = np.arange(21.0)[None]
    np.testing.assert_array_equal(seasonal_naive(seen, 9)[0], [14, 15, 16, 17, 18, 19, 20, 14, 15])
    assert naive_scale(seen)[0] == 7
    assert np.isnan(naive_scale(seen[:, :7])[0])
