"""Real exports, imported by command, give their golden totals through the query."""

import csv
import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from campaigns.models import Campaign
from core.periods import Period
from integrations.models import ImportRun
from metrics.models import Batch, Fact, Observation
from metrics.selectors import query
from tests.cast import Cast

DATASET = "formats/datasets/online_advertising_performance"
ANSWERS = ["--set", "year=2020", "--set", "revenue=revenue", "--currency", "USD"]


def run(file: Path, *more: str) -> dict[str, Any]:
    """The command's answer; it may refuse."""
    out = StringIO()
    with suppress(SystemExit):
        call_command("import_file", str(file), "--json", *more, stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def asked(*args: str) -> dict[str, Any]:
    out = StringIO()
    call_command("query", *args, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def golden(file: Path) -> list[dict[str, str]]:
    with file.open() as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def imported(cast: Cast, shared_data: Path) -> dict[str, Any]:
    return run(shared_data / DATASET / "online_advertising_performance_data.csv", *ANSWERS)


@pytest.mark.feature("3.1")
def test_the_data_set_equals_its_golden_months(
    cast: Cast, shared_data: Path, imported: dict[str, Any]
) -> None:
    assert imported["outcome"] == "ACCEPT"
    assert (imported["accepted"], imported["rejected"]) == (15403, 0)
    names = {"displays": "impressions", "post_click_conversions": "conversions"}
    names |= {"cost": "spend", "post_click_sales_amount": "order_value"}
    names |= {"clicks": "clicks", "revenue": "revenue"}
    for row in golden(shared_data / DATASET / "golden_campaign_month_kpi.csv"):
        month = int(row["month_no"])
        campaign = Campaign.objects.get(name=row["campaign_number"])
        period = Period("m", date(2020, month, 1), date(2020, month, 31 if month == 5 else 30))
        answer = query(
            metrics=list(names.values()),
            period=period,
            viewer=cast.executive,
            where={"campaign": campaign.pk},
        )
        for theirs, ours in names.items():
            value = answer.value(ours, answer.totals)
            number = getattr(value, "amount", value)
            assert Decimal(str(number)) == Decimal(row[theirs]), (
                row["campaign_number"],
                month,
                ours,
            )


def test_the_query_command_gives_the_same_months(
    cast: Cast, shared_data: Path, imported: dict[str, Any]
) -> None:
    answer = asked(
        "--metrics", "spend,roas", "--by", "campaign,month", "--period", "2020-04..2020-06"
    )
    expected = {
        (row["campaign_number"], f"2020-{int(row['month_no']):02d}"): Decimal(row["cost"])
        for row in golden(shared_data / DATASET / "golden_campaign_month_kpi.csv")
    }
    got = {(row["campaign"], row["month"]): Decimal(row["spend"]) for row in answer["rows"]}
    assert got == expected


def test_the_same_file_again_changes_nothing_and_says_so(
    cast: Cast, shared_data: Path, imported: dict[str, Any]
) -> None:
    facts, batches = Fact.objects.count(), Batch.objects.count()
    again = run(shared_data / DATASET / "online_advertising_performance_data.csv", *ANSWERS)
    assert again["unchanged"] is True
    assert (Fact.objects.count(), Batch.objects.count()) == (facts, batches)
    assert ImportRun.objects.latest("pk").state == "unchanged"


def test_the_mapping_is_remembered_for_the_header_set(
    cast: Cast, shared_data: Path, imported: dict[str, Any]
) -> None:
    again = run(
        shared_data / DATASET / "online_advertising_performance_data.csv", "--currency", "USD"
    )
    assert again["unchanged"] is True


def test_without_answers_the_questions_are_asked(cast: Cast, shared_data: Path) -> None:
    refused = run(shared_data / DATASET / "online_advertising_performance_data.csv")
    assert refused["outcome"] == "REFUSE"
    assert {reason["column"] for reason in refused["reasons"]} >= {"year", "revenue"}
    assert not Fact.objects.exists()


def test_a_dry_run_gives_the_same_answer_and_writes_nothing(cast: Cast, shared_data: Path) -> None:
    file = shared_data / DATASET / "online_advertising_performance_data.csv"
    dry = run(file, *ANSWERS, "--dry-run")
    assert not Fact.objects.exists()
    assert not Campaign.objects.exists()
    assert not ImportRun.objects.exists()
    wet = run(file, *ANSWERS)
    assert dry | {"batch": None} == wet | {"batch": None}


PERIODS = {
    "google_ads_search_keyword_report_utf16.csv": ("2026-05-01..2026-05-08", "CAD"),
    "google_ads_campaign_report.csv": ("2025-07-08..2025-07-31", "INR"),
    "linkedin_campaign_performance.csv": ("2026-09-01..2026-09-02", "USD"),
    "meta_ads_manager_campaigns_total_row.csv": ("2026-05-24..2026-06-22", "USD"),
    "meta_ads_manager_daily_idr.csv": ("2026-08-02", "IDR"),
}


@pytest.mark.feature("3.1")
@pytest.mark.parametrize("name", PERIODS)
def test_every_public_export_gives_its_golden_totals(
    cast: Cast, shared_data: Path, name: str
) -> None:
    file = shared_data / "formats/ui_exports" / name
    whole_period = ".." in PERIODS[name][0] and "linkedin" not in name
    more = ["--set", "grain=period"] if whole_period else []
    answer = run(file, *more, "--confirm")
    assert answer["batch"], answer
    (row,) = [
        r
        for r in golden(shared_data / "formats/ui_exports/golden/ui_totals.csv")
        if r["file"] == name
    ]
    period, currency = PERIODS[name]
    got = asked(
        "--metrics",
        "impressions,clicks,spend,conversions",
        "--period",
        period,
        "--currency",
        currency,
    )
    for metric in ("impressions", "clicks", "spend", "conversions"):
        if row[metric]:
            assert Decimal(str(got["totals"][metric])) == Decimal(row[metric]), metric


def test_analytics_events_are_observations_not_delivery(cast: Cast, shared_data: Path) -> None:
    answer = run(
        shared_data / "formats/ui_exports/ga4_events_report.csv",
        "--set",
        "grain=period",
        "--currency",
        "USD",
    )
    assert answer["batch"], answer
    counts = Observation.objects.filter(metric="events.event_count").values_list(
        "value_micros", flat=True
    )
    assert (len(counts), sum(counts)) == (39, 304_804_000_000)
    assert not Fact.objects.exists()
