"""The first page of each persona, the empty company, and what the frame remembers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from core.models import Organisation
from metrics.models import Batch
from tests.cast import Cast
from tests.reporting.story import Story, create_story
from tests.world import AT


@pytest.fixture
def story(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: AT)
    return create_story(cast)


def home(user: User, path: str = "/", **cookies: str) -> Any:
    client = Client()
    client.force_login(user)
    client.cookies.load({f"adroit_{name}": value for name, value in cookies.items()})
    return client.get(path)


def test_without_data_the_first_page_leads_to_the_first_import(cast: Cast) -> None:
    assert not Batch.objects.exists()
    page = home(cast.analyst).content.decode()
    assert "Import your first file" in page
    assert 'href="/imports/"' in page
    assert "Invite the people" in home(cast.admin).content.decode()
    assert "Files are imported by analysts" in home(cast.executive).content.decode()


@pytest.mark.feature("11.4")
@pytest.mark.parametrize("who", ["executive", "director", "manager", "analyst", "auditor"])
def test_every_persona_sees_where_it_stands(cast: Cast, story: Story, who: str) -> None:
    page = home(getattr(cast, who))
    assert page.status_code == 200
    assert page.context["title"].startswith("Revenue is ")
    assert len(page.context["tiles"]) <= 7
    said = page.context["status"]
    assert said.as_of is not None
    assert "no data" not in page.content.decode().lower()


def test_a_table_of_the_home_page_can_be_taken_along(cast: Cast, story: Story) -> None:
    answer = home(cast.executive, "/?export=csv&sort=-revenue")
    assert answer["Content-Type"].startswith("text/csv")


def test_moments_are_shown_where_the_books_are_kept(cast: Cast, story: Story) -> None:
    Organisation.objects.update(time_zone="Asia/Tokyo")
    page = home(cast.executive).content.decode()
    assert "Times are in the zone Asia/Tokyo (JST)." in page


def test_the_rail_stays_as_the_person_left_it(cast: Cast, story: Story) -> None:
    assert "rail-narrow" not in home(cast.manager).content.decode()
    assert "rail-narrow" in home(cast.manager, rail="narrow").content.decode()
