"""Where a target stands today, and where the run-rate ends, with a range that holds."""

import numpy as np
import pytest

from analytics.arrays import FloatArray
from analytics.daily import DailyRatio
from analytics.pace import pace_ratio, pace_total, weekday_profile
from analytics.results import Pace, Reason
from tests.analytics.simulate import START, days, noise, weekly

FIRST = START + 105  # the target's period begins after fifteen weeks of history


def total(values: FloatArray, *, target: float = 3000, length: int = 30, seed: int = 1) -> Pace:
    return pace_total(
        values,
        days(len(values)),
        target=target,
        first_day=FIRST,
        last_day=FIRST + length - 1,
        seed=seed,
    )


@pytest.mark.feature("1.13")
def test_even_spending_is_on_pace_half_way() -> None:
    pace = total(np.full(120, 100.0))
    assert (pace.days_elapsed, pace.days_total, pace.days_missing) == (15, 30, 0)
    assert pace.expected_linear == pytest.approx(1500)
    assert pace.expected == pytest.approx(1500)
    assert pace.ratio == pytest.approx(1.0)
    assert pace.landing == pytest.approx(3000)
    assert pace.landing_interval is not None
    assert pace.landing_interval.low == pytest.approx(pace.landing_interval.high)
    assert pace.needed == pytest.approx(100)
    assert pace.method == "run_rate"


def test_the_weekday_profile_expects_less_of_a_weekend() -> None:
    shape = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.6, 0.8])
    values = 100 * shape[(days(120) - 1) % 7]
    profile = weekday_profile(values, days(120))
    assert profile.argmax() == 0
    assert profile.argmin() == 5
    assert profile.mean() == pytest.approx(1)
    week = total(values, target=float(values[-15:].sum() * 2), length=30)
    assert week.expected != pytest.approx(week.expected_linear, rel=1e-3)
    whole = total(values, target=1000, length=14)
    assert whole.expected == pytest.approx(1000)


def test_the_landing_range_holds_the_truth_and_single_days_would_not() -> None:
    rng = np.random.default_rng(31)
    truth = 100 * weekly(135) * np.exp(noise(rng, (200, 135), 0.3, 0.6))
    held, naive = 0, 0
    for row in truth:
        end = row[105:].sum()
        pace = total(row[:120])
        assert pace.landing_interval is not None
        held += not pace.landing_interval.excludes(end)
        draws = rng.choice(row[29:120], (200, 15)).sum(axis=1) + row[105:120].sum()
        naive += bool(np.quantile(draws, 0.1) <= end <= np.quantile(draws, 0.9))
    assert 0.74 <= held / 200 <= 0.92
    assert naive / 200 < 0.70  # the control: independent days promise 80 % and do not keep it


def test_the_ratio_range_holds_the_truth() -> None:
    rng = np.random.default_rng(32)
    spend = 100 * np.exp(noise(rng, (200, 135), 0.2, 0.3))
    value = spend * 4 * weekly(135) * np.exp(noise(rng, (200, 135), 0.3, 0.5))
    held = 0
    for top, bottom in zip(value, spend, strict=True):
        pace = pace_ratio(
            DailyRatio(top[:120], bottom[:120], days(120)),
            target=4,
            first_day=FIRST,
            last_day=FIRST + 29,
            seed=1,
        )
        assert pace.landing_interval is not None
        held += not pace.landing_interval.excludes(top[105:].sum() / bottom[105:].sum())
    assert 0.74 <= held / 200 <= 0.92


def test_a_ratio_is_expected_in_full_at_once_and_says_what_the_rest_needs() -> None:
    top, bottom = np.full(120, 300.0), np.full(120, 100.0)
    pace = pace_ratio(
        DailyRatio(top, bottom, days(120)),
        target=4,
        first_day=FIRST,
        last_day=FIRST + 29,
        seed=1,
    )
    assert (pace.actual, pace.expected, pace.ratio) == (3.0, 4.0, 0.75)
    assert pace.landing == pytest.approx(3.0)
    assert pace.needed == pytest.approx(5.0)
    assert pace.chance == 0.0


def test_a_missing_day_is_not_read_as_being_behind() -> None:
    values = np.full(120, 100.0)
    values[110:113] = np.nan
    pace = total(values)
    assert (pace.days_elapsed, pace.days_missing) == (15, 3)
    assert pace.actual == pytest.approx(1200)
    assert pace.ratio == pytest.approx(1.0)
    assert pace.landing == pytest.approx(3000)
    zeros = total(np.nan_to_num(values))
    assert zeros.ratio is not None
    assert zeros.ratio < 0.85


def test_units_change_nothing_but_the_amounts() -> None:
    values = 100 * weekly(120) * np.exp(noise(np.random.default_rng(33), (1, 120), 0.3, 0.4))[0]
    plain, micros = total(values), total(values * 1e6, target=3e9)
    assert micros.ratio == pytest.approx(plain.ratio)
    assert micros.chance == plain.chance
    assert micros.landing == pytest.approx((plain.landing or 0) * 1e6)


def test_the_chance_rises_with_the_level() -> None:
    values = 100 * np.exp(noise(np.random.default_rng(34), (1, 120), 0.3, 0.4))[0]
    chances = [total(values * factor).chance or 0 for factor in (0.8, 0.95, 1.0, 1.2)]
    assert chances == sorted(chances)
    assert chances[0] < 0.1
    assert chances[-1] > 0.9


def test_a_finished_period_lands_where_it_is() -> None:
    values = np.full(135, 100.0)
    pace = total(values)
    assert pace.landing == pace.actual == pytest.approx(3000)
    assert pace.needed is None
    assert pace.chance == 1.0


@pytest.mark.parametrize(
    ("values", "target", "reason"),
    [
        (np.full(120, 100.0), 0.0, Reason.NO_TARGET),
        (np.full(100, 100.0), 3000.0, Reason.NOT_STARTED),
        (np.r_[np.full(108, np.nan), np.full(12, 100.0)], 3000.0, Reason.TOO_FEW_DAYS),
    ],
)
def test_thin_data_say_so(values: FloatArray, target: float, reason: Reason) -> None:
    pace = total(values, target=target)
    assert pace.reason is reason
    assert pace.landing is None
    assert pace.landing_interval is None


def test_a_ratio_without_volume_says_so() -> None:
    daily = DailyRatio(np.zeros(120), np.zeros(120), days(120))
    pace = pace_ratio(daily, target=4, first_day=FIRST, last_day=FIRST + 29, seed=1)
    assert pace.reason is Reason.NO_VOLUME


def test_all_zero_days_land_at_zero() -> None:
    pace = total(np.zeros(120))
    assert (pace.actual, pace.landing, pace.chance) == (0.0, 0.0, 0.0)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        pace_total(np.ones(30), days(30), target=1, first_day=START + 5, last_day=START, seed=1)
