"""Draft, planned, approved, live, paused, completed, reviewed, archived: who, when and why."""

from datetime import UTC, datetime

import pytest

from campaigns import services
from campaigns.choices import MOVES, Status
from campaigns.models import Campaign
from campaigns.services import lifecycle
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_other_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions of upper apps (a target, for one) have tests of their own."""
    monkeypatch.setattr(lifecycle, "_checks", [])


@pytest.mark.feature("1.2")
def test_a_whole_life_is_logged_with_who_when_why(cast: Cast, campaign: Campaign) -> None:
    steps = [
        (Status.PLANNED, cast.manager),
        (Status.APPROVED, cast.director),
        (Status.LIVE, cast.manager),
        (Status.PAUSED, cast.manager),
        (Status.LIVE, cast.manager),
        (Status.COMPLETED, cast.manager),
        (Status.REVIEWED, cast.manager),
        (Status.ARCHIVED, cast.manager),
    ]
    for to, by in steps:
        services.campaign_move(campaign=campaign, to=to, by=by, reason="because", at=NOW)
    taken = [(t.after, t.by, t.reason, t.at) for t in campaign.transitions.all()]
    assert taken == [(to, by, "because", NOW) for to, by in steps]
    assert Event.objects.filter(action="campaign.paused", actor_id=cast.manager.pk).count() == 1


@pytest.mark.feature("1.2")
@pytest.mark.parametrize("status", Status.values)
def test_every_illegal_step_is_refused(cast: Cast, campaign: Campaign, status: str) -> None:
    for to in set(Status.values) - set(MOVES[status]):
        Campaign.objects.filter(pk=campaign.pk).update(status=status)
        with pytest.raises((Conflict, NotAllowed)):
            services.campaign_move(campaign=campaign, to=to, by=cast.director, reason="x", at=NOW)
        campaign.refresh_from_db()
        assert campaign.status == status
        assert not campaign.transitions.exists()


def test_an_upper_app_can_demand_a_condition(cast: Cast, campaign: Campaign) -> None:
    lifecycle.register_readiness(
        lambda _, to: "It needs a target." if to == Status.PLANNED else None
    )
    with pytest.raises(Conflict, match="needs a target"):
        services.campaign_move(campaign=campaign, to=Status.PLANNED, by=cast.manager, at=NOW)


def test_the_owner_cannot_approve_the_own_campaign(cast: Cast, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.PLANNED, owner=cast.director)
    with pytest.raises(NotAllowed, match="somebody else"):
        services.campaign_move(campaign=campaign, to=Status.APPROVED, by=cast.director, at=NOW)
    services.campaign_move(campaign=campaign, to=Status.APPROVED, by=cast.executive, at=NOW)


def test_a_pause_needs_a_reason(cast: Cast, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.LIVE)
    with pytest.raises(Invalid, match="Say why"):
        services.campaign_move(campaign=campaign, to=Status.PAUSED, by=cast.manager, at=NOW)


def test_a_manager_does_not_resume_what_a_director_paused(cast: Cast, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.LIVE)
    services.campaign_move(
        campaign=campaign, to=Status.PAUSED, by=cast.director, reason="stock is out", at=NOW
    )
    with pytest.raises(NotAllowed, match="Mara Lindqvist paused"):
        services.campaign_move(campaign=campaign, to=Status.LIVE, by=cast.manager, at=NOW)
    services.campaign_move(campaign=campaign, to=Status.LIVE, by=cast.director, at=NOW)


@pytest.mark.parametrize("who", ["analyst", "admin", "auditor", "other_manager", "uk_manager"])
def test_others_cannot_move_it(cast: Cast, campaign: Campaign, who: str) -> None:
    with pytest.raises(NotAllowed):
        services.campaign_move(campaign=campaign, to=Status.PLANNED, by=getattr(cast, who), at=NOW)


def test_no_line_no_launch(cast: Cast, campaign: Campaign) -> None:
    campaign.lines.all().delete()
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.APPROVED)
    with pytest.raises(Conflict, match="at least one channel line"):
        services.campaign_move(campaign=campaign, to=Status.LIVE, by=cast.manager, at=NOW)
