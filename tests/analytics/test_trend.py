"""A ratio that falls month after month is found; noise is not."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analytics.arrays import FloatArray
from analytics.daily import DailyRatio
from analytics.periods import month_edges, week_edges
from analytics.results import Direction, Reason, Trend
from analytics.trend import (
    falls_in_a_row,
    mann_kendall,
    ratio_trend,
    ratio_trends,
    rises_in_a_row,
    theil_sen,
)
from tests.analytics.simulate import START, days, noise, spend_and_return, weekly

APRIL_1, JUNE_30 = date(2020, 4, 1).toordinal(), date(2020, 6, 30).toordinal()


def months(count: int, length: int = 30) -> range:
    return range(START, START + count * length + 1, length)


def real_campaign(folder: Path, name: str, measure: str = "revenue") -> DailyRatio:
    golden = folder / "formats/datasets/online_advertising_performance/golden_campaign_day.csv"
    top, bottom = np.zeros(91), np.zeros(91)
    with golden.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["campaign_number"] == name:
                day = date(2020, int(row["month_no"]), int(row["day"])).toordinal() - APRIL_1
                top[day], bottom[day] = float(row[measure]), float(row["cost"])
    return DailyRatio(top, bottom, np.arange(APRIL_1, JUNE_30 + 1))


def monthly(daily: DailyRatio) -> Trend:
    return ratio_trend(daily, edges=month_edges(APRIL_1, JUNE_30), seed=1)


@pytest.mark.feature("4.6")
def test_the_real_campaign_that_falls_month_after_month_is_found(shared_data: Path) -> None:
    trend = monthly(real_campaign(shared_data, "camp 1"))
    assert [round(p.value or 0, 3) for p in trend.periods] == [1.878, 1.425, 0.887]
    assert falls_in_a_row(trend, at_least=2)
    assert not rises_in_a_row(trend)
    assert trend.run == -2
    assert trend.change == pytest.approx(0.886665 / 1.87793 - 1, abs=1e-5)
    assert trend.change_interval is not None
    assert trend.change_interval.high < -0.3
    assert trend.n == 91
    assert trend.p == pytest.approx(1 / 3)


def test_the_real_campaigns_that_do_not_fall_are_left_alone(shared_data: Path) -> None:
    ended = monthly(real_campaign(shared_data, "camp 2"))
    assert (ended.direction, ended.reason) == (Direction.UNCLEAR, Reason.TOO_FEW_PERIODS)
    third = monthly(real_campaign(shared_data, "camp 3"))
    assert third.reason is None
    assert third.direction is Direction.UNCLEAR
    assert not falls_in_a_row(third, at_least=1)


def test_the_first_real_campaign_also_falls_by_the_week(shared_data: Path) -> None:
    daily = real_campaign(shared_data, "camp 1")
    trend = ratio_trend(daily, edges=week_edges(APRIL_1, JUNE_30), seed=1)
    assert trend.direction is Direction.FALLING
    assert len(trend.periods) == 12


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_noise_is_seldom_called_a_direction(phi: float) -> None:
    top, bottom = spend_and_return(11, 200, 90, phi=phi)
    trends = ratio_trends(DailyRatio(top, bottom, days(90)), edges=months(3), seed=2, material=0.01)
    claimed = np.mean([t.direction in (Direction.FALLING, Direction.RISING) for t in trends])
    assert claimed <= 0.08
    naive = np.mean([single_days_claim(t, b) for t, b in zip(top, bottom, strict=True)])
    # The control: the same question by drawing single days, which forgets that days hang together.
    assert phi == 0.0 or naive >= 2 * max(float(claimed), 0.05)


def single_days_claim(top: FloatArray, bottom: FloatArray) -> bool:
    """A last-against-first test that draws single days; 5 % is its promise."""
    rng = np.random.default_rng(5)
    draws = rng.integers(0, 30, (300, 30))
    first = np.log(top[:30][draws].sum(1) / bottom[:30][draws].sum(1))
    last = np.log(top[-30:][draws[::-1]].sum(1) / bottom[-30:][draws[::-1]].sum(1))
    low, high = np.quantile(last - first, [0.025, 0.975])
    return bool(low > 0 or high < 0)


def test_the_interval_of_the_slope_holds_the_truth() -> None:
    truth = -0.004
    top, bottom = spend_and_return(12, 200, 91, phi=0.5, per_day=truth)
    trends = ratio_trends(DailyRatio(top, bottom, days(91)), edges=months(13, 7), seed=3)
    held = np.mean(
        [
            t.slope_interval is not None and not t.slope_interval.excludes(np.expm1(7 * truth))
            for t in trends
        ]
    )
    assert 0.88 <= held <= 1.0


def test_a_clear_fall_is_found_in_most_runs() -> None:
    top, bottom = spend_and_return(13, 100, 90, phi=0.3, per_day=-0.008)
    trends = ratio_trends(DailyRatio(top, bottom, days(90)), edges=months(3), seed=4)
    assert np.mean([falls_in_a_row(t) for t in trends]) >= 0.85


def test_a_quiet_series_is_steady() -> None:
    rng = np.random.default_rng(14)
    ratio = 4 * weekly(182) * np.exp(noise(rng, (1, 182), 0.05, 0.0))
    trend = ratio_trend(
        DailyRatio(100 * ratio, np.full((1, 182), 100.0), days(182)), edges=months(6), seed=1
    )
    assert trend.direction is Direction.STEADY


def test_units_change_nothing_but_the_values() -> None:
    top, bottom = spend_and_return(15, 1, 90)
    plain = ratio_trend(DailyRatio(top, bottom, days(90)), edges=months(3), seed=5)
    micros = ratio_trend(DailyRatio(top * 1e6, bottom * 100, days(90)), edges=months(3), seed=5)
    assert micros.slope == pytest.approx(plain.slope)
    assert (micros.direction, micros.run, micros.p) == (plain.direction, plain.run, plain.p)
    assert micros.first_value == pytest.approx((plain.first_value or 0) * 1e4)
    assert micros.slope_interval is not None
    assert plain.slope_interval is not None
    assert micros.slope_interval.low == pytest.approx(plain.slope_interval.low)


def test_a_series_gets_the_same_answer_alone_and_among_others() -> None:
    top, bottom = spend_and_return(16, 5, 90)
    together = ratio_trends(DailyRatio(top, bottom, days(90)), edges=months(3), seed=6)
    alone = ratio_trend(DailyRatio(top[3], bottom[3], days(90)), edges=months(3), seed=6)
    assert alone == together[3]


def test_a_missing_day_is_not_a_zero_day() -> None:
    top, bottom = spend_and_return(17, 1, 90, per_day=-0.01)
    outage = top.copy()
    outage[0, 65:69] = np.nan
    trend = ratio_trend(DailyRatio(outage, bottom, days(90)), edges=months(3), seed=7)
    assert trend.n == 86
    assert trend.periods[2].days == 26
    kept = np.r_[60:65, 69:90]
    assert trend.last_value == pytest.approx(top[0, kept].sum() / bottom[0, kept].sum())
    zeroed = ratio_trend(
        DailyRatio(np.nan_to_num(outage), bottom, days(90)), edges=months(3), seed=7
    )
    assert zeroed.last_value is not None
    assert trend.last_value is not None
    assert zeroed.last_value < trend.last_value


def test_a_period_with_too_many_missing_days_is_left_out() -> None:
    top, bottom = spend_and_return(18, 1, 120)
    top[0, 30:40] = np.nan
    trend = ratio_trend(DailyRatio(top, bottom, days(120)), edges=months(4), seed=1)
    assert [p.value is None for p in trend.periods] == [False, True, False, False]


def test_only_complete_periods_count_and_last_keeps_the_latest() -> None:
    top, bottom = spend_and_return(19, 1, 200)
    daily = DailyRatio(top, bottom, days(200))
    assert len(ratio_trend(daily, edges=months(9), seed=1).periods) == 6
    latest = ratio_trend(daily, edges=months(9), seed=1, last=3)
    assert [p.first_day for p in latest.periods] == [START + 90, START + 120, START + 150]


@pytest.mark.parametrize(
    ("top", "bottom", "reason"),
    [
        (np.ones(0), np.ones(0), Reason.TOO_FEW_DAYS),
        (np.ones(90), np.zeros(90), Reason.NO_VOLUME),
        (np.ones(60), np.ones(60), Reason.TOO_FEW_PERIODS),
        (np.zeros(90), np.ones(90), Reason.TOO_SPARSE),
        (np.full(90, np.nan), np.ones(90), Reason.TOO_FEW_PERIODS),
    ],
)
def test_thin_data_say_so(top: FloatArray, bottom: FloatArray, reason: Reason) -> None:
    trend = ratio_trend(DailyRatio(top, bottom, days(len(top))), edges=months(3), seed=1)
    assert (trend.direction, trend.reason) == (Direction.UNCLEAR, reason)
    assert trend.slope is None
    assert trend.change_interval is None


def test_constant_series_do_not_break_it() -> None:
    trend = ratio_trend(
        DailyRatio(np.full(90, 4.0), np.ones(90), days(90)), edges=months(3), seed=1
    )
    assert trend.direction is Direction.STEADY
    assert (trend.slope, trend.p, trend.run) == (0.0, 1.0, 0)


def test_a_month_without_a_single_result_is_a_fall_to_zero_not_a_crash() -> None:
    rng = np.random.default_rng(20)
    top = rng.poisson(np.repeat([3.0, 1.0, 0.0], 30)).astype(float)
    trend = ratio_trend(DailyRatio(top, np.full(90, 50.0), days(90)), edges=months(3), seed=1)
    assert falls_in_a_row(trend)
    assert trend.last_value == 0.0


def test_broken_input_is_refused_loudly() -> None:
    with pytest.raises(ValueError, match="ascending"):
        DailyRatio(np.ones(3), np.ones(3), [1, 3, 2])
    with pytest.raises(ValueError, match="one value per"):
        DailyRatio(np.ones(3), np.ones(4), [1, 2, 3])
    with pytest.raises(ValueError, match="infinite"):
        DailyRatio([1.0, np.inf], None, [1, 2])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [3, 7, 10])
def test_mann_kendall_equals_kendalls_exact_test(seed: int, n: int) -> None:
    values = np.random.default_rng(seed).normal(size=n)
    expected = stats.kendalltau(np.arange(n), values, method="exact").pvalue
    assert mann_kendall(values) == pytest.approx(expected)


def test_mann_kendall_with_ties_has_gilberts_variance() -> None:
    values = np.array([10, 22, 21, 30, 22, 30, 40, 30, 38, 41, 41, 50.0])
    score, n, ties = 53, 12, (2, 3, 2)
    assert score == np.sign(np.subtract.outer(values, values))[np.tril_indices(n, -1)].sum()
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    expected = 2 * stats.norm.sf((score - 1) / np.sqrt(variance))
    assert mann_kendall(values) == pytest.approx(expected)


def test_theil_sen_equals_scipy_and_shrugs_off_an_outlier() -> None:
    x, y = np.arange(9.0), 2.0 - 0.5 * np.arange(9.0)
    y[4] = 40
    assert float(theil_sen(x, y)) == pytest.approx(stats.theilslopes(y, x).slope)
    assert float(theil_sen(x, y)) == pytest.approx(-0.5)
