"""What the next unit returns is read from a line's own ups and downs, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from analytics.arrays import FloatArray
from analytics.daily import DailyRatio
from analytics.marginal import PRIOR_MEAN, elasticities
from analytics.results import Elasticity, Reason
from tests.analytics.simulate import days, noise, weekly
from tests.analytics.test_trend import real_campaign

COUNT = 182


def lines(
    seed: int, elasticity: float, *, series: int = 40, wander: float = 0.25, sd: float = 0.2
) -> tuple[FloatArray, FloatArray]:
    """Return and spend of lines that all answer to spend with the same elasticity."""
    rng = np.random.default_rng(seed)
    nudges = np.repeat(noise(rng, (series, 26), wander, 0.6), 7, axis=1)
    spend = 100 * np.exp(nudges + rng.normal(0, 0.05, (series, COUNT)))
    luck = noise(rng, (series, COUNT), sd, 0.4)
    return 4 * weekly(COUNT) * 100 * (spend / 100) ** elasticity * np.exp(luck), spend


def one(top: FloatArray, bottom: FloatArray) -> Elasticity:
    return elasticities(DailyRatio(top, bottom, days(len(top))))[0]


@pytest.mark.parametrize("truth", [0.35, 0.6, 0.9])
def test_the_interval_holds_the_truth(truth: float) -> None:
    answers = elasticities(DailyRatio(*lines(1, truth), days(COUNT)))
    measured = np.array([a.measured for a in answers])
    errors = np.array([a.standard_error for a in answers])
    assert measured.mean() == pytest.approx(truth, abs=0.06)
    assert 0.7 < np.mean(np.abs(measured - truth) < 1.28 * errors) <= 1.0
    held = [a.interval is not None and not a.interval.excludes(truth) for a in answers]
    assert np.mean(held) >= 0.7


def test_regressing_without_the_season_would_be_fooled() -> None:
    """Budgets follow demand: the season must not be credited to spend."""
    top, spend = lines(2, 0.5, series=12, wander=0.2)
    season = 0.5 * np.sin(2 * np.pi * np.arange(COUNT) / 60)
    spend *= np.exp(0.4 * season)
    top *= np.exp(season * (1 + 0.4 * 0.5))
    together = elasticities(DailyRatio(top, spend, days(COUNT)))
    alone = [one(t, s) for t, s in zip(top, spend, strict=True)]
    assert np.mean([a.measured for a in together if a.measured]) == pytest.approx(0.5, abs=0.12)
    # The control: a line without neighbours has no way to tell season from spend.
    assert np.mean([a.measured for a in alone if a.measured]) > 0.62


def test_thin_evidence_leans_on_the_prior() -> None:
    loud = elasticities(DailyRatio(*lines(3, 0.2, sd=0.1), days(COUNT)))
    quiet = elasticities(DailyRatio(*lines(3, 0.2, wander=0.08, sd=0.3), days(COUNT)))
    strong = np.mean([a.weight for a in loud])
    weak = np.mean([a.weight for a in quiet if a.reason is None])
    assert strong > 0.8 > 0.5 > weak
    for answer in (*loud, *quiet):
        if answer.measured is not None and answer.value is not None:
            near, far = sorted((max(answer.measured, 0.0), PRIOR_MEAN))
            assert near - 1e-9 <= answer.value <= min(far, 1.0) + 1e-9


def test_units_change_nothing() -> None:
    top, spend = lines(4, 0.6, series=1)
    plain, micros = one(top[0], spend[0]), one(top[0] * 1e6, spend[0] * 1e3)
    assert micros.value == pytest.approx(plain.value)
    assert micros.standard_error == pytest.approx(plain.standard_error)


def test_rare_returns_are_compared_by_the_week() -> None:
    rng = np.random.default_rng(5)
    top, spend = lines(5, 0.6, series=1, sd=0.05)
    orders = rng.poisson(top[0] / 300).astype(float)
    assert (orders == 0).mean() > 0.1
    answer = one(orders, spend[0])
    assert answer.reason is None
    assert answer.value == pytest.approx(0.6, abs=0.25)


def test_more_than_proportional_is_not_believed() -> None:
    top, spend = lines(6, 1.5, series=1, sd=0.05)
    answer = one(top[0], spend[0])
    assert answer.measured is not None
    assert answer.measured > 1.2
    assert answer.value == 1.0


def test_thin_data_say_so() -> None:
    top, spend = lines(7, 0.6, series=1)
    top, spend = top[0], spend[0]
    steady = np.full(COUNT, 100.0)
    assert one(top, steady).reason is Reason.SPEND_TOO_STEADY
    assert one(top[-40:], spend[-40:]).reason is Reason.TOO_FEW_WEEKS
    assert one(top, np.zeros(COUNT)).reason is Reason.NO_SPEND
    assert one(np.full(COUNT, np.nan), np.full(COUNT, np.nan)).reason is Reason.NO_SPEND
    stopped = spend.copy()
    stopped[-28:] = 0
    assert one(top, stopped).reason is Reason.NO_SPEND
    rng = np.random.default_rng(7)
    wild = 400 * np.exp(noise(rng, (1, COUNT), 4.0, 0.8))[0]
    assert one(wild, 100 * np.exp(rng.normal(0, 0.16, COUNT))).reason is Reason.RETURN_TOO_NOISY


def test_real_campaigns_answer_less_than_proportionally_in_conversions(shared_data: Path) -> None:
    first = elasticities(real_campaign(shared_data, "camp 1", "post_click_conversions"))[0]
    third = elasticities(real_campaign(shared_data, "camp 3", "post_click_conversions"))[0]
    for answer in (first, third):
        assert answer.interval is not None
        assert 0.4 < answer.interval.low < answer.interval.high < 0.85
