"""People report on, and import, the tables that their warehouse keeps of a platform."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import CampaignLine, Channel
from core.events import Actor
from core.models import Event
from integrations.choices import Origin, RunState
from integrations.models import ImportRun, QuarantinedRow, Source
from integrations.rules.connector import connectors
from metrics.models import Fact
from tests.cast import Cast

pytestmark = pytest.mark.feature("3.1")

STATS = """id,customer_id,date,clicks,impressions,cost_micros,conversions
1,7,2026-11-01,5,100,1230000,2.5
1,7,2026-11-02,0,10,0,
2,8,2026-11-01,1,20,500000,0
"""
NAMES = "id,name,customer_id,updated_at\n1,Brand,7,2026-01-01\n2,Leads,8,2026-01-01\n"
ACCOUNTS = (
    "id,descriptive_name,currency_code,updated_at\n7,Main,EUR,2026-01-01\n8,Two,EUR,2026-01-01\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Google's tables of two accounts, as a warehouse exports them."""
    (tmp_path / "google_ads_campaign_stats_data.csv").write_text(STATS)
    (tmp_path / "campaign_history.csv").write_text(NAMES)
    (tmp_path / "account_history.csv").write_text(ACCOUNTS)
    return tmp_path


def told(*arguments: object) -> str:
    out = StringIO()
    call_command("connector_rows", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_report_is_written_with_exact_decimals_and_blanks_for_no_data(folder: Path) -> None:
    rows = list(csv.DictReader(StringIO(told("google_ads", folder))))
    assert [(r["platform"], r["campaign_name"], r["spend"]) for r in rows] == [
        ("google_ads", "Brand", "1.23"),
        ("google_ads", "Leads", "0.5"),
        ("google_ads", "Brand", "0"),
    ]
    assert [r["conversions_value"] for r in rows] == ["", "", ""]
    assert rows[0]["conversions"] == "2.5"


def test_a_report_goes_to_a_file(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.csv"
    assert told("google_ads", folder, "--out", out) == f"3 rows written to {out}.\n"
    assert out.read_text().startswith("platform,date_day,account_id")


def test_a_table_in_several_files_is_one_table(folder: Path) -> None:
    whole = told("google_ads", folder)
    head, *lines = STATS.splitlines()
    (folder / "google_ads_campaign_stats_data.csv").unlink()
    (folder / "campaign_stats_1.csv").write_text("\n".join([head, lines[0]]))
    (folder / "campaign_stats-part-2.csv").write_text("\n".join([head, *lines[1:]]))
    assert told("google_ads", folder) == whole


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["orkut_ads", "."], "There is no platform orkut_ads. Choose amazon_ads"),
        (["google_ads", "nowhere"], "There is no folder nowhere."),
        (["google_ads", "FOLDER", "--report", "region"], "Google Ads has no report “region”."),
        (["google_ads", "FOLDER", "--set", "cost"], "--set cost has no value"),
        (["google_ads", "FOLDER", "--set", "cost=usd"], "Google Ads has no setting “cost”."),
        (["tiktok_ads", "FOLDER"], "holds no table of TikTok Ads"),
        (["google_ads", "FOLDER", "--import"], "Name the team to import for"),
        (["google_ads", "FOLDER", "--import", "--report", "ad"], "two levels are never added"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_done_is_said(folder: Path, arguments: list[str], said: str) -> None:
    if "tiktok_ads" in arguments:
        (folder / "campaign_history.csv").unlink()
    with pytest.raises(CommandError, match=said):
        told(*[str(folder) if word == "FOLDER" else word for word in arguments])


def imported(folder: Path, *more: str) -> str:
    return told("google_ads", folder, "--import", "--team", "DACH", *more)


def test_each_account_is_an_import_of_its_own(cast: Cast, folder: Path) -> None:
    answer = imported(folder)
    assert "google_ads 7 campaign_day.csv: 2 of 2 rows accepted." in answer
    assert "total: 1.23 EUR" in answer
    runs = ImportRun.objects.order_by("id")
    assert [run.state for run in runs] == [RunState.IMPORTED] * 2
    assert {run.origin for run in runs} == {Origin.COMMAND}
    assert [source.ad_account.external_id for source in accounts()] == ["7", "8"]
    assert Event.objects.filter(action="import.imported").count() == 2


def accounts() -> list[Any]:
    return list(Source.objects.order_by("key").select_related("ad_account"))


def test_facts_are_exact_and_no_data_is_no_fact(cast: Cast, folder: Path) -> None:
    imported(folder)
    line = CampaignLine.objects.get(campaign__name="Brand")
    facts = Fact.objects.filter(line_id=line.pk).order_by("day")
    assert [(f.clicks, f.spend, f.conversions, f.revenue) for f in facts] == [
        (5, 1_230_000, 2_500_000, None),
        (0, 0, 0, None),
    ]
    assert (line.channel.key, line.currency) == ("search", "EUR")


def test_the_same_tables_again_change_nothing(cast: Cast, folder: Path) -> None:
    imported(folder)
    before = Fact.objects.count()
    assert imported(folder).count("Nothing changed: all was known already.") == 2
    assert Fact.objects.count() == before


def test_rows_without_a_campaign_wait_for_a_yes(cast: Cast, folder: Path) -> None:
    nameless = STATS + ",7,2026-11-03,1,20,500000,0\n"
    (folder / "google_ads_campaign_stats_data.csv").write_text(nameless)
    with pytest.raises(CommandError, match="1 of 3 rows cannot be read"):
        imported(folder)
    assert not ImportRun.objects.exists()
    assert "in none of the tables" in imported(folder, "--confirm")
    (held,) = QuarantinedRow.objects.all()
    assert (held.row, held.code) == (4, "MISSING_VALUE")
    assert "2026-11-03" in held.cells


def test_a_currency_is_never_made_up(cast: Cast, folder: Path) -> None:
    (folder / "account_history.csv").unlink()
    with pytest.raises(CommandError, match="No currency is named"):
        imported(folder)
    imported(folder, "--currency", "usd")
    assert {source.currency for source in accounts()} == {"USD"}


def test_somebody_without_the_right_is_refused(cast: Cast, folder: Path) -> None:
    with pytest.raises(CommandError):
        imported(folder, "--user", cast.auditor.email)
    assert not ImportRun.objects.exists()
    imported(folder, "--user", cast.manager.email)
    who: Actor = cast.manager.as_actor()
    assert Event.objects.filter(action="import.imported", actor_id=who.id).exists()


@pytest.mark.django_db
def test_every_platforms_campaigns_have_a_channel_to_go_to() -> None:
    wanted = {each.channel for each in connectors().values() if each.kind == "delivery"}
    assert wanted <= set(Channel.objects.values_list("key", flat=True))
