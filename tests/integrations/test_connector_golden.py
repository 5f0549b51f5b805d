"""Real connector rows of five platforms give the peer's nine reports, to a millionth."""

import csv
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from integrations.rules.connector import (
    LEVELS,
    connectors,
    folder_to_tables,
    report,
    tables_to_rows,
)
from tests.conftest import missing
from tests.integrations.connector_rows import MEASURES, in_units

pytestmark = pytest.mark.feature("3.1")

FOLDER = "formats/ads_connector"
PLATFORMS = ("google_ads", "meta_ads", "linkedin_ads", "microsoft_ads", "tiktok_ads")
PEER = {"country": "monthly_campaign_country", "region": "monthly_campaign_region"}
# The peer writes 0 here; the platform's tables hold no such figure, which is no data.
NOT_REPORTED = {("meta_ads", "country"), ("meta_ads", "region"), ("tiktok_ads", "country")}
MILLIONTH = Decimal("0.000001")
EXACT = MILLIONTH / 2

Key = tuple[str, ...]


@pytest.fixture(scope="module")
def ads(shared_data: Path) -> Path:
    folder = shared_data / FOLDER
    if not folder.is_dir():
        missing(f"no connector rows in {folder}")
    return folder


def golden(path: Path, platform: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as opened:
        return [row for row in csv.DictReader(opened) if row["platform"] == platform]


@cache
def tables(folder: Path, key: str) -> dict[str, pd.DataFrame]:
    connector = connectors()[key]
    return folder_to_tables(folder / "seeds" / connector.reported_as, connector)


def by_key(rows: list[dict[str, Any]], names: list[str]) -> dict[Key, dict[str, Any]]:
    """The rows under what tells them apart; a key that stands twice fails."""
    keyed = {tuple(row.get(name) or "" for name in names): row for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def is_same(ours: Decimal | None, theirs: str) -> bool:
    if theirs == "" or ours is None:
        return theirs == "" and ours is None
    return abs(ours - Decimal(theirs)) <= EXACT


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("key", PLATFORMS)
def test_the_report_equals_the_peers(ads: Path, key: str, level: str) -> None:
    connector = connectors()[key]
    file = ads / "golden" / f"peer_{PEER.get(level, level)}_report.csv"
    theirs = golden(file, connector.reported_as)
    if level not in connector.reports:
        assert not theirs
        return
    ours = in_units(report(tables(ads, key), connector, level))
    if not theirs:
        assert not ours
        return
    left_out = {*MEASURES, "platform", "source_relation"}
    names = [name for name in theirs[0] if name not in left_out]
    wanted, found = by_key(list(theirs), names), by_key(ours, names)
    assert found.keys() == wanted.keys()
    for place, row in wanted.items():
        for measure in MEASURES:
            if measure == "conversions_value" and (key, level) in NOT_REPORTED:
                assert (row[measure], found[place][measure]) == ("0.0", None)
            else:
                assert is_same(found[place][measure], row[measure]), (place, measure)


@pytest.mark.parametrize("key", PLATFORMS)
def test_campaign_days_equal_the_golden_ones(ads: Path, key: str) -> None:
    connector = connectors()[key]
    wanted = by_key(
        list(golden(ads / "golden/campaign_day.csv", connector.reported_as)),
        ["date_day", "campaign_id"],
    )
    found = by_key(
        in_units(report(tables(ads, key), connector, "campaign")), ["date_day", "campaign_id"]
    )
    assert found.keys() == wanted.keys()
    for place, row in wanted.items():
        assert all(is_same(found[place][measure], row[measure]) for measure in MEASURES), place


def test_the_platforms_totals_are_the_recorded_ones(ads: Path) -> None:
    for key in PLATFORMS:
        connector = connectors()[key]
        (wanted,) = golden(ads / "golden/platform_totals.csv", connector.reported_as)
        rows = in_units(report(tables(ads, key), connector, "campaign"))
        assert len(rows) == int(wanted["rows"])
        for measure in MEASURES:
            total = sum((row[measure] or Decimal() for row in rows), Decimal())
            assert is_same(total, wanted[measure]), (key, measure)


def test_rows_of_an_import_are_the_report_in_micros_and_whole_counts(ads: Path) -> None:
    rows = tables_to_rows(tables(ads, "google_ads"), connectors()["google_ads"])
    assert rows["spend"].sum() == 231_330_000
    assert (rows["clicks"].sum(), rows["impressions"].sum()) == (280, 1_854)
    assert rows["order_value"].isna().all()
    assert set(rows["currency"]) == {"USD"}
    assert set(rows["account"]) == {"2121450128"}
    assert (rows["day"] == rows["period_start"]).all()


def test_a_level_below_the_campaign_keeps_its_dimensions_as_segments(ads: Path) -> None:
    rows = tables_to_rows(tables(ads, "google_ads"), connectors()["google_ads"], level="keyword")
    assert Counter(rows["segment"]).keys() == {'{"keyword": "fivetran", "match_type": "EXACT"}'}


def test_a_month_is_one_observation_of_the_whole_month(ads: Path) -> None:
    rows = tables_to_rows(tables(ads, "tiktok_ads"), connectors()["tiktok_ads"], level="country")
    assert set(rows["period_start"].dt.strftime("%F")) == {"2025-04-01"}
    assert set(rows["day"].dt.strftime("%F")) == {"2025-04-30"}
