"""Forecasts see nothing after the cut-off, add up, stay in bounds, and know a pause from chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.arrays import FloatArray
from analytics.forecast import Combined, Forecast, Panel, forecast, ratio, seasonal_naive
from analytics.results import Reason
from tests.analytics.series import WEEKDAYS, counts, panel


def ends(told: Forecast) -> list[FloatArray]:
    return [told.low95, told.low80, told.mean, told.high80, told.high95]


def same(one: Combined, other: Combined) -> bool:
    return all(
        np.array_equal(a, b)
        for a, b in zip(
            ends(one.series) + ends(one.groups),
            ends(other.series) + ends(other.groups),
            strict=True,
        )
    )


def test_nothing_after_the_cutoff_is_seen() -> None:
    values = counts(1)
    changed = values.copy()
    changed[:, 120:] = 9_999
    cutoff = int(panel(values).days[119])
    known = forecast(panel(values).until(cutoff), 14)
    assert same(known, forecast(panel(changed).until(cutoff), 14))
    changed[:, 119] = 9_999
    assert not same(known, forecast(panel(changed).until(cutoff), 14))


def test_two_runs_are_equal_and_the_order_of_learning_has_its_seed() -> None:
    values = counts(2, days=260)
    assert same(forecast(panel(values), 14), forecast(panel(values), 14))
    assert not same(forecast(panel(values), 14, seed=2), forecast(panel(values), 14))


@settings(max_examples=8, deadline=None)
@given(unit=st.sampled_from([0.001, 0.25, 40.0, 1e6]), seed=st.integers(0, 50))
def test_another_unit_gives_the_same_forecast_in_that_unit(unit: float, seed: int) -> None:
    values = counts(seed, series=3, days=40)
    plain, scaled = forecast(panel(values), 7).series, forecast(panel(values * unit), 7).series
    for a, b in zip(ends(plain), ends(scaled), strict=True):
        np.testing.assert_allclose(a * unit, b, rtol=1e-4, atol=1e-6 * unit)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    days=st.integers(1, 60),
    level=st.sampled_from([0.05, 0.5, 5.0, 500.0]),
    missing=st.sampled_from([0.0, 0.3]),
)
def test_ranges_never_cross_and_counts_never_fall_below_zero(
    seed: int, days: int, level: float, missing: float
) -> None:
    values = counts(seed, series=3, days=days, level=level)
    values[np.random.default_rng(seed).random(values.shape) < missing] = np.nan
    values[0, 0] = 1.0
    known = panel(values).until(int(panel(values).days[-1]))
    both = forecast(known, 10)
    for told in (both.series, both.groups):
        stacked = np.stack(ends(told))
        assert np.isfinite(stacked).all()
        assert (stacked >= 0).all()
        assert (np.diff(stacked, axis=0) >= 0).all()


def test_refunds_may_be_negative() -> None:
    told = forecast(panel(-counts(3, series=2)), 7).series
    assert (told.mean < 0).all()
    assert (told.low95 <= told.high95).all()


def test_groups_are_the_sums_of_their_series_now_and_before() -> None:
    values = np.concatenate([counts(4), counts(5)])
    names = [f"a/clicks/{i}" for i in range(6)] + [f"a/orders/{i}" for i in range(6)]
    both = forecast(panel(values, names), 14)
    assert both.groups.names == ("a/clicks", "a/orders")
    for part in ("mean",):
        rows = getattr(both.series, part).reshape(2, 6, 14)
        np.testing.assert_allclose(rows.sum(axis=1), getattr(both.groups, part))
    before = both.series.past.forecast.reshape(-1, 2, 6, 14)
    np.testing.assert_allclose(before.sum(axis=2), both.groups.past.forecast)


def test_the_weekday_profile_and_level_are_found() -> None:
    values = counts(6, series=4, days=200, level=400)
    told = forecast(panel(values), 14).series
    truth = values.mean(axis=1)[:, None] / WEEKDAYS.mean() * WEEKDAYS[(200 + np.arange(14)) % 7]
    assert np.abs(told.mean / truth - 1).mean() < 0.05


def test_a_paused_campaign_is_expected_to_rest_and_a_rare_one_is_not() -> None:
    values = counts(7, series=3)
    values[0, -4:] = 0
    values[1] = np.random.default_rng(1).random(values.shape[1]) < 0.2
    values[1, -4:] = 0
    told = forecast(panel(values), 14).series
    assert told.reason[:2] == (Reason.PAUSED, None)
    assert (told.mean[0] == 0).all()
    assert (told.mean[1] > 0).any() or (told.high95[1] > 0).all()


def test_a_missing_day_is_not_a_day_of_zero() -> None:
    values = counts(8, series=4)
    values[0, -5:] = np.nan
    silent = forecast(panel(values), 7).series
    values[0, -5:] = 0
    paused = forecast(panel(values), 7).series
    usual = values[0, -40:-5].mean()
    assert 0.7 * usual < silent.mean[0].mean() < 1.3 * usual
    assert paused.mean[0].mean() == 0


def test_days_without_any_row_before_a_later_cutoff_are_unknown() -> None:
    known = panel(counts(9, series=2))
    later = known.until(int(known.days[-1]) + 5)
    told = forecast(later, 7).series
    assert int(told.days[0]) == int(known.days[-1]) + 6
    assert (told.mean > 0).all()


def test_one_wild_day_does_not_explode() -> None:
    values = counts(10)
    usual = forecast(panel(values), 30).series.mean[0].sum()
    values[0, -2] *= 1_000
    told = forecast(panel(values), 30).series
    assert told.mean[0].sum() < 2 * usual
    assert (told.high95[0] <= 4 * values[0].max()).all()


@pytest.mark.parametrize("days", [7, 9, 13])
def test_a_new_campaign_is_better_than_the_naive_and_says_it_is_young(days: int) -> None:
    ours = naive = 0.0
    for seed in range(12):
        values = counts(20 + seed, series=5, days=days + 14, level=20)
        told = forecast(panel(values[:, :days]), 14).series
        assert set(told.reason) == {Reason.TOO_FEW_DAYS}
        ours += np.abs(told.mean - values[:, days:]).sum()
        naive += np.abs(seasonal_naive(values[:, :days], 14) - values[:, days:]).sum()
    assert ours < 0.9 * naive


def test_ranges_hold_about_what_they_say() -> None:
    inside80 = inside95 = n = 0
    for seed in range(4):
        values = counts(40 + seed, series=12, days=120)
        told = forecast(panel(values[:, :106]), 14).series
        inside80 += int(((told.low80 <= values[:, 106:]) & (values[:, 106:] <= told.high80)).sum())
        inside95 += int(((told.low95 <= values[:, 106:]) & (values[:, 106:] <= told.high95)).sum())
        n += values[:, 106:].size
    assert 0.76 < inside80 / n < 0.9
    assert 0.93 < inside95 / n < 0.995


def test_a_ratio_is_the_ratio_of_the_forecasts_of_its_parts() -> None:
    clicks = counts(50, level=300)
    orders = np.random.default_rng(0).binomial(clicks.astype(int), 0.1).astype(np.float64)
    top, bottom = (forecast(panel(part), 14).series for part in (orders, clicks))
    told = ratio(top, bottom)
    np.testing.assert_allclose(told.mean, top.mean / bottom.mean)
    assert abs(told.mean.mean() - 0.1) < 0.01
    assert (told.low80 <= told.mean).all()
    assert (told.mean <= told.high80).all()
    # Apart, the parts would be as wide as their own ranges; together they are steadier.
    assert (told.high80 - told.low80).mean() < (
        top.high80 / bottom.low80 - top.low80 / bottom.high80
    ).mean()
    with pytest.raises(ValueError, match="same cut-off"):
        ratio(top, forecast(panel(clicks[:3]), 14).series)


def test_a_panel_with_gaps_in_its_calendar_or_two_of_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="follow each other"):
        Panel(("a",), np.array([1, 3]), np.zeros((1, 2)))
    with pytest.raises(ValueError, match="repeats"):
        Panel(("a", "a"), np.array([1, 2]), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="1 to 364 days"):
        forecast(panel(counts(1)), 400)
