"""Factors, bandits, other policies, held-out groups, sizes: each against a known truth."""

import numpy as np
import pytest

from analytics.experiments import (
    Moments,
    factor_effects,
    holdout_lift,
    minimum_detectable,
    normal_power,
    off_policy,
    proportion_moments,
    size_unpooled,
    t_test_power,
    thompson_shares,
    thompson_shares_of_means,
)
from analytics.experiments.factorial import Cell
from analytics.results import Reason


@pytest.mark.feature("7.4")
def test_factors_and_their_interaction() -> None:
    means = {("red", "a"): 10.0, ("blue", "a"): 11.0, ("red", "b"): 12.0, ("blue", "b"): 16.0}
    cells: dict[Cell, Moments] = {cell: Moments(1000, mean, 4.0) for cell, mean in means.items()}
    found = {
        effect.levels: effect
        for effect in factor_effects({"colour": ["red", "blue"], "text": ["a", "b"]}, cells)
    }
    colour, text = found[("colour", "blue"),], found[("text", "b"),]
    both = found[("colour", "blue"), ("text", "b")]
    assert colour.difference.estimate == pytest.approx(2.5)
    assert text.difference.estimate == pytest.approx(3.5)
    assert both.difference.estimate == pytest.approx(3.0)
    assert both.difference.standard_error == pytest.approx(np.sqrt(4 * 4.0 / 1000))
    assert colour.difference.standard_error == pytest.approx(np.sqrt(4 * 4.0 / 1000) / 2)
    assert both.p >= both.difference.p


def test_a_grid_of_three_by_two_by_two() -> None:
    factors = {"x": ["0", "1", "2"], "y": ["0", "1"], "z": ["0", "1"]}
    cells: dict[Cell, Moments] = {
        (x, y, z): Moments(500, int(x) + 2 * int(y) + 3 * int(x) * int(z), 1.0)
        for x in factors["x"]
        for y in factors["y"]
        for z in factors["z"]
    }
    found = {effect.levels: effect.difference.estimate for effect in factor_effects(factors, cells)}
    assert found[("x", "2"),] == pytest.approx(2 + 3)
    assert found[("y", "1"),] == pytest.approx(2)
    assert found[("x", "2"), ("z", "1")] == pytest.approx(6)
    assert found[("x", "1"), ("y", "1")] == pytest.approx(0)
    assert len(found) == 4 + 2 + 2 + 1
    del cells["2", "1", "1"]
    with pytest.raises(ValueError, match="no arm has 2 and 1 and 1"):
        factor_effects(factors, cells)


def test_interactions_that_are_not_there_are_rarely_found() -> None:
    generator = np.random.default_rng(3)
    factors = {"x": ["0", "1"], "y": ["0", "1"], "z": ["0", "1"]}
    false = 0
    for _ in range(400):
        cells: dict[Cell, Moments] = {
            (x, y, z): Moments(400, generator.normal(5, 0.05), 1.0)
            for x in "01"
            for y in "01"
            for z in "01"
        }
        false += any(effect.p < 0.05 for effect in factor_effects(factors, cells))
    assert false / 400 < 0.08


def test_shares_follow_the_better_arm_and_keep_a_floor() -> None:
    shares = thompson_shares([30, 60, 45], [1000, 1000, 1000], seed=4, floor=0.05)
    assert shares.sum() == pytest.approx(1)
    assert shares.argmax() == 1
    assert shares.min() >= 0.05
    assert (shares == thompson_shares([30, 60, 45], [1000, 1000, 1000], seed=4, floor=0.05)).all()
    even = thompson_shares([0, 0], [0, 0], seed=4)
    assert even == pytest.approx([0.5, 0.5], abs=0.02)
    means = Moments(np.array([100.0, 100.0]), np.array([5.0, 6.0]), np.array([1.0, 1.0]))
    assert thompson_shares_of_means(means, seed=4)[1] > 0.99
    with pytest.raises(ValueError, match="more than the whole"):
        thompson_shares([1, 1], [2, 2], seed=4, floor=0.6)


def test_a_bandit_earns_more_than_an_even_split() -> None:
    generator = np.random.default_rng(9)
    rates = np.array([0.03, 0.05, 0.04])
    wins, n = np.zeros(3), np.zeros(3)
    for day in range(40):
        shares = thompson_shares(wins, n, seed=day, floor=0.02)
        sent = generator.multinomial(500, shares)
        wins += generator.binomial(sent, rates)
        n += sent
    assert n.argmax() == 1
    assert wins.sum() > 1.05 * rates.mean() * n.sum()


def test_another_policy_is_valued_from_the_log() -> None:
    generator = np.random.default_rng(5)
    size, actions = 20_000, 3
    context = generator.random(size)
    truth = np.stack([0.2 + 0 * context, 0.1 + 0.4 * context, 0.5 - 0.4 * context])
    logged = np.array([0.5, 0.3, 0.2])
    taken = generator.choice(actions, size, p=logged)
    reward = generator.binomial(1, truth[taken, np.arange(size)]).astype(float)
    wanted = np.where(context > 0.5, 1, 2)
    target = np.where(taken == wanted, 0.9, 0.05)
    mix = np.full((actions, size), 0.05)
    mix[wanted, np.arange(size)] = 0.9
    value = float((mix * truth).sum(axis=0).mean())
    # The model of rewards is wrong on purpose: doubly robust must not need it to be right.
    model = truth * 0.7 + 0.05
    found = off_policy(
        reward,
        logged[taken],
        target,
        expected=model[taken, np.arange(size)],
        expected_target=(mix * model).sum(axis=0),
    )
    assert found.doubly_robust is not None
    for estimate in (found.inverse_propensity, found.self_normalised, found.doubly_robust):
        assert estimate.interval is not None
        assert estimate.interval.low < value < estimate.interval.high
        assert estimate.effective < size
    naive = float(reward.mean())
    assert not found.self_normalised.interval.low < naive  # type: ignore[union-attr]


def test_a_policy_that_the_log_hardly_knows_is_not_valued() -> None:
    found = off_policy(np.ones(200), np.full(200, 0.5), np.r_[np.ones(20), np.zeros(180)])
    assert found.inverse_propensity.reason is Reason.TOO_FEW_UNITS
    assert found.inverse_propensity.value is None
    assert off_policy([1.0, 0.0], [0.5, 0.5], [0.0, 0.0]).self_normalised.effective == 0
    with pytest.raises(ValueError, match="propensity"):
        off_policy([1.0], [0.0], [1.0])
    with pytest.raises(ValueError, match="outside 0 to 1"):
        off_policy([1.0], [0.5], [1.5])


def test_what_a_campaign_added() -> None:
    found = holdout_lift(
        proportion_moments(200, 10_000), proportion_moments(2700, 90_000), spend=9000
    )
    assert found.added == pytest.approx(900)
    assert found.relative == pytest.approx(0.5)
    assert found.cost_per_added == pytest.approx(10)
    assert found.cost_interval is not None
    assert found.cost_interval.low < 10 < found.cost_interval.high
    assert (found.n_held_out, found.n_treated) == (10_000, 90_000)
    unclear = holdout_lift(
        proportion_moments(200, 10_000), proportion_moments(1810, 90_000), spend=9000
    )
    assert unclear.cost_per_added is None
    none = holdout_lift(proportion_moments(0, 10_000), proportion_moments(40, 10_000))
    assert (none.relative, none.reason) == (None, Reason.NO_BASE)


def test_a_size_has_the_power_it_promises() -> None:
    n = float(size_unpooled(0.1, 0.015))
    generator = np.random.default_rng(7)
    x, y = (generator.binomial(int(n), share, 4000) / n for share in (0.1, 0.115))
    error = np.sqrt((x * (1 - x) + y * (1 - y)) / n)
    assert float((np.abs(y - x) > 1.96 * error).mean()) == pytest.approx(0.8, abs=0.02)
    truth = np.sqrt((0.1 * 0.9 + 0.115 * 0.885) / n)
    assert normal_power(0.015, truth) == pytest.approx(0.8, abs=1e-4)
    assert minimum_detectable(truth, critical=1.959964) == pytest.approx(0.015, rel=1e-4)
    assert t_test_power(0.0, 50) == pytest.approx(0.05, rel=1e-6)
