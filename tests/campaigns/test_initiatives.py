"""Initiatives: campaigns that carry one undertaking, their numbers together, and milestones that slip."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.test import Client

from campaigns import services
from campaigns.models import Initiative
from core.errors import Invalid, NotAllowed
from core.models import Event
from reporting.selectors.initiatives import progress_of
from tests.campaigns.examples import NOW, make_initiative
from tests.cast import Cast
from tests.world import load_steady, make_campaign, make_line

pytestmark = pytest.mark.feature("1.14")


@pytest.fixture
def manager(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.manager)
    return client


def test_the_page_sums_its_campaigns(cast: Cast, manager: Client) -> None:
    made = make_initiative(cast)
    campaigns = [make_campaign(cast, name) for name in ("Vienna", "Graz")]
    for campaign in campaigns:
        load_steady(make_line(cast, campaign), "2026-10-01", 10, spend="10", revenue="42", clicks=2)
    services.initiative_campaigns(initiative=made, user=cast.manager, at=NOW, add=campaigns)
    page = manager.get(f"/initiatives/{made.pk}/?period=2026-10").content.decode()
    assert "€200" in page
    assert "€840" in page
    assert "4.20" in page
    assert manager.get("/initiatives/?period=2026-10").status_code == 200
    services.initiative_campaigns(initiative=made, user=cast.manager, at=NOW, remove=campaigns[:1])
    assert "€420" in manager.get(f"/initiatives/{made.pk}/?period=2026-10").content.decode()


def test_campaigns_out_of_sight_count_for_nobody_who_may_not_see_them(
    cast: Cast, manager: Client
) -> None:
    made = make_initiative(cast)
    foreign = make_campaign(cast, "Utah", team=cast.us, owner=cast.other_manager)
    made.campaigns.add(foreign)
    answer = manager.get(f"/api/v1/initiatives/{made.pk}/").json()
    assert answer["campaigns"] == []
    assert "Utah" not in manager.get(f"/initiatives/{made.pk}/").content.decode()


def test_who_begins_one_may_give_it_to_a_colleague_with_its_campaigns(cast: Cast) -> None:
    campaign = make_campaign(cast)
    made = services.initiative_save(
        user=cast.manager,
        at=NOW,
        team=cast.dach,
        owner=cast.director,
        name="Winter",
        add=[campaign],
    )
    assert (made.owner, list(made.campaigns.all())) == (cast.director, [campaign])


def test_milestones_say_how_far_and_how_late(cast: Cast) -> None:
    made = make_initiative(cast)
    for name, done in (("Signed", date(2026, 11, 1)), ("Opened", None)):
        services.milestone_save(
            initiative=made, user=cast.manager, at=NOW, name=name, due_on=date(2026, 11, 10),
            done_on=done,
        )  # fmt: skip
    progress = progress_of(list(made.milestones.all()), date(2026, 11, 22))
    assert (progress.done, progress.total, progress.slip_days) == (1, 2, 12)
    assert progress.words == "1 of 2 milestones, 12 days late"


def test_every_change_is_on_record(cast: Cast) -> None:
    made = make_initiative(cast)
    services.initiative_save(initiative=made, user=cast.director, at=NOW, goal="Be known.")
    services.initiative_delete(initiative=made, user=cast.manager, at=NOW)
    actions = Event.objects.filter(subject_type="campaigns.initiative").order_by("id")
    assert [one.action for one in actions] == [
        "initiative.created", "initiative.changed", "initiative.deleted",
    ]  # fmt: skip
    assert not Initiative.objects.exists()


def test_others_change_nothing_and_a_name_is_taken_once(cast: Cast) -> None:
    made = make_initiative(cast)
    for who in (cast.uk_manager, cast.analyst, cast.auditor):
        with pytest.raises(NotAllowed):
            services.initiative_save(initiative=made, user=who, at=NOW, goal="x")
    with pytest.raises(Invalid):
        make_initiative(cast)


def test_the_api_begins_changes_and_ends_one(cast: Cast, manager: Client) -> None:
    first, second = make_campaign(cast), make_campaign(cast)
    body = {"name": "Enter Austria", "team": cast.dach.pk, "owner": cast.manager.pk, "campaigns": [first.pk]}  # fmt: skip
    made = manager.post("/api/v1/initiatives/", json.dumps(body), content_type="application/json")
    assert (made.status_code, made.json()["campaigns"]) == (201, [first.pk])
    url = f"/api/v1/initiatives/{made.json()['id']}/"
    change = {"add": [second.pk], "remove": [first.pk], "goal": "Be known."}
    changed = manager.patch(url, json.dumps(change), content_type="application/json").json()
    assert (changed["campaigns"], changed["goal"]) == ([second.pk], "Be known.")
    step = {"name": "Signed", "due_on": "2026-12-01"}
    added = manager.post(f"{url}milestones/", json.dumps(step), content_type="application/json")
    one = f"{url}milestones/{added.json()['id']}/"
    done = manager.patch(one, '{"done_on": "2026-11-20"}', content_type="application/json").json()
    assert done["done_on"] == "2026-11-20"
    assert manager.delete(one).status_code == 204
    assert manager.delete(url).status_code == 204
