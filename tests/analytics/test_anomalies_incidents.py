"""Unusual days become few incidents that are worth a look."""

from typing import Any

import numpy as np
import pytest

from analytics.anomalies import Limits, watch
from analytics.arrays import FloatArray
from analytics.daily import DailyRatio

FIRST = 739_000
DAYS = np.arange(FIRST, FIRST + 120)
LAST = int(DAYS[-1])


def spends(lines: int = 1, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).normal(1000, 50, (lines, len(DAYS)))


def totals(values: FloatArray) -> DailyRatio:
    return DailyRatio(values, None, DAYS)


def test_days_that_hang_together_are_one_incident_with_what_it_is_worth() -> None:
    values = spends()
    values[0, 100:103] = 200
    (storm,) = watch(["a"], totals(values), last_day=LAST, worth=2.0, is_ratio=False)
    (incident,) = storm.incidents
    assert (incident.name, incident.is_drop) == ("a", True)
    assert incident.first_day == FIRST + 100
    assert incident.days >= 2
    assert incident.observed == pytest.approx(200)
    assert incident.stake == pytest.approx(
        2 * incident.days * (incident.expected - incident.observed)
    )


def test_lines_that_turn_together_are_one_storm_and_the_dearest_comes_first() -> None:
    values = spends(4)
    values[:3, 90] = 150
    values[1, 90] = 50
    values[3, 60] = 4000
    storms = watch(list("abcd"), totals(values), last_day=LAST, worth=1.0, is_ratio=False)
    assert [len(storm.incidents) for storm in storms] == [1, 3]
    assert storms[0].incidents[0].name == "d"
    assert storms[1].incidents[0].name == "b"
    assert storms[1].stake == pytest.approx(sum(one.stake for one in storms[1].incidents))


def test_too_little_money_is_not_spoken_of() -> None:
    values = spends() / 1000
    values[0, 100] = 0.1
    quiet = Limits(min_stake=50)
    assert watch(["a"], totals(values), last_day=LAST, worth=1.0, is_ratio=False)
    assert not watch(["a"], totals(values), last_day=LAST, worth=1.0, is_ratio=False, limits=quiet)


def test_the_running_day_is_left_out() -> None:
    values = spends()
    values[0, -1] = 300
    told: dict[str, Any] = {"worth": 1.0, "is_ratio": False}
    assert watch(["a"], totals(values), last_day=LAST, **told)
    assert not watch(["a"], totals(values), last_day=LAST - 1, **told)


def test_a_day_without_data_is_not_a_zero() -> None:
    values = spends()
    values[0, 100] = np.nan
    assert not watch(["a"], totals(values), last_day=LAST, worth=1.0, is_ratio=False)
    values[0, 100] = 0
    assert watch(["a"], totals(values), last_day=LAST, worth=1.0, is_ratio=False)


def test_conversions_that_are_still_to_come_are_no_drop() -> None:
    """The last days have half of theirs; as they stand they look like a fall."""
    random = np.random.default_rng(3)
    final = random.poisson(400, (1, len(DAYS))).astype(float)
    share = np.ones_like(final)
    share[0, -4:] = [0.95, 0.9, 0.7, 0.4]
    known = np.floor(final * share)
    told: dict[str, Any] = {"last_day": LAST, "worth": 30.0, "is_ratio": False, "is_count": True}
    assert watch(["a"], totals(known), **told)
    assert not watch(["a"], totals(known), known=share, **told)
    known[0, -4] *= 0.3
    assert watch(["a"], totals(known), known=share, **told)


def test_a_handful_of_counts_is_noise() -> None:
    """One conversion in place of eight is five times fewer, and chance all the same once a month."""
    values = np.tile([8.0, 9.0, 8.0, 7.0, 8.0], 24)[None, :]
    values[0, 100] = 2
    told: dict[str, Any] = {"last_day": LAST, "worth": 30.0, "is_ratio": False}
    assert watch(["a"], totals(values), **told)
    assert not watch(["a"], totals(values), is_count=True, **told)
    assert watch(["a"], totals(values * 50), is_count=True, **told)


def test_a_ratio_without_volume_is_unknown() -> None:
    """No clicks, no cost per click: neither zero nor infinite."""
    clicks = np.random.default_rng(4).poisson(200, (1, len(DAYS))).astype(float)
    spend = clicks * np.random.default_rng(5).normal(0.5, 0.02, clicks.shape)
    clicks[0, 100] = spend[0, 100] = 0
    clicks[0, 101], spend[0, 101] = 2, 9.0
    told: dict[str, Any] = {"last_day": LAST, "worth": 1.0}
    enough = Limits(min_volume=50)
    assert not watch(["a"], DailyRatio(spend, clicks, DAYS), limits=enough, **told)
    spend[0, 105] *= 2
    (storm,) = watch(["a"], DailyRatio(spend, clicks, DAYS), limits=enough, **told)
    assert storm.incidents[0].first_day == FIRST + 105
    assert storm.incidents[0].observed == pytest.approx(1.0, abs=0.1)


def test_days_known_to_be_special_are_neither_judged_nor_learnt_from() -> None:
    values = spends()
    values[0, 80:84] = 5000
    told: dict[str, Any] = {"last_day": LAST, "worth": 1.0, "is_ratio": False}
    sale = [int(day) for day in DAYS[80:84]]
    assert watch(["a"], totals(values), **told)
    assert not watch(["a"], totals(values), special_days=sale, **told)


def test_after_the_cool_down_it_is_another_incident() -> None:
    values = spends()
    values[0, [90, 92, 110]] = 100
    told: dict[str, Any] = {"last_day": LAST, "worth": 1.0, "is_ratio": False}
    storms = watch(["a"], totals(values), **told)
    days = sorted(one.first_day - FIRST for storm in storms for one in storm.incidents)
    assert days == [90, 110]


def test_the_way_back_from_an_outage_is_no_incident_but_an_overshoot_is() -> None:
    values = spends()
    values[0, 90:96] = 0
    told: dict[str, Any] = {"last_day": LAST, "worth": 1.0, "is_ratio": False}
    (storm,) = watch(["a"], totals(values), **told)
    assert [one.is_drop for one in storm.incidents] == [True]
    values[0, 96:98] = 4000
    storms = watch(["a"], totals(values), **told)
    assert sorted(one.is_drop for storm in storms for one in storm.incidents) == [False, True]


def test_short_histories_are_left_out_and_names_are_needed() -> None:
    short = DailyRatio(np.r_[np.full(30, 100.0), 5.0], None, DAYS[:31])
    assert not watch(["a"], short, last_day=LAST, worth=1.0, is_ratio=False)
    with pytest.raises(ValueError, match="name"):
        watch([], totals(spends()), last_day=LAST, worth=1.0)
