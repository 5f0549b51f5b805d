"""Net present value, payback, benefit-cost ratio and rate of return, against published values."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.investment import (
    NoReturn,
    appraise,
    benefit_cost_ratio,
    discounted_payback,
    irr,
    monthly_rate,
    npv,
    payback,
    yearly_rate,
)
from analytics.projection import HIGH, LOW, project
from analytics.results import Reason

pytestmark = pytest.mark.feature("2.8")
MICROS = 1_000_000


def micros(*amounts: float) -> list[int]:
    return [round(amount * MICROS) for amount in amounts]


# Brealey, Myers and Allen: the office building of chapter 2, and projects A, B, C of the
# payback table in chapter 5 at 10 %; the last is the example of numpy_financial.npv.
@pytest.mark.parametrize(
    ("rate", "flows", "expected"),
    [
        ("0.05", (-370_000, 420_000), 30_000),
        ("0.12", (-370_000, 420_000), 5_000),
        ("0.10", (-2_000, 500, 500, 5_000), 2_624.34),
        ("0.10", (-2_000, 500, 1_800, 0), -57.85),
        ("0.10", (-2_000, 1_800, 500, 0), 49.59),
        ("0.08", (-40_000, 5_000, 8_000, 12_000, 30_000), 3_065.2226681795255),
    ],
)
def test_net_present_value(rate: str, flows: tuple[int, ...], expected: float) -> None:
    assert npv(micros(*flows), Decimal(rate)) / MICROS == pytest.approx(expected, abs=0.006)


def test_net_present_value_is_exact_to_the_micro() -> None:
    flows = micros(-40_000, 5_000, 8_000, 12_000, 30_000)
    assert npv(flows, Decimal("0.08")) == 3_065_222_668
    assert npv(flows, Decimal(0)) == sum(flows)


# Payback of projects A, B, C: 3, 2 and 2 years by whole years; here within the year.
@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ((-2_000, 500, 500, 5_000), "2.2"),
        ((-2_000, 500, 1_800, 0), "1.8333"),
        ((-2_000, 1_800, 500, 0), "1.4"),
        ((-2_000, 500, 500), None),
        ((0, 100), "0"),
    ],
)
def test_payback(flows: tuple[int, ...], expected: str | None) -> None:
    found = payback(micros(*flows))
    assert (None if found is None else round(found, 4)) == (expected and Decimal(expected))


def test_discounted_payback_is_later_and_may_never_come() -> None:
    flows = micros(-2_000, 500, 500, 5_000)
    found = discounted_payback(flows, Decimal("0.10"))
    assert found is not None
    # 2,000 - 454.55 - 413.22 = 1,132.23 of the 3,756.57 that the third year is worth.
    assert round(found, 3) == Decimal("2.301")
    assert discounted_payback(micros(-2_000, 500, 1_800), Decimal("0.10")) is None


def test_benefit_cost_ratio_is_present_benefits_to_present_costs() -> None:
    ratio = benefit_cost_ratio(micros(-370_000, 420_000), Decimal("0.05"))
    assert ratio is not None
    assert round(ratio, 4) == Decimal("1.0811")
    assert benefit_cost_ratio(micros(1, 2), Decimal("0.05")) is None


# Examples of numpy_financial.irr, and Brealey and Myers' -4,000, +2,000, +4,000 (28 %).
@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ((-100, 39, 59, 55, 20), "0.28095"),
        ((-100, 0, 0, 74), "-0.09550"),
        ((-100, 100, 0, 7), "0.06206"),
        ((-4_000, 2_000, 4_000), "0.28078"),
    ],
)
def test_internal_rate_of_return(flows: tuple[int, ...], expected: str) -> None:
    found = irr(micros(*flows)).rate
    assert found is not None
    assert round(found, 5) == Decimal(expected)


def test_a_rate_of_return_that_is_not_unique_is_refused_with_its_reason() -> None:
    assert irr(micros(-100, 230, -132)).reason is NoReturn.SEVERAL
    assert irr(micros(100, 200)).reason is NoReturn.NO_SIGN_CHANGE
    assert irr([]).reason is NoReturn.NO_SIGN_CHANGE


def test_twelve_months_compound_to_the_year() -> None:
    assert round(monthly_rate(Decimal("0.08")), 10) == Decimal("0.0064340301")
    assert round(yearly_rate(monthly_rate(Decimal("0.08"))), 20) == Decimal("0.08")
    with pytest.raises(ValueError, match="above -100"):
        monthly_rate(Decimal(-1))


AMOUNT = st.integers(0, 10**15)


@given(st.integers(1, 10**15), st.lists(AMOUNT, min_size=1, max_size=24), st.integers(0, 500))
def test_value_ratio_and_rate_of_return_agree(cost: int, gains: list[int], percent: int) -> None:
    rate = Decimal(percent) / 1000
    found = appraise([-cost, *gains], rate)
    assert found.ratio is not None
    assert (found.npv > 0) <= (found.ratio > 1)
    assert (found.npv < 0) <= (found.ratio < 1)
    if found.irr.rate is not None and abs(found.irr.rate - rate) > Decimal("1e-9"):
        assert (found.irr.rate > rate) == (found.npv >= 0) or abs(found.npv) <= 1
    if found.discounted_payback is not None:
        assert found.payback is not None
        assert found.payback <= found.discounted_payback


def test_a_projection_follows_history_inside_its_bounds() -> None:
    spend = np.linspace(50, 200, 12)
    found = project(spend.tolist(), (8 * spend**0.7).tolist(), [100.0] * 3)
    assert found.reason is None
    assert found.n == 12
    assert found.mid == pytest.approx(3 * 8 * 100**0.7, rel=0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.mid is not None
    assert found.low < found.mid < found.high
    assert LOW <= found.elasticity[0] < found.elasticity[1] < found.elasticity[2] <= HIGH


def test_thin_history_says_so_and_answers_with_the_bounds_or_nothing() -> None:
    few = project([10, 20], [5, 9], [10])
    assert (few.mid, few.n, few.reason) == (None, 2, Reason.TOO_FEW_PERIODS)
    steady = project([100.0] * 12, [50.0] * 12, [150.0])
    assert steady.reason is Reason.SPEND_TOO_STEADY
    assert (steady.low, steady.high) == pytest.approx((50 * 1.5**0.5, 50 * 1.5**0.9))
    assert project([100.0] * 12, [50.0] * 12, [0.0]).reason is Reason.NO_SPEND
    assert project([100.0] * 12, [50.0] * 12, [400.0]).is_far
