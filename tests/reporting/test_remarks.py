"""Remarks on charts: on a campaign or all of a team, drawn with a letter, deleted and brought back."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.test import Client

from campaigns.models import Campaign
from core.errors import Invalid, NotAllowed
from reporting import services
from reporting.models import Annotation
from reporting.selectors.annotations import letter, remark_markers, remarks_on
from tests.cast import Cast
from tests.reporting.examples import make_remark
from tests.world import AT, load_steady, make_campaign, make_line

pytestmark = pytest.mark.feature("11.8")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def campaign_of(remark: Annotation) -> Campaign:
    assert remark.campaign_id
    return Campaign.objects.get(pk=remark.campaign_id)


@pytest.fixture
def manager(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.manager)
    return client


def test_it_stands_on_the_chart_and_below_it(cast: Cast, manager: Client) -> None:
    remark = make_remark(cast)
    load_steady(make_line(cast, campaign_of(remark)), FIRST, 20, clicks=9, spend="5", revenue="20")  # fmt: skip
    page = manager.get(f"/campaigns/{remark.campaign_id}/?period=2026-11").content.decode()
    assert "Parcel strike" in page
    assert '"number": "A"' in page


def test_a_remark_of_the_team_stands_on_all_its_campaigns_and_no_others(cast: Cast) -> None:
    services.annotation_add(
        user=cast.director,
        at=AT,
        team=cast.europe,
        first_day=FIRST,
        last_day=FIRST,
        text="Election",
    )
    ours = make_campaign(cast)
    theirs = make_campaign(cast, team=cast.us, owner=cast.other_manager)
    assert [r.annotation.text for r in remarks_on(cast.director, ours, FIRST, LAST)] == ["Election"]
    assert remarks_on(cast.executive, theirs, FIRST, LAST) == []


def test_a_range_that_began_before_the_chart_is_marked_at_its_first_day(cast: Cast) -> None:
    remark = make_remark(cast)
    campaign = campaign_of(remark)
    days = [date(2026, 11, 4), date(2026, 11, 5)]
    shown = remarks_on(cast.manager, campaign, days[0], days[-1])
    assert [(m.at, m.sign) for m in remark_markers(shown, days)] == [(days[0], "A")]
    assert [letter(n) for n in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]


def test_only_its_author_and_who_edits_the_campaigns_change_it(cast: Cast) -> None:
    remark = make_remark(cast)
    for who in (cast.analyst, cast.auditor, cast.uk_manager):
        with pytest.raises(NotAllowed):
            services.annotation_delete(annotation=remark, user=who, at=AT)
    services.annotation_delete(annotation=remark, user=cast.director, at=AT)


@pytest.mark.parametrize("wrong", [{"text": " "}, {"last_day": FIRST}])
def test_what_cannot_be_said(cast: Cast, wrong: dict[str, object]) -> None:
    fields: dict = {"first_day": date(2026, 11, 2), "last_day": LAST, "text": "x", "team": cast.dach}  # fmt: skip
    with pytest.raises(Invalid):
        services.annotation_add(user=cast.manager, at=AT, **fields | wrong)


def test_the_page_adds_changes_deletes_and_brings_back(cast: Cast, manager: Client) -> None:
    campaign = make_campaign(cast)
    data = {"text": "Storm", "first_day": "2026-11-02", "last_day": "2026-11-02"}
    url = f"/campaigns/{campaign.pk}/remarks/new/"
    assert manager.get(url).status_code == 200
    assert manager.post(url, data | {"text": ""}).status_code == 422
    assert manager.post(url, data).status_code == 302
    remark = Annotation.objects.get()
    assert manager.post(f"/remarks/{remark.pk}/edit/", data | {"text": "Gale"}).status_code == 302
    gone = manager.post(f"/remarks/{remark.pk}/delete/", follow=True).content.decode()
    assert f'data-undo="/remarks/{remark.pk}/undelete/"' in gone
    assert manager.post(f"/remarks/{remark.pk}/undelete/").status_code == 302
    remark.refresh_from_db()
    assert (remark.text, remark.deleted_at) == ("Gale", None)


def test_the_api_does_the_same(cast: Cast, manager: Client) -> None:
    campaign = make_campaign(cast)
    body = {"campaign": campaign.pk, "first_day": "2026-11-03", "last_day": "2026-11-05", "text": "Strike"}  # fmt: skip
    made = manager.post("/api/v1/annotations/", json.dumps(body), content_type="application/json")
    assert (made.status_code, made.json()["campaign"]) == (201, campaign.pk)
    url = f"/api/v1/annotations/{made.json()['id']}/"
    assert manager.put(url, json.dumps(body | {"text": "Over"}), content_type="application/json").json()["text"] == "Over"  # fmt: skip
    found = manager.get(f"/api/v1/annotations/?campaign={campaign.pk}&since=2026-11-04").json()
    assert found["count"] == 1
    assert manager.delete(url).status_code == 204
    assert manager.get(url).status_code == 404
    assert manager.post(f"{url}undelete/").status_code == 200
