"""HubSpot's own tables give the peer's deals, stages and companies, through the database."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.money import MICROS
from customers.models import Account, Opportunity, StageEntry
from integrations.rules.connector import connector_named, folder_to_tables
from integrations.services.crm import crm_source, crm_tables_load
from tests.cast import Cast
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.1")]


@pytest.fixture
def golden(shared_data: Path) -> Path:
    return shared_data / "formats" / "crm_hubspot" / "golden"


@pytest.fixture
def loaded(cast: Cast, shared_data: Path) -> None:
    connector = connector_named("hubspot")
    assert connector
    folder = shared_data / "formats" / "crm_hubspot" / "seeds"
    for _ in range(2):  # a second time changes nothing
        crm_tables_load(
            folder_to_tables(folder, connector), connector, team=cast.dach,
            source=crm_source(cast.dach, "hubspot", "USD"), currency="USD", label="HubSpot",
            actor=cast.manager.as_actor(), at=AT,
        )  # fmt: skip


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def moment(text: object) -> str:
    return str(text)[:19]


@pytest.mark.usefixtures("loaded")
def test_all_deals_are_there_as_the_peer_has_them(golden: Path) -> None:
    expected = {
        (row.deal_id, row.deal_name, row.amount, moment(row.created_date), row.is_deal_deleted)
        for row in read(golden / "peer_deals.csv").itertuples()
    }
    found = {
        (
            deal.number, deal.name,
            "" if deal.amount_micros is None else str(deal.amount_micros // MICROS),
            "" if deal.created_at is None else f"{deal.created_at:%Y-%m-%d %H:%M:%S}",
            "t" if deal.is_deleted else "f",
        )
        for deal in Opportunity.objects.all()
    }  # fmt: skip
    assert len(expected) == 44
    assert found == expected


@pytest.mark.usefixtures("loaded")
def test_every_stage_was_entered_and_left_when_the_peer_says(golden: Path) -> None:
    expected = {
        (
            row.deal_stage_id, row.deal_id, moment(row.date_stage_entered),
            "" if row.is_stage_active == "t" else moment(row.date_stage_exited),
            row.pipeline_stage_label or row.pipeline_stage_id,
        )
        for row in read(golden / "peer_deal_stages.csv").itertuples()
    }  # fmt: skip
    found = {
        (
            entry.number, entry.opportunity_ref, f"{entry.entered_at:%Y-%m-%d %H:%M:%S}",
            f"{entry.left_at:%Y-%m-%d %H:%M:%S}" if entry.left_at else "", entry.stage,
        )
        for entry in StageEntry.objects.all()
    }  # fmt: skip
    assert len(expected) == 14
    assert found == expected


@pytest.mark.usefixtures("loaded")
def test_all_companies_are_accounts(golden: Path) -> None:
    expected = {
        (row.company_id, row.company_name, row.industry, row.country, row.company_annual_revenue)
        for row in read(golden / "peer_companies.csv").itertuples()
    }
    found = {
        (
            account.number, account.name, account.industry, account.country,
            "" if account.revenue_micros is None else str(account.revenue_micros // MICROS),
        )
        for account in Account.objects.all()
    }  # fmt: skip
    assert len(expected) == 24
    assert found == expected


@pytest.mark.usefixtures("loaded")
def test_owners_of_deals_are_hashed_although_no_file_was_read() -> None:
    owners = set(Opportunity.objects.exclude(owner="").values_list("owner", flat=True))
    assert owners
    assert all(owner.startswith("p1n-") for owner in owners)
