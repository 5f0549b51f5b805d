"""The honesty board: how far off, beside the naive, the worst misses, the calls, and who is benched."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from core import clock
from insights.models import Forecast
from insights.selectors.honesty import board_for
from insights.services.forecast_bench import bench
from insights.services.forecast_scoring import forecasts_score
from tests.cast import Cast
from tests.insights.judged import NOW, TODAY, exactly, issue, plant, twice, version_of
from tests.sign_in import signed_in

BACKS = (32, 38)
ADDRESS = "/insights/forecasts/honesty/"


@pytest.fixture
def scored(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Six campaigns forecast twice, one of them twice as high as it came."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    lines, version = plant(cast, mornings=BACKS), version_of(cast)
    for back in BACKS:
        issue(version, lines, back=back, says=exactly)
    bad = Forecast.objects.filter(subject=f"campaign:{lines[0].campaign_id}")
    assert bad.count() == len(BACKS)
    forecasts_score(now=NOW)
    return version


def shown(user: User, query: str = "") -> str:
    return signed_in(user).get(f"{ADDRESS}{query}").content.decode()


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_the_title_says_how_far_off_and_what_the_naive_would_have_been(
    cast: Cast, scored: Any
) -> None:
    found = board_for(cast.director, level="", metric="", ahead=None, today=TODAY)
    assert (found.level, found.span, found.ahead) == ("campaign", "total", 30)
    assert found.sums.n == 12
    assert found.sums.skill is not None
    page = shown(cast.director)
    assert "Thirty-day spend forecasts miss by" in page
    assert "; the naive one by" in page
    assert "Beats naive" in page
    assert "Closer than the seasonal naive on" in page


@pytest.mark.django_db
@pytest.mark.feature("5.7")
def test_calls_and_misses_lead_to_their_forecasts(cast: Cast, scored: Any) -> None:
    page = shown(cast.director)
    newest = Forecast.objects.order_by("-issued_at").first()
    assert newest is not None
    assert reverse("insights:forecast", args=[newest.pk]) in page
    assert "Next week’s direction, as it was called" in page
    assert "Not enough data" in page


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_without_scores_the_page_says_when_there_will_be_some(cast: Cast) -> None:
    page = shown(cast.director)
    assert "No forecast has been judged yet" in page
    assert "Every night forecasts are compared" in page


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_everybody_sees_their_own_teams_and_amounts_only_who_may(cast: Cast, scored: Any) -> None:
    assert "Thirty-day spend forecasts" in shown(cast.manager)
    assert "No forecast has been judged yet" in shown(cast.other_manager)
    assert "No forecast has been judged yet" in shown(cast.admin)


@pytest.mark.django_db
@pytest.mark.feature("5.5")
def test_while_a_model_is_benched_the_page_says_who_stands_in_and_why(
    cast: Cast, scored: Any
) -> None:
    assert "The seasonal naive makes the forecasts now" not in shown(cast.director)
    bench(version=scored, why="Its errors were 12 % larger.", at=NOW)
    page = shown(cast.director)
    assert "The seasonal naive makes the forecasts now" in page
    assert "Its errors were 12 % larger." in page


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_a_model_that_loses_is_told_as_such(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    lines, version = plant(cast, mornings=BACKS), version_of(cast)
    for back in BACKS:
        issue(version, lines, back=back, says=twice)
    forecasts_score(now=NOW)
    assert "Loses to naive" in shown(cast.director)
    assert "Closer than the seasonal naive on 0 of 30 days ahead" in shown(cast.director)


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_each_table_can_be_taken_along(cast: Cast, scored: Any) -> None:
    browser = signed_in(cast.director)
    for of, heading in (("", "Accuracy"), ("&of=misses", "Naive off by"), ("&of=calls", "Calls")):
        answer = browser.get(f"{ADDRESS}?export=csv{of}")
        assert (
            heading in b"".join(answer).decode("utf-8-sig")
            if answer.streaming
            else answer.content.decode()
        )


@pytest.mark.django_db
@pytest.mark.feature("5.6")
def test_the_api_tells_the_same_figures(cast: Cast, scored: Any) -> None:
    answer = (
        signed_in(cast.director)
        .get("/api/v1/forecasts/honesty/?level=campaign&metric=spend&ahead=total-30")
        .json()
    )
    board = board_for(
        cast.director, level="campaign", metric="spend", ahead=("total", 30), today=TODAY
    )
    assert answer["figures"]["accuracy"] == pytest.approx(board.sums.accuracy)
    assert answer["figures"]["naive_accuracy"] == pytest.approx(board.sums.naive_accuracy)
    assert len(answer["by_days_ahead"]) == 30
    assert answer["rows"][0]["version"] == scored.pk
    assert len(answer["worst"]) == 6
