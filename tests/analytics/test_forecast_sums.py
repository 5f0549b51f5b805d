"""Sums of forecasts: parts add up, ranges never cross, and calls are likelihoods."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.arrays import FloatArray
from analytics.forecast import Forecast, chances, forecast, ratio, running, scaled, summed
from tests.analytics.series import counts, panel

pytestmark = [pytest.mark.feature("5.1")]


def ends(told: Forecast) -> list[FloatArray]:
    return [told.low95, told.low80, told.mean, told.high80, told.high95]


def told_of(seed: int, *, days: int = 80, level: float = 20.0, series: int = 4) -> Forecast:
    values = counts(seed, series=series, days=days, level=level)
    return forecast(panel(values), 14, trees=False).series


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    days=st.integers(3, 90),
    level=st.sampled_from([0.05, 2.0, 400.0]),
)
def test_sums_add_up_never_cross_and_never_go_below_zero(
    seed: int, days: int, level: float
) -> None:
    told = told_of(seed, days=days, level=level)
    pairs = summed(told, [("first", np.array([0, 1])), ("last", np.array([2, 3]))])
    whole = summed(told, [("all", np.arange(4))])
    np.testing.assert_allclose(pairs.mean.sum(axis=0), whole.mean[0], rtol=1e-12)
    for one in (pairs, whole, running(told), running(whole)):
        for low, high in zip(ends(one)[:-1], ends(one)[1:], strict=True):
            assert (low <= high).all()
        assert (one.low95 >= 0).all()
    np.testing.assert_allclose(running(whole).mean, whole.mean.cumsum(axis=1))


def test_the_range_of_a_sum_is_narrower_than_the_sum_of_the_ranges() -> None:
    told = told_of(3, days=200, level=100, series=12)
    whole = summed(told, [("all", np.arange(12))])
    apart = (told.high80 - told.low80).sum(axis=0)
    assert ((whole.high80 - whole.low80)[0] < apart).all()
    week = running(whole)
    days = (whole.high80 - whole.low80)[0, :7].sum()
    assert (week.high80 - week.low80)[0, 6] < days


def test_a_ratio_of_sums_has_both_sides_and_is_the_ratio_of_its_parts() -> None:
    clicks = told_of(1, days=200, level=300)
    spend = scaled(told_of(9, days=200, level=300), np.full(clicks.mean.shape, 0.5))
    both = [("all", np.arange(4))]
    top, bottom = summed(spend, both), summed(clicks, both)
    found = ratio(top, bottom, of_sums=True)
    np.testing.assert_allclose(found.mean, top.mean / bottom.mean)
    assert (found.low80 < found.mean).all()
    assert (found.high80 > found.mean).all()


@pytest.mark.feature("5.7")
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), times=st.floats(0.05, 20))
def test_chances_sum_to_one_and_follow_what_was(seed: int, times: float) -> None:
    week = running(told_of(seed))
    found = chances(week, week.mean[:, 6] * times, 6)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found > 0).all()
    higher = chances(week, week.mean[:, 6] * times * 1.2, 6)
    assert (higher[:, 0] >= found[:, 0] - 1e-9).all()


@pytest.mark.feature("5.7")
def test_far_from_what_was_the_call_is_nearly_certain_and_unknown_stays_unknown() -> None:
    week = running(told_of(2, level=500))
    base = week.mean[:, 6]
    assert (chances(week, base * 0.3, 6)[:, 2] > 0.95).all()
    assert (chances(week, base * 3, 6)[:, 0] > 0.95).all()
    assert (chances(week, base, 6).argmax(axis=1) == 1).all()
    assert np.isnan(chances(week, np.full(4, np.nan), 6)).all()


def test_a_sum_needs_members() -> None:
    with pytest.raises(ValueError, match="members"):
        summed(told_of(1), [("none", np.array([], dtype=np.int64))])
