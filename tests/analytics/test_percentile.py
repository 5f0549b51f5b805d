"""A campaign among its own past: better is higher, and few of its kind are no comparison."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.percentile import standing
from analytics.results import Better, Reason

PAST = np.arange(1.0, 11.0)


@pytest.mark.feature("1.16")
def test_a_low_cost_is_a_high_percentile() -> None:
    assert standing(2.5, PAST, Better.LOWER).percentile == pytest.approx(80)
    assert standing(2.5, PAST, Better.HIGHER).percentile == pytest.approx(20)
    assert standing(0.5, PAST, Better.LOWER).percentile == pytest.approx(100)


def test_ties_count_half() -> None:
    assert standing(5.0, np.full(9, 5.0), Better.HIGHER).percentile == pytest.approx(50)


@pytest.mark.feature("1.16")
@pytest.mark.parametrize(("n", "is_shown"), [(7, False), (8, True)])
def test_it_is_hidden_under_eight(n: int, is_shown: bool) -> None:
    found = standing(3.0, PAST[:n], Better.HIGHER)
    assert (found.percentile is not None) is is_shown
    assert (found.reason is None) is is_shown
    assert found.n == n


def test_campaigns_without_a_value_are_no_peers() -> None:
    past = np.r_[PAST[:7], np.nan, np.nan]
    assert standing(3.0, past, Better.HIGHER).reason == Reason.TOO_FEW_PEERS
    found = standing(None, PAST, Better.HIGHER)
    assert (found.reason, found.percentile, found.median) == (Reason.NO_VALUE, None, 5.5)


def test_a_metric_without_a_better_end_cannot_be_ranked() -> None:
    with pytest.raises(ValueError, match="on target"):
        standing(3.0, PAST, Better.ON_TARGET)


@given(st.floats(-1e6, 1e6), st.lists(st.floats(-1e6, 1e6), min_size=8, max_size=60))
def test_both_ends_mirror_and_the_interval_holds_the_percentile(
    value: float, past: list[float]
) -> None:
    high, low = (standing(value, past, better) for better in (Better.HIGHER, Better.LOWER))
    assert high.percentile is not None
    assert low.percentile is not None
    assert high.interval is not None
    assert high.percentile + low.percentile == pytest.approx(100)
    assert 0 <= high.interval.low <= high.percentile + 1e-9
    assert high.percentile - 1e-9 <= high.interval.high <= 100
