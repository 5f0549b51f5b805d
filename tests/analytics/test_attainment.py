"""Attainment is decided exactly, at the boundary too."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.attainment import Exact, attainment
from analytics.results import Achievement, Better, Reason, Severity
from analytics.stake import ratio_stake, severity

ACHIEVED, WITHIN, MISSED = Achievement


@pytest.mark.feature("1.13")
@pytest.mark.parametrize(
    ("actual", "target", "better", "expected"),
    [
        (4.0, 4.0, Better.HIGHER, ACHIEVED),
        (3.8, 4.0, Better.HIGHER, WITHIN),
        (Decimal("3.799999"), 4, Better.HIGHER, MISSED),
        (28, 30, Better.LOWER, ACHIEVED),
        (31.5, 30, Better.LOWER, WITHIN),
        (Decimal("31.500001"), 30, Better.LOWER, MISSED),
        (105_000_000, 100_000_000, Better.ON_TARGET, ACHIEVED),
        (105_000_001, 100_000_000, Better.ON_TARGET, MISSED),
        (95_000_000, 100_000_000, Better.ON_TARGET, ACHIEVED),
        (94_999_999, 100_000_000, Better.ON_TARGET, MISSED),
        (0, 100, Better.HIGHER, MISSED),
    ],
)
def test_a_value_stands_against_its_target(
    actual: Exact, target: Exact, better: Better, expected: Achievement
) -> None:
    answer = attainment(actual, target, better=better, tolerance=0.05)
    assert answer.achievement is expected
    assert answer.ratio == pytest.approx(float(actual) / float(target))


def test_a_float_tolerance_means_the_decimal_it_prints() -> None:
    # In binary 1 - 0.1 is not 0.9; a value of exactly 90 % must be within ten percent.
    assert attainment(9, 10, better=Better.HIGHER, tolerance=0.1).achievement is WITHIN
    assert attainment(0.3, 0.1 + 0.2, better=Better.LOWER).achievement is ACHIEVED


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 10**6))
def test_the_unit_does_not_matter(actual: int, target: int, scale: int) -> None:
    plain = attainment(actual, target, better=Better.HIGHER, tolerance=0.05)
    scaled = attainment(actual * scale, target * scale, better=Better.HIGHER, tolerance=0.05)
    assert plain.achievement is scaled.achievement


def test_without_a_target_or_a_value_there_is_a_reason() -> None:
    assert attainment(1, None, better=Better.HIGHER).reason is Reason.NO_TARGET
    assert attainment(1, 0, better=Better.HIGHER).reason is Reason.NO_TARGET
    assert attainment(None, 4, better=Better.HIGHER).reason is Reason.NO_VOLUME


def test_a_negative_tolerance_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        attainment(1, 1, better=Better.HIGHER, tolerance=-0.1)


@pytest.mark.feature("4.11")
def test_the_stake_grows_with_the_gap_and_the_volume() -> None:
    assert ratio_stake(4.0, 3.0, denominator=10_000) == 10_000
    assert ratio_stake(30.0, 36.0, denominator=200) == 1_200
    assert ratio_stake(4.0, 3.0, denominator=-1) == 0


@pytest.mark.parametrize(
    ("stake", "of", "expected"),
    [
        (10, 100, Severity.CRITICAL),
        (9.99, 100, Severity.HIGH),
        (4.99, 100, Severity.MEDIUM),
        (0.99, 100, Severity.LOW),
        (1, 0, Severity.HIGH),
        (0, 0, Severity.LOW),
    ],
)
def test_severity_is_a_share(stake: float, of: float, expected: Severity) -> None:
    assert severity(stake, of=of) is expected
