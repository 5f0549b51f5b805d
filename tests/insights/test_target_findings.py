"""The daily check sees by itself that a target is missed, will be missed or is off its pace."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from automation.models import Alert
from campaigns.models import CampaignLine
from insights.models import Finding
from insights.services import daily_check
from metrics.models import Target
from metrics.services import target_set
from tests.cast import Cast
from tests.world import load_steady, make_line

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


@pytest.fixture
def line(cast: Cast) -> CampaignLine:
    """A hundred a day spent, four hundred back, since July."""
    made = make_line(cast, name="Winter")
    load_steady(made, "2026-07-01", 144, spend="100", revenue="400", conversions="8", clicks=90)
    return made


def goal(cast: Cast, line: CampaignLine, metric: str, value: int, **given: Any) -> Target:
    fields: dict[str, Any] = {
        "user": cast.director, "metric": metric, "team": cast.dach, "campaign": line.campaign,
        "first_day": FIRST, "last_day": LAST, "value_micros": value * 1_000_000,
        "currency": "EUR" if metric in ("revenue", "cpa", "spend") else "", "tolerance_percent": 5,
        "owner": cast.manager, "at": datetime(2026, 9, 1, tzinfo=UTC),
    }  # fmt: skip
    return target_set(**(fields | given))


def check(days: int = 0) -> dict[str, int]:
    return daily_check(now=NOW + timedelta(days=days))["targets"]


@pytest.mark.feature("1.13")
@pytest.mark.feature("4.6")
def test_a_target_out_of_reach_is_one_finding_with_numbers_window_and_reason(
    cast: Cast, line: CampaignLine
) -> None:
    goal(cast, line, "roas", 5)
    assert check() == {"opened": 1, "kept": 0, "ended": 0}
    found = Finding.objects.get()
    assert found.kind == Finding.Kind.TARGET_MISS
    assert found.title == f"ROAS of {line.campaign.name} heads for 4.00×, below its target of 5.00×"
    assert (found.window_start, found.window_end) == (FIRST, date(2026, 11, 14))
    assert "tolerance of 5 %" in found.reason
    assert "80 % range" in found.reason
    assert "not a forecast" in found.evidence["method"]
    assert found.evidence["target"] == "5"
    assert len(found.evidence["periods"]) == 7
    alert = Alert.objects.get()
    assert (alert.owner, alert.severity) == (cast.manager, "critical")


def test_ninety_mornings_of_one_cause_are_one_finding(cast: Cast, line: CampaignLine) -> None:
    goal(cast, line, "roas", 5)
    for days in range(4):
        check(days)
    assert Finding.objects.count() == Alert.objects.count() == 1


def test_two_targets_of_a_campaign_are_one_finding(cast: Cast, line: CampaignLine) -> None:
    goal(cast, line, "roas", 5)
    goal(cast, line, "cpa", 10)
    check()
    assert Finding.objects.count() == 1
    assert "Also: " in Finding.objects.get().reason


def test_it_ends_and_recovers_when_the_cause_is_over(cast: Cast, line: CampaignLine) -> None:
    target = goal(cast, line, "roas", 5)
    check()
    Target.objects.filter(pk=target.pk).update(value_micros=4_000_000)
    assert check(1)["ended"] == 1
    assert Alert.objects.get().state == Alert.State.RECOVERED


@pytest.mark.parametrize(
    ("metric", "value"), [("roas", 4), ("revenue", 36_800), ("cpa", 13), ("spend", 9_200)]
)
def test_what_is_within_tolerance_is_no_finding(
    cast: Cast, line: CampaignLine, metric: str, value: int
) -> None:
    goal(cast, line, metric, value)
    assert not any(check().values())


def test_being_ahead_is_shown_and_calls_nobody(cast: Cast, line: CampaignLine) -> None:
    goal(cast, line, "roas", 3)
    check()
    found = Finding.objects.get()
    assert (found.kind, found.evidence["stand"]) == (Finding.Kind.PACE, "ahead")
    assert not Alert.objects.exists()


def test_what_turned_from_behind_to_ahead_closes_its_alert(cast: Cast, line: CampaignLine) -> None:
    Finding.objects.create(
        kind=Finding.Kind.PACE, cause=f"pace:campaign:{line.campaign_id}", team=cast.dach,
        campaign=line.campaign, metric="roas", title="Behind", reason="", window_start=FIRST,
        window_end=LAST, evidence={"stand": "behind"}, found_at=NOW, seen_at=NOW,
    )  # fmt: skip
    Alert.objects.create(
        cause=f"pace:campaign:{line.campaign_id}", team=cast.dach, campaign=line.campaign,
        owner=cast.manager, severity="warning", title="Behind", reason="", opened_at=NOW,
    )  # fmt: skip
    goal(cast, line, "roas", 3)
    assert check()["kept"] == 1
    assert Alert.objects.get().state == Alert.State.RECOVERED


def test_a_missed_target_asks_for_a_look_back_and_then_rests(
    cast: Cast, line: CampaignLine
) -> None:
    goal(cast, line, "roas", 5, first_day=date(2026, 8, 1), last_day=date(2026, 10, 31))
    check()
    assert "missed its target" in Finding.objects.get().title
    assert check(31)["ended"] == 1


def test_the_end_of_a_period_is_judged_when_it_has_matured(cast: Cast, line: CampaignLine) -> None:
    goal(cast, line, "roas", 5, first_day=date(2026, 11, 1), last_day=date(2026, 11, 20))
    check(0)
    assert "heads for" in Finding.objects.get().title
    check(6)
    assert "missed its target" in Finding.objects.get(ended_at=None).title


def test_the_first_days_of_a_period_are_too_thin(cast: Cast, line: CampaignLine) -> None:
    goal(cast, line, "roas", 5, first_day=date(2026, 11, 12), last_day=date(2026, 12, 31))
    assert not any(check().values())


def test_no_target_and_one_not_begun_or_retired_are_silent(cast: Cast, line: CampaignLine) -> None:
    assert not any(check().values())
    goal(cast, line, "roas", 5, first_day=date(2026, 12, 1))
    retired = goal(cast, line, "roas", 6)
    Target.objects.filter(pk=retired.pk).update(is_retired=True)
    assert not any(check().values())


@pytest.mark.parametrize("status", ["draft", "planned", "approved", "paused", "archived"])
def test_what_does_not_run_is_not_behind(cast: Cast, line: CampaignLine, status: str) -> None:
    goal(cast, line, "roas", 5)
    type(line.campaign).objects.filter(pk=line.campaign_id).update(status=status)
    assert not any(check().values())


def test_zero_spend_has_no_return_to_judge(cast: Cast) -> None:
    silent = make_line(cast)
    load_steady(silent, "2026-07-01", 144, spend="0", revenue="0", clicks=3)
    goal(cast, silent, "roas", 5)
    assert not any(check().values())


def test_a_team_with_two_currencies_and_no_rate_is_not_judged_at_all(
    cast: Cast, line: CampaignLine
) -> None:
    """Half of the money would be missing: then nothing is said, and nothing breaks."""
    goal(cast, line, "roas", 5, campaign=None)
    assert check()["opened"] == 1
    assert Finding.objects.get().evidence["no_advice"].startswith("this is about a whole team")
    other = make_line(cast, currency="USD")
    load_steady(other, "2026-07-01", 144, spend="10", revenue="40")
    assert check(1) == {"opened": 0, "kept": 0, "ended": 1}


def test_late_data_is_not_a_target_behind(cast: Cast) -> None:
    late = make_line(cast)
    load_steady(late, "2026-07-01", 100, spend="100", revenue="400")
    goal(cast, late, "revenue", 36_800)
    assert not any(check().values())


def test_last_years_season_explains_a_slow_start(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2025-08-01", 122, spend="20", revenue="80")
    load_steady(line, "2025-12-01", 31, spend="100", revenue="400")
    load_steady(line, "2026-01-01", 325, spend="20", revenue="80")
    target = goal(cast, line, "revenue", 17_000)
    assert not any(check().values())
    Target.objects.filter(pk=target.pk).update(value_micros=30_000_000_000)
    check()
    assert "A year ago 21\u202f% was in by this day" in Finding.objects.get().reason
