"""Curves put side by side, into other units, and several as one."""

import numpy as np
import pytest

from analytics.response import Curves, Market, fit_response, merged, scaled, side_by_side


def curves(seed: int = 1, draws: int = 60, channels: int = 4) -> Curves:
    random = np.random.default_rng(seed)
    size = (draws, channels)
    return Curves(
        names=tuple("abcdefg"[:channels]),
        decay=random.uniform(0, 0.6, size),
        half=random.uniform(500, 3_000, size),
        slope=random.uniform(0.8, 2.0, size),
        top=random.uniform(1_000, 9_000, size),
        current=random.uniform(100, 900, channels),
        most=random.uniform(900, 1_200, channels),
    )


def test_several_curves_as_one_keep_todays_value_and_marginal_return() -> None:
    parts = curves()
    one = merged(parts, "all")
    today = float(parts.current.sum())
    value = parts.steady(parts.current).sum(axis=1)
    pull = (parts.marginal(parts.current) * parts.current / today).sum(axis=1)
    np.testing.assert_allclose(one.steady(np.array([today]))[:, 0], value, rtol=1e-9)
    np.testing.assert_allclose(one.marginal(np.array([today]))[:, 0], pull, rtol=1e-9)
    for share in (0.7, 0.85, 1.15, 1.3):
        near = parts.steady(share * parts.current).sum(axis=1)
        np.testing.assert_allclose(one.steady(np.array([share * today]))[:, 0], near, rtol=0.03)


def test_one_channel_merged_is_itself() -> None:
    single = curves(channels=1)
    one = merged(single, "a")
    for share in (0.5, 1.0, 2.0):
        spend = share * single.current
        np.testing.assert_allclose(one.steady(spend), single.steady(spend), rtol=0.02)


def test_a_period_counts_its_weeks() -> None:
    weekly = curves()
    period = scaled(weekly, spend=4.0, result=4.0)
    spend = weekly.current * 1.3
    np.testing.assert_allclose(period.steady(spend * 4), weekly.steady(spend) * 4)
    np.testing.assert_allclose(period.marginal(spend * 4), weekly.marginal(spend))


def test_channels_of_several_fits_stand_side_by_side() -> None:
    left, right = curves(1, channels=2), curves(2, channels=3)
    both = side_by_side([left, right])
    assert len(both.names) == 5
    np.testing.assert_allclose(both.steady(both.current)[:, :2], left.steady(left.current))
    with pytest.raises(ValueError, match="one number of draws"):
        side_by_side([left, curves(3, draws=10)])


def test_credited_results_are_taken_to_be_mostly_the_channels_own() -> None:
    """With spend that tells little, what is assumed decides: a quarter, or seven tenths."""
    random = np.random.default_rng(4)
    spend = 1_000 * np.exp(0.06 * random.standard_normal((80, 1)))
    result = 5_000 * np.exp(0.2 * random.standard_normal(80))
    shares = []
    for credited in (False, True):
        market = Market(("a",), spend, result, np.zeros((80, 0)), False, credited)
        fit = fit_response(market, seed=1, sweeps=250)
        shares.append((fit.channels[0].contribution or 0.0) / result.sum())
    assert shares[0] < 0.45 < shares[1]
