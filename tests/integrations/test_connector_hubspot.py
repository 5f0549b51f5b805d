"""HubSpot's tables give the peer's deals, deal stages and companies."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from integrations.rules.connector import connectors, folder_to_tables, read_connector, report
from integrations.rules.connector.loading import FOLDER as MAPPINGS
from tests.conftest import missing
from tests.integrations.connector_rows import asked, table

pytestmark = pytest.mark.feature("3.5")

# What teams and roles an owner has stands in tables that the public rows do not have.
TEAMS = {
    "owner_primary_team_id", "owner_primary_team_name", "owner_all_team_ids",
    "owner_all_team_names", "owner_role_id", "owner_role_name",
}  # fmt: skip
GOLDEN = {
    "deals": ("peer_deals.csv", "deal_id", TEAMS),
    "stages": ("peer_deal_stages.csv", "deal_stage_id", set[str]()),
    "companies": ("peer_companies.csv", "company_id", set[str]()),
}
OWN_PROPERTY = """
funky_field = "column('property_hs_all-funky-a9384-syntax')"
"""
# The peer's rows came from tables of engagements without rows.
NO_ENGAGEMENTS = {
    "engagement": table("id type"),
    "engagement_deal": table("engagement_id deal_id"),
    "engagement_company": table("engagement_id company_id"),
}


@pytest.fixture(scope="module")
def hubspot(shared_data: Path) -> Path:
    folder = shared_data / "formats/crm_hubspot"
    if not folder.is_dir():
        missing(f"no rows of HubSpot in {folder}")
    return folder


def written(value: Any) -> str:
    """A value as the golden files write it."""
    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int):
        return f"{Decimal(value) / 1_000_000:f}"
    return str(value)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_report_equals_the_peers(hubspot: Path, name: str) -> None:
    file, key, untold = GOLDEN[name]
    own = read_connector((MAPPINGS / "hubspot.toml").read_text() + OWN_PROPERTY, "own.toml")
    tables = {**NO_ENGAGEMENTS, **folder_to_tables(hubspot / "seeds", own)}
    rows: Any = report(tables, own, name).astype(object).to_dict("records")
    found = {row[key]: row for row in rows}
    with (hubspot / "golden" / file).open() as opened:
        wanted = {row[key]: row for row in csv.DictReader(opened)}
    assert found.keys() == wanted.keys()
    assert len(found) == len(rows)
    for place, row in wanted.items():
        for column in row.keys() - untold:
            theirs = row[column].partition(".")[0] if "_at" in column else row[column]
            assert written(found[place][column]) == theirs, (place, column)


DEALS = table(
    "deal_id is_deleted deal_pipeline_id deal_pipeline_stage_id owner_id portal_id"
    " property_dealname property_amount property_closedate property_createdate",
    "1 false p won 5 9 Renewal 125000.50 2026-03-01T10:00:00+02:00 2026-01-01",
    "2 TRUE p - - 9 Upsell - - 2026-01-02",
)
STAGES = table(
    "deal_id value _fivetran_start _fivetran_end _fivetran_active source source_id",
    "1 won 2026-02-01T10:00:00 2050-01-01 TRUE API x",
    "1 open 2026-01-01T9:00:00 2026-02-01T10:00:00 FALSE API x",
)
PIPELINE = {
    "deal_pipeline": table("pipeline_id label active display_order _fivetran_deleted", "p New TRUE 1 FALSE"),
    "deal_pipeline_stage": table(
        "stage_id pipeline_id label active is_closed closed_won display_order probability"
        " _fivetran_deleted",
        "open p Open TRUE FALSE FALSE 1 0.2 FALSE",
        "won p Won TRUE TRUE TRUE 2 1.0 FALSE",
    ),
}  # fmt: skip


def test_a_deal_has_its_pipeline_and_an_exact_amount_or_none() -> None:
    first, second = asked("hubspot", {"deal": DEALS, **PIPELINE}, "deals")
    assert (first["amount"], first["pipeline_stage_label"]) == (Decimal("125000.5"), "Won")
    assert (second["amount"], second["is_deal_deleted"]) == (None, True)
    assert first["is_deal_deleted"] is False


def test_the_stages_of_a_deal_are_counted_in_the_order_they_were_entered() -> None:
    stages = asked("hubspot", {"deal": DEALS, "deal_stage": STAGES, **PIPELINE}, "stages")
    named = {stage["deal_stage_id"]: stage for stage in stages}
    assert {key: stage["pipeline_stage_label"] for key, stage in named.items()} == {
        "1-1": "Open",
        "1-2": "Won",
    }
    assert named["1-1"]["pipeline_stage_probability"] == Decimal("0.2")
    assert named["1-2"]["is_pipeline_stage_won"] is True


def test_engagements_are_counted_by_kind_and_unknown_without_their_tables() -> None:
    engaged = {
        "engagement": table("id type", "1 NOTE", "2 NOTE", "3 CALL"),
        "engagement_deal": table("engagement_id deal_id", "1 1", "2 1", "3 1"),
    }
    first, second = asked("hubspot", {"deal": DEALS, **engaged}, "deals")
    assert (first["count_engagement_notes"], first["count_engagement_calls"]) == (2, 1)
    assert second["count_engagement_notes"] == 0
    assert asked("hubspot", {"deal": DEALS}, "deals")[0]["count_engagement_notes"] is None


def test_hubspot_is_no_delivery_of_ads() -> None:
    assert connectors()["hubspot"].kind == "crm"
