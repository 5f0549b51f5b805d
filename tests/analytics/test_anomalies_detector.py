"""The detector judges each row by the past alone, at any step, in any unit."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.anomalies import THRESHOLD, detect
from analytics.arrays import FloatArray
from analytics.results import Reason

HOUR, DAY = 3600.0, 86_400.0


def steps(rows: int, seconds: float) -> FloatArray:
    return np.arange(rows, dtype=np.float64) * seconds


def hourly(seed: int, rows: int = 24 * 40, noise: float = 0.1) -> tuple[FloatArray, FloatArray]:
    """A rhythm of the day, four to one, with noise."""
    rhythm = 0.7 * np.sin(steps(rows, np.pi / 12))
    values = np.exp(rhythm + np.random.default_rng(seed).normal(0, noise, rows))
    return steps(rows, HOUR), np.asarray(values, dtype=np.float64)


@pytest.mark.parametrize(("factor", "seed"), [(4.0, 1), (0.2, 2), (4.0, 3)])
def test_a_fall_or_a_rise_is_flagged_where_it_begins(factor: float, seed: int) -> None:
    times, values = hourly(seed)
    values[700:703] *= factor
    found = detect(times, values)
    assert found.flag[700]
    assert not found.flag[701:712].any()
    assert found.flag.sum() <= 3


def test_an_unusual_hour_within_the_usual_range_of_the_day_is_found() -> None:
    """At night what is usual at noon is not: only a detector that knows the hour sees it."""
    times, values = hourly(4)
    night = 24 * 30 + 18
    values[night] = values[night - 12]
    assert values[night] <= values[:night].max()
    assert detect(times, values).flag[night]


def test_without_a_rhythm_no_season_is_made_up() -> None:
    random = np.random.default_rng(5)
    values = np.exp(np.cumsum(random.normal(0, 0.02, 1500)) + random.normal(0, 0.05, 1500))
    found = detect(steps(1500, 300.0), values)
    distance = np.abs(np.log(values[400:] / found.expected[400:]))
    assert np.median(distance) < 0.06
    assert found.flag.sum() <= 3


@pytest.mark.parametrize("until", [300, 500, 777])
def test_what_comes_later_changes_no_score(until: int) -> None:
    times, values = hourly(6)
    values[600] *= 6
    whole, part = detect(times, values), detect(times[:until], values[:until])
    np.testing.assert_array_equal(whole.score[:until], part.score)
    np.testing.assert_array_equal(whole.flag[:until], part.flag)
    # The control: a detector that sees the future would not pass, as the past changes scores.
    values[until - 100] *= 6
    assert (detect(times, values).score[:until] != part.score).any()


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-6, 1e9), st.integers(0, 20))
def test_another_unit_changes_no_score(unit: float, seed: int) -> None:
    times, values = hourly(seed, rows=300)
    plain, scaled = detect(times, values), detect(times + 1e9, values * unit)
    np.testing.assert_allclose(scaled.score, plain.score, rtol=1e-6)
    np.testing.assert_allclose(scaled.expected, plain.expected * unit, rtol=1e-6)


def test_losses_are_judged_like_gains() -> None:
    times, values = hourly(7)
    values[650] *= 5
    plain, mirrored = detect(times, values), detect(times, -values)
    np.testing.assert_allclose(mirrored.score, plain.score)
    np.testing.assert_allclose(mirrored.expected, -plain.expected)


def test_a_missing_row_is_not_a_zero() -> None:
    times, values = hourly(8)
    gone = values.copy()
    gone[700:706] = np.nan
    absent = np.delete(np.arange(len(values)), np.arange(700, 706))
    zero = values.copy()
    zero[700:706] = 0
    assert detect(times, zero).flag[700]
    found = detect(times, gone)
    assert not found.flag[700:712].any()
    assert np.isnan(found.score[700:706]).all()
    np.testing.assert_allclose(
        detect(times[absent], values[absent]).score[-100:], found.score[-100:]
    )


def test_rows_that_are_not_complete_are_neither_judged_nor_learnt_from() -> None:
    times = steps(200, DAY)
    values = np.random.default_rng(9).normal(1000, 60, 200)
    values[-1] = 300
    assert detect(times, values).flag[-1]
    found = detect(times, values, until=199 * DAY)
    assert not found.flag[-1]
    assert np.isnan(found.score[-1])


def test_a_weekend_is_no_anomaly_once_two_were_seen() -> None:
    days = np.arange(200)
    values = np.where(days % 7 >= 5, 300.0, 1000.0) * np.random.default_rng(10).normal(1, 0.05, 200)
    found = detect(steps(200, DAY), values)
    assert found.flag.sum() <= 1
    values[151] = 300
    assert days[151] % 7 == 4
    assert detect(steps(200, DAY), values).flag[151]


def test_one_storm_is_one_flag() -> None:
    times, values = hourly(11)
    values[600:620:2] *= 5
    flags = np.flatnonzero(detect(times, values).flag)
    assert ((flags >= 600) & (flags < 620)).sum() == 1


def test_a_constant_series_is_quiet_until_it_moves() -> None:
    times = steps(300, HOUR)
    values = np.full(300, 5.0)
    assert not detect(times, values).flag.any()
    values[250] = 5.05
    assert not detect(times, values).flag.any()
    values[250] = 7.0
    found = detect(times, values)
    assert np.flatnonzero(found.flag).tolist() == [250]
    assert np.isfinite(found.score[250])


def test_series_of_zeros_do_not_break_it() -> None:
    found = detect(steps(300, HOUR), np.zeros(300))
    assert found.reason is None
    assert not found.flag.any()


@pytest.mark.parametrize(
    ("rows", "reason"), [(35, Reason.TOO_FEW_ROWS), (36, None), (0, Reason.TOO_FEW_ROWS)]
)
def test_few_rows_are_refused(rows: int, reason: Reason | None) -> None:
    found = detect(steps(rows, DAY), steps(rows, 1) % 5 + 1)
    assert found.reason == reason
    assert len(found.score) == rows


def test_rows_without_a_step_are_refused() -> None:
    times = np.cumsum(np.random.default_rng(12).pareto(0.5, 200) + 1)
    assert detect(times, np.ones(200)).reason == Reason.IRREGULAR_TIMES


def test_bad_input_is_an_error() -> None:
    with pytest.raises(ValueError, match="same length"):
        detect(np.arange(5), np.arange(4))
    with pytest.raises(ValueError, match="never go back"):
        detect([0.0, 2.0, 1.0], [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="infinite"):
        detect([0.0, 1.0], [1.0, np.inf])


def test_a_clock_that_is_set_back_an_hour_is_read_on() -> None:
    times, values = hourly(13)
    times[500:] -= HOUR
    found = detect(times, values)
    assert found.reason is None
    assert found.flag.sum() <= 2


def test_the_labelled_spikes_of_a_real_exchange_are_found(shared_data: Path) -> None:
    folder = shared_data / "analytics" / "anomaly"
    name = "exchange-3_cpc_results.csv"
    table = np.genfromtxt(folder / name, delimiter=",", skip_header=1, dtype=None, encoding="utf-8")
    times = np.array([np.datetime64(row[0], "s").astype(np.int64) for row in table], dtype=float)
    found = detect(times, np.array([row[1] for row in table]))
    flagged = times[found.flag]
    windows = json.loads((folder / "windows.json").read_text())[name]
    for first, last in windows:
        low, high = (np.datetime64(text, "s").astype(np.int64) for text in (first, last))
        assert ((flagged >= low) & (flagged <= high)).sum() == 1
    assert found.threshold == THRESHOLD
    assert len(flagged) <= 6
