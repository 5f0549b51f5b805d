"""Leadership sees what it answers for: a director the division, an executive and an auditor the house."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign
from core.models import Event
from tests.approvals.actions import AT, ask
from tests.approvals.conftest import actions
from tests.cast import Cast
from tests.world import make_campaign

__all__ = ["actions"]
pytestmark = [pytest.mark.django_db, pytest.mark.feature("9.3")]
NAMES = ("Winter DACH", "Winter UK", "Winter US")


@pytest.fixture
def house(cast: Cast) -> tuple[Campaign, ...]:
    """A campaign of each market team, and what began each of them."""
    owners = (cast.manager, cast.uk_manager, cast.other_manager)
    teams = (cast.dach, cast.uk, cast.us)
    return tuple(
        make_campaign(cast, name, team=team, owner=owner)
        for name, team, owner in zip(NAMES, teams, owners, strict=True)
    )


def get(user: User, path: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.content.decode()


def seen(user: User, path: str) -> list[str]:
    """Which of the three campaigns stand on a page, or in an answer."""
    text = get(user, path)
    return [name for name in NAMES if name in text]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("executive", NAMES),
        ("auditor", NAMES),
        ("admin", NAMES),
        ("director", NAMES[:2]),
        ("other_director", NAMES[2:]),
        ("manager", NAMES[:1]),
        ("analyst", NAMES[:2]),
    ],
)
@pytest.mark.parametrize("path", ["/campaigns/", "/api/v1/campaigns/"])
def test_everybody_sees_the_campaigns_they_answer_for_and_no_other(
    cast: Cast, house: tuple[Campaign, ...], path: str, who: str, expected: tuple[str, ...]
) -> None:
    assert seen(getattr(cast, who), path) == list(expected)


def test_a_campaign_of_another_division_is_not_there(
    cast: Cast, house: tuple[Campaign, ...]
) -> None:
    addresses = [reverse("reporting:campaign", args=[one.pk]) for one in house]
    client = Client()
    client.force_login(cast.director)
    assert [client.get(address).status_code for address in addresses] == [200, 200, 404]
    client.force_login(cast.executive)
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200]


def test_leadership_follows_requests_and_their_trail_where_it_answers(cast: Cast) -> None:
    asked = {
        team: ask(user, team, name=f"New {team}", units=900)
        for user, team in ((cast.manager, cast.dach), (cast.other_manager, cast.us))
    }
    ours, theirs = asked[cast.dach].reference, asked[cast.us].reference
    for who, wanted in (
        (cast.executive, {ours, theirs}),
        (cast.auditor, {ours, theirs}),
        (cast.director, {ours}),
        (cast.other_director, {theirs}),
    ):
        inbox = get(who, "/approvals/?show=all")
        assert {reference for reference in (ours, theirs) if reference in inbox} == wanted
    sent = Event.objects.filter(action="request.created", at=AT)
    assert sent.count() == 2
    trail = [get(who, "/audit/") for who in (cast.director, cast.executive)]
    assert [(ours in text, theirs in text) for text in trail] == [(True, False), (True, True)]
