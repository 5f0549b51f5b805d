"""What the lines above a table say is kept, and used where it is certain."""

from datetime import date

import pytest

from integrations.rules.facts import read_facts
from tests.integrations.files import HEADER, line, read


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        (['"July 8, 2025 - July 31, 2025"'], "2025-07-08", "2025-07-31"),
        (["1 May 2026 - 8 May 2026"], "2026-05-01", "2026-05-08"),
        (["# Start date: 20230101", "# End date: 20231231"], "2023-01-01", "2023-12-31"),
        (["2026-11-01 – 2026-11-06"], "2026-11-01", "2026-11-06"),
        (["1 novembre 2026 au 6 novembre 2026"], "2026-11-01", "2026-11-06"),
        (["Report Start: 2026-09-01, Report End: 2026-09-02"], "2026-09-01", "2026-09-02"),
        (["Start: 2026-09-01", "End: 2026-09-02"], "2026-09-01", "2026-09-02"),
        (["Campaign report", "November 6, 2026"], "2026-11-06", "2026-11-06"),
    ],
)
def test_periods(lines: list[str], start: str, end: str) -> None:
    period = read_facts(lines, [], "").period
    assert period == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "lines",
    [
        ["All time"],
        ["09/01/2026 - 09/02/2026"],
        ["July 31, 2025 - July 8, 2025"],
        ["November 2026"],
        ["2026-11-01", "2026-11-02"],
        ["x" * 100_000],
        ["- " * 50_000],
        [": ," * 50_000],
    ],
)
def test_nothing_certain_is_no_period(lines: list[str]) -> None:
    assert read_facts(lines, [], "").period is None


def test_an_order_that_is_known_makes_a_period_certain() -> None:
    facts = read_facts(["Report Start: 09/01/2026, Report End: 09/02/2026"], [], "mdy")
    assert facts.period == (date(2026, 9, 1), date(2026, 9, 2))


@pytest.mark.parametrize(
    "text",
    ["Downloaded: November 3, 2026", "Date Generated: 2026-11-03", "Exported on: 3 Nov 2026",
     "# Created: 20261103", '"Generated at: 2026-11-03 10:15"'],
)  # fmt: skip
def test_when_it_was_exported(text: str) -> None:
    reading = read(f"Campaign report\n{text}\n" + HEADER + line())
    assert reading.evidence.exported_on == date(2026, 11, 3)


def test_row_count_zone_and_completeness() -> None:
    lines = ['"Rows: 5"', '"Time Zone: (GMT+01:00) Berlin"', '"Potential Incomplete Data: True"']
    facts = read_facts(lines, [], "")
    assert (facts.rows_stated, facts.time_zone, facts.incomplete) == (5, "(GMT+01:00) Berlin", True)


def test_a_header_may_name_the_zone() -> None:
    assert read_facts([], ["Start Date (in UTC)"], "").time_zone == "UTC"


@pytest.mark.parametrize("text", ["Rows: many", "Rows: -1", "Rows: 5.5", "Throws: 5"])
def test_what_is_no_row_count(text: str) -> None:
    assert read_facts([text], [], "").rows_stated is None


def test_all_lines_are_kept_as_evidence() -> None:
    reading = read('Campaign report\n\n"July 8, 2025 - July 31, 2025"\n' + HEADER + line())
    assert reading.evidence.preamble == ("Campaign report", "July 8, 2025 - July 31, 2025")
    assert reading.evidence.header_row == 4
