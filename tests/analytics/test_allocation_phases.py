"""Scenarios and phased budgets: carry-over counts, and what is stored is enough."""

import json

import numpy as np
import pytest

from analytics.allocation import PhaseBudget, Rules, phased_plan, scenario
from analytics.response import curves_restored, curves_stored, named_row
from tests.analytics.test_allocation_split import curves_of


def test_a_scenario_needs_only_what_is_stored() -> None:
    curves = curves_of(1, 4, draws=50)
    again = curves_restored(json.loads(json.dumps(curves_stored(curves))))
    spend = dict(zip(curves.names, (1.2 * curves.current).tolist(), strict=True))
    assert scenario(curves, spend) == scenario(again, spend)


def test_a_scenario_at_todays_spend_changes_nothing() -> None:
    curves = curves_of(1, 4)
    today = dict(zip(curves.names, curves.current.tolist(), strict=True))
    told = scenario(curves, today)
    assert told.change == pytest.approx(0)
    assert told.result == pytest.approx(sum(told.by_channel.values()))
    assert not told.beyond


def test_more_spend_never_brings_less_and_far_spend_is_flagged() -> None:
    curves = curves_of(2, 3)
    told = [
        scenario(curves, dict(zip(curves.names, (f * curves.current).tolist(), strict=True)))
        for f in (0.0, 0.5, 1.0, 3.0)
    ]
    assert [one.result for one in told] == sorted(one.result for one in told)
    assert told[0].result == 0
    assert told[-1].beyond == curves.names


@pytest.mark.parametrize("wrong", [{"c0": 1.0}, {"c0": -1.0, "c1": 1.0}, {"c0": 1.0, "x": 1.0}])
def test_a_scenario_of_other_channels_or_below_zero_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"needed|negative"):
        scenario(curves_of(1, 2), wrong)


def test_weekly_response_builds_up_to_the_steady_state() -> None:
    curves = curves_of(3, 3)
    plan = np.tile(curves.current, (300, 1))
    weekly = curves.weekly(plan)
    steady = curves.steady(curves.current)
    assert (np.diff(weekly, axis=0) >= -1e-9).all()
    assert (weekly[0] <= steady).all()
    assert weekly[-1] == pytest.approx(steady)
    warm = curves.weekly(plan[:1], curves.carried(plan))
    assert warm[0] == pytest.approx(steady)


def test_marginal_returns_are_the_slope_of_the_curve() -> None:
    curves = curves_of(4, 4)
    spend, step = 0.8 * curves.current, 1e-4 * curves.current
    rise = (curves.steady(spend + step) - curves.steady(spend - step)) / (2 * step)
    assert curves.marginal(spend) == pytest.approx(rise, rel=1e-4)


def test_phases_keep_their_budgets_and_bounds() -> None:
    curves = curves_of(5, 4)
    today = float(curves.current.sum())
    budgets = [round(f * today, 2) for f in (0.9, 1.3, 1.0)]
    rules = Rules(max_shift=0.5)
    plan = phased_plan(curves, [PhaseBudget(4, budget, rules) for budget in budgets])
    for phase, budget in zip(plan.phases, budgets, strict=True):
        row = named_row(curves.names, phase.allocation)
        assert round(100 * row.sum()) == round(100 * budget)
        assert (np.abs(row / curves.current - 1) <= 0.5 + 1e-3).all()
    assert plan.total == pytest.approx(sum(p.result for p in plan.phases) + plan.afterwards)


def test_a_phased_plan_beats_todays_mix_and_counts_what_is_carried() -> None:
    curves = curves_of(9, 4)
    today = round(float(curves.current.sum()), 2)
    phases = [PhaseBudget(3, today), PhaseBudget(3, today)]
    plan = phased_plan(curves, phases)
    weeks = np.concatenate([np.tile(curves.current, (6, 1)), np.zeros((13, 4))])
    mix = curves.weekly(weeks).sum(axis=(0, 2)).mean()
    assert plan.total > mix
    carried = curves.carried(np.tile(curves.current, (50, 1)))
    assert phased_plan(curves, phases, carried).total > plan.total
    assert plan.afterwards > 0


@pytest.mark.parametrize("phases", [[], [PhaseBudget(0, 100.0)]])
def test_a_plan_without_weeks_is_refused(phases: list[PhaseBudget]) -> None:
    with pytest.raises(ValueError, match="at least one week"):
        phased_plan(curves_of(1, 2), phases)
