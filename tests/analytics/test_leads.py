"""Lead generation against another period: intervals that hold, and refusals where it is thin."""

import numpy as np
import pytest

from analytics.leads import cost_change, share_change
from analytics.results import Reason

pytestmark = pytest.mark.feature("1.17")


def test_cost_per_lead_is_compared_with_its_range() -> None:
    found = cost_change(1000, 100, 1500, 100)
    assert found.value == pytest.approx(0.5)
    assert found.interval is not None
    assert found.interval.low < 0.5 < found.interval.high
    assert found.interval.excludes(0)


def test_few_leads_and_no_spend_are_refused() -> None:
    assert cost_change(1000, 9, 1500, 100).reason is Reason.TOO_FEW_UNITS
    assert cost_change(0, 50, 1500, 100).reason is Reason.NO_SPEND
    thin = share_change(1, 4, 3, 50)
    assert thin.reason is Reason.TOO_FEW_UNITS
    assert (thin.before, thin.after, thin.difference) == (0.25, 0.06, None)


def test_the_cost_range_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    before, after = random.poisson(40, 2000), random.poisson(60, 2000)
    # Twice the spend brings half as many more: the cost per lead rises by a third.
    found = [cost_change(1000, b, 2000, a) for b, a in zip(before, after, strict=True)]
    held = np.mean([one.interval is not None and not one.interval.excludes(1 / 3) for one in found])
    assert 0.76 < held < 0.85


def test_the_share_range_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(6)
    before, after = random.binomial(60, 0.3, 2000), random.binomial(60, 0.45, 2000)
    found = [share_change(b, 60, a, 60) for b, a in zip(before, after, strict=True)]
    held = np.mean([one.interval is not None and not one.interval.excludes(0.15) for one in found])
    assert 0.76 < held < 0.86
