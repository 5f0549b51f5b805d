"""Rows: data, totals, repeated headers, notes and broken ones are told apart, none is lost."""

from decimal import Decimal

import pytest

from integrations.rules import Limits, Outcome
from tests.integrations.files import HEADER, cautions, codes, days, line, read, spend, units

pytestmark = pytest.mark.feature("3.4")

TOTAL = "Total: Account,, --,USD,{impressions},{clicks},{cost},1,1\n"


def total(cost: str, impressions: str = "2000", clicks: str = "20") -> str:
    return TOTAL.format(cost=cost, impressions=impressions, clicks=clicks)


class TestTotals:
    @pytest.mark.parametrize("name", ["Total Care", "Total", "Total: Care", "Grand total", "Summe"])
    def test_a_campaign_may_be_called_like_a_total(self, name: str) -> None:
        reading = read(HEADER + line(campaign=name))
        assert reading.outcome is Outcome.ACCEPT
        assert reading.rows["campaign_name"].tolist() == [name]

    @pytest.mark.parametrize(
        "label",
        ["Total", "Total: Account", "Grand total", "Gesamt", "Gesamt: Konto", "Totale", "Suma",
         "合計", "Total of 12 campaigns", "TOTALS"],
    )  # fmt: skip
    def test_a_total_is_skipped_in_every_language(self, label: str) -> None:
        reading = read(HEADER + days("1.00", "2.00") + f"{label},,,USD,2000,20,3.00,2,20\n")
        assert reading.outcome is Outcome.ACCEPT
        assert (reading.accepted, reading.skipped) == (2, 1)
        assert str(reading.totals["USD"]) == "3.00"

    def test_a_total_without_days_in_the_file(self) -> None:
        text = (
            '"November 1, 2026 - November 6, 2026"\nCampaign status,Campaign,Currency code,Impr.,'
            "Cost,Conv. value\nEnabled,Total Care,USD,10,1.50,1\nTotal: Campaigns,--,USD,10,1.50,1\n"
        )
        reading = read(text, grain="period")
        assert (reading.accepted, reading.skipped) == (1, 1)

    @pytest.mark.parametrize(
        ("stated", "outcome"),
        [
            ("3.00", "ACCEPT"),
            ("3.01", "ACCEPT"),
            ("2.99", "ACCEPT"),
            ("3.02", "REFUSE"),
            ("2.00", "REFUSE"),
        ],
    )
    def test_half_a_cent_per_row_is_allowed(self, stated: str, outcome: str) -> None:
        reading = read(HEADER + days("1.00", "2.00") + total(stated))
        assert reading.outcome == outcome
        assert ("CONTROL_TOTAL_MISMATCH" in codes(reading)) == (outcome == "REFUSE")

    def test_the_tolerance_follows_the_currency(self) -> None:
        text = HEADER + days("1", "2", currency="JPY") + total("4").replace("USD", "JPY")
        assert read(text).outcome is Outcome.ACCEPT  # half a yen per row
        text = (
            HEADER + days("1.000", "2.000", currency="BHD") + total("3.002").replace("USD", "BHD")
        )
        assert read(text, decimal="point").outcome is Outcome.REFUSE

    def test_a_mismatch_says_where_and_how_much(self) -> None:
        reading = read(HEADER + days("1.00", "2.00") + total("1,003.50".join('""')))
        [problem] = reading.problems
        assert problem.row == 4
        assert "USD 1,003.50" in problem.message
        assert "USD 3.00" in problem.message
        [spent] = [t for t in reading.evidence.control_totals if t.measure == "spend"]
        assert spent.difference == Decimal("1000.50")

    def test_only_the_first_total_covers_the_rows(self) -> None:
        text = HEADER + days("1.00", "2.00") + total("3.00") + total("164.11", "10708", "54")
        reading = read(text)
        assert reading.outcome is Outcome.ACCEPT
        binding = {
            t.row: t.binding for t in reading.evidence.control_totals if t.measure == "spend"
        }
        assert binding == {4: True, 5: False}

    def test_other_measures_that_differ_are_said(self) -> None:
        reading = read(HEADER + days("1.00", "2.00") + total("3.00", impressions="7"))
        assert reading.outcome is Outcome.ACCEPT
        assert cautions(reading).count("CONTROL_TOTAL_DIFFERS") == 3  # also conversions, revenue

    def test_a_total_cannot_be_checked_while_a_row_is_unreadable(self) -> None:
        reading = read(HEADER + days("1.00", "x") + total("3.00"))
        assert reading.outcome is Outcome.PARTIAL
        assert "CONTROL_TOTAL_UNCHECKED" in cautions(reading)

    def test_a_row_held_for_another_reason_still_counts_against_the_total(self) -> None:
        text = HEADER + line(cost="1.00") + line(day="2026-11-31", cost="2.00") + total("3.00")
        assert codes(read(text)) == ["INVALID_DATE"]

    def test_a_row_that_stands_twice_counts_once_against_the_total(self) -> None:
        text = HEADER + line(cost="1.00") * 2 + total("1.00")
        assert codes(read(text)) == ["DUPLICATE_IN_FILE"]

    def test_a_nameless_sum_of_the_rows_is_a_total(self) -> None:
        text = HEADER + days("1.00", "2.00") + ",,,USD,2000,20,3.00,2,20\n"
        reading = read(text)
        assert reading.outcome is Outcome.ACCEPT
        assert reading.skipped == 1

    def test_a_nameless_row_that_is_no_sum_is_held(self) -> None:
        text = HEADER + days("1.00", "2.00") + "2026-11-03,,,USD,2000,20,9.00,2,20\n"
        reading = read(text)
        assert reading.outcome is Outcome.PARTIAL
        assert codes(reading) == ["MISSING_VALUE"]

    def test_the_accounts_row_of_meta_may_say_something_else(self) -> None:
        text = (
            "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR),Impressions\n"
            "2026-11-01,2026-11-01,,99.00,500\n2026-11-01,2026-11-01,A,1.50,10\n"
        )
        reading = read(text)
        assert reading.outcome is Outcome.ACCEPT
        assert str(reading.totals["EUR"]) == "1.50"
        assert "CONTROL_TOTAL_DIFFERS" in cautions(reading)

    def test_only_totals_are_no_data(self) -> None:
        assert codes(read(HEADER + total("1.00")))[0] == "EMPTY_FILE"


class TestRowCount:
    TEXT = (
        '"Report Name: Campaign"\n"Rows: {rows}"\n\nTimePeriod,CampaignId,CampaignName,CurrencyCode,'
        "Impressions,Clicks,Spend\n2026-11-01,1,A,USD,10,1,1.50\n2026-11-02,1,A,USD,10,1,x\n"
        '\n"@2026 Microsoft Corporation. All rights reserved. "\n'
    )

    def test_rows_that_cannot_be_read_are_there_all_the_same(self) -> None:
        reading = read(self.TEXT.format(rows=2))
        assert reading.outcome is Outcome.PARTIAL
        assert reading.evidence.rows_stated == 2

    def test_missing_rows_are_noticed(self) -> None:
        reading = read(self.TEXT.format(rows=3))
        assert codes(reading)[0] == "ROW_COUNT_MISMATCH"
        assert reading.outcome is Outcome.REFUSE

    def test_and_can_be_overridden_on_purpose(self) -> None:
        reading = read(self.TEXT.format(rows=3), override="ROW_COUNT_MISMATCH")
        assert reading.outcome is Outcome.PARTIAL
        assert "CONTROL_TOTAL_OVERRIDDEN" in cautions(reading)


class TestTimeZone:
    TEXT = (
        '"Time Zone: {zone}"\n\nTimePeriod,CampaignId,CampaignName,CurrencyCode,Impressions,Clicks,'
        "Spend\n2026-11-01,1,A,USD,10,1,1.50\n"
    )

    @pytest.mark.parametrize(
        ("zone", "account", "fits"),
        [
            ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", "America/Los_Angeles", True),
            ("(GMT-08:00) Pacific Time (US & Canada); Tijuana", "America/Tijuana", True),
            ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Berlin", True),
            ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Madrid", True),
            ("(GMT+01:00) Amsterdam, Berlin, Bern, Rome", "America/Los_Angeles", False),
            ("(GMT) Greenwich Mean Time: Dublin, London", "Europe/Berlin", False),
            ("(GMT+05:30) Chennai, Kolkata, Mumbai", "Asia/Kolkata", True),
            ("(GMT+05:30) Chennai, Kolkata, Mumbai", "Asia/Kathmandu", False),
            ("(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Sydney", True),
            ("UTC", "UTC", True),
            ("Europe/Paris", "Europe/Paris", True),
        ],
    )  # fmt: skip
    def test_the_days_must_be_the_same_hours(self, zone: str, account: str, fits: bool) -> None:
        reading = read(self.TEXT.format(zone=zone), account_tz=account)
        assert (reading.outcome is Outcome.ACCEPT) is fits
        if not fits:
            assert codes(reading) == ["TIMEZONE_MISMATCH"]
            assert account in reading.problems[0].message
            assert (reading.accepted, len(reading.rows)) == (1, 1)  # for the person who decides

    def test_nobody_asks_while_the_account_has_no_zone(self) -> None:
        assert read(self.TEXT.format(zone="(GMT+05:30) Kolkata")).outcome is Outcome.ACCEPT


class TestOtherRows:
    def test_repeated_headers(self) -> None:
        reading = read(HEADER + line() + HEADER + line(day="2026-11-02") + HEADER.upper())
        assert (reading.accepted, reading.skipped) == (2, 2)
        assert "Campaign" not in reading.rows["campaign_name"].tolist()

    def test_another_table_below_is_refused(self) -> None:
        text = HEADER + line() + "\nEvent name,Event count,Total users\npage_view,5,3\n"
        reading = read(text)
        assert codes(reading) == ["SEVERAL_TABLES"]
        assert reading.problems[0].row == 4

    @pytest.mark.parametrize(
        "note",
        [
            "* Conversions may be modeled.",
            "Downloaded by alice@example.com",
            '"©2026 Microsoft Corporation. All rights reserved. "',
            "Confidential Information - Do Not Distribute",
            '"a note, with a comma"',
            "two,cells",
            "* padded,,,,,,,,",
        ],
    )
    def test_notes_below_are_kept_as_notes(self, note: str) -> None:
        reading = read(HEADER + line() + "\n" + note + "\n")
        assert (reading.accepted, reading.skipped, reading.rejected) == (1, 1, 0)
        assert len(reading.evidence.footers) == 1
        assert reading.evidence.footers[0][0] == 4

    def test_a_note_between_rows_is_no_note(self) -> None:
        reading = read(HEADER + line() + "a heading\n" + line(day="2026-11-02"))
        assert codes(reading) == ["COLUMN_COUNT"]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("2026-11-02,Brand\n", "COLUMN_COUNT"),
            ("2026-11-02,C1,5000,USD,1000,10,1,234.56,1,10\n", "COLUMN_COUNT"),
            ("2026-11-02,Bra", "TRUNCATED"),
            ("2026-11-0", "TRUNCATED"),
        ],
    )
    def test_rows_of_another_width(self, row: str, code: str) -> None:
        reading = read(HEADER + line() + row)
        assert reading.outcome is Outcome.PARTIAL
        assert [(problem.row, problem.code) for problem in reading.problems] == [(3, code)]
        assert spend(reading) == [Decimal(1)]

    @pytest.mark.parametrize("more", [",", ",,,"])
    def test_empty_cells_at_the_end_do_no_harm(self, more: str) -> None:
        assert read(HEADER + line().replace("\n", more + "\n")).outcome is Outcome.ACCEPT
        both = (HEADER + line()).replace("\n", more + "\n")
        assert read(both).outcome is Outcome.ACCEPT

    def test_blank_lines_count_nowhere(self) -> None:
        reading = read("\n\n" + HEADER + "\n" + line() + ",,,,,,,,\n \n" + line(day="2026-11-02"))
        assert (reading.data_rows, reading.accepted) == (2, 2)
        assert reading.rows["row"].tolist() == [5, 8]

    def test_a_campaign_must_have_a_name_or_an_id(self) -> None:
        reading = read(HEADER + line(campaign="") + line(campaign=" --", id=""))
        assert reading.outcome is Outcome.PARTIAL
        assert reading.rows["campaign_external_id"].tolist() == ["7000"]
        assert codes(reading) == ["MISSING_VALUE"]

    def test_long_names_are_held_never_cut(self) -> None:
        reading = read(HEADER + line(campaign="x" * 501) + line(campaign="y" * 500))
        assert codes(reading) == ["FIELD_TOO_LONG"]
        assert reading.rows["campaign_name"].tolist() == ["y" * 500]
        assert reading.held[0].cells[1] == "x" * 501

    def test_names_may_hold_line_ends(self) -> None:
        reading = read(HEADER + line(campaign='"A\nB"') + line(day="bad"))
        assert reading.rows["campaign_name"].tolist() == ["A\nB"]
        assert reading.problems[0].row == 4

    def test_all_rows_broken_is_a_refusal_with_their_reasons(self) -> None:
        reading = read(HEADER + line(day="x") + line(day="y"))
        assert reading.outcome is Outcome.REFUSE
        assert [problem.row for problem in reading.problems] == [2, 3]
        assert len(reading.held) == 2

    def test_several_faults_of_one_row_are_all_said(self) -> None:
        reading = read(HEADER + line(day="x", cost="y", clicks="z") + line())
        assert {problem.column for problem in reading.problems} == {"Day", "Cost", "Clicks"}
        assert reading.rejected == 1
        assert len(reading.held) == 1
        assert len(reading.held[0].problems) == 3

    def test_so_many_broken_rows_are_not_repaired_one_by_one(self) -> None:
        text = HEADER + "".join(line(day="x", id=str(at)) for at in range(30)) + line()
        reading = read(text, limits=Limits(problem_rows=10))
        assert reading.outcome is Outcome.REFUSE
        assert codes(reading)[0] == "TOO_MANY_PROBLEMS"
        assert "30 rows" in reading.problems[0].message
        assert len(reading.held) == 10


class TestTwice:
    def test_the_same_row_twice_counts_once(self) -> None:
        reading = read(HEADER + line() + line(day="2026-11-02") + line())
        assert reading.outcome is Outcome.PARTIAL
        assert codes(reading) == ["DUPLICATE_IN_FILE"]
        assert "row 2" in reading.problems[0].message
        assert str(reading.totals["USD"]) == "2.00"

    def test_rows_that_contradict_each_other_are_both_held(self) -> None:
        reading = read(HEADER + line() + line(cost="2.00") + line(day="2026-11-02"))
        assert [problem.row for problem in reading.problems] == [2, 3]
        assert "which one holds is not known" in reading.problems[0].message

    @pytest.mark.parametrize("column", ["Device", "Network", "My own column"])
    def test_rows_of_one_day_that_a_column_tells_apart_are_parts(self, column: str) -> None:
        text = HEADER.strip() + f",{column}\n"
        text += line().strip() + ",mobile\n" + line(cost="2.00").strip() + ",desktop\n"
        reading = read(text)
        assert reading.outcome is Outcome.ACCEPT
        assert str(reading.totals["USD"]) == "3.00"

    def test_a_ratio_does_not_tell_rows_apart(self) -> None:
        text = HEADER.strip() + ",CTR\n"
        text += line().strip() + ",1%\n" + line(cost="2.00").strip() + ",2%\n"
        assert read(text).outcome is Outcome.REFUSE

    def test_campaigns_without_an_id_may_share_a_name(self) -> None:
        text = "Date,Campaign,Cost,Impressions\n2026-11-01,A,1,10\n2026-11-01,A,2,10\n"
        reading = read(text)
        assert reading.outcome is Outcome.ACCEPT
        assert units(reading.rows, "spend") == [Decimal(1), Decimal(2)]


class TestCurrency:
    PLAIN = "Date,Campaign,Cost,Impressions\n2026-11-01,A,{cost},10\n"

    def test_the_accounts_currency_is_taken_and_said(self) -> None:
        reading = read(self.PLAIN.format(cost="5"))
        assert reading.rows["currency"].tolist() == ["USD"]
        assert cautions(reading) == ["CURRENCY_ASSUMED"]

    def test_without_one_it_is_asked(self) -> None:
        reading = read(self.PLAIN.format(cost="5"), currency=None)
        assert codes(reading) == ["AMBIGUOUS_CURRENCY"]
        assert reading.questions[0].free
        answered = read(self.PLAIN.format(cost="5"), currency=None, settings={"currency": "SEK"})
        assert answered.rows["currency"].tolist() == ["SEK"]

    @pytest.mark.parametrize(
        ("cost", "account", "currency"),
        [
            ("$5", "USD", "USD"), ("$5", "CAD", "CAD"), ("€5", "USD", "EUR"), ("US$5", "CAD", "USD"),
            ("5 zł", "EUR", "PLN"), ("kr 5", "SEK", "SEK"), ("¥5", "JPY", "JPY"), ("5 CHF", "EUR", "CHF"),
        ],
    )  # fmt: skip
    def test_signs(self, cost: str, account: str, currency: str) -> None:
        reading = read(self.PLAIN.format(cost=cost), currency=account)
        assert reading.rows["currency"].tolist() == [currency]

    @pytest.mark.parametrize(("cost", "account"), [("$5", "EUR"), ("kr 5", "EUR"), ("¥5", "USD")])
    def test_a_sign_of_many_is_asked_about(self, cost: str, account: str) -> None:
        reading = read(self.PLAIN.format(cost=cost), currency=account)
        assert codes(reading) == ["AMBIGUOUS_CURRENCY"]
        assert len(reading.questions[0].options) > 1

    def test_a_sign_in_the_header(self) -> None:
        text = "Date,Campaign,Cost (€),Impressions\n2026-11-01,A,5,10\n"
        assert read(text).rows["currency"].tolist() == ["EUR"]
        dollars = text.replace("€", "$")
        assert read(dollars, currency="AUD").rows["currency"].tolist() == ["AUD"]
        assert codes(read(dollars, currency="EUR")) == ["AMBIGUOUS_CURRENCY"]

    def test_two_currencies_are_never_added(self) -> None:
        assert codes(read(HEADER + line() + line(currency="EUR"))) == ["MIXED_CURRENCY"]
        text = "Date,Campaign,Cost,Impressions\n2026-11-01,A,$5,10\n2026-11-02,A,€5,10\n"
        assert codes(read(text)) == ["MIXED_CURRENCY"]

    def test_a_sign_against_the_currency_column_is_held(self) -> None:
        reading = read(HEADER + days("€5.00", "1.00"))
        assert codes(reading) == ["CURRENCY_MISMATCH"]

    @pytest.mark.parametrize("code", ["XYZ", "EURO", "", "€"])
    def test_what_is_no_code_is_held(self, code: str) -> None:
        reading = read(HEADER + line(currency=code) + line(day="2026-11-02"))
        assert codes(reading) == ["INVALID_CURRENCY"]

    def test_small_letters_are_forgiven(self) -> None:
        assert read(HEADER + line(currency=" usd ")).rows["currency"].tolist() == ["USD"]


class TestTouches:
    """What happened to customers: not every touch is a campaign's."""

    HEAD = "Touch ID,Touch date,Touch type,Campaign,Contact email\n"

    @pytest.mark.parametrize("written", ["2026-11-01", "2026-11-01 09:30"])
    def test_a_file_without_any_campaign_is_read_whole(self, written: str) -> None:
        rows = "".join(f"t{n},{written},Store visit,,p{n}@example.com\n" for n in range(3))
        reading = read(self.HEAD + rows)
        assert (reading.outcome, reading.accepted, reading.skipped) == (Outcome.ACCEPT, 3, 0)

    def test_touches_without_a_campaign_below_the_last_with_one_are_kept(self) -> None:
        reading = read(
            self.HEAD
            + "t1,2026-11-01 09:30,Click,Winter,a@example.com\n"
            + "t2,2026-11-02 09:30,E-mail,,b@example.com\n"
        )
        assert (reading.accepted, reading.skipped) == (2, 0)
