"""Exports: the same rows and columns as the screen, numbers as numbers, no live formulas."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core import exports
from core.errors import Invalid
from core.money import Money
from core.tables import Column, Table

AS_OF = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


class Lines(Table):
    key = "lines"
    columns = (
        Column("name", "Line"),
        Column("spend", "Spend", kind="money"),
        Column("day", "Day", kind="date"),
        Column("share", "Share", kind="percent"),
        Column("hidden", "Hidden", default_visible=False),
    )
    default_sort = "-spend"


def row(name: str, spend: str, currency: str = "EUR") -> dict[str, Any]:
    return {"name": name, "spend": Money.parse(spend, currency), "day": date(2026, 11, 2), "share": Decimal("-0.25"), "hidden": "secret"}  # fmt: skip


ROWS = [row("Shopping", "10.5"), row("=HYPERLINK(1)", "-30.25"), row("Search", "20")]


def sheet(rows: list[dict[str, Any]], query: str = "", **options: Any) -> exports.Sheet:
    table = Lines(RequestFactory().get(f"/?{query}"), rows, **options)
    return exports.sheet_of(
        table, title="Lines", filters=[("Period", "Q4")], as_of=AS_OF, classification="Internal"
    )


def parsed(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_file_holds_what_the_screen_shows() -> None:
    lines = parsed(exports.to_csv(sheet(ROWS)))
    assert lines[0] == ["Line", "Spend (EUR)", "Day", "Share"]
    assert lines[1:4] == [
        ["Search", "20.00", "2026-11-02", "-0.25"],
        ["Shopping", "10.50", "2026-11-02", "-0.25"],
        ["'=HYPERLINK(1)", "-30.25", "2026-11-02", "-0.25"],
    ]
    assert ["Period", "Q4"] in lines
    assert ["Data as of", "2026-11-21 23:59 UTC"] in lines
    assert ["Classification", "Internal"] in lines


def test_chosen_columns_order_and_search_hold_for_files_too() -> None:
    lines = parsed(exports.to_csv(sheet(ROWS, "cols=hidden&sort=name&q=s")))
    assert lines[0] == ["Line", "Hidden"]
    assert [line[0] for line in lines[1:3]] == ["Search", "Shopping"]
    assert ["Search", "s"] in lines


def test_several_currencies_stand_in_a_column_of_their_own() -> None:
    lines = parsed(exports.to_csv(sheet([row("a", "1"), row("b", "2", "GBP")])))
    assert lines[0][:3] == ["Line", "Spend", "Spend currency"]
    assert [line[1:3] for line in lines[1:3]] == [["2.00", "GBP"], ["1.00", "EUR"]]


def test_totals_are_the_last_row() -> None:
    lines = parsed(exports.to_csv(sheet(ROWS, totals={"spend": Money.parse("0.25", "EUR")})))
    assert lines[4] == ["Total", "0.25", "", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula(name: str) -> None:
    assert exports.harmless(name) == f"'{name}"
    book = CalamineWorkbook.from_filelike(io.BytesIO(exports.to_xlsx(sheet([row(name, "1")]))))
    assert str(book.get_sheet_by_name("Figures").to_python()[1][0]).startswith("'")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_name_comes_back_from_a_file(name: str) -> None:
    lines = parsed(exports.to_csv(sheet([row(name, "1")])))
    assert lines[1][0].removeprefix("'") == name.removeprefix("'")


def test_numbers_and_days_stay_what_they_are_in_a_workbook() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exports.to_xlsx(sheet(ROWS))))
    figures = book.get_sheet_by_name("Figures").to_python()
    assert figures[3][1:] == [-30.25, date(2026, 11, 2), -0.25]
    about = book.get_sheet_by_name("About").to_python()
    assert ["Data as of", "2026-11-21 23:59 UTC"] in about


def test_the_texts_are_those_of_the_screen() -> None:
    assert sheet(ROWS).texts[0] == ["Search", "€20.00", "2 Nov", "−25\u202f%"]


def test_a_pdf_is_written_by_whoever_registered() -> None:
    before = list(exports._pdf_writers)
    exports.register_pdf(lambda s: s.title.encode())
    try:
        assert exports.write(sheet(ROWS), "pdf") == b"Lines"
    finally:
        exports._pdf_writers[:] = before


def test_an_unknown_format_is_refused_and_names_are_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exports, "_guards", [])
    with pytest.raises(Invalid):
        exports.write(sheet(ROWS), "exe")
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    answer = exports.export_response(
        Lines(request, ROWS), "csv", title='A "b"/..\r\nc', classification="Public"
    )
    assert answer["Content-Disposition"] == 'attachment; filename="a-b-c.csv"'
