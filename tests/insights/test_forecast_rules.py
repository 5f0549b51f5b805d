"""What forecasts are made from, and what sliders make of them: pure rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.arrays import FloatArray
from insights.rules.forecast_run import Series, Settings, blocks
from insights.rules.forecast_series import (
    Line,
    MonthPlan,
    laid_out,
    latest_week,
    planned_days,
    running_days,
    usual_spend,
)
from insights.rules.what_if import LIMITS, Ahead, Turned

DAYS = np.arange(1000, 1070)
LINE = Line(1, 1, 1, 1, (1,), is_stopped=False, starts=None, ends=None)


def test_a_missing_row_is_zero_where_the_source_came_and_unknown_where_it_did_not() -> None:
    cells = [(1, 7, 1000, 5.0), (1, 7, 1002, None), (2, 7, 1001, 3.0), (2, 7, 1003, 4.0)]
    found = laid_out(cells, {7: {1000, 1001, 1002, 1003}}, [1, 2, 3], np.arange(1000, 1005))
    np.testing.assert_array_equal(found[0], [5.0, 0.0, np.nan, 0.0, np.nan])
    np.testing.assert_array_equal(found[1], [np.nan, 3.0, 0.0, 4.0, np.nan])
    assert np.isnan(found[2]).all()


def test_a_line_runs_between_its_days_unless_it_is_stopped() -> None:
    lines = [
        LINE,
        replace(LINE, ends=1072),
        replace(LINE, starts=1074),
        replace(LINE, is_stopped=True),
    ]
    runs = running_days(lines, 1070, 6)
    assert runs.sum(axis=1).tolist() == [6, 3, 2, 0]


def test_what_is_left_of_a_plan_is_spread_over_the_rest_of_the_flight() -> None:
    spend = np.full((1, 70), 10.0)
    plans = [MonthPlan(1, 1060, 1079, 300.0), MonthPlan(1, 1080, 1089, 80.0)]
    ahead = planned_days([replace(LINE, ends=1084)], plans, spend, DAYS, 20)
    # 300 less the 100 spent, over ten days; then 80 over the five days until the flight ends,
    # but at most half as much again as lately.
    assert ahead[0, :10].tolist() == [15.0] * 10
    assert ahead[0, 10:15].tolist() == [15.0] * 5
    assert np.isnan(ahead[0, 15:]).all()
    assert np.isnan(planned_days([LINE], [], spend, DAYS, 20)).all()


def test_latest_week_counts_an_unknown_day_as_the_others_and_needs_four() -> None:
    values = np.full((2, 70), 6.0)
    values[0, -1] = np.nan
    values[1, -4:] = np.nan
    found = latest_week(values)
    assert found[0] == 42
    assert np.isnan(found[1])
    assert usual_spend(np.zeros((1, 70)))[0] != usual_spend(np.zeros((1, 70)))[0]


def told(planned: FloatArray, *, runs: bool = True) -> dict[str, float]:
    rng = np.random.default_rng(1)
    spend = 100 + rng.normal(0, 5, (1, 70))
    series = Series(
        days=DAYS,
        values={"spend": spend, "clicks": spend * 2},
        running=np.full((1, 30), runs),
        planned=planned,
        kept=np.array([True]),
        lines=[1],
        levels={"company": [("company", np.array([0]))]},
    )
    found = blocks(series, [], Settings(trees=False))
    return {one.metric: float(one.running.mean[0, 29]) for one in found if one.level == "line"}


def test_spend_moves_halfway_to_the_plan_and_the_others_follow() -> None:
    without = told(np.full((1, 30), np.nan))
    less = told(np.full((1, 30), 50.0))
    assert without["spend"] == pytest.approx(3000, rel=0.05)
    assert less["spend"] == pytest.approx((without["spend"] + 1500) / 2, rel=0.01)
    assert less["clicks"] < 0.9 * without["clicks"]
    assert told(np.full((1, 30), np.nan), runs=False) == {"spend": 0.0, "clicks": 0.0}


shares = st.fixed_dictionaries({name: st.floats(low, high) for name, (low, high) in LIMITS.items()})


@pytest.mark.feature("5.9")
@given(asked=shares)
def test_a_turned_forecast_keeps_its_ranges_in_order_and_its_identities(
    asked: dict[str, float],
) -> None:
    turned, ahead = Turned.within(**asked), Ahead(100.0, 80.0, 120.0, 60.0, 150.0)
    for measures in (("spend",), ("clicks",), ("revenue",), ("spend", "conversions")):
        after = ahead.turned(turned, measures)
        values = (after.lo95, after.lo80, after.value, after.hi80, after.hi95)
        known = [one for one in values if one is not None]
        assert len(known) == 5
        assert known == sorted(known)
        assert known[0] >= 0
    cpc = turned.of_metric(("spend", "clicks"))
    assert turned.factor("clicks") * cpc == pytest.approx(turned.factor("spend"))


@pytest.mark.feature("5.9")
def test_each_slider_does_what_it_says() -> None:
    assert Turned().is_nothing
    assert Turned().factor("revenue") == 1
    assert Turned(budget=0.2).factor("spend") == pytest.approx(1.2)
    assert 1 < Turned(budget=0.2).factor("clicks") < 1.2
    assert Turned(cpc=0.25).factor("clicks") == pytest.approx(0.8)
    assert Turned(cvr=0.1).factor("clicks") == 1
    assert Turned(cvr=0.1).factor("revenue") == pytest.approx(1.1)
    assert Turned.within(budget=9, cpc=-9, cvr=0).budget == LIMITS["budget"][1]
