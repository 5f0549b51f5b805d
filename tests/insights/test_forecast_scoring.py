"""Frozen forecasts are compared with the days that became final, once, and again when restated."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from campaigns.models import CampaignLine
from core.models import Event
from core.money import MICROS
from insights.models import Forecast, ForecastScore, ForecastTally
from insights.rules.honesty import Came, Sums, Told, day_sums, standing, total_sums
from insights.selectors.forecast_days import final_days
from insights.services.forecast_scoring import forecasts_score
from insights.services.maturity import maturity_learn
from metrics.models import Fact
from tests.cast import Cast
from tests.insights import maturing
from tests.insights.judged import DAY, NOW, TODAY, issue, plant, twice, version_of
from tests.world import load_rows, make_campaign, make_line


def told(mean: list[list[float]], *, width: float = 10.0, calls: list[float] | None = None) -> Told:
    at = np.array(mean)
    nothing = np.full(len(at), np.nan)
    return Told(at, at - width, at + width, at - 2 * width, at + 2 * width, np.array(calls) if calls else nothing)  # fmt: skip


def came(truth: list[list[float]], naive: list[list[float]], scale: float = 5.0) -> Came:
    n = len(truth)
    return Came(np.array(truth), np.array(naive), np.full(n, scale), np.full(n, np.nan))


@pytest.mark.feature("5.6")
def test_sums_are_what_one_counts_by_hand() -> None:
    (first, second) = day_sums(
        told([[100, 110], [50, 60]]), came([[108, np.nan], [75, 60]], [[90, 90], [70, 66]])
    )
    assert first.n == 2
    assert second.n == 1
    assert first.error == 8 + 25
    assert first.naive_error == 18 + 5
    assert first.size == 183
    assert first.bias == -33
    assert first.scaled == pytest.approx(33 / 5)
    assert (first.inside80, first.inside95) == (1, 1)
    assert second.error == 0
    assert (first + second).n == 3


@pytest.mark.feature("5.6")
def test_accuracy_mase_and_skill_are_ratios_of_sums_and_wait_for_eight_cases() -> None:
    row = Sums(n=8, size=800, error=80, naive_error=160, weighed=8, scaled=4, scaled_naive=8)
    assert row.accuracy == pytest.approx(0.9)
    assert row.naive_accuracy == pytest.approx(0.8)
    assert row.mase == pytest.approx(0.5)
    assert row.skill == pytest.approx(0.5)
    few = Sums(n=7, size=800, error=80, naive_error=160)
    assert few.accuracy is None
    assert few.skill is None
    assert few.hit_rate is None


@pytest.mark.feature("5.7")
def test_next_week_is_judged_by_the_call_as_it_was_issued() -> None:
    truth = [[10.0 * n for n in range(1, 8)]] * 3
    judged = Came(np.array(truth), np.array(truth), np.full(3, 1.0), np.array([1.0, -1.0, np.nan]))
    week = total_sums(told(truth, calls=[1.0, 1.0, 1.0]), judged)[6]
    assert (week.judged, week.hits) == (2, 1)
    assert week.weighed == 0


@pytest.mark.feature("5.7")
def test_the_hit_rate_has_the_interval_of_wilson() -> None:
    row = Sums(judged=40, hits=30)
    interval = row.hit_interval
    assert interval is not None
    assert row.hit_rate == 0.75
    # Newcombe 1998, method 3, by hand.
    assert (interval.low, interval.high) == pytest.approx((0.5981, 0.8581), abs=1e-4)


def test_a_version_is_behind_only_when_chance_does_not_explain_it() -> None:
    lost = Sums(weighed=30, scaled=33, scaled_naive=30)
    won = Sums(weighed=30, scaled=29, scaled_naive=30)
    assert standing({key: [lost] for key in range(8)}).loses
    assert not standing({key: [lost] for key in range(3)}).loses
    assert not standing({n: [lost if n < 5 else won] for n in range(8)}).loses
    assert not standing({n: [won] for n in range(8)}).loses


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_a_frozen_forecast_is_scored_day_by_day_against_what_came(cast: Cast) -> None:
    lines = plant(cast, campaigns=2, mornings=[10])
    issue(version_of(cast), lines, back=10)
    assert forecasts_score(now=NOW) == {"scored": 2 * 10, "restated": 0}
    score = ForecastScore.objects.select_related("forecast").order_by("pk")[0]
    assert score.final_days == 10
    assert score.truth[10:] == [None] * 20
    first = score.cutoff + DAY
    spent = _spent(lines[0])
    assert score.truth[0] == pytest.approx(spent[first])
    assert score.naive[0] == pytest.approx(spent[first - 7 * DAY])
    assert score.naive[7] == score.naive[0]
    assert score.truth[0] is not None
    assert score.truth[1] is not None
    assert score.truth_total[1] == pytest.approx(score.truth[0] + score.truth[1])
    assert score.scale is not None
    assert score.scale > 0
    assert score.came in (-1, 0, 1)


def _spent(line: CampaignLine) -> dict[date, float]:
    rows = Fact.objects.filter(line=line).values_list("day", "spend")
    return {day: micros / MICROS for day, micros in rows if micros is not None}


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_scoring_twice_changes_nothing(cast: Cast) -> None:
    lines = plant(cast, campaigns=2, mornings=[35])
    issue(version_of(cast), lines, back=35)
    forecasts_score(now=NOW)
    rows = list(ForecastTally.objects.order_by("pk").values())
    events = Event.objects.count()
    assert forecasts_score(now=NOW) == {"scored": 0, "restated": 0}
    assert list(ForecastTally.objects.order_by("pk").values()) == rows
    assert Event.objects.count() == events
    assert Event.objects.filter(action="forecast.scored").count() == 1


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_a_restated_day_is_scored_anew_and_the_forecast_stays(cast: Cast) -> None:
    lines = plant(cast, campaigns=2, mornings=[35])
    issue(version_of(cast), lines, back=35)
    forecasts_score(now=NOW)
    before = list(Forecast.objects.order_by("pk").values())
    later = NOW + timedelta(hours=3)
    load_rows(
        [{"line": lines[0], "day": TODAY - 30 * DAY, "spend": "999", "clicks": 1}], known_at=later
    )
    assert forecasts_score(now=later) == {"scored": 0, "restated": 1}
    score = ForecastScore.objects.get(forecast__subject=f"campaign:{lines[0].campaign_id}")
    assert 999 in score.truth
    assert score.restated == 1
    assert list(Forecast.objects.order_by("pk").values()) == before
    errors = ForecastTally.objects.filter(span="day").values_list("error", flat=True)
    assert max(errors) > 800


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_only_final_days_count_results_wait_until_their_platform_has_settled(cast: Cast) -> None:
    maturing.come_in([maturing.line_on(cast)])
    maturity_learn(now=maturing.NOW)
    final = final_days(now=maturing.NOW)
    assert final["spend"] == TODAY - DAY
    assert final["conversions"] == TODAY - maturing.FINAL * DAY
    assert final["leads"] == TODAY - 41 * DAY


@pytest.mark.django_db
def test_what_ended_is_judged_like_everything_else(cast: Cast) -> None:
    lines = plant(cast, campaigns=2, mornings=[8])
    silent = make_line(cast, make_campaign(cast, "Ended"))
    load_rows(
        [{"line": silent, "day": TODAY - n * DAY, "spend": "50"} for n in range(30, 10, -1)],
        known_at=NOW - 10 * DAY,
    )
    made = issue(version_of(cast), [silent, *lines], back=8)
    forecasts_score(now=NOW)
    score = ForecastScore.objects.get(
        forecast__issue=made, forecast__subject=f"campaign:{silent.campaign_id}"
    )
    assert score.truth[:8] == [0.0] * 8


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_the_sums_of_the_board_are_those_of_its_forecasts(cast: Cast) -> None:
    lines = plant(cast, campaigns=4, mornings=[40])
    issue(version_of(cast), lines, back=40, says=twice)
    forecasts_score(now=NOW)
    week = ForecastTally.objects.get(span="total", horizon=7)
    assert week.n == 4
    assert week.error / week.size == pytest.approx(1.0, abs=0.1)
    assert week.naive_error / week.size < 0.2
    assert (week.inside80, week.ranged) == (0, 4)
    assert ForecastTally.objects.filter(span="day").count() == 30
