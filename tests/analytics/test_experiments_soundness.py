"""What spoils a test is noticed: lost units, tests that lean, covariates, single units."""

import csv
from pathlib import Path

import numpy as np
import pytest

from analytics.experiments import (
    Looks,
    Moments,
    PairMoments,
    Reading,
    corrected,
    cuped,
    deviations,
    fisher_p,
    overlaps,
    pair_moments,
    ratio_moments,
    relative_lift,
    sensitivity,
    split_check,
    total_moments,
    value_moments,
    welch,
)
from analytics.experiments.corrections import Correction
from analytics.experiments.cuped import covariate_moved
from analytics.experiments.plan import Plan, PlannedMetric


def test_a_split_is_judged_by_its_weights() -> None:
    assert not split_check([9000, 1000], [9, 1]).fails
    assert split_check([9000, 1000], [1, 1]).fails
    assert split_check([9000, 1000], [9, 1]).expected == (9000, 1000)
    with pytest.raises(ValueError, match="above zero"):
        split_check([10, 10], [1, 0])


def test_a_sound_split_is_rarely_suspected() -> None:
    units = np.random.default_rng(1).binomial(10_000, 0.5, size=2000)
    suspected = [split_check([seen, 10_000 - seen], [1, 1]).fails for seen in units]
    assert 0.003 < np.mean(suspected) < 0.02


def test_tests_that_lean_on_each_other_are_found() -> None:
    generator = np.random.default_rng(2)
    first = generator.integers(0, 2, 20_000)
    apart = generator.integers(0, 3, 20_000)
    leaning = np.where(generator.random(20_000) < 0.05, first, generator.integers(0, 2, 20_000))
    leaning[:2000] = -1
    pairs = {
        (pair.first, pair.second): pair
        for pair in overlaps({"first": first, "apart": apart, "leaning": leaning})
    }
    assert pairs["first", "leaning"].leans
    assert pairs["first", "leaning"].units == 18_000
    assert pairs["first", "leaning"].cramers_v == pytest.approx(0.05, abs=0.02)
    assert not pairs["first", "apart"].leans
    assert overlaps({"alone": first}) == ()
    nobody = overlaps({"first": first, "none": np.full(20_000, -1)})
    assert (nobody[0].units, nobody[0].p) == (0, 1.0)


def units(seed: int, *, lift: float = 0.0, n: int = 2000) -> list[PairMoments]:
    """Two arms whose outcome follows what they did before."""
    generator = np.random.default_rng(seed)
    before = generator.gamma(2, 10, size=(2, n))
    after = 0.8 * before + generator.gamma(2, 5, size=(2, n))
    after[1] *= 1 + lift
    return [pair_moments(after[arm], before[arm]) for arm in (0, 1)]


def test_the_covariate_takes_noise_out_and_no_effect() -> None:
    effects = []
    for seed in range(60):
        pairs = units(seed, lift=0.05)
        found = cuped(pairs)
        plain = welch(*(pair.outcome for pair in pairs))
        adjusted = welch(*found.arms)
        assert adjusted.standard_error < plain.standard_error
        effects.append(float(adjusted.estimate))
    assert np.mean(effects) == pytest.approx(0.05 * 26, rel=0.1)


def test_relative_intervals_after_the_adjustment_cover() -> None:
    inside = []
    for seed in range(400):
        lift = relative_lift(*cuped(units(seed, lift=0.05, n=500)).arms)
        inside.append(bool(lift.low < 0.05 < lift.high))
    assert 0.92 < np.mean(inside) < 0.98


def test_a_covariate_that_the_arms_moved_is_noticed() -> None:
    pairs = units(3)
    assert not covariate_moved(*pairs)
    moved = PairMoments(2000, 20, 90, pairs[1].other_mean * 1.2, pairs[1].other_variance, 30)
    assert covariate_moved(pairs[0], moved)


def test_without_variation_nothing_is_adjusted() -> None:
    still = [PairMoments(10, 1.0, 0.0, 2.0, 0.0, 0.0) for _ in (0, 1)]
    assert cuped(still).theta == 0
    assert not covariate_moved(*still)


def test_a_ratio_is_judged_by_its_units() -> None:
    generator = np.random.default_rng(4)
    inside, naive = [], []
    for _ in range(400):
        clicks = 1 + generator.poisson(4, size=(2, 400)).astype(float)
        # Every user has a value per click of their own, so that clicks are not independent.
        value = clicks * generator.gamma(1, 2, size=(2, 400))
        arms = [ratio_moments(pair_moments(value[arm], clicks[arm])) for arm in (0, 1)]
        found = welch(*arms)
        inside.append(bool(found.low < 0 < found.high))
        apart = [
            Moments(clicks[arm].sum(), arms[arm].mean, 4.0) for arm in (0, 1)
        ]  # as if every click were a unit
        wrong = welch(*apart)
        naive.append(bool(wrong.low < 0 < wrong.high))
    assert 0.92 < np.mean(inside) < 0.98
    assert np.mean(naive) < 0.8


def test_one_unit_that_carries_the_answer_is_named(shared_data: Path) -> None:
    with (shared_data / "analytics/abtest/cookie_cats.csv").open() as file:
        rows = [(row["version"], float(row["sum_gamerounds"])) for row in csv.DictReader(file)]
    control = np.array([rounds for gate, rounds in rows if gate == "gate_30"])
    treated = np.array([rounds for gate, rounds in rows if gate == "gate_40"])
    found = sensitivity(control, treated, alpha=0.05)
    assert found is not None
    assert (found.unit_value, found.in_treated, found.fragile) == (49_854, False, True)
    assert found.estimate == pytest.approx(-1.157488453953249, rel=1e-8)
    assert found.estimate_without == pytest.approx(-0.04333503360787461, rel=1e-8)
    assert found.p_without == pytest.approx(0.949468621546446, rel=1e-8)
    assert found.rank_p == pytest.approx(0.05020880772044255, rel=1e-8)


def test_an_answer_of_many_does_not_hang_on_one() -> None:
    generator = np.random.default_rng(6)
    found = sensitivity(generator.normal(10, 2, 500), generator.normal(11, 2, 500), alpha=0.05)
    assert found is not None
    assert not found.fragile
    assert sensitivity(np.array([1.0, 1.0]), np.array([1.0, 2.0]), alpha=0.05) is None


def test_exact_small_tables() -> None:
    # Fisher's tea: 3 of 4 cups right, two-sided 34/70.
    assert fisher_p(1, 4, 3, 4) == pytest.approx(34 / 70)
    assert fisher_p(0, 5, 0, 7) == 1


def test_corrections_refuse_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match="outside 0 to 1"):
        corrected([0.1, 1.2], Correction.HOLM)
    assert list(corrected([0.04, 0.9], Correction.NONE)) == [0.04, 0.9]
    assert list(corrected([1.0], Correction.SIDAK)) == [1.0]


def plan(**changes: object) -> Plan:
    settings: dict[str, object] = {
        "hypothesis": "Green sells",
        "arms": ("control", "green"),
        "split": (1.0, 1.0),
        "metrics": (PlannedMetric("orders", "proportion", "primary", "higher", 0.05),),
        "looks": Looks(Reading.UNTIL_END, end=40_000),
        "alpha": 0.05,
        "power": 0.8,
        "correction": Correction.HOLM,
    }
    return Plan(**{**settings, **changes})  # type: ignore[arg-type]


def test_what_was_promised_cannot_be_promised_afterwards() -> None:
    registered = plan()
    assert registered.fingerprint == plan().fingerprint
    assert len(registered.fingerprint) == 64
    later = plan(alpha=0.1, looks=Looks(Reading.UNTIL_END, end=60_000))
    assert later.fingerprint != registered.fingerprint
    assert deviations(registered, plan()) == ()
    assert deviations(registered, later) == (
        "looks.end: 40000 became 60000",
        "alpha: 0.05 became 0.1",
    )
    other = plan(metrics=(PlannedMetric("clicks", "proportion", "primary", "higher", 0.05),))
    assert deviations(registered, other) == ("metrics[0].name: 'orders' became 'clicks'",)


def test_moments_from_units_and_from_totals_agree() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    totals = total_moments(5, values.sum(), (values**2).sum())
    direct = value_moments(values)
    assert (totals.mean, totals.variance) == pytest.approx((direct.mean, direct.variance))
