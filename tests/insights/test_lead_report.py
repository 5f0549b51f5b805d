"""Leads of each campaign, their cost and how many got on, against a chosen period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Campaign, CampaignLine
from customers.models import Contact, Touchpoint
from insights.rules.leads import stage_of
from insights.selectors.leads import LeadReport, leads_of
from metrics.models import Batch
from tests.cast import Cast
from tests.world import load_steady, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("1.17")]

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
TODAY = NOW.date()


def report(cast: Cast, **asked: Any) -> LeadReport:
    given: dict[str, Any] = {"days": 28, "against": "previous", "currency": "EUR"} | asked
    return leads_of(cast.director, today=TODAY, **given)


def test_stages_are_read_as_crm_systems_write_them() -> None:
    found = [stage_of(one) for one in ("Lead", "Marketing Qualified Lead", "salesqualifiedlead")]
    assert found == [1, 2, 3]
    assert stage_of("Customer") > 3 > stage_of("subscriber") == 0


def test_reported_leads_and_their_cost_are_compared_with_an_interval(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2026-09-20", 35, spend="100", clicks=100, leads=10)
    load_steady(line, "2026-10-25", 28, spend="150", clicks=100, leads=10)
    (row,) = report(cast).rows
    assert (row.after.leads, row.before.leads) == (280, 280)
    assert str(row.cpl(row.after)) == "15.00 EUR"
    assert row.cost.value == pytest.approx(0.5)
    assert row.cost.interval is not None
    assert row.cost.interval.excludes(0)


def test_few_leads_say_so(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2026-11-15", 3, spend="100", clicks=100, leads=2)
    (row,) = report(cast).rows
    assert row.cost.value is None
    assert row.mql.difference is None


def people(cast: Cast, line: CampaignLine, created: date, stages: list[str]) -> None:
    """Contacts of DACH that became leads on a day, after a touch of the line's campaign."""
    batch = Batch.objects.earliest("pk")
    for place, stage in enumerate(stages):
        at = datetime.combine(created, datetime.min.time(), UTC) + timedelta(hours=12)
        number = f"{line.pk}-{created}-{place}"
        contact = Contact.objects.create(
            team=cast.dach, number=number, batch=batch, lifecycle=stage, created_at=at, seen_at=at
        )
        Touchpoint.objects.create(
            team=cast.dach, number=number, batch=batch, at=at - timedelta(days=2),
            contact=contact, contact_ref=number, line=line,
        )  # fmt: skip


def test_contacts_of_the_crm_count_for_the_campaign_of_their_last_touch(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2026-09-20", 60, spend="10", clicks=100)
    people(cast, line, date(2026, 10, 10), ["Lead"] * 8 + ["Marketing Qualified Lead"] * 2)
    people(cast, line, date(2026, 11, 1), ["Lead"] * 3 + ["salesqualifiedlead"] * 9)
    # Too young to have been qualified: a lead, but in no share.
    people(cast, line, date(2026, 11, 18), ["Lead"] * 5)
    (row,) = report(cast).rows
    assert row.campaign == line.campaign_id
    assert (row.after.leads, row.before.leads) == (17, 10)
    assert (row.mql.after, row.mql.before) == (0.75, 0.2)
    assert row.mql.interval is not None
    assert row.mql.interval.excludes(0)
    assert row.sql.n_after == 12
    assert row.cpl(row.after) is None
    Campaign.objects.update(objective="leads")
    assert str(report(cast).rows[0].cpl(row.after)) == "14.71 EUR"


def test_the_page_and_the_api_tell_the_same(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2026-09-20", 63, spend="100", clicks=100, leads=10)
    client, api = Client(), APIClient()
    client.force_login(cast.director)
    api.force_authenticate(cast.director)
    with time_machine.travel(NOW, tick=False):
        shown = client.get(reverse("insights:leads")).content.decode()
        answer = api.get(reverse("api-leads"), {"against": "year"}).json()
    assert "280 leads against 280 before; a lead costs" in shown
    assert line.campaign.name in shown
    assert answer["total"]["leads"] == 280
    assert answer["total"]["leads_before"] == 0


def test_other_teams_leads_are_out_of_sight(cast: Cast) -> None:
    line = make_line(cast, team=cast.us, owner=cast.other_manager, currency="USD")
    load_steady(line, "2026-10-25", 28, spend="150", clicks=100, leads=10)
    assert report(cast).rows == []
