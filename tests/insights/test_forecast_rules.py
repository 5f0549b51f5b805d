"""What forecasts are made from, and what sliders make of them: pure rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecast import origins_of
from insights.rules.forecast_plans import MonthPlan, ahead_of, planned_days
from insights.rules.forecast_run import Series, Settings, blocks
from insights.rules.forecast_series import (
    Line,
    laid_out,
    latest_week,
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


def test_a_plan_is_read_as_what_is_left_as_even_parts_and_as_a_step() -> None:
    spend = np.full((1, 70), 10.0)
    plans = [MonthPlan(1, 1060, 1079, 300.0), MonthPlan(1, 1080, 1089, 80.0)]
    left, even, step = planned_days([replace(LINE, ends=1084)], plans, spend, DAYS, 20)[:, 0]
    # 300 less the 100 spent, over ten days; then 80 over the five days until the flight ends,
    # but at most half as much again as lately.
    assert left[:15].tolist() == [15.0] * 15
    # 300 over the 20 days of its month, and 80 over the five days.
    assert even[:15].tolist() == [15.0] * 10 + [16.0] * 5
    # 10 were spent where 15 were planned.
    assert step[:15] == pytest.approx([10.0] * 10 + [160 / 15] * 5)
    assert np.isnan([left[15:], even[15:], step[15:]]).all()
    assert np.isnan(planned_days([LINE], [], spend, DAYS, 20)).all()


def test_an_earlier_cut_off_knows_what_was_planned_by_then_and_flights_but_no_stop() -> None:
    spend = np.full((1, 70), 10.0)
    plans = [MonthPlan(1, 1030, 1089, 600.0), MonthPlan(1, 1030, 1089, 120.0, since=1040)]
    lines = [replace(LINE, ends=1071, is_stopped=True)]
    ahead = ahead_of(lines, plans, spend, DAYS, 14)
    even = ahead.before[1, :, 0, 0]
    # Ten days apart over 42 days: 600 until the day on which 120 more were planned.
    origins = 1000 + origins_of(70)
    assert even[origins < 1030 - 14].size == 0 or np.isnan(even[origins < 1016]).all()
    assert set(even[(origins >= 1030) & (origins < 1040)].round(6)) == {round(600 / 42, 6)}
    assert set(even[origins >= 1040].round(6)) == {round(720 / 42, 6)}
    assert not ahead.running.any()
    assert ahead.ran[-1, 0].sum() == 1071 - origins[-1]


def test_latest_week_counts_an_unknown_day_as_the_others_and_needs_four() -> None:
    values = np.full((2, 70), 6.0)
    values[0, -1] = np.nan
    values[1, -4:] = np.nan
    found = latest_week(values)
    assert found[0] == 42
    assert np.isnan(found[1])
    assert usual_spend(np.zeros((1, 70)))[0] != usual_spend(np.zeros((1, 70)))[0]


def told(plan: float | None, *, follows: bool = True, stops: bool = False) -> dict[str, float]:
    """Totals of 30 days of a line whose monthly plans of 50 to 150 a day were kept, or were not."""
    rng = np.random.default_rng(1)
    daily = rng.choice([50.0, 100.0, 150.0], 7)
    daily[-1] = 100.0
    days = np.arange(1000, 1210)
    plans = [MonthPlan(1, 1000 + 30 * n, 1029 + 30 * n, 30 * one) for n, one in enumerate(daily)]
    spend = (np.repeat(daily, 30) if follows else 100.0) + rng.normal(0, 5, (1, 210))
    if plan is not None:
        plans.append(MonthPlan(1, 1210, 1239, 30 * plan))
    series = Series(
        days=days,
        values={"spend": spend, "clicks": spend * 2},
        ahead=ahead_of([replace(LINE, is_stopped=stops)], plans, spend, days, 30),
        kept=np.array([True]),
        lines=[1],
        levels={"company": [("company", np.array([0]))]},
    )
    found = blocks(series, [], Settings(trees=False))
    return {one.metric: float(one.running.mean[0, 29]) for one in found if one.level == "line"}


def test_spend_moves_to_the_plan_as_far_as_it_followed_plans_and_the_others_follow() -> None:
    without, less = told(None), told(50.0)
    assert without["spend"] == pytest.approx(3000, rel=0.05)
    assert less["spend"] == pytest.approx(1500, rel=0.15)
    assert less["clicks"] == pytest.approx(2 * less["spend"], rel=0.1)
    # Where plans came and went without a change of spend, the next one changes little.
    assert told(50.0, follows=False)["spend"] == pytest.approx(3000, rel=0.1)
    assert told(None, stops=True) == {"spend": 0.0, "clicks": 0.0}


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
