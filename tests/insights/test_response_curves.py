"""Response curves: trained on weekly facts, in use by themselves, shown to who sees the money."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from core.models import Event, OutboxItem
from insights.models import MeasuredReturn, ModelVersion
from insights.rules.response import Range, Room, even_of, room_of
from insights.selectors.response import board_of, curve_estimates, response_versions, teams_of
from insights.services.response_training import response_refresh
from insights.services.returns import return_enter
from insights.services.training import model_train
from tests.cast import Cast
from tests.insights.responding import NOW, PLANTED, TODAY, plant, spend_of, trained
from tests.world import make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("2.6")]


def open_page(user: User, name: str = "insights:response", **query: str) -> Any:
    client = Client()
    client.force_login(user)
    with time_machine.travel(NOW, tick=False):
        return client.get(reverse(name), query)


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def slope(channel: str, spend: float) -> float:
    """What the next unit truly brings."""
    _, top, half, _ = PLANTED[channel]
    return top * half / (half + spend) ** 2


def test_planted_curves_are_found_again(cast: Cast) -> None:
    plant(cast, counts=True)
    version = trained(cast.dach)
    assert (version.state, version.reason) == (ModelVersion.State.CHAMPION, "")
    board = board_of(response_versions(cast.director), cast.dach, "revenue", day=TODAY)
    assert [unit.channel for unit in board.channels] == ["search", "social", "display"]
    for unit in board.channels:
        truth = slope(unit.channel, unit.spend_today)
        assert unit.marginal is not None
        assert unit.marginal.value == pytest.approx(truth, rel=0.2), unit.name
        assert unit.decay is not None
        assert unit.decay < 0.2
    assert set(board.metrics) == {"revenue", "conversions"}


def test_estimates_for_a_scoreboard_come_with_each_version(cast: Cast) -> None:
    plant(cast)
    found = curve_estimates(trained(cast.dach), "revenue")
    assert {"search", "social", "display"} <= set(found)
    assert sum(key.startswith("line:") for key in found) == 3
    assert curve_estimates(trained(cast.uk), "revenue") == {}


def test_too_few_weeks_say_so_and_no_curve_is_made_up(cast: Cast) -> None:
    plant(cast, weeks=30)
    version = trained(cast.dach)
    assert (version.reason, version.state) == ("too_few_weeks", ModelVersion.State.CHALLENGER)
    shown = text(open_page(cast.manager))
    assert "DACH has no curves" in shown
    assert "There are 30 complete weeks; a curve needs 52" in shown


def test_before_any_training_the_page_says_what_to_do(cast: Cast) -> None:
    shown = text(open_page(cast.director))
    assert "Nobody has trained response curves yet" in shown


def test_first_curves_are_ordered_and_newer_ones_put_in_use(cast: Cast) -> None:
    plant(cast)
    assert response_refresh(now=NOW) == {"ordered": 1, "put in use": 0}
    assert OutboxItem.objects.get(kind="insights.train").payload["team"] == cast.dach.pk
    first, second = trained(cast.dach), trained(cast.dach)
    assert second.state == ModelVersion.State.CHALLENGER
    assert response_refresh(now=NOW) == {"ordered": 0, "put in use": 1}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (ModelVersion.State.RETIRED, ModelVersion.State.CHAMPION)


def test_chains_that_disagree_stay_a_challenger(cast: Cast) -> None:
    plant(cast)
    trained(cast.dach)
    second = trained(cast.dach)
    ModelVersion.objects.filter(pk=second.pk).update(scores={**second.scores, "rhat": 1.4})
    assert response_refresh(now=NOW)["put in use"] == 0


def test_training_tells_how_far_it_is(cast: Cast) -> None:
    plant(cast)
    steps: list[tuple[int, int, str]] = []
    model_train(
        kind=ModelVersion.Kind.RESPONSE, team=cast.dach, user=None, at=NOW,
        say=lambda done, total, note: steps.append((done, total, note)),
    )  # fmt: skip
    assert steps[:3] == [(0, 3, "Search"), (1, 3, "Social"), (2, 3, "Display")]


def test_a_measured_return_moves_the_curve_and_its_page_says_so(cast: Cast) -> None:
    lines = plant(cast).lines
    before = curve_estimates(trained(cast.dach), "revenue")["search"]
    return_enter(
        user=cast.director, team=cast.europe, channel=lines["search"].channel, metric="revenue",
        low=1.9, high=2.1, source="Geo test of May", measured_on=date(2026, 5, 30), at=NOW,
    )  # fmt: skip
    version = trained(cast.dach)
    after = curve_estimates(version, "revenue")["search"]
    spend = spend_of("search")[:, None]
    now, then = (
        float(one.weekly(spend).sum(axis=(0, 2)).mean() / spend.sum()) for one in (after, before)
    )
    assert abs(now - 2.0) < abs(then - 2.0) / 2
    assert version.params["tests"] == [MeasuredReturn.objects.get().pk]
    response_refresh(now=NOW)
    assert "begins from a measured return" in text(open_page(cast.director))
    event = Event.objects.get(action="measured_return.entered")
    assert event.reason == "Geo test of May"


def test_a_later_measurement_takes_the_place_of_an_earlier(cast: Cast) -> None:
    channel = make_line(cast).channel
    for low in (1.0, 2.0):
        return_enter(
            user=cast.analyst, team=cast.dach, channel=channel, metric="revenue", low=low,
            high=low + 1, source="Holdout", measured_on=TODAY, at=NOW,
        )  # fmt: skip
    assert MeasuredReturn.objects.get(ended_at=None).value == 2.5


def test_the_whole_range_decides_whether_there_is_room() -> None:
    assert room_of(Range(2, 1.1, 3), 1) is Room.GROW
    assert room_of(Range(0.5, 0.2, 0.9), 1) is Room.PAST
    assert room_of(Range(1.5, 0.9, 2), 1) is Room.UNCLEAR
    assert room_of(None, 1) is Room.NOTHING
    assert even_of([(100, 2.0), (300, 1.0)], is_money=False) == 1.25


def test_the_page_states_the_finding_groups_and_exports(cast: Cast) -> None:
    plant(cast, counts=True)
    trained(cast.dach)
    page = open_page(cast.manager)
    shown = text(page)
    assert "Search has most room: the next €1 brings €4." in shown
    assert "Room to grow" in shown
    assert page.content.count(b'class="curve"') == 3
    lines = text(open_page(cast.manager, by="line"))
    assert "Search DACH" in lines
    points = open_page(cast.manager, by="point", export="csv")
    assert points.status_code == 200
    assert points.content.decode().count("\n") > 60
    by_count = text(open_page(cast.manager, of="conversions"))
    assert "what it brings on average" in by_count


def test_a_manager_sees_the_own_team_and_a_director_all_of_theirs(cast: Cast) -> None:
    plant(cast)
    plant(cast, team=cast.uk, owner=cast.uk_manager)
    for team in (cast.dach, cast.uk):
        trained(team)
    own = response_versions(cast.manager)
    assert [version.team for version in own] == [cast.dach]
    assert teams_of(own, cast.manager) == [cast.dach]
    both = response_versions(cast.director)
    assert teams_of(both, cast.director) == [cast.europe, cast.dach, cast.uk]
    board = board_of(both, cast.europe, "revenue", day=TODAY)
    assert len(board.channels) == 6
    assert response_versions(cast.other_manager) == []
    assert (
        "UK"
        not in text(open_page(cast.manager, team=str(cast.uk.pk))).split("Response curves · ")[1][
            :40
        ]
    )


def test_as_of_a_moment_the_curves_of_then_answer(cast: Cast) -> None:
    plant(cast)
    first = trained(cast.dach, now=NOW - timedelta(days=1))
    trained(cast.dach)
    response_refresh(now=NOW)
    then = response_versions(cast.director, NOW - timedelta(hours=12))
    assert [version.pk for version in then] == [first.pk]


def test_the_api_answers_what_the_page_shows(cast: Cast) -> None:
    plant(cast)
    version = trained(cast.dach)
    api = APIClient()
    api.force_authenticate(cast.manager)
    with time_machine.travel(NOW, tick=False):
        told = api.get(reverse("api-response-curves"), {"metric": "revenue"}).json()
    assert told["versions"] == [version.pk]
    search = told["channels"][0]
    assert search["room"] == "grow"
    assert len(search["points"]) == 21
    assert search["marginal"]["low"] < search["marginal"]["value"] < search["marginal"]["high"]
    api.force_authenticate(cast.other_manager)
    with time_machine.travel(NOW, tick=False):
        assert api.get(reverse("api-response-curves")).json()["channels"] == []


def test_a_measured_return_is_entered_on_the_page_and_over_the_api(cast: Cast) -> None:
    line = make_line(cast)
    given = {"team": cast.dach.pk, "metric": "revenue", "low": "1.5", "high": "2.5",
             "measured_on": "2026-10-01", "source": "Holdout of autumn"}  # fmt: skip
    client = Client()
    client.force_login(cast.analyst)
    client.post(reverse("insights:response-return"), {**given, "channel": line.channel_id})
    assert MeasuredReturn.objects.get().value == 2.0
    api = APIClient()
    api.force_authenticate(cast.analyst)
    body = {**given, "channel": "search", "high": "0.5", "test": given["source"]}
    refused = api.post(reverse("api-measured-returns"), body, format="json")
    assert refused.status_code == 422
    assert "must begin at zero" in refused.json()["error"]["message"]
    made = api.post(reverse("api-measured-returns"), {**body, "high": "3.5"}, format="json")
    assert made.status_code == 201
    assert len(api.get(reverse("api-measured-returns")).json()["results"]) == 1
