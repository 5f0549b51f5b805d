"""The parts of a campaign on its page: lines, creatives, segments and days."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from campaigns.choices import Status
from campaigns.models import Creative
from reporting.selectors.campaign import part_label
from reporting.views.campaign import MOVE_WORDS
from tests.cast import Cast
from tests.world import load_steady, make_campaign, make_line

NOVEMBER = date(2026, 11, 1)


def creatives_tab(user: User, campaign: int) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/campaigns/{campaign}/?tab=creatives&period=2026-11")
    return answer.content.decode()


@pytest.fixture
def creative(cast: Cast) -> Creative:
    campaign = make_campaign(cast, "Boots")
    load_steady(make_line(cast, campaign), NOVEMBER, 5, clicks=9, spend="5", revenue="20")
    return Creative.objects.create(
        campaign=campaign, name="Hut evening", format="Video", state=Creative.State.PLANNED
    )


@pytest.mark.feature("2.2")
def test_a_planned_creative_stands_in_the_tab_before_it_has_figures(
    cast: Cast, creative: Creative
) -> None:
    page = creatives_tab(cast.manager, creative.campaign_id)
    assert "Hut evening" in page
    assert "Video · planned" in page


def test_whoever_may_edit_the_campaign_gets_to_the_creative(cast: Cast, creative: Creative) -> None:
    form = f"/campaigns/{creative.campaign_id}/creatives/{creative.pk}/"
    assert form in creatives_tab(cast.manager, creative.campaign_id)
    assert form not in creatives_tab(cast.analyst, creative.campaign_id)


def test_the_newest_day_comes_first(cast: Cast, creative: Creative) -> None:
    client = Client()
    client.force_login(cast.manager)
    address = f"/campaigns/{creative.campaign_id}/?tab=days&period=2026-11"
    page = client.get(address).content.decode()
    assert page.index("5 Nov 2026</") < page.index("1 Nov 2026</")


def test_a_segment_is_written_by_its_values() -> None:
    assert part_label("segment", "country=DE · device=mobile") == "DE · mobile"
    assert part_label("segment", "Not split") == "Not split"
    assert part_label("line", "a=b") == "a=b"


def test_every_step_of_a_campaign_has_a_word_for_its_button() -> None:
    assert set(MOVE_WORDS) == set(Status)
