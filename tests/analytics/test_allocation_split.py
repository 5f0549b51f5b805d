"""Splits of a budget: bounds, cents, optimality, and nothing recommended without a gain."""

import json
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.allocation import (
    Badge,
    InfeasibleBounds,
    Rules,
    optimum,
    returns_of_credits,
    robustness,
)
from analytics.allocation.bounds import box_of
from analytics.allocation.kkt import kkt_check
from analytics.arrays import FloatArray
from analytics.response import Curves, curves_restored, curves_stored, named_row
from analytics.results import Reason


def curves_of(seed: int, channels: int, draws: int = 5, spread: float = 0.2) -> Curves:
    """Random curves, S-shaped ones among them; draws differ by about `spread`."""
    random = np.random.default_rng(seed)
    shape = (draws, channels)
    current = random.lognormal(9, 1, channels)

    def varied(middle: FloatArray) -> FloatArray:
        return middle * random.lognormal(0, spread, shape)

    decay = np.minimum(varied(random.uniform(0, 0.8, channels)), 0.9)
    half = varied(current * random.lognormal(0.5, 0.6, channels)) / (1 - decay)
    slope = varied(random.uniform(0.6, 2.5, channels))
    top = varied(current * random.lognormal(1, 0.7, channels))
    return Curves(
        tuple(f"c{i}" for i in range(channels)), decay, half, slope, top, current, 2 * current
    )


def result(curves: Curves, split: dict[str, float]) -> float:
    return float(curves.steady(named_row(curves.names, split)).mean(axis=0).sum())


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Curves, float, Rules]:
    """Curves with a budget and bounds that some split keeps."""
    channels = draw(st.integers(1, 7))
    curves = curves_of(draw(st.integers(0, 10_000)), channels)
    least = [draw(st.floats(0, 1)) for _ in curves.names]
    most = [low + draw(st.floats(0, 1.5)) for low in least]
    share = draw(st.floats(0, 1))
    factors = dict(zip(curves.names, zip(least, most, strict=True), strict=True))
    low = np.ceil(100 * np.array(least) * curves.current) / 100
    high = np.floor(100 * np.array(most) * curves.current) / 100
    high = np.maximum(high, low)
    widened = {
        name: (float(a / now) - 1e-12, float(b / now) + 1e-12)
        for name, a, b, now in zip(factors, low, high, curves.current, strict=True)
    }
    budget = round(float((low + share * (high - low)).sum()), 2)
    return (
        curves,
        max(budget, 0.01),
        Rules(factors={k: (max(a, 0), b) for k, (a, b) in widened.items()}),
    )


@pytest.mark.feature("2.6")
@settings(max_examples=60, deadline=None)
@given(tasks())
def test_no_split_breaks_a_bound_or_loses_a_cent(task: tuple[Curves, float, Rules]) -> None:
    curves, budget, rules = task
    try:
        box = box_of(curves.names, curves.current, budget, rules)
    except InfeasibleBounds:
        return
    best = optimum(curves, budget, rules)
    for split in (best.best, best.stay, best.allocation):
        row = named_row(curves.names, split)
        assert (row >= box.low - 1e-9).all()
        assert (row <= box.high + 1e-9).all()
        assert sum(round(100 * amount) for amount in row) == round(100 * budget)
    assert result(curves, dict(best.best)) >= result(curves, dict(best.stay)) * (1 - 1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 3))
def test_no_other_split_found_by_chance_is_better(seed: int, factor: float) -> None:
    curves = curves_of(seed, 4)
    budget = round(factor * float(curves.current.sum()), 2)
    best = result(curves, dict(optimum(curves, budget).best))
    tried = np.random.default_rng(seed).dirichlet(np.full(4, 0.7), 3000) * budget
    assert best >= curves.steady(tried).mean(axis=1).sum(axis=1).max() * (1 - 1e-4)


def test_the_conditions_hold_and_fail_for_another_split() -> None:
    curves = curves_of(3, 5)
    budget = round(float(curves.current.sum()), 2)
    best = optimum(curves, budget)
    assert best.kkt.holds
    box = box_of(curves.names, curves.current, budget, Rules())
    even = np.full(5, budget / 5)
    assert not kkt_check(box, even, curves.marginal(even).mean(axis=0)).holds


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_more_budget_never_brings_less(seed: int) -> None:
    curves = curves_of(seed, 4)
    today = float(curves.current.sum())
    brought = [
        result(curves, dict(optimum(curves, round(today * f, 2)).best)) for f in (0.5, 1, 1.5, 2)
    ]
    assert brought == sorted(brought)


@pytest.mark.parametrize("unit", [1e-1, 1e3])
def test_another_currency_gives_the_same_split(unit: float) -> None:
    curves = curves_of(8, 5)
    told = curves_stored(curves)
    for part in ("half", "top", "current", "most"):
        told[part] = (unit * np.array(told[part])).tolist()
    budget = round(float(curves.current.sum()), 1)
    here = optimum(curves, budget, Rules(max_shift=0.3))
    there = optimum(curves_restored(told), round(unit * budget, 2), Rules(max_shift=0.3))
    for name in curves.names:
        assert there.best[name] == pytest.approx(unit * here.best[name], rel=1e-3, abs=unit)
    assert there.recommend == here.recommend


def test_each_kind_of_limit_is_kept_and_named() -> None:
    curves = curves_of(4, 3)
    today = dict(zip(curves.names, curves.current.tolist(), strict=True))
    budget = round(float(curves.current.sum()), 2)
    rules = Rules(factors={"c0": (1.0, 1.05)}, committed={"c1": 1.2 * today["c1"]}, max_shift=0.5)
    best = optimum(curves, budget, rules)
    assert best.best["c0"] <= 1.05 * today["c0"] + 0.01
    assert best.best["c1"] >= 1.2 * today["c1"] - 0.01
    assert 0.5 * today["c2"] - 0.01 <= best.best["c2"] <= 1.5 * today["c2"] + 0.01
    named = {bound.constraint for bound in best.binding if bound.channel}
    assert named <= {
        "lower bound 1 of today",
        "upper bound 1.05 of today",
        "committed",
        "maximum shift",
    }
    assert named
    worth = [bound.worth for bound in best.binding]
    assert worth == sorted(worth, reverse=True)


@pytest.mark.parametrize(
    ("budget", "rules", "words"),
    [
        (0.0, Rules(), "above zero"),
        (100.0, Rules(max_shift=0.1), "lower bounds need"),
        (1e9, Rules(max_shift=0.1), "upper bounds leave room"),
        (1e6, Rules(factors={"nobody": (0, 1)}), "'nobody'"),
        (1e6, Rules(factors={"c0": (0, 0.5)}, committed={"c0": 9e5}), "committed"),
    ],
)
def test_bounds_that_cannot_be_kept_are_an_error(budget: float, rules: Rules, words: str) -> None:
    with pytest.raises(InfeasibleBounds, match=words):
        optimum(curves_of(1, 3), budget, rules)


def test_nothing_is_recommended_when_the_gain_is_inside_the_noise() -> None:
    sure, vague = curves_of(5, 4, draws=200, spread=0.01), curves_of(5, 4, draws=200, spread=1.0)
    rules = Rules(max_shift=0.3)
    clear = optimum(sure, round(float(sure.current.sum()), 2), rules)
    assert clear.recommend
    assert clear.allocation == clear.best
    noisy = optimum(vague, round(float(vague.current.sum()), 2), rules)
    assert not noisy.recommend
    assert noisy.reason is Reason.INSIDE_NOISE
    assert noisy.allocation == noisy.stay


def test_nothing_is_recommended_where_today_is_already_best() -> None:
    curves = curves_of(6, 4, draws=1)
    budget = round(float(curves.current.sum()), 2)
    told = curves_stored(curves)
    told["current"] = list(optimum(curves, budget).best.values())
    again = optimum(curves_restored(told), budget)
    assert not again.recommend
    assert again.expected_uplift == pytest.approx(0, abs=1e-3 * budget)


def test_going_beyond_what_was_ever_spent_is_said() -> None:
    curves = curves_of(7, 3)
    today = float(curves.current.sum())
    assert optimum(curves, round(5 * today, 2)).beyond
    assert not optimum(curves, round(today, 2), Rules(max_shift=0.1)).beyond


def test_the_badge_follows_draws_and_models() -> None:
    curves = curves_of(5, 3, draws=200, spread=0.01)
    best = optimum(curves, round(float(curves.current.sum()), 2), Rules(max_shift=0.3))
    stay, moved = (named_row(curves.names, split) for split in (best.stay, best.best))
    assert robustness(curves, stay, moved, {}).badge is Badge.ROBUST
    assert robustness(curves, moved, stay, {}).badge is Badge.FRAGILE
    gains = curves.steady(moved).mean(axis=0) - curves.steady(stay).mean(axis=0)
    against = {
        name: 5.0 if gain < 0 else 0.01 for name, gain in zip(curves.names, gains, strict=True)
    }
    as_fitted = returns_of_credits(
        curves, dict(zip(curves.names, curves.steady(curves.current).mean(axis=0), strict=True))
    )
    judged = robustness(curves, stay, moved, {"last": against, "ours": as_fitted})
    assert judged.badge is Badge.MIXED
    assert judged.models["last"] < 0 < judged.models["ours"]
    assert judged.models["ours"] == pytest.approx(gains.sum())


@pytest.mark.parametrize("market", [11, 12, 13])
def test_recorded_optima_are_reached(shared_data: Path, market: int) -> None:
    text = (shared_data / f"analytics/mmm/sim_mmm_{market}_truth.json").read_text()
    told, names = json.loads(text), tuple(json.loads(text)["channels"])
    decay, half, slope, top = (
        np.array([[told["channels"][name][key] for name in names]])
        for key in ("decay", "half_saturation", "slope", "beta")
    )
    current = named_row(names, told["steady_state"]["current_spend"])
    curves = Curves(names, decay, half, slope, top, current, 3 * current)
    for kind, factor, rules in (
        ("optimum_free", 1.0, Rules()),
        ("optimum_pm30", 1.0, Rules(max_shift=0.3)),
        ("optimum_budget_plus20_pm50", 1.2, Rules(max_shift=0.5)),
    ):
        began = process_time()
        best = optimum(curves, round(factor * float(current.sum()), 2), rules)
        assert process_time() - began < 1.0
        assert result(curves, dict(best.best)) >= 0.999 * told["steady_state"][kind]["revenue"]
        assert best.kkt.holds
