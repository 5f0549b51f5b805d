"""Creating, changing, cloning and changing many at once."""

from datetime import UTC, date, datetime

import pytest

from campaigns import services
from campaigns.choices import Status
from campaigns.models import Campaign, Channel
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_change_is_recorded_with_old_and_new_value(cast: Cast, campaign: Campaign) -> None:
    services.campaign_edit(campaign=campaign, user=cast.manager, at=NOW, markets="DE, AT")
    event = Event.objects.filter(action="campaign.changed").get()
    assert (event.before, event.after) == ({"markets": ""}, {"markets": "DE, AT"})
    assert event.team_path == cast.dach.path


def test_saving_the_same_again_records_nothing(cast: Cast, campaign: Campaign) -> None:
    services.campaign_edit(campaign=campaign, user=cast.manager, at=NOW, name=campaign.name)
    assert not Event.objects.filter(action="campaign.changed").exists()


def test_a_colleagues_change_is_not_overwritten(cast: Cast, campaign: Campaign) -> None:
    services.campaign_edit(campaign=campaign, user=cast.director, at=NOW, version=1, markets="DE")
    with pytest.raises(Conflict, match="changed by somebody else"):
        services.campaign_edit(
            campaign=campaign, user=cast.manager, at=NOW, version=1, markets="AT"
        )
    campaign.refresh_from_db()
    assert campaign.markets == "DE"


def test_a_flight_that_ends_before_it_starts_is_refused(cast: Cast, campaign: Campaign) -> None:
    with pytest.raises(Invalid):
        services.campaign_edit(
            campaign=campaign, user=cast.manager, at=NOW, flight_end=date(2026, 11, 1)
        )


def test_two_campaigns_of_a_team_cannot_share_a_name(cast: Cast, campaign: Campaign) -> None:
    with pytest.raises(Invalid):
        services.campaign_create(
            user=cast.manager, team=cast.dach, owner=cast.manager, name="WINTER LAYERS", at=NOW
        )


def test_a_manager_creates_only_own_campaigns_in_the_own_team(cast: Cast) -> None:
    for team, owner in [(cast.uk, cast.manager), (cast.dach, cast.director)]:
        with pytest.raises(NotAllowed):
            services.campaign_create(user=cast.manager, team=team, owner=owner, name="X", at=NOW)


def test_a_clone_is_a_draft_with_the_same_lines(cast: Cast, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.LIVE)
    copy = services.campaign_clone(
        campaign=campaign, name="Winter layers 2", user=cast.manager, at=NOW, shift_days=364
    )
    assert (copy.status, copy.flight_start) == (Status.DRAFT, date(2027, 11, 1))
    assert [line.name for line in copy.lines.all()] == ["Search DE"]


def test_a_bulk_change_is_all_or_nothing(cast: Cast, campaign: Campaign) -> None:
    other = services.campaign_create(
        user=cast.director, team=cast.uk, owner=cast.uk_manager, name="Spring", at=NOW
    )
    Campaign.objects.filter(pk=other.pk).update(status=Status.ARCHIVED)
    chosen = [campaign, Campaign.objects.get(pk=other.pk)]
    with pytest.raises(Conflict, match=r"Spring.*Nothing was changed"):
        services.campaigns_change(campaigns=chosen, user=cast.director, to=Status.PLANNED, at=NOW)
    campaign.refresh_from_db()
    assert campaign.status == Status.DRAFT


def test_the_currency_of_a_line_is_the_ad_accounts(cast: Cast, campaign: Campaign) -> None:
    from campaigns.models import AdAccount

    account = AdAccount.objects.create(
        platform="google_ads", external_id="1", name="A", currency="GBP", team=cast.dach
    )
    with pytest.raises(Invalid, match="paid in GBP"):
        services.line_create(
            campaign=campaign,
            channel=Channel.objects.get(key="social"),
            name="Social",
            currency="EUR",
            ad_account=account,
            at=NOW,
        )
