"""Response curves: planted truth is found, thin data is refused, units do not matter."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.response import Experiment, Market, fit_response
from analytics.response.baseline import metric_of
from analytics.results import Reason
from bench._media import Truth, simulated

SEED = 1
MARKETS = (501, 502, 503, 504, 505, 506)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return simulated(501)


def shifted(market: Market, **changes: object) -> Market:
    return replace(market, **changes)  # type: ignore[arg-type]


@pytest.mark.feature("2.6")
def test_planted_contributions_and_returns_are_found() -> None:
    held, errors = [], []
    for seed in MARKETS:
        truth = simulated(seed)
        fit = fit_response(truth.market, seed=SEED)
        found = np.array([channel.contribution for channel in fit.channels])
        errors.append(np.abs(found - truth.contribution).sum() / truth.contribution.sum())
        held += [
            channel.roi_80 is not None and not channel.roi_80.excludes(float(roi))
            for channel, roi in zip(fit.channels, truth.roi, strict=True)
        ]
    assert np.mean(errors) < 0.30
    assert 0.65 <= np.mean(held) <= 0.97


def test_spend_that_brings_nothing_is_given_little(truth: Truth) -> None:
    """The control: the same weeks with a result that knows nothing of spend."""
    random = np.random.default_rng(3)
    flat = 1e6 * (1 + 0.02 * random.normal(size=len(truth.market.result)))
    fit = fit_response(shifted(truth.market, result=flat), seed=SEED)
    told = sum(channel.contribution or 0.0 for channel in fit.channels) / flat.sum()
    real = truth.contribution.sum() / truth.market.result.sum()
    assert told < 0.15
    assert told < real


def test_contributions_and_baseline_sum_to_the_result(truth: Truth) -> None:
    fit = fit_response(truth.market, seed=SEED)
    total = sum(channel.contribution or 0.0 for channel in fit.channels)
    assert fit.baseline is not None
    assert fit.baseline + total == pytest.approx(truth.market.result.sum())
    assert fit.weekly is not None
    assert fit.weekly.sum() == pytest.approx(total)


def test_the_same_seed_gives_the_same_bytes_and_chains_agree(truth: Truth) -> None:
    first, again = (fit_response(truth.market, seed=SEED) for _ in range(2))
    assert first.channels == again.channels
    assert first.quality is not None
    assert first.quality.rhat < 1.1


def test_another_seed_changes_little(truth: Truth) -> None:
    first, other = (fit_response(truth.market, seed=seed) for seed in (1, 2))
    for a, b in zip(first.channels, other.channels, strict=True):
        assert a.roi == pytest.approx(b.roi, rel=0.1)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_units_do_not_matter(truth: Truth, unit: float) -> None:
    market = truth.market
    plain = fit_response(shifted(market, money=False), seed=SEED)
    scaled = shifted(market, result=market.result * unit, money=False)
    for a, b in zip(plain.channels, fit_response(scaled, seed=SEED).channels, strict=True):
        assert b.contribution == pytest.approx((a.contribution or 0) * unit, rel=1e-6)
    both = shifted(market, result=market.result * unit, spend=market.spend * unit)
    same = fit_response(market, seed=SEED)
    for a, b in zip(same.channels, fit_response(both, seed=SEED).channels, strict=True):
        assert b.roi == pytest.approx(a.roi, rel=1e-6)
        assert b.half_saturation == pytest.approx((a.half_saturation or 0) * unit, rel=1e-6)


def test_an_experiment_draws_its_channel_to_what_it_measured(truth: Truth) -> None:
    name = truth.market.names[0]
    before = fit_response(truth.market, seed=SEED).channels[0]
    wanted = 2.5 * (before.roi or 1.0)
    told = {name: Experiment(wanted, 0.02 * wanted)}
    after = fit_response(truth.market, seed=SEED, experiments=told).channels[0]
    vague = {name: Experiment(wanted, 50 * wanted)}
    hardly = fit_response(truth.market, seed=SEED, experiments=vague).channels[0]
    assert after.roi == pytest.approx(wanted, rel=0.15)
    assert hardly.roi == pytest.approx(before.roi, rel=0.1)
    assert after.roi_80 is not None
    assert before.roi_80 is not None
    assert after.roi_80.high - after.roi_80.low < before.roi_80.high - before.roi_80.low


def test_too_few_weeks_are_refused(truth: Truth) -> None:
    market = truth.market
    short = shifted(
        market, spend=market.spend[:51], result=market.result[:51], controls=market.controls[:51]
    )
    fit = fit_response(short, seed=SEED)
    assert fit.reason is Reason.TOO_FEW_WEEKS
    assert fit.curves is None
    assert {channel.reason for channel in fit.channels} == {Reason.TOO_FEW_WEEKS}


def test_without_any_result_nothing_is_said(truth: Truth) -> None:
    nothing = shifted(truth.market, result=np.zeros(len(truth.market.result)))
    assert fit_response(nothing, seed=SEED).reason is Reason.NO_VOLUME


def test_steady_and_absent_spend_is_left_out_with_its_reason(truth: Truth) -> None:
    spend = truth.market.spend.copy()
    spend[:, 0], spend[:, 1] = 1000.0, 0.0
    fit = fit_response(shifted(truth.market, spend=spend), seed=SEED)
    assert fit.channels[0].reason is Reason.SPEND_TOO_STEADY
    assert fit.channels[1].reason is Reason.NO_SPEND
    assert fit.channels[0].roi is None
    assert fit.channels[2].roi is not None
    assert fit.curves is not None
    assert fit.curves.names == truth.market.names[2:]


def test_when_no_channel_varied_there_is_no_fit(truth: Truth) -> None:
    spend = np.full_like(truth.market.spend, 1000.0)
    fit = fit_response(shifted(truth.market, spend=spend), seed=SEED)
    assert fit.reason is Reason.SPEND_TOO_STEADY


def test_channels_that_move_together_are_named(truth: Truth) -> None:
    spend = truth.market.spend.copy()
    spend[:, 1] = 2 * spend[:, 0]
    fit = fit_response(shifted(truth.market, spend=spend), seed=SEED)
    first, second = fit.channels[:2]
    assert first.reason is second.reason is Reason.COLLINEAR
    assert first.moves_with == (second.name,)
    assert fit.channels[2].reason is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"spend": np.zeros((3, 1))},
        {"names": ("a", "a", "b")},
        {"spend": -np.ones((60, 3))},
        {"result": np.full(60, np.nan)},
    ],
)
def test_input_that_cannot_be_right_is_refused(wrong: dict[str, object]) -> None:
    right = Market(("a", "b", "c"), np.ones((60, 3)), np.ones(60), np.zeros((60, 0)))
    with pytest.raises(ValueError, match=r"need|twice|missing|negative"):
        shifted(right, **wrong)


def test_a_standard_error_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="standard error"):
        Experiment(1.0, 0.0)


def test_noise_that_remembers_is_noticed() -> None:
    random = np.random.default_rng(2)
    noise = random.normal(size=156)
    for week in range(1, 156):
        noise[week] += 0.7 * noise[week - 1]
    spend = random.lognormal(size=(156, 2))
    quiet, loud = (
        metric_of(Market(("a", "b"), spend, 1 + 0.03 * some, np.zeros((156, 0))), 1 + 0.03 * some)
        for some in (random.normal(size=156), noise)
    )
    assert loud.memory > 0.4 > quiet.memory
