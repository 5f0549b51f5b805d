"""A campaign that an export names is found again, or created once."""

from datetime import UTC, datetime

from campaigns.models import AdAccount, Campaign, CampaignLine, Channel
from campaigns.services import ImportedCampaign, imported_lines_ensure
from core.events import AUTOMATION
from core.models import Event
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _ensure(
    cast: Cast, *found: ImportedCampaign, account: AdAccount | None = None
) -> list[CampaignLine]:
    lines = imported_lines_ensure(
        team=cast.dach,
        owner=cast.manager,
        channel=Channel.objects.get(key="display"),
        currency="EUR",
        ad_account=account,
        found=found,
        actor=AUTOMATION,
        at=NOW,
    )
    return list(lines.values())


def _account(cast: Cast, number: str) -> AdAccount:
    return AdAccount.objects.create(
        platform="google_ads", external_id=number, name=number, currency="EUR", team=cast.dach
    )


def test_the_same_name_is_the_same_line(cast: Cast) -> None:
    (first,) = _ensure(cast, ImportedCampaign("camp 1"))
    (again,) = _ensure(cast, ImportedCampaign("camp 1"))
    assert first == again
    assert first.campaign.status == "live"


def test_a_rename_at_the_platform_keeps_the_line_and_is_recorded_once(cast: Cast) -> None:
    account = _account(cast, "1")
    (first,) = _ensure(cast, ImportedCampaign("Café", "11"), account=account)
    for _ in range(2):
        (again,) = _ensure(cast, ImportedCampaign("CAFÉ PARIS", "11"), account=account)
    assert (again.pk, again.name) == (first.pk, "CAFÉ PARIS")
    assert Event.objects.filter(action="line.renamed").count() == 1


def test_two_platform_campaigns_with_one_name_stay_two(cast: Cast) -> None:
    account = _account(cast, "1")
    lines = _ensure(
        cast, ImportedCampaign("Brand", "1"), ImportedCampaign("Brand", "2"), account=account
    )
    assert len({line.pk for line in lines}) == 2
    assert Campaign.objects.count() == 1


def test_one_number_in_two_ad_accounts_is_two_lines(cast: Cast) -> None:
    first = _ensure(cast, ImportedCampaign("Brand", "1"), account=_account(cast, "a"))
    second = _ensure(cast, ImportedCampaign("Brand", "1"), account=_account(cast, "b"))
    assert first != second
