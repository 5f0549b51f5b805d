"""The registry: what was trained is kept with its data and scores, and only others put it in use."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from core import clock, outbox
from core.errors import AdroitError, Conflict, NotAllowed
from core.models import Event, OutboxItem
from insights.models import ModelVersion
from insights.selectors.versions import beside, champion_of, measured, versions_for
from insights.services import training
from insights.services.promotion import promote_ask
from insights.services.training import (
    model_train,
    register_trainer,
    train_request,
    train_weekly,
)
from insights.services.versions import Trained, version_add
from tests.approvals.actions import decide, execute
from tests.cast import Cast
from tests.insights.judged import NOW
from tests.sign_in import signed_in

State = ModelVersion.State
WHY = "Closer on every horizon."


def add(cast: Cast, *, mase: float = 0.9, user: User | None = None, team: Any = None, **more: Any) -> ModelVersion:  # fmt: skip
    trained = Trained(
        sha256="a" * 64, rows=1200, batch=None, known_at=NOW, params={"trees": True},
        scores={"campaigns": {"30": {"mase": mase, "n": 40}}}, **more,
    )  # fmt: skip
    return version_add(
        kind="forecast", team=team or cast.europe, trained=trained, user=user, at=NOW
    )


@pytest.fixture
def trainer() -> Any:
    """Forecasts are trained in no time, into what the test expects."""
    kept = dict(training._trainers)

    def quick(team: Any, at: Any, say: Any) -> Trained:
        say(0, 2, "half")
        say(1, 2, "more")
        return Trained(sha256="b" * 64, rows=7, batch=None, known_at=at, scores={"mase": 0.8})

    register_trainer("forecast", quick)
    yield quick
    training._trainers.clear()
    training._trainers.update(kept)


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_the_first_version_is_in_use_and_later_ones_challenge_it(cast: Cast) -> None:
    first, second = add(cast), add(cast, mase=0.8)
    assert (first.state, second.state) == (State.CHAMPION, State.CHALLENGER)
    assert champion_of("forecast", cast.dach) == first
    assert beside(second) == first
    assert [event.action for event in Event.objects.filter(subject_id=str(second.pk))] == ["model.trained"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.feature("5.3", "9.4")
def test_only_another_person_puts_a_version_in_use(cast: Cast) -> None:
    first, second = add(cast), add(cast, mase=0.8, user=cast.director)
    request = promote_ask(version=second, user=cast.analyst, reason=WHY, at=NOW)
    assert request.state == RequestState.OPEN
    for one in (cast.analyst, cast.director):
        with pytest.raises(NotAllowed):
            decide(request, one, at=NOW)
    second.refresh_from_db()
    assert second.state == State.CHALLENGER
    execute(decide(request, cast.executive, at=NOW), at=NOW)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.RETIRED, State.CHAMPION)
    assert second.request_id == request.pk
    assert champion_of("forecast", cast.dach) == second
    moved = Event.objects.get(action="model.moved", subject_id=str(second.pk))
    assert (moved.before, moved.after) == ({"state": "challenger"}, {"state": "champion"})


@pytest.mark.django_db
@pytest.mark.feature("9.4")
def test_a_director_may_decide_what_they_neither_asked_for_nor_trained(cast: Cast) -> None:
    add(cast)
    second = add(cast)
    request = promote_ask(version=second, user=cast.analyst, reason=WHY, at=NOW)
    with pytest.raises(NotAllowed):
        decide(request, cast.other_director, at=NOW)
    execute(decide(request, cast.director, at=NOW), at=NOW)
    second.refresh_from_db()
    assert second.state == State.CHAMPION


@pytest.mark.django_db
@pytest.mark.feature("9.4")
def test_a_model_of_the_whole_company_is_decided_by_an_executive(cast: Cast) -> None:
    add(cast, team=cast.company)
    second = add(cast, team=cast.company)
    request = promote_ask(version=second, user=cast.analyst, reason=WHY, at=NOW)
    with pytest.raises(NotAllowed):
        decide(request, cast.director, at=NOW)
    execute(decide(request, cast.executive, at=NOW), at=NOW)
    second.refresh_from_db()
    assert second.state == State.CHAMPION


@pytest.mark.django_db
@pytest.mark.feature("9.4")
def test_an_approval_holds_for_exactly_the_version_and_what_it_replaces(cast: Cast) -> None:
    add(cast)
    second = add(cast)
    request = promote_ask(version=second, user=cast.analyst, reason=WHY, at=NOW)
    decided = decide(request, cast.director, at=NOW)
    ModelVersion.objects.filter(pk=second.pk).update(params={"trees": False})
    assert execute(decided, at=NOW).state == RequestState.STALE
    second.refresh_from_db()
    assert second.state == State.CHALLENGER


@pytest.mark.django_db
@pytest.mark.feature("9.4")
def test_who_may_ask_and_for_what(cast: Cast) -> None:
    first, second = add(cast), add(cast)
    thin = add(cast, reason="too_few_days")
    for user in (cast.manager, cast.other_director, cast.auditor):
        with pytest.raises(NotAllowed):
            promote_ask(version=second, user=user, reason=WHY, at=NOW)
    for version in (first, thin):
        with pytest.raises(Conflict):
            promote_ask(version=version, user=cast.analyst, reason=WHY, at=NOW)
    promote_ask(version=second, user=cast.analyst, reason=WHY, at=NOW)
    with pytest.raises(Conflict, match="asks for it already"):
        promote_ask(version=second, user=cast.director, reason=WHY, at=NOW)


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_a_model_above_is_seen_by_the_teams_it_speaks_of(cast: Cast) -> None:
    company, europe = add(cast, team=cast.company), add(cast)
    assert set(versions_for(cast.manager)) == {company, europe}
    assert set(versions_for(cast.other_manager)) == {company}
    assert not versions_for(cast.nobody).exists()


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_scores_stand_beside_those_of_the_version_in_use(cast: Cast) -> None:
    first, second = add(cast, mase=0.9), add(cast, mase=0.8)
    (mase, cases) = measured(second, first)
    assert (mase.value, mase.other, mase.better) == (0.8, 0.9, True)
    assert mase.label == "Error, in seasonal differences (MASE), campaigns, 30 days ahead"
    assert cases.better is None


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_training_is_work_with_progress_that_can_be_repeated(cast: Cast, trainer: Any) -> None:
    item = train_request(kind="forecast", team=cast.company, user=cast.analyst, at=NOW)
    assert train_request(kind="forecast", team=cast.company, user=cast.director, at=NOW) == item
    assert outbox.deliver(item.pk, now=NOW)
    item.refresh_from_db()
    assert (item.progress_done, item.progress_total, item.progress_note) == (1, 2, "more")
    assert item.result
    made = ModelVersion.objects.get(pk=item.result["version"])
    assert made.trained_by == cast.analyst
    # A worker that dies after registering does it once more, and registers nothing.
    OutboxItem.objects.filter(pk=item.pk).update(state="pending")
    outbox.deliver(item.pk, now=NOW)
    assert ModelVersion.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_who_may_train(cast: Cast, trainer: Any) -> None:
    for user in (cast.executive, cast.auditor, cast.admin):
        with pytest.raises(NotAllowed):
            train_request(kind="forecast", team=cast.company, user=user, at=NOW)
    with pytest.raises(NotAllowed):
        train_request(kind="forecast", team=cast.europe, user=cast.other_manager, at=NOW)
    with pytest.raises(AdroitError, match="cannot be trained"):
        train_request(kind="nonsense", team=cast.company, user=cast.analyst, at=NOW)


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_every_week_what_has_a_model_gets_a_challenger(cast: Cast, trainer: Any) -> None:
    add(cast, team=cast.company)
    train_weekly(now=NOW)
    train_weekly(now=NOW)
    (item,) = OutboxItem.objects.filter(kind="insights.train", payload__kind="forecast")
    outbox.deliver(item.pk, now=NOW)
    assert ModelVersion.objects.get(number=2).state == State.CHALLENGER


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_the_command_trains_and_says_what_came_out(cast: Cast, trainer: Any) -> None:
    out = StringIO()
    call_command("train_model", kind="forecast", team="Europe", by="ada@tarnfell.test", stdout=out)
    assert "Forecast 1, in use: MASE 0.80, 7 rows." in out.getvalue()
    assert ModelVersion.objects.get().trained_by == cast.analyst
    with pytest.raises(CommandError, match="no team called"):
        call_command("train_model", kind="forecast", team="Nowhere")


@pytest.mark.django_db
def test_an_unknown_kind_says_what_can_be_trained(cast: Cast, trainer: Any) -> None:
    with pytest.raises(AdroitError, match="Nobody knows how to train"):
        model_train(kind="weather", team=cast.company, user=None, at=NOW)


@pytest.mark.django_db
@pytest.mark.feature("5.3", "9.4")
def test_the_pages_tell_versions_and_ask_for_one(cast: Cast, trainer: Any) -> None:
    first, second = add(cast), add(cast, mase=0.8)
    browser = signed_in(cast.analyst)
    listed = browser.get(reverse("insights:models")).content.decode()
    assert "1 model is in use, 1 challenges it" in listed
    assert "MASE 0.80 at 30 days" in listed
    page = browser.get(reverse("insights:model", args=[second.pk])).content.decode()
    assert f"In use: {first}" in page
    assert second.content_sha256[:8] in page
    answer = browser.post(reverse("insights:model-promote", args=[second.pk]), {"reason": WHY})
    request = ChangeRequest.objects.get(kind="model.promote")
    assert answer["Location"] == request.get_absolute_url()
    shown = browser.get(reverse("insights:model", args=[second.pk])).content.decode()
    assert request.reference in shown
    assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_the_pages_train_and_show_how_far_it_is(cast: Cast, trainer: Any) -> None:
    browser = signed_in(cast.analyst)
    asked = {"kind": "forecast", "team": cast.company.pk}
    answer = browser.post(reverse("insights:model-train"), asked)
    assert "Waiting for a worker" in browser.get(answer["Location"]).content.decode()
    outbox.deliver(OutboxItem.objects.get(kind="insights.train").pk, now=clock.now())
    made = ModelVersion.objects.get()
    assert browser.get(answer["Location"])["Location"] == reverse("insights:model", args=[made.pk])


@pytest.mark.django_db
@pytest.mark.feature("5.3")
def test_the_api_does_the_same(cast: Cast, trainer: Any) -> None:
    add(cast)
    second = add(cast, mase=0.8)
    api = signed_in(cast.analyst)
    listed = api.get("/api/v1/models/?state=challenger").json()
    rows = listed["results"] if isinstance(listed, dict) else listed
    assert [row["id"] for row in rows] == [second.pk]
    one = api.get(f"/api/v1/models/{second.pk}/").json()
    assert one["content_sha256"] == second.content_sha256
    made = api.post("/api/v1/models/train/", {"kind": "forecast", "team": cast.company.pk})
    assert made.status_code == 202
    assert api.get(f"/api/v1/models/training/{made.json()['id']}/").json()["state"] == "pending"
    asked = api.post(f"/api/v1/models/{second.pk}/promote/", {"reason": WHY})
    assert asked.status_code == 201
    assert ChangeRequest.objects.get(pk=asked.json()["id"]).kind == "model.promote"
