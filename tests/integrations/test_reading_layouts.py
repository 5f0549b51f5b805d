"""Every platform's export in every language, number style, encoding and wrapping we know of.

The headers and habits are those of real files; see the layouts' own notes. Each is told by its
content alone: all go under the same meaningless name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from integrations.rules import Outcome
from tests.integrations.files import day_list, gzipped, read, workbook, written, zipped

pytestmark = pytest.mark.feature("3.1", "3.2")

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Export:
    """A platform's file: its rows, and what must come out of it."""

    key: str
    language: str
    rows: Rows
    spend: str
    currency: str
    days: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)


GOOGLE = ("Day", "Campaign", "Campaign ID", "Currency code", "Impr.", "Clicks", "Cost")
FOLD = ("2026-08-13", "2026-08-14")
EXPORTS = {
    "google, English": Export(
        "google_ads", "en",
        [["Campaign report"], ["1 May 2026 - 8 May 2026"], GOOGLE,
         ["2026-08-13", "Brand", "71", "USD", "12,040", "310", "1,155.50"],
         ["2026-08-14", "Brand", "71", "USD", " --", "0", "0.50"],
         ["Total: Campaigns", "", "", "USD", "12,040", "310", "1,156.00"]],
        "1156.00", "USD", FOLD,
    ),
    "google, German": Export(
        "google_ads", "de",
        [["Kampagnenbericht"], ["Tag", "Kampagne", "Kampagnen-ID", "Währungscode", "Impr.", "Klicks", "Kosten"],
         ["13.08.2026", "Marke", "71", "EUR", "12.040", "310", "1.155,50"],
         ["14.08.2026", "Marke", "71", "EUR", "9", "0", "0,50"]],
        "1156.00", "EUR", FOLD,
    ),
    "google, French": Export(
        "google_ads", "fr",
        [["Jour", "Campagne", "Code de devise", "Impr.", "Clics", "Coût"],
         ["2026-08-13", "Marque été", "EUR", "12\u00a0040", "310", "1\u00a0155,50"],
         ["2026-08-14", "Marque été", "EUR", "9", "0", "0,50"]],
        "1156.00", "EUR", FOLD,
    ),
    "meta, English": Export(
        "meta_ads", "en",
        [["Reporting starts", "Reporting ends", "Day", "Campaign name", "Campaign delivery", "Amount spent (USD)", "Impressions", "Link clicks"],
         ["2026-08-13", "2026-08-14", "", "", "", "1156.00", "13000", "310"],
         ["2026-08-13", "2026-08-13", "2026-08-13", "Summer", "active", "1155.50", "12040", "310"],
         ["2026-08-14", "2026-08-14", "2026-08-14", "Summer", "active", "0.50", "960", ""]],
        "1156.00", "USD", FOLD,
    ),
    "meta, French": Export(
        "meta_ads", "fr",
        [["Début des rapports", "Fin des rapports", "Nom de la campagne", "Montant dépensé (USD)", "Impressions"],
         ["13/08/2026", "13/08/2026", "Été", "1 155,50", "12 040"],
         ["14/08/2026", "14/08/2026", "Été", "0,50", "960"]],
        "1156.00", "USD", FOLD,
    ),
    "meta, Japanese": Export(
        "meta_ads", "ja",
        [["レポート開始日", "レポート終了日", "キャンペーン名", "消化金額 (JPY)", "インプレッション"],
         ["2026-08-13", "2026-08-13", "夏", "1155", "12040"],
         ["2026-08-14", "2026-08-14", "夏", "1", "960"]],
        "1156", "JPY", FOLD,
    ),
    "meta, Portuguese": Export(
        "meta_ads", "pt",
        [["Início dos relatórios", "Término dos relatórios", "Nome da campanha", "Valor usado (BRL)", "Impressões"],
         ["10 de dez. de 2022", "10 de dez. de 2022", "Verão", "1.155,50", "12.040"],
         ["11 de dez. de 2022", "11 de dez. de 2022", "Verão", "0,50", "960"]],
        "1156.00", "BRL", ("2022-12-10", "2022-12-11"),
    ),
    "meta, Spanish": Export(
        "meta_ads", "es",
        [["Inicio del informe", "Fin del informe", "Nombre de la campaña", "Importe gastado (EUR)", "Impresiones"],
         ["13/08/2026", "13/08/2026", "Verano", "1155,50", "12040"],
         ["14/08/2026", "14/08/2026", "Verano", "0,50", "960"]],
        "1156.00", "EUR", FOLD,
    ),
    "meta, German": Export(
        "meta_ads", "de",
        [["Berichtsbeginn", "Berichtsende", "Kampagnenname", "Ausgegebener Betrag (EUR)", "Impressionen"],
         ["2026-08-13", "2026-08-13", "Sommer", "1.155,50", "12.040"],
         ["2026-08-14", "2026-08-14", "Sommer", "0,50", "960"]],
        "1156.00", "EUR", FOLD,
    ),
    "meta, Italian": Export(
        "meta_ads", "it",
        [["Inizio report", "Fine report", "Nome della campagna", "Importo speso (EUR)"],
         ["13/08/2026", "13/08/2026", "Estate", "1.155,50"],
         ["14/08/2026", "14/08/2026", "Estate", "0,50"]],
        "1156.00", "EUR", FOLD,
    ),
    "linkedin, five lines before": Export(
        "linkedin_ads", "en",
        [["Campaign Performance Report (in UTC)"], ["Report Start: 8/13/2026"], ["Report End: 8/14/2026"],
         ["Date Generated: 8/20/2026"], [""],
         ["Start Date (in UTC)", "Account Name", "Campaign Name", "Campaign ID", "Currency", "Total Spent", "Impressions", "Clicks"],
         ["8/13/2026", "Acme", "Hiring", "77", "USD", "1,155.50", "12,040", "310"],
         ["8/14/2026", "Acme", "Hiring", "77", "USD", "0.50", "960", "0"],
         ["Total", "", "", "", "USD", "1,156.00", "13,000", "310"]],
        "1156.00", "USD", FOLD,
    ),
    "microsoft, interface": Export(
        "microsoft_ads", "en",
        [["Report Name: Campaigns"], ["Report Time: 8/13/2026,8/14/2026"], [""],
         ["TimePeriod", "AccountId", "CampaignId", "CampaignName", "CurrencyCode", "Impressions", "Clicks", "Spend"],
         ["8/13/2026", "1", "2", "Search", "USD", "12040", "310", "1155.50"],
         ["8/14/2026", "1", "2", "Search", "USD", "960", "", "0.50"],
         ["©2026 Microsoft Corporation. All rights reserved. "]],
        "1156.00", "USD", FOLD,
    ),
    "microsoft, hours of the interface for programs": Export(
        "microsoft_ads", "en",
        [["TimePeriod", "AccountId", "CampaignId", "CampaignName", "CurrencyCode", "Impressions", "Clicks", "Spend"],
         ["2023-11-11|01", "1", "2", "Search", "USD", "12040", "310", "1155.00"],
         ["2023-11-11|02", "1", "2", "Search", "USD", "12040", "310", "0.50"],
         ["2023-11-12|00", "1", "2", "Search", "USD", "960", "", "0.50"]],
        "1156.00", "USD", ("2023-11-11", "2023-11-11", "2023-11-12"),
    ),
    "tiktok": Export(
        "tiktok_ads", "en",
        [["Campaign name", "Campaign ID", "By Day", "Cost", "Impressions", "Clicks (destination)", "Conversions", "Currency", "Website URL (Ad level）"],
         ["Summer", "17", "2026-08-13", "1155.50", "12040", "<5", "-", "USD", "https://x.test"],
         ["Summer", "17", "2026-08-14", "0.50", "960", "310", "3", "USD", ""],
         ["Total of 1 result", "-", "-", "1156.00", "13000", "-", "-", "USD", ""]],
        "1156.00", "USD", FOLD,
    ),
    "x, Spanish": Export(
        "x_ads", "es",
        [["Fecha", "Nombre de la campaña", "Importe gastado", "Impresiones"],
         ["13/08/2026", "Verano", "1155,50 €", "12.040"],
         ["14/08/2026", "Verano", "0,50 €", "3.000"]],
        "1156.00", "EUR", FOLD,
    ),
    "x, English": Export(
        "x_ads", "en",
        [["Time period", "Campaign name", "Campaign ID", "Spend", "Impressions", "Link clicks", "Currency"],
         ["2026-08-13", "Summer", "8abc", "1155.50", "12040", "310", "USD"],
         ["2026-08-14", "Summer", "8abc", "0.50", "960", "0", "USD"]],
        "1156.00", "USD", FOLD,
    ),
    "the unified report": Export(
        "generic", "en",
        [["source_relation", "date_day", "platform", "account_id", "account_name", "campaign_id", "campaign_name", "clicks", "impressions", "spend", "conversions", "conversions_value"],
         ["ads", "2026-08-13", "google_ads", "1", "Acme", "71", "Brand", "310", "12040", "1155.50", "0.25", "3.5"],
         ["ads", "2026-08-14", "facebook_ads", "2", "Acme", "72", "Summer", "0", "960", "0.50", "", ""]],
        "1156.00", "USD", FOLD,
    ),
}  # fmt: skip

Wrap = Callable[[Rows], bytes | None]


def text(rows: Rows, separator: str = ",") -> str:
    return written(rows, separator, ending="\r\n")


def windows(rows: Rows) -> bytes | None:
    """Windows text; None where the language has letters that it lacks."""
    try:
        return text(rows, ";").encode("cp1252")
    except UnicodeEncodeError:
        return None


WRAPS: dict[str, Wrap] = {
    "CSV": lambda rows: text(rows).encode(),
    "CSV with a byte order mark": lambda rows: text(rows).encode("utf-8-sig"),
    "semicolons": lambda rows: text(rows, ";").encode(),
    "TSV": lambda rows: text(rows, "\t").encode(),
    "UTF-16 LE tabs": lambda rows: b"\xff\xfe" + text(rows, "\t").encode("utf-16-le"),
    "UTF-16 BE tabs": lambda rows: b"\xfe\xff" + text(rows, "\t").encode("utf-16-be"),
    "UTF-16 LE without a mark": lambda rows: text(rows, "\t").encode("utf-16-le"),
    "Windows text": windows,
    "XLSX": lambda rows: workbook([list(row) for row in rows]),
    "gzip": lambda rows: gzipped(text(rows)),
    "zip": lambda rows: zipped(export=text(rows)),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_in_every_wrapping(name: str, wrap: str) -> None:
    export = EXPORTS[name]
    data = WRAPS[wrap](export.rows)
    if data is None:
        pytest.skip("Windows text has not all letters of this file")
    reading = read(data, name="download", settings=export.settings)
    assert reading.outcome is Outcome.ACCEPT, (reading.problems, reading.questions)
    assert reading.layout
    assert (reading.layout.key, reading.layout.language) == (export.key, export.language)
    assert reading.totals == {export.currency: Decimal(export.spend)}
    assert day_list(reading) == list(export.days)


GA4 = """# ----------------------------------------
# Reports snapshot
# ----------------------------------------
#
# Start date: 20230101
# End date: 20230131
Nth day,Active users
0000,5

# Start date: 20230101
# End date: 20230131
Event name,Event count,Total users
page_view,100,3
click,4,1

# Start date: 20230101
# End date: 20230131
Country,Active users
Germany,3
"""


def test_of_several_tables_the_one_that_is_known_is_read() -> None:
    reading = read(GA4, grain="period")
    assert reading.outcome is Outcome.ACCEPT
    assert reading.rows["event_name"].tolist() == ["page_view", "click"]
    assert reading.rows["row"].tolist() == [13, 14]  # as an editor counts them
    assert reading.sums["event_count"] == Decimal(104)


def test_when_no_table_is_known_a_person_says_which() -> None:
    other = GA4.replace("Event name", "Thing")
    question = read(other).questions[0]
    assert question.key == "section"
    assert [choice.value for choice in question.options] == ["1", "10", "16"]
    assert "Thing" in question.options[1].example
    assert read(other, section="10").evidence.header_row == 12
    assert "No table begins in line 7" in read(other, section="7").problems[0].message


def test_two_rows_of_one_hour_still_contradict() -> None:
    rows = [*EXPORTS["microsoft, hours of the interface for programs"].rows]
    reading = read(text([*rows, ["2023-11-12|00", "1", "2", "Search", "USD", "1", "", "9.00"]]))
    assert reading.outcome is Outcome.PARTIAL
    assert {problem.code.value for problem in reading.problems} == {"DUPLICATE_IN_FILE"}
    assert reading.totals == {"USD": Decimal("1155.50")}
