"""Where spend ends: known cases, calibration, flights, missing days, and until when to act."""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np
import pytest

from analytics.arrays import FloatArray
from analytics.flights import Flight, MonthPlan, expected_days
from analytics.landing import Books, landings
from analytics.results import Landing, Reason
from analytics.spend_paths import HISTORY_DAYS, Spending

pytestmark = pytest.mark.feature("2.4")

# 1 November 2026, a Sunday.
FIRST = 739_921
LAST = FIRST + 29
BEGINS = FIRST - HISTORY_DAYS


def land(spend: FloatArray, plan: float, **given: Any) -> Landing:
    """The landing of one line whose history begins a quarter before the month."""
    books = {
        name: np.array([given.pop(name)]) for name in ("spent", "certain", "least") if name in given
    }
    expected = given.pop("expected", np.full(HISTORY_DAYS + 30, plan / 30))
    spending = Spending(spend, first_day=BEGINS, last_day=LAST, expected=expected)
    options = {"first_day": FIRST, "last_day": LAST, "seed": 1} | given
    return landings(spending, Books(np.array([plan]), **books), **options)[0]


def noisy(days: int, level: float = 100, seed: int = 1) -> FloatArray:
    return level * np.random.default_rng(seed).lognormal(0, 0.1, HISTORY_DAYS + days)


def test_steady_spend_ends_where_it_must() -> None:
    found = land(np.full(HISTORY_DAYS + 20, 100.0), 3_000)
    assert found.spent == 2_000
    assert found.p50 == pytest.approx(3_000, rel=0.02)
    assert found.p10 < found.p50 < found.p90  # type: ignore[operator]
    assert (found.days_elapsed, found.days_total, found.days_missing) == (20, 30, 0)


def test_a_month_that_is_over_is_certain() -> None:
    spend = np.full(HISTORY_DAYS + 30, 100.0)
    assert land(spend, 2_999).chance_over == 1
    assert land(spend, 3_001).chance_over == 0
    assert land(spend, 3_200).chance_under == 1


def test_chances_fall_with_the_plan() -> None:
    spend = noisy(15)
    chances = [land(spend, plan).chance_over for plan in (2_700, 2_900, 3_000, 3_100, 3_400)]
    assert chances == sorted(chances, reverse=True)  # type: ignore[type-var]
    assert chances[0] > 0.9  # type: ignore[operator]
    assert chances[-1] < 0.1  # type: ignore[operator]


def test_a_plan_that_is_raised_is_no_surprise() -> None:
    """The month is planned a third higher and spend follows; a run-rate would see it short."""
    expected = np.concatenate([np.full(HISTORY_DAYS, 100.0), np.full(30, 133.0)])
    spend = np.concatenate([noisy(0), np.full(3, 133.0)])
    found = land(spend, 133.0 * 30, expected=expected)
    assert found.p50 == pytest.approx(133 * 30, rel=0.03)


def test_a_flight_that_ends_spends_no_more() -> None:
    plan = MonthPlan(FIRST, LAST, 2_000)
    history = MonthPlan(BEGINS, FIRST - 1, HISTORY_DAYS * 100)
    expected = expected_days(
        [Flight((history, plan), last_day=FIRST + 19)], first_day=BEGINS, last_day=LAST
    )
    found = land(np.full(HISTORY_DAYS + 20, 100.0), 3_000, expected=expected)
    assert found.p90 == 2_000
    assert found.chance_under == 1


def test_a_line_that_fell_silent_is_stopped() -> None:
    spend = np.full(HISTORY_DAYS + 20, 100.0)
    spend[-3:] = 0
    assert land(spend, 3_000).p90 == 1_700


def test_missing_days_are_drawn_and_zero_days_are_not() -> None:
    lost, nothing = np.full(HISTORY_DAYS + 20, 100.0), np.full(HISTORY_DAYS + 20, 100.0)
    lost[-8:-5], nothing[-8:-5] = np.nan, 0
    found = land(lost, 3_000)
    assert (found.spent, found.days_missing) == (1_700, 3)
    assert found.p50 == pytest.approx(3_000, rel=0.03)
    assert land(nothing, 3_000).p50 < found.p50 - 200  # type: ignore[operator]


def test_promised_money_is_certain() -> None:
    spend = noisy(20)
    free, held = land(spend, 3_200), land(spend, 3_200, certain=300.0)
    assert held.p50 == pytest.approx(free.p50 + 300)  # type: ignore[operator]
    assert held.chance_over > free.chance_over  # type: ignore[operator]
    assert land(spend, 4_000, least=2_000.0).p10 == pytest.approx(float(spend[-20:].sum()) + 2_000)


def test_weekdays_count() -> None:
    """Weekends bring half: a month with its weekends still ahead ends lower."""
    days = BEGINS + np.arange(HISTORY_DAYS + 26)
    spend = np.where((days - 1) % 7 >= 5, 40.0, 120.0)
    found = land(spend, 3_000)
    ahead = BEGINS + HISTORY_DAYS + np.arange(26, 30)
    truth = spend[-26:].sum() + np.where((ahead - 1) % 7 >= 5, 40.0, 120.0).sum()
    assert found.p50 == pytest.approx(truth, rel=0.03)


def test_the_last_safe_day_is_safe_and_the_next_is_not() -> None:
    spend = np.full(HISTORY_DAYS + 10, 115.0)
    found = land(spend, 3_000)
    assert found.cut is not None
    assert found.cut.needed
    assert found.cut.day is not None
    left = found.cut.day - FIRST
    # 115 a day up to that day and half of it afterwards just stays within the plan.
    assert 115 * left + 57.5 * (30 - left) <= 3_000
    later = left + 4
    assert 115 * later + 57.5 * (30 - later) > 3_000


def test_what_halving_cannot_save_is_too_late() -> None:
    found = land(np.full(HISTORY_DAYS + 24, 130.0), 3_000)
    assert found.cut is not None
    assert (found.cut.needed, found.cut.day) == (True, None)


def test_money_that_is_left_has_a_last_day_too() -> None:
    found = land(np.full(HISTORY_DAYS + 10, 80.0), 3_000)
    assert found.grow is not None
    assert found.grow.needed
    assert found.grow.day is not None
    assert found.cut is not None
    assert not found.cut.needed


@pytest.mark.parametrize(
    ("spend", "plan", "reason"),
    [
        (np.full(HISTORY_DAYS + 5, 100.0), 0.0, Reason.NO_TARGET),
        (np.concatenate([np.full(HISTORY_DAYS - 8, np.nan), np.full(13, 9.0)]), 300.0, Reason.TOO_FEW_DAYS),
        (np.full(HISTORY_DAYS - 1, 100.0), 3_000.0, Reason.NOT_STARTED),
    ],
)  # fmt: skip
def test_thin_data_says_so(spend: FloatArray, plan: float, reason: Reason) -> None:
    found = land(spend, plan, expected=np.full(HISTORY_DAYS + 30, 100.0))
    assert found.reason is reason
    assert found.chance_over is None
    assert found.cut is None


def test_a_line_is_the_same_alone_and_among_others() -> None:
    rows = np.stack([noisy(12, seed=seed) for seed in range(60)])
    together = Spending(rows, first_day=BEGINS, last_day=LAST)
    given: dict[str, Any] = {"first_day": FIRST, "last_day": LAST, "seed": 3}
    all_of_them = landings(together, Books(np.full(60, 3_000.0)), **given)
    alone = Spending(rows[57], first_day=BEGINS, last_day=LAST)
    one = landings(alone, Books(np.full(1, 3_000.0)), **given)[0]
    other = all_of_them[57]
    assert (one.chance_over, one.chance_under, one.cut) == (
        other.chance_over, other.chance_under, other.cut,
    )  # fmt: skip
    assert one.p50 == pytest.approx(other.p50)


def test_the_range_holds_four_of_five_ends() -> None:
    """Lines whose level wanders from week to week, as people change budgets."""
    chance, held, lines = np.random.default_rng(7), 0, 200
    weeks = (HISTORY_DAYS + 30) // 7 + 1
    level = np.zeros((lines, weeks))
    for week in range(1, weeks):
        level[:, week] = 0.85 * level[:, week - 1] + chance.normal(0, 0.08, lines)
    days = np.exp(level.repeat(7, axis=1)[:, : HISTORY_DAYS + 30] + chance.normal(0, 0.05, (lines, HISTORY_DAYS + 30)))  # fmt: skip
    spending = Spending(days[:, : HISTORY_DAYS + 12], first_day=BEGINS, last_day=LAST)
    found = landings(spending, Books(np.full(lines, 30.0)), first_day=FIRST, last_day=LAST, seed=1)
    ends = days[:, HISTORY_DAYS:].sum(axis=1)
    for one, end in zip(found, ends, strict=True):
        held += one.p10 <= end <= one.p90
    assert 0.72 <= held / lines <= 0.90


def test_a_thousand_lines_cost_less_than_a_second() -> None:
    rows = np.random.default_rng(1).lognormal(0, 0.2, (1_000, HISTORY_DAYS + 15))
    spending = Spending(rows, first_day=BEGINS, last_day=LAST)
    began = process_time()
    landings(spending, Books(np.full(1_000, 30.0)), first_day=FIRST, last_day=LAST, seed=1)
    assert process_time() - began < 1
