"""Workbooks: the same answers as text, and nothing hidden in them is trusted."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rules import Limits, Outcome
from integrations.rules.workbook import _plain_number
from integrations.rules.workbook_parts import column_number
from tests.integrations.files import (
    HEADERS,
    cautions,
    codes,
    day_list,
    read,
    sheet_row,
    spend,
    units,
    workbook,
)

GOOD = [list(HEADERS), sheet_row(), sheet_row(date(2026, 11, 2), cost=0.1 + 0.2)]


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_numbers_and_dates_come_through() -> None:
    reading = read(workbook(GOOD))
    assert reading.outcome is Outcome.ACCEPT
    assert day_list(reading) == ["2026-11-01", "2026-11-02"]
    assert spend(reading) == [Decimal("1.5"), Decimal("0.3")]
    assert reading.evidence.container == "xlsx"
    assert reading.evidence.sheet == "Sheet1"


def test_rows_are_numbered_as_in_the_sheet() -> None:
    rows = [[], ["Campaign report"], [], *GOOD, [], sheet_row("31.31.2026")]
    reading = read(workbook(rows))
    assert reading.evidence.header_row == 4
    assert reading.rows["row"].tolist() == [5, 6]
    assert [problem.row for problem in reading.problems] == [8]


def test_a_table_that_begins_in_the_middle_of_a_sheet() -> None:
    rows = [[], [], *([None, None, *row] for row in GOOD), [None, None, *sheet_row("31.31.2026")]]
    reading = read(workbook(rows))
    assert reading.rows["row"].tolist() == [4, 5]
    assert [problem.row for problem in reading.problems] == [6]


def test_a_formula_is_found_below_empty_rows() -> None:
    rows = [[], [], [], *GOOD]
    data = changed(
        workbook(rows),
        SHEET,
        lambda sheet: sheet.replace(b'<c r="G6"><v>0.3</v></c>', b'<c r="G6"><f>A1</f></c>'),
    )
    assert [(problem.row, problem.code) for problem in read(data).problems] == [(6, "FORMULA_CELL")]


def test_totals_and_notes_around_the_table() -> None:
    total = ["Total: Account", None, "--", "USD", 2000, 20, 1.8, 2, 20]
    rows = [["Campaign report"], ["November 1, 2026 - November 2, 2026"], *GOOD, total, ["* note"]]
    reading = read(workbook(rows))
    assert (reading.accepted, reading.skipped) == (2, 2)
    assert reading.evidence.preamble[0] == "Campaign report"


@settings(max_examples=300, deadline=None)
@given(cents=st.integers(0, 10**13))
def test_a_float_gives_back_the_cents_it_was_made_of(cents: int) -> None:
    assert Decimal(_plain_number(cents / 100)) == Decimal(cents) / 100


@settings(max_examples=100, deadline=None)
@given(parts=st.lists(st.integers(0, 10**6), min_size=2, max_size=5))
def test_and_sums_of_floats_too(parts: list[int]) -> None:
    total = sum(part / 100 for part in parts)
    assert Decimal(_plain_number(total)) == Decimal(sum(parts)) / 100


def test_text_in_cells_is_read_like_text_elsewhere() -> None:
    rows = [
        list(HEADERS),
        sheet_row("2026-11-01", impressions="1,000", cost="1,234.56"),
        sheet_row("Nov 2, 2026", cost=1234.567),
    ]
    assert spend(read(workbook(rows))) == [Decimal("1234.56"), Decimal("1234.567")]


def test_a_number_cell_needs_no_proof() -> None:
    """1.234 as text could be two numbers; as a number it is one."""
    assert spend(read(workbook([list(HEADERS), sheet_row(cost=1.234)]))) == [Decimal("1.234")]
    text = read(workbook([list(HEADERS), sheet_row(cost="1.234", value=1)]))
    assert codes(text) == ["AMBIGUOUS_NUMBER"]


@pytest.mark.parametrize("cost", [True, date(2026, 11, 1), "#REF!", "abc"])
def test_what_is_no_number_is_held(cost: object) -> None:
    reading = read(workbook([list(HEADERS), sheet_row(cost=cost), sheet_row(id="2")]))
    assert codes(reading) == ["NOT_A_NUMBER"]
    assert reading.accepted == 1


def test_empty_cells_are_no_data() -> None:
    reading = read(workbook([list(HEADERS), sheet_row(cost=None), sheet_row(id="2")]))
    assert spend(reading) == [None, Decimal("1.5")]


def test_ids_that_lost_their_last_digits_are_held() -> None:
    rows = [list(HEADERS), sheet_row(id=120210000000000001), sheet_row(id=20481920011)]
    reading = read(workbook(rows))
    assert codes(reading) == ["ID_PRECISION"]
    assert reading.rows["campaign_external_id"].tolist() == ["20481920011"]


def test_serial_numbers_are_not_taken_for_days() -> None:
    reading = read(workbook([list(HEADERS), sheet_row(46327), sheet_row()]))
    assert codes(reading) == ["INVALID_DATE"]


def test_the_calendar_of_1904() -> None:
    assert day_list(read(workbook(GOOD, date_1904=True))) == ["2026-11-01", "2026-11-02"]


def test_two_sheets_with_data_are_a_question() -> None:
    data = workbook(GOOD, GOOD[:2])
    reading = read(data)
    assert codes(reading) == ["NEEDS_CHOICE"]
    assert [option.value for option in reading.questions[0].options] == ["Sheet1", "Sheet2"]
    assert read(data, sheet="Sheet2").accepted == 1
    assert codes(read(data, sheet="Sheet9")) == ["UNKNOWN_CHOICE"]


def test_hidden_sheets_are_left_alone_and_said() -> None:
    reading = read(workbook(GOOD, GOOD, hidden=[1]))
    assert reading.outcome is Outcome.ACCEPT
    assert cautions(reading) == ["HIDDEN_SHEET"]


def test_an_empty_workbook() -> None:
    assert codes(read(workbook([]))) == ["EMPTY_FILE"]


def with_cells(xml: str) -> bytes:
    """A workbook whose third row is written by hand."""
    return changed(
        workbook(GOOD), SHEET, lambda sheet: sheet.replace(b'<c r="G3"><v>', xml.encode() + b"<v>")
    )


def test_formulas_are_used_with_the_value_that_was_kept() -> None:
    reading = read(with_cells('<c r="G3"><f>SUM(A1,B1)</f>'))
    assert reading.outcome is Outcome.ACCEPT
    assert cautions(reading) == ["FORMULA_CELL"]
    assert reading.warnings[0].rows == (3,)


def test_a_formula_without_a_value_is_held_not_zero() -> None:
    data = changed(
        workbook(GOOD),
        SHEET,
        lambda sheet: sheet.replace(b'<c r="G3"><v>0.3</v></c>', b'<c r="G3"><f>A1</f></c>'),
    )
    reading = read(data)
    assert codes(reading) == ["FORMULA_CELL"]
    assert spend(reading) == [Decimal("1.5")]


def test_an_error_value_is_shown_as_it_reads() -> None:
    data = changed(
        workbook(GOOD),
        SHEET,
        lambda sheet: sheet.replace(
            b'<c r="G3"><v>0.3</v></c>', b'<c r="G3" t="e"><v>#DIV/0!</v></c>'
        ),
    )
    reading = read(data)
    assert [(problem.code, problem.value) for problem in reading.problems] == [
        ("NOT_A_NUMBER", "#DIV/0!")
    ]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_document_types_are_refused_in_every_part(part: str) -> None:
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n'
    data = changed(workbook(GOOD), part, lambda xml: bomb + xml.partition(b"?>")[2])
    assert codes(read(data)) == ["XML_ENTITY"]


def test_a_document_type_across_two_pieces_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rules.unpack.MEGABYTE", 7)
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(GOOD))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, bomb + content if name == SHEET else content)
    assert codes(read(out.getvalue())) == ["XML_ENTITY"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("XFD1048576", "TOO_MANY_COLUMNS"), ("F1048576", "DECOMPRESSION_LIMIT")],
)
def test_a_cell_far_outside_of_the_table_costs_nothing(cell: str, code: str) -> None:
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
    data = changed(workbook(GOOD), SHEET, lambda xml: xml.replace(b"</sheetData>", far))
    assert codes(read(data)) == [code]


def test_too_large_a_sheet_is_refused() -> None:
    limits = Limits(sheet_area=20)
    assert read(workbook(GOOD), limits=limits).outcome is Outcome.REFUSE


def test_a_utf16_part_is_refused() -> None:
    data = changed(workbook(GOOD), SHEET, lambda xml: xml.decode().encode("utf-16"))
    assert codes(read(data)) == ["CORRUPT"]


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET, "xl/styles.xml"]
)
@pytest.mark.parametrize("change", [lambda xml: b"", lambda xml: xml[: len(xml) // 2]])
def test_damaged_parts_are_said(part: str, change: Callable[[bytes], bytes]) -> None:
    reading = read(changed(workbook(GOOD), part, change))
    if reading.outcome is Outcome.REFUSE:
        assert set(codes(reading)) <= {"CORRUPT", "EMPTY_FILE", "NOT_TABULAR"}
    else:
        assert part == "xl/styles.xml"


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16384)])
def test_columns_have_numbers(letters: str, number: int) -> None:
    assert column_number(letters) == number


def test_counts_come_as_whole_numbers() -> None:
    assert units(read(workbook(GOOD)).rows, "impressions") == [Decimal(1000)] * 2
