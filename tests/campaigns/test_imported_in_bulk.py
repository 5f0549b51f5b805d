"""Thousands of new names in one file: a handful of statements, and the same identity as one by one."""

import time
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.choices import Status
from campaigns.models import AdAccount, Campaign, CampaignLine, Channel, Creative, Transition
from campaigns.services import (
    ImportedCampaign,
    NamedCreative,
    creatives_ensure,
    imported_lines_ensure,
    line_create,
)
from core import events
from core.errors import Invalid
from core.events import AUTOMATION
from core.models import Event
from tests.cast import Cast

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
pytestmark = pytest.mark.feature("2.1")


def _account(cast: Cast, number: str = "1") -> AdAccount:
    return AdAccount.objects.create(
        platform="google_ads", external_id=number, name=number, currency="EUR", team=cast.dach
    )


def _ensure(
    cast: Cast,
    *found: ImportedCampaign,
    account: AdAccount | None = None,
    currency: str = "EUR",
) -> list[CampaignLine]:
    lines = imported_lines_ensure(
        team=cast.dach,
        owner=cast.manager,
        channel=Channel.objects.get(key="display"),
        currency=currency,
        ad_account=account,
        found=found,
        actor=AUTOMATION,
        at=NOW,
    )
    return [lines[item] for item in found]


def test_two_thousand_new_names_take_a_second_and_few_statements(cast: Cast) -> None:
    found = [ImportedCampaign(f"Campaign {n:05d}", str(n)) for n in range(2_000)]
    began = time.process_time()
    with CaptureQueriesContext(connection) as asked:
        lines = _ensure(cast, *found)
    assert time.process_time() - began < 3
    assert len(asked) < 40
    assert len({line.pk for line in lines}) == len({line.campaign_id for line in lines}) == 2_000
    with CaptureQueriesContext(connection) as again:
        assert [line.pk for line in _ensure(cast, *found)] == [line.pk for line in lines]
    assert len(again) < 10


def test_each_new_campaign_and_line_has_its_own_genuine_event(cast: Cast) -> None:
    lines = _ensure(cast, *(ImportedCampaign(f"Name {n}", str(n)) for n in range(5)))
    for line in lines:
        of_line = Event.objects.get(action="line.created", subject_id=str(line.pk))
        made = Event.objects.get(action="campaign.created", subject_id=str(line.campaign_id))
        assert of_line.after == {"name": line.name}
        assert (made.after or {})["name"] == line.campaign.name
        assert (made.actor_name, made.team_path) == ("Automation", cast.dach.path)
    assert Transition.objects.filter(after=Status.LIVE).count() == 5
    assert set(Campaign.objects.values_list("status", flat=True)) == {Status.LIVE}
    assert events.seal(at=NOW) == Event.objects.count()
    assert events.verify() == []


def test_names_that_differ_in_case_only_are_one_campaign(cast: Cast) -> None:
    first, second, third = _ensure(
        cast,
        ImportedCampaign("Brand Ö"),
        ImportedCampaign(" BRAND ö "),
        ImportedCampaign("brand Ö"),
    )
    assert first.pk == second.pk == third.pk
    assert Campaign.objects.get().name == "Brand Ö"


def test_one_name_with_three_numbers_is_one_campaign_with_three_lines(cast: Cast) -> None:
    account = _account(cast)
    lines = _ensure(cast, *(ImportedCampaign("Brand", str(n)) for n in (1, 2, 3)), account=account)
    assert [line.name for line in lines] == ["Brand", "Brand (2)", "Brand (3)"]
    assert Campaign.objects.count() == 1


def test_a_name_of_another_currency_gets_the_next_free_name(cast: Cast) -> None:
    names = [
        _ensure(cast, ImportedCampaign("Brand"), currency=code)[0].name
        for code in ("EUR", "USD", "GBP")
    ]
    assert names == ["Brand", "Brand (2)", "Brand (3)"]


def test_a_free_name_that_is_taken_by_another_file_does_not_stop_the_import(cast: Cast) -> None:
    (line,) = _ensure(cast, ImportedCampaign("Brand"))
    line_create(
        campaign=line.campaign, channel=line.channel, name="Brand (3)", currency="EUR", at=NOW
    )
    (other,) = _ensure(cast, ImportedCampaign("Brand"), currency="USD")
    assert other.name == "Brand (4)"


def test_renames_of_many_are_recorded_each_and_do_not_take_a_sisters_name(cast: Cast) -> None:
    account = _account(cast)
    _ensure(cast, *(ImportedCampaign(f"Old {n}", str(n)) for n in range(50)), account=account)
    renamed = [ImportedCampaign(f"New {n}", str(n)) for n in range(50)]
    with CaptureQueriesContext(connection) as asked:
        lines = _ensure(cast, *renamed, account=account)
    assert [line.name for line in lines] == [item.name for item in renamed]
    assert len(asked) < 20
    assert Event.objects.filter(action="line.renamed").count() == 50
    # Two lines of one campaign never end up with one name.
    one, two = _ensure(
        cast, ImportedCampaign("Twin", "a"), ImportedCampaign("Twin", "b"), account=account
    )
    (same,) = _ensure(cast, ImportedCampaign("twin", "b"), account=account)
    assert (same.pk, same.name) == (two.pk, "Twin (b)")
    assert one.campaign_id == two.campaign_id


def test_a_name_that_is_too_long_says_so(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        _ensure(cast, ImportedCampaign("x" * 201))
    assert refused.value.where == "name"
    assert not Campaign.objects.exists()


def test_creatives_are_found_by_name_in_their_campaign_in_few_statements(cast: Cast) -> None:
    lines = _ensure(cast, ImportedCampaign("One"), ImportedCampaign("Two"))
    wanted = [
        NamedCreative(line.campaign_id, f"Ad {n}", str(n)) for line in lines for n in range(500)
    ]
    with CaptureQueriesContext(connection) as asked:
        made = creatives_ensure(wanted)
    assert len(asked) < 12
    assert len(set(made.values())) == Creative.objects.count() == 1_000
    upper = NamedCreative(lines[0].campaign_id, "AD 7", "")
    assert creatives_ensure([upper])[upper] == made[wanted[7]]


def test_new_creatives_that_differ_in_case_only_are_one(cast: Cast) -> None:
    (line,) = _ensure(cast, ImportedCampaign("One"))
    pair = [NamedCreative(line.campaign_id, name, "") for name in ("Ad", "AD")]
    assert len(set(creatives_ensure(pair).values())) == 1
