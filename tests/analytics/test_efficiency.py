"""What a result costs, at the margin and against the weeks before, on data with a known answer."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.arrays import FloatArray
from analytics.efficiency import cost_change, cost_per_result, marginal_cost
from analytics.results import Reason

pytestmark = pytest.mark.feature("2.3")


def curve(days: int, *, swing: float = 0.5, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Spend that varies, and results that grow with its root: 10 for 100, so the next costs double."""
    chance = np.random.default_rng(seed)
    spend = 100 * np.exp(chance.normal(0, swing, days))
    return spend, chance.poisson(10 * np.sqrt(spend)).astype(np.float64) / 10


def test_a_ratio_of_sums() -> None:
    assert cost_per_result([10, 30, np.nan], [1, 1, 9]) == 20
    assert cost_per_result([10], [0]) is None


def test_the_last_fifth_costs_more_than_the_average() -> None:
    spend, results = curve(91)
    found = marginal_cost(spend, results, seed=1)
    average = cost_per_result(spend, results)
    assert found.reason is None
    assert average is not None
    assert found.value is not None
    assert found.value > 1.4 * average
    assert found.interval is not None
    # A root's slope at the dearest days lies between twice and four times its average.
    assert found.interval.low < 3 * average < 2 * found.interval.high
    assert found.n == 91


def test_a_straight_relation_costs_the_same_at_the_margin() -> None:
    spend, _ = curve(91)
    found = marginal_cost(spend, spend / 20, seed=1)
    assert found.value == pytest.approx(20, rel=0.15)


@pytest.mark.parametrize(
    ("spend", "results", "reason"),
    [
        (np.full(30, 100.0), np.full(30, 5.0), Reason.TOO_FEW_DAYS),
        (np.full(91, 100.0), np.full(91, 5.0), Reason.SPEND_TOO_STEADY),
        (curve(91)[0], np.r_[np.ones(10), np.zeros(81)], Reason.TOO_SPARSE),
        (curve(91)[0], np.random.default_rng(3).poisson(np.full(91, 5.0)).astype(float), Reason.RETURN_TOO_NOISY),
    ],
)  # fmt: skip
def test_what_history_cannot_tell_has_a_reason(
    spend: FloatArray, results: FloatArray, reason: Reason
) -> None:
    found = marginal_cost(spend, results, seed=1)
    assert (found.value, found.reason) == (None, reason)


def series(after: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Five weeks of 100 a day; 20 results a day, and `after` in the last week."""
    chance = np.random.default_rng(seed)
    rate = np.r_[np.full(28, 20.0), np.full(7, after)]
    return np.full(35, 100.0), np.asarray(chance.poisson(rate), dtype=np.float64)


def test_a_cost_that_doubles_is_seen_with_its_range() -> None:
    found = cost_change(*series(10, 1), seed=1, level=0.95)
    assert found.value == pytest.approx(1.0, abs=0.35)
    assert found.interval is not None
    assert found.interval.low > 0
    assert found.chance_worse == 1
    assert found.before == pytest.approx(5, rel=0.1)
    assert found.n == 35


def test_noise_alone_is_rarely_called_dearer() -> None:
    """A 95 % range lies above zero by chance in about one of forty steady series."""
    called = 0
    for seed in range(200):
        found = cost_change(*series(20, seed), seed=1, level=0.95)
        called += found.interval is not None and found.interval.low > 0
    assert called <= 12


def test_thin_weeks_say_so() -> None:
    spend, results = series(20, 1)
    assert cost_change(spend[-10:], results[-10:], seed=1).reason is Reason.TOO_FEW_DAYS
    assert cost_change(spend * 0, results, seed=1).reason is Reason.NO_SPEND
    results[-7:] = 0
    assert cost_change(spend, results, seed=1).reason is Reason.TOO_SPARSE
