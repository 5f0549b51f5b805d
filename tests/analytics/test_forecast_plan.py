"""Planned spend shapes the days to come."""

import numpy as np

from analytics.arrays import FloatArray
from analytics.forecast import Panel, forecast
from analytics.results import Reason
from tests.analytics.series import counts, panel

SEEN, AHEAD = 120, 28


def paid(seed: int, elasticity: float) -> tuple[FloatArray, FloatArray]:
    """Spend that changes its level every two weeks, and what it brings, both (S, D)."""
    rng = np.random.default_rng(seed)
    weeks = np.repeat(np.exp(rng.normal(4, 0.6, (5, 11))), 14, axis=1)[:, : SEEN + AHEAD]
    spend = weeks * np.exp(rng.normal(0, 0.1, weeks.shape))
    return spend, rng.poisson(6 * spend**elasticity).astype(np.float64)


def errors(elasticity: float) -> tuple[float, float]:
    """Error of the four weeks' sums, as a share, without and with the plan."""
    found = []
    for planned in (False, True):
        off = total = 0.0
        for seed in range(6):
            spend, result = paid(seed, elasticity)
            plan: Panel | None = panel(spend) if planned else None
            told = forecast(panel(result[:, :SEEN]), AHEAD, plan=plan).series.mean
            off += np.abs(told.sum(axis=1) - result[:, SEEN:].sum(axis=1)).sum()
            total += result[:, SEEN:].sum()
        found.append(off / total)
    return found[0], found[1]


def test_a_plan_makes_forecasts_much_closer() -> None:
    without, planned = errors(1.0)
    assert planned < 0.18
    assert planned < 0.4 * without


def test_returns_that_diminish_are_followed_too() -> None:
    without, planned = errors(0.5)
    assert planned < 0.15
    assert planned < 0.6 * without


def test_nothing_planned_brings_what_days_without_spend_brought() -> None:
    spend, result = paid(1, 1.0)
    spend[0, 60:70] = spend[0, SEEN:] = 0
    result[0, 60:70] = 3
    told = forecast(panel(result[:, :SEEN]), AHEAD, plan=panel(spend)).series
    np.testing.assert_allclose(told.mean[0] / told.mean[0].mean(), 1)
    assert told.mean[0].mean() < 10


def test_a_planned_restart_ends_a_pause() -> None:
    spend, result = paid(2, 1.0)
    spend[0, SEEN - 7 : SEEN] = result[0, SEEN - 7 : SEEN] = 0
    without = forecast(panel(result[:, :SEEN]), AHEAD).series
    planned = forecast(panel(result[:, :SEEN]), AHEAD, plan=panel(spend)).series
    assert without.reason[0] == Reason.PAUSED
    assert without.mean[0].sum() == 0
    assert planned.reason[0] is None
    assert planned.mean[0].sum() > 0.5 * result[0, SEEN:].sum()


def test_a_plan_without_spend_behind_it_is_left_aside_and_said_so() -> None:
    values = counts(3)
    known = panel(values)
    ahead = np.full((len(values), AHEAD), 50.0)
    plan = Panel(known.names, known.days[-1] + 1 + np.arange(AHEAD), ahead)
    told = forecast(known, AHEAD, plan=plan).series
    assert set(told.reason) == {Reason.PLAN_TOO_SHORT}
    np.testing.assert_array_equal(told.mean, forecast(known, AHEAD).series.mean)


def test_days_that_the_plan_leaves_open_are_forecast_without_it() -> None:
    spend, result = paid(4, 1.0)
    spend[0, SEEN + 14 :] = np.nan
    told = forecast(panel(result[:, :SEEN]), AHEAD, plan=panel(spend)).series
    assert (told.mean > 0).all()
    assert np.isfinite(told.mean).all()
