"""Any table of a screen as a PDF: every row, every number, filters and moment, heads on every page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reporting.rules.pack.errors import PackError
from reporting.rules.pack.sheet import TableColumn, draw_table_pdf
from tests.reporting.pack_sample_review import table_sheet
from tests.reporting.pdf_reading import pages_of, text_of

pytestmark = pytest.mark.usefixtures("pack_fonts")


def test_every_cell_of_the_screen_is_on_paper(tmp_path: Path) -> None:
    sheet = table_sheet(60)
    text = text_of(draw_table_pdf(sheet), tmp_path)
    for row in (*sheet.rows, sheet.totals):
        for cell in row:
            assert " ".join(cell.split()) in text


def test_every_page_says_what_it_shows(tmp_path: Path) -> None:
    pdf = draw_table_pdf(table_sheet(60))
    pages = pages_of(pdf)
    text = text_of(pdf, tmp_path)
    assert pages == 3
    assert text.count("Filtered: Channel is Paid search or Paid social") == pages
    assert text.count("Figures as of 6 Nov 2026, 06:00 UTC") == pages
    assert text.count("Revenue, €") == pages
    assert f"Page {pages} of {pages}" in text
    assert re.search(r"Rows 1–\d+ of 60", text)
    assert re.search(r"Rows \d+–60 of 60", text)


def test_the_same_table_gives_the_same_bytes() -> None:
    assert draw_table_pdf(table_sheet(40)) == draw_table_pdf(table_sheet(40))


def test_columns_that_do_not_fit_go_to_further_pages_with_the_first_repeated(
    tmp_path: Path,
) -> None:
    sheet = table_sheet(5, extra_columns=20)
    text = text_of(draw_table_pdf(sheet), tmp_path)
    for column in sheet.columns:
        assert column.label in text
    assert text.count("Winter jackets,") == 2 * pages_of(draw_table_pdf(sheet))
    for number in sheet.rows[4][3:]:
        assert " ".join(number.split()) in text


def test_a_long_number_is_set_smaller_and_never_cut(tmp_path: Path) -> None:
    sheet = table_sheet(1)
    long = "123,456,789,012,345,678,901.00"
    row = (*sheet.rows[0][:3], long, *sheet.rows[0][4:])
    assert long in text_of(draw_table_pdf(replace(sheet, rows=(row,))), tmp_path)


def test_long_words_end_in_an_ellipsis_after_three_lines(tmp_path: Path) -> None:
    sheet = table_sheet(2, hostile="Very long campaign name " * 30, extra_columns=4)
    assert text_of(draw_table_pdf(sheet), tmp_path).count("…") >= 4


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    sheet = replace(table_sheet(0, filters=False), totals=())
    text = text_of(draw_table_pdf(sheet), tmp_path)
    assert "No rows match." in text
    assert "Filtered" not in text


def test_a_row_with_a_missing_cell_is_refused() -> None:
    sheet = table_sheet(2)
    with pytest.raises(PackError, match="cells"):
        draw_table_pdf(replace(sheet, rows=(sheet.rows[0][:-1],)))


def test_a_table_of_one_column_is_drawn() -> None:
    sheet = replace(table_sheet(0), columns=(TableColumn("Name"),), rows=(("A",),), totals=())
    assert pages_of(draw_table_pdf(sheet)) == 1
