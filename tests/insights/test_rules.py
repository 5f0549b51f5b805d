"""Thresholds: certainty opens a finding, and a wobble does not close it."""

from datetime import date, timedelta
from typing import Any

import pytest

from analytics.results import Better, Interval, Landing, Pace, Reason
from insights.rules.freshness import rhythm_of, silence_of
from insights.rules.goals import Stand, is_grave, read_running
from insights.rules.spend import read_spending


def pace(
    actual: float = 40, expected: float = 50, landing: float = 80,
    ends: tuple[float, float] = (75, 85), elapsed: int = 15, total: int = 30, missing: int = 0,
    reason: Reason | None = None,
) -> Pace:  # fmt: skip
    return Pace(
        actual=actual, expected_linear=expected, expected=expected, ratio=actual / expected,
        landing=landing, landing_interval=Interval(*ends, 0.8), chance=0.1, needed=1.0,
        days_elapsed=elapsed, days_total=total, days_missing=missing, n=91, reason=reason,
    )  # fmt: skip


GOAL = {"target": 100.0, "tolerance": 0.05, "better": Better.HIGHER}


def test_a_range_beyond_the_tolerance_will_miss() -> None:
    found = read_running(pace(), **GOAL)  # type: ignore[arg-type]
    assert found.stand is Stand.WILL_MISS
    assert found.gap == pytest.approx(0.2)


def test_a_range_that_touches_the_tolerance_is_behind_only() -> None:
    near = pace(actual=46, landing=92, ends=(86, 98))
    assert read_running(near, **GOAL).stand is Stand.BEHIND  # type: ignore[arg-type]
    reaching = pace(actual=46, landing=95, ends=(86, 101))
    assert read_running(reaching, **GOAL).stand is None  # type: ignore[arg-type]


def test_what_is_open_stays_until_its_middle_is_back() -> None:
    """Day by day the range wobbles over the edge; the finding does not open and close with it."""
    stand: Stand | None = None
    told = []
    for ends in ((80, 94), (82, 96), (79, 93), (83, 97), (88, 104)):
        landing = sum(ends) / 2
        found = read_running(
            pace(actual=landing / 2, landing=landing, ends=ends),
            **GOAL,  # type: ignore[arg-type]
            held=stand,
        )
        stand = found.stand
        told.append(stand)
    assert told == [Stand.WILL_MISS] * 4 + [Stand.BEHIND]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"elapsed": 5}, "Only 5 of 30 days are in; a pace needs 7."),
        ({"elapsed": 20, "total": 365}, "Only 20 of 365 days are in; a pace needs 73."),
        ({"elapsed": 20, "missing": 6}, "6 of 20 days are missing; the data comes first."),
        ({"reason": Reason.TOO_FEW_DAYS}, "There are too few days with data."),
        ({"reason": Reason.NO_VOLUME}, "There is nothing to divide by"),
    ],
)
def test_the_first_days_are_a_reason_and_no_finding(given: dict[str, int], why: str) -> None:
    found = read_running(pace(**given), **GOAL)  # type: ignore[arg-type]
    assert found.stand is None
    assert found.reason.startswith(why)


def test_a_season_that_comes_every_year_is_no_finding() -> None:
    even = read_running(pace(), **GOAL, share_before=0.5)  # type: ignore[arg-type]
    late = read_running(pace(), **GOAL, share_before=0.4)  # type: ignore[arg-type]
    assert (even.stand, late.stand) == (Stand.WILL_MISS, None)
    assert "a year ago only 40%" in late.reason


def test_a_cost_is_good_when_low() -> None:
    goal = GOAL | {"better": Better.LOWER}
    high = pace(actual=120, expected=100, landing=118, ends=(110, 125))
    low = pace(actual=80, expected=100, landing=82, ends=(78, 86))
    assert read_running(high, **goal).stand is Stand.WILL_MISS  # type: ignore[arg-type]
    assert read_running(low, **goal).stand is Stand.AHEAD  # type: ignore[arg-type]


def test_spend_is_off_target_on_both_sides() -> None:
    goal = GOAL | {"better": Better.ON_TARGET}
    for ends in ((110.0, 125.0), (75.0, 85.0)):
        landing = sum(ends) / 2
        found = read_running(pace(landing=landing, ends=ends), **goal)  # type: ignore[arg-type]
        assert found.stand is Stand.WILL_MISS


def test_three_tolerances_are_grave() -> None:
    assert is_grave(0.15, 0.05)
    assert not is_grave(0.14, 0.05)


def ends(
    spent: float = 60, middle: float = 110, over: float = 0.85, under: float = 0.02,
    elapsed: int = 15, reason: Reason | None = None,
) -> Landing:  # fmt: skip
    return Landing(
        plan=100, spent=spent, certain=0, p10=middle - 5, p50=middle, p90=middle + 5,
        chance_over=over, chance_under=under, leftover=1, overspend=10, cut=None, grow=None,
        days_elapsed=elapsed, days_total=30, days_missing=0, n=91, reason=reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "held", "kind"),
    [
        ({}, "", "over"),
        ({"over": 0.79}, "", ""),
        ({"over": 0.51}, "over", "over"),
        ({"over": 0.49}, "over", ""),
        ({"over": 0.99, "middle": 100.5}, "", ""),
        ({"elapsed": 4}, "", ""),
        ({"spent": 102, "elapsed": 3}, "", "over"),
        ({"over": 0.01, "under": 0.85, "middle": 90}, "", "under"),
        ({"over": 0.01, "under": 0.6, "middle": 94}, "", ""),
        ({"over": 0.01, "under": 0.6, "middle": 94}, "under", "under"),
        ({"reason": Reason.NO_TARGET}, "", ""),
    ],
)
def test_too_much_and_too_little_of_a_month(given: dict[str, Any], held: str, kind: str) -> None:
    assert read_spending(ends(**given), held=held).kind == kind


DAY = date(2026, 10, 1)


def test_a_pause_of_the_weekend_is_a_rhythm_and_not_late() -> None:
    days = [DAY + timedelta(days=n) for n in range(42)]
    weekdays = [day for day in days if day.weekday() < 5]
    rhythm = rhythm_of(weekdays)
    assert rhythm is not None
    assert rhythm.longest_pause == 3
    assert [rhythm.days_late(rhythm.newest + timedelta(days=n)) for n in (1, 3, 4)] == [0, 0, 4]


def test_a_file_now_and_then_is_no_rhythm() -> None:
    assert rhythm_of([DAY + timedelta(days=7 * n) for n in range(20)]) is None
    assert rhythm_of([DAY + timedelta(days=n) for n in range(8)]) is None
    assert rhythm_of([]) is None


def test_results_that_stop_while_clicks_go_on_are_silence() -> None:
    clicks, results = [500.0] * 40, [25.0] * 38 + [0.0, 0.0]
    found = silence_of(clicks, results)
    assert found is not None
    assert found.days == 2


def test_few_results_or_few_clicks_are_no_silence() -> None:
    assert silence_of([500.0] * 40, [2.0] * 38 + [0.0, 0.0]) is None
    assert silence_of([500.0] * 38 + [10.0, 10.0], [25.0] * 38 + [0.0, 0.0]) is None
    assert silence_of([500.0] * 40, [25.0] * 40) is None
    assert silence_of([500.0] * 10, [25.0] * 8 + [0.0] * 2) is None
