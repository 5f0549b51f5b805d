"""Answers of the platforms' APIs go through the same mapping as their tables."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrations.rules.connector import (
    RowsRefused,
    connectors,
    pages_to_tables,
    read_json,
    report,
)
from tests.conftest import missing
from tests.integrations.connector_rows import MEASURES, asked, in_units, only

pytestmark = pytest.mark.feature("3.1")

ANSWERS = {
    "google_ads": ("google_ads_search_two_pages.json", {}),
    "meta_ads": ("meta_insights_page.json", {}),
    "linkedin_ads": ("linkedin_adAnalytics_campaign.json", {"campaign": "single"}),
}


def unpacked(key: str, *pages: Any) -> dict[str, Any]:
    return pages_to_tables(pages, connectors()[key])


def insight(**more: Any) -> dict[str, Any]:
    """A row of Meta's insights."""
    row = {"ad_id": "1", "campaign_id": "9", "account_id": "7", "date_start": "2026-11-01"}
    return {**row, "spend": "1", "impressions": "10", "inline_link_clicks": "1", **more}


@pytest.mark.parametrize("key", ANSWERS)
def test_the_answer_gives_the_golden_campaign_days(shared_data: Path, key: str) -> None:
    folder = shared_data / "formats/api"
    if not folder.is_dir():
        missing(f"no answers of APIs in {folder}")
    connector, (name, choices) = connectors()[key], ANSWERS[key]
    with (folder / "golden_campaign_day.csv").open() as opened:
        wanted = [r for r in csv.DictReader(opened) if r["platform"] == connector.reported_as]
    tables = unpacked(key, read_json((folder / name).read_bytes()))
    found = in_units(report(tables, connector, "campaign", choices))
    assert only(found, "date_day", "campaign_id") == only(wanted, "date_day", "campaign_id")
    for ours, theirs in zip(found, wanted, strict=True):
        for measure in set(MEASURES) & set(theirs):
            value = ours[measure]
            assert value == (Decimal(theirs[measure]) if theirs[measure] else None), measure


def test_figures_that_google_leaves_out_of_a_row_are_zero() -> None:
    rows = [
        {"segments": {"date": "2026-11-01"}, "campaign": {"id": "9"}, "metrics": {"clicks": "2"}},
        {"segments": {"date": "2026-11-02"}, "campaign": {"id": "9"}, "metrics": {}},
    ]
    found = asked("google_ads", unpacked("google_ads", {"results": rows}))
    assert only(found, "clicks", "spend", "conversions") == [(2, 0, None), (0, 0, None)]


def test_only_the_chosen_actions_are_conversions() -> None:
    actions = [
        {"action_type": "offsite_conversion.fb_pixel_purchase", "value": "2"},
        {"action_type": "OFFSITE_CONVERSION.FB_PIXEL_LEAD", "value": "1.5"},
        {"action_type": "purchase", "value": "2"},
        {"action_type": "link_click", "value": "40"},
    ]
    tables = unpacked("meta_ads", {"data": [insight(actions=actions), insight(ad_id="2")]})
    assert only(asked("meta_ads", tables), "conversions") == [(Decimal("3.5"),)]
    chosen = asked("meta_ads", tables, conversion_events="purchase, link_click")
    assert only(chosen, "conversions") == [(42,)]


def test_an_answer_without_any_actions_does_not_tell_of_conversions() -> None:
    found = asked("meta_ads", unpacked("meta_ads", {"data": [insight()]}))
    assert only(found, "clicks", "conversions") == [(1, None)]


def test_the_digits_of_an_answer_are_kept() -> None:
    page = read_json('{"data": [{"spend": 0.1, "id": 12345678901234567890}]}')
    assert page == {"data": [{"spend": "0.1", "id": "12345678901234567890"}]}


def test_an_answer_without_the_list_is_refused_in_words() -> None:
    with pytest.raises(RowsRefused, match="no list “elements”"):
        unpacked("linkedin_ads", ["not an answer"])
    with pytest.raises(RowsRefused, match="no list “results”"):
        unpacked("google_ads", {"results": "none"})


def test_an_answer_without_rows_gives_a_report_without_rows() -> None:
    assert asked("google_ads", unpacked("google_ads", {"fieldMask": "x"})) == []
