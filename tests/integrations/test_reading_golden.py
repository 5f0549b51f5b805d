"""Real exports and the public data set give the recorded answers, to the last digit."""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from integrations.rules import Outcome, Reading
from tests.integrations.files import cautions, codes, day_list, read, units

pytestmark = pytest.mark.feature("3.1")

UI_FILES = (
    "ga4_events_report.csv",
    "google_ads_campaign_report.csv",
    "google_ads_search_keyword_report_utf16.csv",
    "linkedin_campaign_performance.csv",
    "meta_ads_manager_campaigns_total_row.csv",
    "meta_ads_manager_daily_idr.csv",
)
# The golden files' names for our measures.
UI_MEASURES = {
    "impressions": "impressions",
    "clicks": "clicks",
    "interactions": "engagements",
    "spend": "spend",
    "conversions": "conversions",
    "event_count": "event_count",
    "users": "users",
    "revenue": "revenue",
}
DATA_SET = "formats/datasets/online_advertising_performance"
DATA_MEASURES = {
    "displays": "impressions",
    "clicks": "clicks",
    "cost": "spend",
    "revenue": "order_value",
    "post_click_conversions": "conversions",
    "post_click_sales_amount": "revenue",
}


def golden(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", UI_FILES)
def test_totals_of_every_export(shared_data: Path, name: str) -> None:
    folder = shared_data / "formats/ui_exports"
    expected = next(row for row in golden(folder / "golden/ui_totals.csv") if row["file"] == name)
    reading = read(folder / name, grain="period")
    assert reading.outcome is Outcome.ACCEPT, reading.problems
    assert reading.accepted == int(expected["rows"])
    for theirs, ours in UI_MEASURES.items():
        if expected[theirs]:
            assert reading.sums[ours] == Decimal(expected[theirs]), ours


@pytest.mark.parametrize("name", UI_FILES)
def test_every_row_of_every_export(shared_data: Path, name: str) -> None:
    folder = shared_data / "formats/ui_exports"
    expected = [row for row in golden(folder / "golden/ui_rows.csv") if row["file"] == name]
    frame = read(folder / name, grain="period").rows
    assert len(frame) == len(expected)
    title = "event_name" if "event_name" in frame else "campaign_name"
    names = [row["campaign"] for row in expected]
    assert frame[title].tolist() == names
    for theirs, ours in UI_MEASURES.items():
        if ours in frame and any(row[theirs] for row in expected):
            wanted = [Decimal(row[theirs]) if row[theirs] else None for row in expected]
            found = units(frame, ours)
            assert [value or Decimal(0) for value in found] == [v or Decimal(0) for v in wanted]


@pytest.mark.parametrize("name", UI_FILES)
def test_periods_and_currencies_of_every_export(shared_data: Path, name: str) -> None:
    folder = shared_data / "formats/ui_exports"
    expected = [row for row in golden(folder / "golden/ui_rows.csv") if row["file"] == name]
    frame = read(folder / name, grain="period").rows
    for (_, row), wanted in zip(frame.iterrows(), expected, strict=True):
        start, _, end = wanted["period"].partition("/")
        assert row["period_start"].date().isoformat() == start
        assert row["day"].date().isoformat() == (end or start)
        if wanted["currency"]:
            assert row["currency"] == wanted["currency"]


def test_keywords_become_a_segment(shared_data: Path) -> None:
    folder = shared_data / "formats/ui_exports"
    reading = read(folder / "google_ads_search_keyword_report_utf16.csv", grain="period")
    segments = [json.loads(text) for text in reading.rows["segment"]]
    assert segments[0] == {"keyword": "car towing near me", "match_type": "Broad match"}
    assert len({segment["keyword"] for segment in segments}) == 17


def test_a_whole_period_is_asked_about_first(shared_data: Path) -> None:
    reading = read(shared_data / "formats/ui_exports/google_ads_campaign_report.csv")
    assert reading.outcome is Outcome.REFUSE
    assert codes(reading) == ["WHOLE_PERIOD", "MISSING_COLUMN"]
    assert [question.key for question in reading.questions] == ["grain"]
    assert "breakdown by day" in reading.questions[0].sentence


def test_a_cent_of_difference_is_said_and_taken(shared_data: Path) -> None:
    reading = read(
        shared_data / "formats/ui_exports/google_ads_campaign_report.csv", grain="period"
    )
    said = [c.message for c in reading.warnings if c.code == "CONTROL_TOTAL_DIFFERS"]
    assert any("INR 2,565.92" in text and "INR 2,565.93" in text for text in said)


def test_the_accounts_total_is_never_added(shared_data: Path) -> None:
    reading = read(
        shared_data / "formats/ui_exports/meta_ads_manager_campaigns_total_row.csv", grain="period"
    )
    assert "" not in reading.rows["campaign_name"].tolist()
    account = [total for total in reading.evidence.control_totals if total.measure == "spend"]
    assert [(total.expected, total.binding) for total in account] == [(Decimal("11545.14"), False)]
    assert "CONTROL_TOTAL_DIFFERS" in cautions(reading)


@pytest.fixture(scope="module")
def data_set(shared_data: Path) -> Reading:
    return read(
        shared_data / DATA_SET / "online_advertising_performance_data.csv",
        year="2020",
        revenue="post_click_sales_amount",
    )


def summed(reading: Reading, *keys: str) -> dict[tuple[str, ...], dict[str, Decimal]]:
    """Our measures by some of: campaign, month, day, banner, placement."""
    frame = reading.rows
    segments = [json.loads(text or "{}") for text in frame["segment"]]
    columns = {
        "campaign_number": frame["campaign_name"].tolist(),
        "month_no": [str(stamp.month) for stamp in frame["day"]],
        "day": [str(stamp.day) for stamp in frame["day"]],
        "banner": frame["creative_name"].tolist(),
        "placement": [segment.get("placement", "(blank)") for segment in segments],
        "all": ["all"] * len(frame),
    }
    found: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    values = {theirs: units(frame, ours) for theirs, ours in DATA_MEASURES.items()}
    for at in range(len(frame)):
        group = found[tuple(columns[key][at] for key in keys)]
        for theirs, cells in values.items():
            group[theirs] += cells[at] or Decimal(0)
    return found


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("golden_campaign_day.csv", ("campaign_number", "month_no", "day")),
        ("golden_campaign_month_kpi.csv", ("campaign_number", "month_no")),
        ("golden_banner_kpi.csv", ("banner",)),
        ("golden_placement_kpi.csv", ("placement",)),
        ("golden_total_kpi.csv", ("all",)),
    ],
)
def test_the_data_set_by_each_grouping(
    shared_data: Path, data_set: Reading, file: str, keys: tuple[str, ...]
) -> None:
    found = summed(data_set, *keys)
    expected = golden(shared_data / DATA_SET / file)
    assert len(found) == len(expected)
    for row in expected:
        group = found[tuple(row[key] for key in keys)]
        assert {name: group[name] for name in DATA_MEASURES} == {
            name: Decimal(row[name]) for name in DATA_MEASURES
        }


def test_the_data_set_asks_for_year_and_revenue(shared_data: Path) -> None:
    reading = read(shared_data / DATA_SET / "online_advertising_performance_data.csv")
    assert reading.outcome is Outcome.REFUSE
    asked = {question.key: question for question in reading.questions}
    assert set(asked) == {"year", "revenue"}
    assert {option.value for option in asked["revenue"].options} == {
        "revenue",
        "post_click_sales_amount",
    }
    assert asked["year"].options[0].value == "2026"
    assert asked["year"].free
    assert set(codes(reading)) == {"AMBIGUOUS_COLUMN", "NEEDS_CHOICE"}


def test_the_other_revenue_column_is_kept_as_order_value(data_set: Reading) -> None:
    proposals = {column.header: column for column in data_set.columns}
    assert proposals["post_click_sales_amount"].target == "revenue"
    assert proposals["post_click_sales_amount"].why == "chosen by a person"
    assert proposals["revenue"].target == "order_value"


def test_the_data_set_in_another_year_has_days_of_that_year(shared_data: Path) -> None:
    reading = read(
        shared_data / DATA_SET / "online_advertising_performance_data.csv",
        year="2021",
        revenue="revenue",
    )
    assert reading.period is not None
    assert [day.isoformat() for day in reading.period] == ["2021-04-01", "2021-06-30"]
    assert reading.sums["revenue"] == Decimal("276262.6159")


@pytest.mark.parametrize("group", ["control", "test"])
def test_campaign_days_with_blanks(shared_data: Path, group: str) -> None:
    folder = shared_data / "formats/datasets/meta_ab_campaigns"
    reading = read(folder / f"{group}_group.csv")
    assert reading.outcome is Outcome.ACCEPT
    expected = [
        row
        for row in golden(folder / "golden_campaign_day.csv")
        if row["campaign"].casefold().startswith(group)
    ]
    assert day_list(reading) == [row["date_day"] for row in expected]
    for ours, theirs in {
        "spend": "spend",
        "impressions": "impressions",
        "clicks": "clicks",
        "conversions": "purchases",
    }.items():
        wanted = [Decimal(row[theirs]) if row[theirs] else None for row in expected]
        assert units(reading.rows, ours) == wanted


def test_a_blank_day_is_no_data_and_not_zero(shared_data: Path) -> None:
    reading = read(shared_data / "formats/datasets/meta_ab_campaigns/control_group.csv")
    blank = reading.rows[reading.rows["day"] == pd.Timestamp("2019-08-05")]
    assert units(blank, "spend") == [Decimal(1835)]
    assert units(blank, "impressions") == [None]
    assert units(blank, "conversions") == [None]
