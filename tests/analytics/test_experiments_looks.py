"""Looking again and again does not find what is not there; the fixed test, the control, does."""

import numpy as np
import pytest

from analytics.arrays import FloatArray
from analytics.experiments import (
    Looks,
    Reading,
    Spending,
    bounds,
    horizon_critical,
    horizon_p,
    mixture_critical,
    mixture_p,
    proportions,
)

EXPERIMENTS, LOOKS, PER_LOOK, SHARE = 4000, 20, 500, 0.1
UNITS: FloatArray = 2.0 * PER_LOOK * np.arange(1, LOOKS + 1, dtype=np.float64)
REACHED: FloatArray = UNITS / UNITS[-1]
Z95 = 1.959963984540054


def statistics(seed: int, lift: float) -> FloatArray:
    """Pooled z of every experiment at every look, (EXPERIMENTS, LOOKS)."""
    generator = np.random.default_rng(seed)
    shape = (EXPERIMENTS, LOOKS)
    control = generator.binomial(PER_LOOK, SHARE, shape).cumsum(axis=1)
    treated = generator.binomial(PER_LOOK, SHARE * (1 + lift), shape).cumsum(axis=1)
    z = proportions(control, UNITS / 2, treated, UNITS / 2, alpha=0.05).statistic
    return np.asarray(np.abs(z))


def found(z: FloatArray, limits: FloatArray) -> float:
    """Share of the experiments that are significant at any look."""
    return float((z >= limits).any(axis=1).mean())


@pytest.fixture(scope="module")
def idle() -> FloatArray:
    return statistics(2026, 0.0)


@pytest.fixture(scope="module")
def lifted() -> FloatArray:
    return statistics(2027, 0.15)


def test_the_fixed_test_fails_when_it_is_looked_at(idle: FloatArray) -> None:
    assert found(idle, np.full(LOOKS, Z95)) > 0.2


def test_until_the_end_any_look_holds_and_finds(idle: FloatArray, lifted: FloatArray) -> None:
    limits = np.asarray(horizon_critical(REACHED, alpha=0.05))
    assert found(idle, limits) <= 0.05
    assert found(lifted, limits) >= 0.85


@pytest.mark.parametrize(("spending", "power"), [("obrien_fleming", 0.88), ("pocock", 0.82)])
def test_planned_looks_hold_and_find(
    idle: FloatArray, lifted: FloatArray, spending: str, power: float
) -> None:
    limits = np.array(bounds(tuple(REACHED), 0.05, Spending(spending)))
    # They spend exactly 5 %: 4,000 experiments show it within two standard errors.
    assert found(idle, limits) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / EXPERIMENTS)
    assert found(lifted, limits) >= power


def test_without_an_end_any_look_holds_too(idle: FloatArray, lifted: FloatArray) -> None:
    limits = np.asarray(mixture_critical(UNITS, alpha=0.05))
    assert found(idle, limits) <= 0.05
    assert found(lifted, limits) >= 0.65


@pytest.mark.parametrize("share", [0.001, 0.01, 0.3])
def test_a_hundred_looks_at_rare_and_common_events(share: float) -> None:
    generator = np.random.default_rng(11)
    shape = (2000, 100)
    x, y = (generator.binomial(200, share, shape).cumsum(axis=1) for _ in range(2))
    n: FloatArray = 200.0 * np.arange(1, 101, dtype=np.float64)
    z = np.abs(np.nan_to_num(np.asarray(proportions(x, n, y, n, alpha=0.05).statistic)))
    enough = np.where(x + y >= 20, z, 0.0)
    assert found(enough, np.asarray(horizon_critical(n / n[-1], alpha=0.05))) <= 0.06
    assert found(enough, np.asarray(mixture_critical(2 * n, alpha=0.05))) <= 0.05
    assert found(enough, np.full(100, Z95)) > 0.1


def test_the_published_limits_of_five_looks() -> None:
    five = (0.2, 0.4, 0.6, 0.8, 1.0)
    fleming = (4.8769, 3.3570, 2.6803, 2.2898, 2.0310)
    assert bounds(five, 0.05, Spending.OBRIEN_FLEMING) == pytest.approx(fleming, abs=2e-4)
    pocock = (2.4380, 2.4268, 2.4102, 2.3966, 2.3860)
    assert bounds(five, 0.05, Spending.POCOCK) == pytest.approx(pocock, abs=2e-4)
    assert bounds((1.0,), 0.05, Spending.OBRIEN_FLEMING)[0] == pytest.approx(Z95, abs=1e-6)


@pytest.mark.parametrize("reading", list(Reading))
def test_probability_and_limit_agree(reading: Reading) -> None:
    looks = Looks(reading, end=20_000, planned=5)
    for units in (4000.0, 12_000.0, 20_000.0):
        limit = looks.critical(units, 0.05)
        assert looks.p(limit, units, 0.05) == pytest.approx(0.05, rel=1e-4)
        assert looks.p(limit * 1.01, units, 0.05) < 0.05 < looks.p(limit * 0.99, units, 0.05)


def test_a_test_beyond_its_end_has_no_promise() -> None:
    looks = Looks(Reading.UNTIL_END, end=1000)
    assert looks.critical(1040, 0.05) == looks.critical(1000, 0.05)
    with pytest.raises(ValueError, match="past"):
        looks.critical(1100, 0.05)
    with pytest.raises(ValueError, match="no end"):
        Looks(Reading.UNTIL_END).p(2.0, 10, 0.05)


def test_more_evidence_never_raises_the_probability() -> None:
    z = np.linspace(0, 12, 200)
    for p in (mixture_p(z, 5000.0, alpha=0.05), horizon_p(z, 0.5)):
        assert (np.diff(np.asarray(p)) <= 0).all()
        assert np.asarray(p)[0] == 1
