"""Columns: recognised by name in many languages, chosen by a person where two would do."""

import tomllib
from itertools import pairwise
from typing import ClassVar

import pytest

from integrations.rules import MARKET_SHARES, MEASURES, Outcome, Reading
from integrations.rules.crm import CRM, DAYS, TEXTS
from integrations.rules.headers import find_header, header_hash
from integrations.rules.layouts import FOLDER, GENERIC, known_headers, layouts, left_out, normal
from integrations.rules.market import MARKET
from integrations.rules.recognise import TARGETS
from tests.integrations.files import HEADER, HEADERS, codes, line, read, spend, units, written

pytestmark = pytest.mark.feature("3.1")


def targets(reading: Reading) -> dict[str, str]:
    """Header to target, of the columns that are imported."""
    return {column.header: column.target for column in reading.columns if column.target}


def small(**columns: str) -> str:
    """A table of one row from headers and cells."""
    return written([list(columns), list(columns.values())])


class TestHeaders:
    @pytest.mark.parametrize(
        ("text", "key", "currency"),
        [
            ("Amount spent (USD)", "amount spent", "USD"),
            ("Spend [EUR]", "spend", "EUR"),
            ("Cost (€)", "cost", "€"),
            ("  post_click_sales_amount ", "post click sales amount", ""),
            ("Website URL (Ad level）", "website url (ad level)", ""),
            ("Clicks (ALL)", "clicks (all)", ""),
            ("Start Date (in UTC)", "start date (in utc)", ""),
            ("\ufeffDay", "day", ""),
            ("ＣＯＳＴ", "cost", ""),
        ],
    )
    def test_normal(self, text: str, key: str, currency: str) -> None:
        assert (normal(text).key, normal(text).currency) == (key, currency)

    def test_the_hash_is_of_the_headers_not_of_their_dress(self) -> None:
        one = header_hash(["Day", "Amount spent (USD)"])
        assert one == header_hash([" day ", "amount_spent (USD)"])
        assert one != header_hash(["Day", "Amount spent (EUR)"])
        assert one != header_hash(["Amount spent (USD)", "Day"])

    def test_the_header_is_found_below_any_preamble(self) -> None:
        records = [["Campaign report"], [], ["x"] * 9, list(HEADERS), ["2026-11-01"] * 9]
        start = find_header(records, [])
        assert start is not None
        assert start.record == 3

    def test_unknown_words_above_rows_of_the_same_width_are_headers(self) -> None:
        start = find_header([["a title"], ["wann", "wer"], ["1.1.2026", "5"]], [])
        assert start is not None
        assert (start.record, start.known) == (1, 0)

    def test_numbers_are_no_headers(self) -> None:
        assert find_header([["1", "2"], ["3", "4"]], []) is None

    def test_a_mapping_names_the_header(self) -> None:
        start = find_header([["a", "b"], ["when", "who"], ["1", "2"]], ["when", "who"])
        assert start is not None
        assert start.record == 1


class TestLayouts:
    @pytest.mark.parametrize(
        ("header", "key"),
        [
            (HEADER, "google_ads"),
            ("Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n", "meta_ads"),
            ("Start Date (in UTC),Campaign Name,Total Spent,Impressions\n", "linkedin_ads"),
            ("TimePeriod,AccountId,CampaignId,CampaignName,CurrencyCode,Spend\n", "microsoft_ads"),
            ("Campaign name,Cost,Clicks (destination),Currency\n", "tiktok_ads"),
            ("Event name,Event count,Total users,Total revenue\n", "ga4_events"),
            ("Date,Campaign,Spend,Impressions\n", "generic"),
        ],
    )
    def test_by_content(self, header: str, key: str) -> None:
        reading = read(header + ",".join("1" * len(header.split(","))) + "\n")
        assert reading.layout is not None
        assert reading.layout.key == key
        assert reading.layout.why

    def test_a_known_source_decides_what_content_leaves_open(self) -> None:
        text = small(Day="2026-11-01", Campaign="A", Cost="1.50", Impressions="10")
        reading = read(text, source="google_ads")
        assert reading.layout is not None
        assert reading.layout.key == "google_ads"

    def test_content_beats_the_source(self) -> None:
        reading = read(HEADER + line(), source="meta_ads")
        assert reading.layout is not None
        assert reading.layout.key == "google_ads"


FILES = sorted(path for path in FOLDER.glob("*.toml") if path.stem != "words")


class TestLayoutFiles:
    """The definitions themselves: a typing error in one of them must not pass."""

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_targets_exist(self, path: object) -> None:
        source = tomllib.loads(FOLDER.joinpath(str(path)).read_text("utf-8"))
        assert layouts()[source["key"]].name == source["name"]
        for section in ("columns", "fallback", "conditional"):
            shares = {*MARKET_SHARES, "domain", "day", "week", "month"}
            more = {CRM: {*TEXTS, *DAYS}, MARKET: shares}
            known = {*TARGETS} | more.get(source["kind"], set())
            assert set(source.get(section, {})) <= known

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_no_header_has_two_meanings(self, path: object) -> None:
        source = tomllib.loads(FOLDER.joinpath(str(path)).read_text("utf-8"))
        seen: dict[str, str] = {}
        for section in ("columns", "fallback", "segments"):
            for target, languages in source.get(section, {}).items():
                for headers in languages.values():
                    for header in headers:
                        key = normal(header).key
                        assert seen.setdefault(key, target) == target, header

    def test_delivery_layouts_know_the_least_they_need(self) -> None:
        for layout in layouts().values():
            known = {*layout.columns.values(), *layout.fallback.values()}
            needed = {"event_name", "event_count"}
            if layout.kind == "delivery":
                needed = {"campaign_name", "spend", "impressions", "clicks"}
            elif layout.kind in (CRM, MARKET):
                needed = {target for group in layout.required for target in group}
            assert needed <= known, layout.key

    def test_left_out_headers_are_imported_nowhere(self) -> None:
        for layout in layouts().values():
            if layout.kind == "delivery":
                assert not set(left_out()) & set(layout.columns), layout.key

    def test_every_header_can_be_found(self) -> None:
        for layout in layouts().values():
            assert set(layout.columns) <= known_headers()


@pytest.mark.parametrize(
    ("header", "row", "currency"),
    [
        ("Tag;Kampagne;Kampagnen-ID;Währungscode;Impr.;Klicks;Kosten;Conv.-Wert",
         "13.11.2026;Marke;1;EUR;1.204;31;1.155,50;10,00", "EUR"),
        ("Jour;Campagne;Code de devise;Impr.;Clics;Coût;Valeur de conv.",
         "13/11/2026;Marque;EUR;1 204;31;1 155,50;10,00", "EUR"),
        (("Début des rapports;Fin des rapports;Nom de la campagne;Montant dépensé (EUR);"
          "Impressions;Clics sur un lien"), "01/11/2026;01/11/2026;Été;1 155,50;1 204;31", "EUR"),
        ("レポート開始日,レポート終了日,キャンペーン名,消化金額 (JPY),インプレッション,リンクのクリック",
         "2026/11/01,2026/11/01,夏,1155.50,1204,31", "JPY"),
        (("Início dos relatórios;Término dos relatórios;Nome da campanha;Valor usado (BRL);"
          "Impressões;Cliques no link"),
         "1 de nov. de 2026;1 de nov. de 2026;Verão;1.155,50;1.204;31", "BRL"),
        (("Inicio del informe;Fin del informe;Nombre de la campaña;Importe gastado (MXN);"
          "Impresiones;Clics en el enlace"), "01/11/2026;01/11/2026;Verano;1,155.50;1,204;31", "MXN"),
        ("Fecha;Nombre de la campaña;Importe gastado;Impresiones;Clics",
         "13/11/2026;Marca;1155,50 €;1.204;31", "EUR"),
        ("Datum;Campagne;Kosten;Vertoningen;Klikken", "13-11-2026;Merk;€ 1.155,50;1.204;31", "EUR"),
        ("Data;Campagna;Costo;Impressioni;Clic", "13/11/2026;Marca;1.155,50 €;1.204;31", "EUR"),
        ("Data;Kampania;Koszt;Wyświetlenia;Kliknięcia",
         "13.11.2026;Marka;1 155,50 zł;1 204;31", "PLN"),
    ],
)  # fmt: skip
def test_languages(header: str, row: str, currency: str) -> None:
    reading = read(f"{header}\n{row}\n")
    assert reading.outcome is Outcome.ACCEPT, reading.problems
    assert str(reading.totals[currency]) in {"1155.50", "1155.5"}
    assert [int(value or 0) for value in units(reading.rows, "impressions")] == [1204]
    assert [int(value or 0) for value in units(reading.rows, "clicks")] == [31]


class TestChoices:
    TWO = "Date,Campaign,Cost,Sales,Turnover\n2026-11-01,A,1.50,10.00,20.00\n"

    def test_two_columns_for_one_measure_are_a_question_with_examples(self) -> None:
        reading = read(self.TWO)
        assert codes(reading) == ["AMBIGUOUS_COLUMN"]
        [question] = reading.questions
        assert question.key == "revenue"
        assert {option.value: option.example for option in question.options} == {
            "Sales": "10.00",
            "Turnover": "20.00",
        }
        proposals = {column.header: column for column in reading.columns}
        assert proposals["Sales"].confidence == 0.5
        assert "please choose" in proposals["Sales"].why

    @pytest.mark.parametrize(("chosen", "value"), [("Sales", 10), ("Turnover", 20), ("#5", 20)])
    def test_the_choice_by_name_or_number(self, chosen: str, value: int) -> None:
        reading = read(self.TWO, revenue=chosen)
        assert units(reading.rows, "revenue") == [value]
        assert units(reading.rows, "order_value") == [30 - value]

    def test_the_other_column_can_be_left_out(self) -> None:
        reading = read(self.TWO, mapping={"revenue": "Sales", "order_value": ""})
        assert units(reading.rows, "order_value") == [None]

    def test_two_columns_of_one_name_are_told_apart_by_number(self) -> None:
        text = "Date,Campaign,Cost,Cost\n2026-11-01,A,1.50,2.50\n"
        assert [option.value for option in read(text).questions[0].options] == ["#3", "#4"]
        assert spend(read(text, spend="#4")) == [2.5]
        assert codes(read(text, spend="Cost")) == ["AMBIGUOUS_COLUMN"]

    @pytest.mark.parametrize("wrong", ["No such column", "#99", "#0"])
    def test_a_choice_that_is_not_there(self, wrong: str) -> None:
        assert codes(read(self.TWO, revenue=wrong)) == ["UNKNOWN_CHOICE"]

    def test_any_table_by_hand(self) -> None:
        text = "wann;wer;wo;euros\n2026-11-01;A;links;5,50\n"
        reading = read(
            text,
            mapping={"day": "wann", "campaign_name": "wer", "spend": "euros", "segment.side": "wo"},
        )
        assert reading.outcome is Outcome.ACCEPT
        assert reading.rows["segment"].tolist() == ['{"side": "links"}']
        assert all(column.confidence == 1.0 for column in reading.columns)

    def test_without_a_mapping_it_asks_which_columns_they_are(self) -> None:
        reading = read("wann;wer;euros\n2026-11-01;A;5,50\n")
        assert codes(reading) == ["MISSING_COLUMN"]
        assert [question.key for question in reading.questions] == ["day", "campaign_name", "spend"]
        assert [option.label for option in reading.questions[2].options] == ["wann", "wer", "euros"]

    def test_a_file_may_have_no_spend_on_purpose(self) -> None:
        text = small(Date="2026-11-01", Campaign="A", Leads="5")
        assert codes(read(text)) == ["MISSING_COLUMN"]
        reading = read(text, mapping={"spend": ""})
        assert reading.outcome is Outcome.ACCEPT
        assert reading.totals == {}
        assert reading.sums == {"leads": 5}


class TestColumns:
    def test_every_column_has_a_proposal_with_a_reason(self) -> None:
        reading = read(HEADER.strip() + ",CTR,Reach,My column\n" + line().strip() + ",1%,5,x\n")
        assert [column.position for column in reading.columns] == list(range(12))
        for column in reading.columns:
            assert 0 <= column.confidence <= 1
            assert column.why
        assert "a ratio" in reading.columns[9].why
        assert "people" in reading.columns[10].why
        assert reading.columns[11].target == ""

    def test_values_that_do_not_fit_lower_the_confidence(self) -> None:
        text = "Date,Campaign,Cost,Clicks\n2026-11-01,A,1.50,many\n2026-11-02,A,1.50,few\n"
        clicks = read(text).columns[3]
        assert clicks.confidence == 0.3
        assert "values do not" in clicks.why

    def test_words_in_a_header_are_offered_not_taken(self) -> None:
        text = "Date,Campaign,Cost,Gross revenue booked\n2026-11-01,A,1.50,5\n"
        column = read(text).columns[3]
        assert column.target == ""
        assert column.alternatives[0] == "revenue"

    def test_link_clicks_before_all_clicks(self) -> None:
        text = (
            "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Clicks (all),"
            "Link clicks\n2026-11-01,2026-11-01,A,1.50,16,13\n"
        )
        assert targets(read(text))["Link clicks"] == "clicks"
        assert units(read(text).rows, "clicks") == [13]
        alone = text.replace(",Link clicks", "").replace(",13\n", "\n")
        assert units(read(alone).rows, "clicks") == [16]

    def test_results_count_only_where_they_are_purchases(self) -> None:
        text = (
            "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Results,"
            "Result indicator\n"
            "2026-11-01,2026-11-01,A,1.50,7,actions:offsite_conversion.fb_pixel_purchase\n"
            "2026-11-01,2026-11-01,B,1.50,900,actions:link_click\n"
        )
        assert units(read(text).rows, "conversions") == [7, None]

    def test_results_without_an_indicator_are_not_conversions(self) -> None:
        text = (
            "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Results\n"
            "2026-11-01,2026-11-01,A,1.50,7\n"
        )
        assert units(read(text).rows, "conversions") == [None]

    def test_leftover_dimensions_become_the_segment(self) -> None:
        text = (
            "Date,Campaign,Cost,Placement,Device\n2026-11-01,A,1.50,feed,mobile\n"
            "2026-11-01,A,1.50,,mobile\n2026-11-01,A,1.50,feed,\n2026-11-01,A,2.50,,\n"
        )
        assert read(text).rows["segment"].tolist() == [
            '{"device": "mobile", "placement": "feed"}',
            '{"device": "mobile"}',
            '{"placement": "feed"}',
            "",
        ]

    def test_a_spreadsheets_error_in_a_dimension_is_blank_and_said(self) -> None:
        text = "Date,Campaign,Cost,Placement\n2026-11-01,A,1.50,#N/A\n"
        reading = read(text)
        assert reading.rows["segment"].tolist() == [""]
        assert "ERROR_TEXT" in [caution.code for caution in reading.warnings]

    def test_too_many_columns(self) -> None:
        wide = [f"x{number}" for number in range(1001)]
        text = HEADER.strip() + "," + ",".join(wide) + "\n" + line()
        assert codes(read(text)) == ["TOO_MANY_COLUMNS"]


def test_measures_have_no_doubles() -> None:
    assert all(one != other for one, other in pairwise(sorted(MEASURES)))
    assert GENERIC in layouts()


class TestDatesInTwoColumns:
    """A month's name in one column, the day of the month in another."""

    ROWS = written(
        [
            ["When", "Nr", "Campaign", "Cost"],
            ["April", "19", "Brand", "2.00"],
            ["June", "5", "Brand", "3.00"],
        ]
    )
    BY_HAND: ClassVar = {"month_name": "When", "day_of_month": "Nr"}

    def test_named_by_hand_they_are_one_date(self) -> None:
        reading = read(self.ROWS, mapping=self.BY_HAND, currency="USD", year="2020")
        assert reading.outcome == Outcome.ACCEPT
        assert [str(day)[:10] for day in reading.rows["day"]] == ["2020-04-19", "2020-06-05"]
        assert targets(reading)["When"] == "month_name"
        assert targets(reading)["Nr"] == "day_of_month"

    def test_named_by_hand_the_year_is_asked_for(self) -> None:
        reading = read(self.ROWS, mapping=self.BY_HAND, currency="USD")
        assert [question.key for question in reading.questions] == ["year"]
        assert "19 April" in reading.questions[0].sentence

    def test_only_the_day_named_by_hand(self) -> None:
        rows = self.ROWS.replace("When", "Month")
        reading = read(rows, mapping={"day_of_month": "Nr"}, currency="USD", year="2020")
        assert reading.outcome == Outcome.ACCEPT
        assert str(reading.rows["day"].iloc[0])[:10] == "2020-04-19"

    def test_a_column_called_day_gives_way_to_what_a_person_named(self) -> None:
        rows = self.ROWS.replace("Nr,", "Nr,Day,").replace("19,", "19,Sunday,")
        rows = rows.replace("5,B", "5,Friday,B")
        reading = read(rows, mapping=self.BY_HAND, currency="USD", year="2020")
        assert reading.outcome == Outcome.ACCEPT
        assert "Day" not in targets(reading)

    def test_without_the_month_the_question_is_for_the_month(self) -> None:
        reading = read(self.ROWS, mapping={"day_of_month": "Nr"}, currency="USD", year="2020")
        assert reading.outcome == Outcome.REFUSE
        assert [question.key for question in reading.questions] == ["month_name"]
        assert "the month" in reading.questions[0].sentence
