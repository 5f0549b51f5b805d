"""Probabilities to beat and expected losses are exact, far out in the tail too."""

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.experiments import beta_belief, gamma_belief, normal_belief, p_text, welch
from analytics.experiments.moments import Moments
from analytics.experiments.tails import LN10


def beta(a: int, b: int) -> Fraction:
    return Fraction(factorial(a - 1) * factorial(b - 1), factorial(a + b - 1))


def exact_beats(a: int, b: int, c: int, d: int) -> Fraction:
    """P(Y > X) of X ~ Beta(a, b), Y ~ Beta(c, d): the finite sum for whole parameters."""
    return sum(
        (beta(a + i, b + d) / ((d + i) * beta(1 + i, d) * beta(a, b)) for i in range(c)),
        Fraction(0),
    )


def exact_loss(a: int, b: int, c: int, d: int) -> Fraction:
    """E(X - Y)+, by moving a mean into the parameters."""
    return Fraction(a, a + b) * (1 - exact_beats(a + 1, b, c, d)) - Fraction(c, c + d) * (
        1 - exact_beats(a, b, c + 1, d)
    )


@pytest.mark.parametrize(
    "totals",
    [
        (0, 0, 0, 0),
        (0, 1, 1, 1),
        (0, 10, 3, 10),
        (3, 10, 0, 10),
        (0, 200, 0, 200),
        (1, 300, 9, 20),
        (5, 5, 1, 30),
        (100, 100, 99, 100),
        (60, 100, 20, 100),
        (20, 500, 200, 500),
        (2, 3, 200, 300),
        (250, 300, 20, 300),
        (19, 200, 19, 200),
        (0, 2000, 5, 7),
        (20, 2000, 60, 100),
    ],
)
def test_against_whole_number_arithmetic(totals: tuple[int, int, int, int]) -> None:
    x, n, y, m = totals
    odds = (x + 1, n - x + 1, y + 1, m - y + 1)
    found = beta_belief(*totals)
    gap = Fraction(y + 1, m + 2) - Fraction(x + 1, n + 2)
    assert found.beats == pytest.approx(float(exact_beats(*odds)), rel=1e-9)
    assert found.loss_if_chosen == pytest.approx(float(exact_loss(*odds)), rel=1e-9)
    assert found.loss_if_kept == pytest.approx(float(exact_loss(*odds) + gap), rel=1e-9)


def test_far_tails_keep_their_digits() -> None:
    odds = (301, 101, 26, 876)
    found = beta_belief(300, 400, 25, 900)
    assert float(exact_beats(*odds)) == pytest.approx(2.4691e-172, rel=1e-4)
    assert found.beats == pytest.approx(float(exact_beats(*odds)), rel=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_the_two_arms_mirror_each_other(x: int, no: int, y: int, no_treated: int) -> None:
    found = beta_belief(x, x + no, y, y + no_treated)
    turned = beta_belief(y, y + no_treated, x, x + no)
    assert 0 <= found.beats <= 1
    assert found.beats + turned.beats == pytest.approx(1, abs=1e-9)
    assert found.loss_if_chosen == pytest.approx(turned.loss_if_kept, rel=1e-7, abs=1e-15)
    assert min(found.loss_if_chosen, found.loss_if_kept) >= 0


def test_thousands_at_once_are_the_same_as_one_by_one() -> None:
    generator = np.random.default_rng(5)
    n = generator.integers(0, 4000, size=(2, 200))
    x = generator.binomial(n, 0.1)
    together = beta_belief(x[0], n[0], x[1], n[1])
    for place in range(0, 200, 20):
        alone = beta_belief(x[0, place], n[0, place], x[1, place], n[1, place])
        assert alone.beats == pytest.approx(np.asarray(together.beats)[place], rel=1e-12)
        assert alone.loss_if_kept == pytest.approx(
            np.asarray(together.loss_if_kept)[place], rel=1e-12
        )


def test_rates_against_drawing() -> None:
    generator = np.random.default_rng(8)
    control = generator.gamma(30.5, 1 / 1000, size=2_000_000)
    treated = generator.gamma(42.5, 1 / 1100, size=2_000_000)
    found = gamma_belief(30, 1000, 42, 1100)
    assert found.beats == pytest.approx(float((treated > control).mean()), abs=2e-3)
    loss = float(np.maximum(control - treated, 0).mean())
    assert found.loss_if_chosen == pytest.approx(loss, rel=0.01)
    kept = float(np.maximum(treated - control, 0).mean())
    assert found.loss_if_kept == pytest.approx(kept, rel=0.01)


def test_normal_losses_are_right_on_both_sides() -> None:
    better = normal_belief(3.0, 1.0)
    worse = normal_belief(-3.0, 1.0)
    assert better.loss_if_chosen == pytest.approx(0.00038215, rel=1e-4)
    assert better.loss_if_kept == pytest.approx(3.00038215, rel=1e-7)
    assert worse.loss_if_kept == better.loss_if_chosen
    assert normal_belief(30.0, 1.0).loss_if_chosen > 0


def test_a_tiny_probability_is_never_printed_as_zero() -> None:
    far = welch(Moments(1e6, 0.0, 1.0), Moments(1e6, 1.0, 1.0))
    assert far.p == 0
    assert p_text(float(far.log_p)) != "0"
    assert float(far.log_p) / LN10 == pytest.approx(-96_910, rel=1e-2)
    assert p_text(float(np.log(5.685e-112))) == "5.7e-112"
    assert p_text(float(np.log(0.0123))) == ".0123"
    assert p_text(0.0) == "1"
