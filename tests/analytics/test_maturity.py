"""Young days are carried to their final values by how earlier days grew, and thin data says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.arrays import FloatArray
from analytics.maturity import MIN_DAYS, Curve, Part, development, grown, matured, ratio_of
from analytics.results import Reason
from tests.analytics.maturing import AGES, SHARES, days_known, watched

# The run-off triangle of Taylor and Ashe 1983, the example of Mack 1993: his factors and errors
# are printed there in tables 1 and 2.
TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]
AMOUNTS = st.integers(0, 10**9).map(lambda cents: cents / 100)


def triangle() -> FloatArray:
    rows = np.full((10, 10), np.nan)
    for number, row in enumerate(TAYLOR_ASHE):
        rows[number, : len(row)] = row
    return rows


def ends_of(curve: Curve, known: float, age: int) -> float:
    return matured([Part(curve, np.array([known]), np.array([age]))]).value


def test_factors_and_errors_are_those_that_mack_printed() -> None:
    curve = development(triangle())
    assert curve.factor[:8] == pytest.approx(
        [3.4906, 1.7473, 1.4574, 1.1739, 1.1038, 1.0863, 1.0539, 1.0766], abs=5e-5
    )
    assert np.sqrt(curve.scatter[:4]) == pytest.approx(np.sqrt([160280, 37737, 41965, 15183]), 1e-4)
    assert curve.n.tolist() == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_the_curve_ends_where_days_become_fewer_than_eight() -> None:
    curve = development(triangle())
    assert (curve.first, curve.last) == (0, 2)
    assert curve.growth == pytest.approx([3.4906 * 1.7473, 1.7473, 1], rel=1e-4)
    assert curve.is_open


def test_a_planted_curve_is_learnt_back() -> None:
    curve = development(watched(days_known(seed=1)))
    assert curve.reason is None
    assert curve.first == 1
    assert curve.share[1:20] == pytest.approx(SHARES[1:20], abs=0.02)
    assert not curve.is_open
    assert curve.only_grows


def test_days_that_were_not_learnt_from_come_closer_to_their_ends_at_every_young_age() -> None:
    raw, ours, inside = np.zeros(AGES), np.zeros(AGES), []
    for seed in range(30):
        known = days_known(seed=seed)
        curve = development(watched(known[::2]))
        for day in known[1::2][-40:]:
            for age in range(1, AGES - 1):
                said = matured([Part(curve, day[[age]], np.array([age]))])
                raw[age] += abs(day[age] - day[-1])
                ours[age] += abs(said.value - day[-1])
                assert said.interval is not None
                if age < curve.settled:
                    inside.append(not said.interval.excludes(day[-1]))
    young = np.flatnonzero(SHARES < 0.985)[1:]
    assert (ours[young] < raw[young]).all()
    assert ours[1:8].sum() < raw[1:8].sum() / 3
    assert 0.74 <= np.mean(inside) <= 0.92


def test_the_range_of_a_total_holds_about_eight_in_ten() -> None:
    inside = []
    for seed in range(200):
        known = days_known(seed=seed)
        curve = development(watched(known[:-28]))
        ages = np.arange(28, 0, -1)
        day = known[-28:]
        said = matured([Part(curve, day[np.arange(28), ages], ages)])
        assert said.interval is not None
        inside.append(not said.interval.excludes(day[:, -1].sum()))
    assert 0.7 <= np.mean(inside) <= 0.92


def test_refunds_carry_days_down_and_never_below_zero() -> None:
    kept = np.linspace(1, 0.8, 15)
    rows = np.random.default_rng(3).poisson(900, (40, 1)) * kept
    curve = development(watched(rows, mornings=30))
    said = matured([Part(curve, np.array([1000.0]), np.array([1]))])
    assert not curve.only_grows
    assert said.value == pytest.approx(1000 * 0.8 / kept[1], rel=0.01)
    assert said.interval is not None
    assert 0 <= said.interval.low <= said.value <= said.interval.high < 1000
    assert said.share is not None
    assert said.share > 1


def test_a_day_below_zero_is_left_as_it_is() -> None:
    curve = development(watched(days_known(seed=1)))
    assert ends_of(curve, -50.0, 1) == -50.0


def test_everything_refunded_ends_at_zero_and_says_that_no_range_can_be_given() -> None:
    curve = development(np.tile([100.0, 0.0], (MIN_DAYS, 1)))
    said = matured([Part(curve, np.array([70.0]), np.array([0]))])
    assert (said.value, said.interval, said.reason) == (0.0, None, Reason.TOO_SPARSE)


def test_days_older_than_the_curve_are_final() -> None:
    curve = development(watched(days_known(seed=1)))
    assert ends_of(curve, 80.0, 200) == 80.0
    assert ends_of(curve, 80.0, curve.settled) == 80.0
    assert ends_of(curve, 80.0, curve.settled - 1) > 80.0


def test_final_parts_are_added_as_they_are() -> None:
    curve = development(watched(days_known(seed=1)))
    part = Part(curve, np.array([100.0]), np.array([1]))
    assert matured([part], final=500).value == pytest.approx(500 + matured([part]).value)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.empty((0, 5)), Reason.SEEN_ONCE),
        (np.full((30, 5), np.nan), Reason.SEEN_ONCE),
        (np.where(np.eye(30, 5) > 0, 10.0, np.nan), Reason.SEEN_ONCE),
        (np.full((MIN_DAYS - 1, 5), 10.0), Reason.TOO_FEW_DAYS),
        (np.zeros((30, 5)), Reason.NO_VOLUME),
    ],
)
def test_thin_data_says_why(rows: FloatArray, reason: Reason) -> None:
    curve = development(rows)
    assert curve.reason is reason
    said = matured([Part(curve, np.array([12.0]), np.array([1]))])
    assert (said.value, said.interval, said.reason) == (12.0, None, reason)
    assert grown(curve, [0, 1, 9]).tolist() == [1, 1, 1]


def test_a_day_younger_than_any_that_was_watched_has_no_range() -> None:
    curve = development(watched(days_known(seed=1)))
    said = matured([Part(curve, np.array([12.0]), np.array([0]))])
    assert said.reason is Reason.TOO_YOUNG
    assert grown(curve, [0])[0] == 1


def test_a_handful_of_results_gets_no_range() -> None:
    curve = development(watched(days_known(seed=1, size=2)))
    said = matured([Part(curve, np.array([0.0]), np.array([1]))])
    assert (said.value, said.reason) == (0.0, Reason.TOO_SPARSE)


def test_a_ratio_matures_by_both_of_its_parts() -> None:
    curve = development(watched(days_known(seed=1)))
    results = matured([Part(curve, np.array([60.0]), np.array([1]))])
    spend = matured([], final=300.0)
    cost = ratio_of(spend, results)
    assert results.interval is not None
    assert cost.interval is not None
    assert cost.known == 5.0
    assert cost.value == pytest.approx(300 / results.value)
    assert cost.interval.low == pytest.approx(300 / results.interval.high, rel=0.05)
    assert ratio_of(results, matured([], final=0)).reason is Reason.NO_VOLUME


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-6, 1e9))
def test_another_unit_changes_nothing_but_the_unit(seed: int, scale: float) -> None:
    known = watched(days_known(seed=seed, days=50))
    one, other = development(known), development(known * scale)
    assert other.factor == pytest.approx(one.factor)
    assert other.settled == one.settled
    ages = np.arange(1, 20)
    here = matured([Part(one, np.full(19, 30.0), ages)])
    there = matured([Part(other, np.full(19, 30.0 * scale), ages)])
    assert there.value == pytest.approx(here.value * scale)
    assert here.interval is not None
    assert there.interval is not None
    assert there.interval.low == pytest.approx(here.interval.low * scale)
    assert there.interval.high == pytest.approx(here.interval.high * scale)
    converted = matured([Part(one.in_units(scale), np.full(19, 30.0 * scale), ages)])
    assert converted.interval is not None
    assert converted.interval.high == pytest.approx(there.interval.high)


@settings(deadline=None, max_examples=150)
@given(
    rows=st.lists(
        st.lists(st.one_of(st.none(), AMOUNTS), min_size=6, max_size=6),
        min_size=1,
        max_size=40,
    ),
    known=st.lists(AMOUNTS, min_size=1, max_size=8),
)
def test_whatever_comes_in_nothing_is_negative_and_ranges_hold_their_middle(
    rows: list[list[float | None]], known: list[float]
) -> None:
    curve = development(np.array(rows, dtype=np.float64))
    ages = np.arange(len(known)) % 7
    said = matured([Part(curve, np.array(known), ages)])
    assert said.value >= 0
    assert np.isfinite(said.value)
    assert (said.interval is None) == (said.reason is not None)
    if said.interval is not None:
        assert 0 <= said.interval.low <= said.value <= said.interval.high
        assert not curve.only_grows or said.interval.low >= min(said.known, said.value) * (1 - 1e-9)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000))
def test_a_measure_that_only_grows_has_a_rising_share_and_is_never_made_smaller(seed: int) -> None:
    curve = development(watched(days_known(seed=seed, days=60)))
    assert curve.only_grows
    assert (np.diff(curve.share[curve.first :]) >= -1e-12).all()
    assert (curve.applied >= 1).all()
