"""No number reaches paper without a figure, no figure without a provenance, and printed parts add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest

from reporting.rules.pack import numerals
from reporting.rules.pack.content import BudgetPage, PackContent, ScorecardPage, Sum
from reporting.rules.pack.drawing import draw_pack
from reporting.rules.pack.errors import (
    DoesNotFit,
    NumberWithoutFigure,
    PackError,
    PartsDoNotAddUp,
    UndefinedFigure,
    UnusedFigure,
)
from reporting.rules.pack.figures import Figure, Ref, When, say
from tests.reporting.pack_sample import new_book, pack_content

pytestmark = pytest.mark.usefixtures("pack_fonts")


@pytest.fixture(scope="module")
def content() -> PackContent:
    return pack_content()


def test_a_figure_that_is_not_defined_stops_the_pack(content: PackContent) -> None:
    with pytest.raises(UndefinedFigure, match="nowhere_defined"):
        draw_pack(replace(content, verdict=say("It is {x}.", x=Ref("nowhere_defined"))))


def test_a_figure_that_is_printed_nowhere_stops_the_pack(content: PackContent) -> None:
    spare = Figure("spare", "£1", "Spare", "r1")
    with pytest.raises(UnusedFigure, match="spare"):
        draw_pack(replace(content, figures=(*content.figures, spare)))


def test_a_figure_without_provenance_stops_the_pack(content: PackContent) -> None:
    kept = tuple(row for row in content.provenance if row.id != "r1")
    with pytest.raises(UndefinedFigure, match="footnote r1"):
        draw_pack(replace(content, provenance=kept))


def test_a_provenance_without_a_figure_stops_the_pack(content: PackContent) -> None:
    spare = replace(content.provenance[0], id="z9")
    with pytest.raises(UnusedFigure, match="z9"):
        draw_pack(replace(content, provenance=(*content.provenance, spare)))


def test_an_id_given_twice_stops_the_pack(content: PackContent) -> None:
    with pytest.raises(UndefinedFigure, match="twice"):
        draw_pack(replace(content, figures=(*content.figures, content.figures[0])))


def test_digits_in_our_own_words_are_refused() -> None:
    with pytest.raises(NumberWithoutFigure, match="grew by 5%"):
        say("Revenue grew by 5% in {month}.", month=When("October 2026"))


def test_digits_in_a_sentence_built_without_say_stop_the_pack(content: PackContent) -> None:
    with pytest.raises(NumberWithoutFigure, match="63% chance"):
        draw_pack(replace(content, verdict=("A 63% chance of reaching the goal.",)))


def test_digits_in_a_heading_stop_the_pack(content: PackContent) -> None:
    first = content.pages[0]
    assert isinstance(first, ScorecardPage)
    scorecard = replace(first, asks_heading="3 decisions")
    with pytest.raises(NumberWithoutFigure, match="3 decisions"):
        draw_pack(replace(content, pages=(scorecard, *content.pages[1:])))


@pytest.mark.parametrize("words", ["{a} and {b}", "nothing at all"])
def test_a_sentence_and_its_parts_must_match(words: str) -> None:
    with pytest.raises(UndefinedFigure):
        say(words, a=When("October"), c=When("November"))


@pytest.mark.parametrize("text", ["", "£1,234,567,890,123.45"])
def test_a_figure_text_has_a_printable_length(text: str) -> None:
    with pytest.raises(DoesNotFit):
        Figure("revenue", text, "Revenue", "r1")


@pytest.mark.parametrize("footnote", ["1r", "R1", "revenue", "r0", "r1234", ""])
def test_a_footnote_id_is_a_letter_and_a_number(footnote: str) -> None:
    book = new_book()
    with pytest.raises(UndefinedFigure):
        book.source(footnote, "Revenue", formula="", filters="", batches=(), query="")


def test_a_book_quotes_the_same_figure_and_refuses_another_under_its_id() -> None:
    book = new_book()
    first = book.money("revenue", 5_710_000_000_000, label="Revenue", footnote="r1")
    assert book.money("revenue", 5_710_000_000_000, label="Revenue", footnote="r1") == first
    with pytest.raises(UndefinedFigure, match=r"£5\.71m"):
        book.money("revenue", 5_720_000_000_000, label="Revenue", footnote="r1")


def test_an_as_of_without_utc_is_refused(content: PackContent) -> None:
    local = timezone(timedelta(hours=2))
    for moment in (datetime(2026, 11, 6, 6), datetime(2026, 11, 6, 6, tzinfo=local)):  # noqa: DTZ001
        row = replace(content.provenance[0], as_of=moment)
        with pytest.raises(PackError, match="UTC"):
            draw_pack(replace(content, provenance=(row, *content.provenance[1:])))


def test_printed_parts_that_do_not_add_up_stop_the_pack(content: PackContent) -> None:
    budget = next(page for page in content.pages if isinstance(page, BudgetPage))
    wrong = tuple(
        replace(figure, text="15,201") if figure.id == budget.total.planned.id else figure
        for figure in content.figures
    )
    with pytest.raises(PartsDoNotAddUp, match="15200"):
        draw_pack(replace(content, figures=wrong))


def test_sums_that_are_declared_are_checked(content: PackContent) -> None:
    bad = Sum(Ref("goal"), (Ref("revenue"), Ref("revenue.target")))
    with pytest.raises(PartsDoNotAddUp):
        draw_pack(replace(content, sums=(bad,)))


def test_parts_in_different_units_are_no_sum(content: PackContent) -> None:
    bad = Sum(Ref("revenue"), (Ref("ask.video"),))
    with pytest.raises(PartsDoNotAddUp, match="different units"):
        draw_pack(replace(content, sums=(bad,)))


def test_parts_are_rounded_to_the_rounded_total() -> None:
    assert numerals.parts_that_add_up([1400, 1400, 1400], 1000) == [2, 1, 1]
    assert numerals.parts_that_add_up([-1400, 2600], 1000) == [-1, 2]
    parts = [333_333, 333_333, 333_334, 499]
    assert sum(numerals.parts_that_add_up(parts, 1000)) == 1000


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (5_710_000_000_000, "£5.71m"),
        (62_000_000_000_000, "£62.00m"),
        (162_040_000_000_000, "£162.0m"),
        (246_400_000_000, "£246k"),
        (999_600_000_000, "£1.00m"),
        (9_840_000_000, "£9,840"),
        (41_300_000, "£41.30"),
        (-38_000_000_000, "−£38k"),
        (-1_000, "£0.00"),
        (0, "£0.00"),
    ],
)
def test_amounts_are_written_short(micros: int, text: str) -> None:
    assert numerals.money_text(micros, "GBP") == text


def test_other_numbers_are_written_with_true_signs() -> None:
    assert numerals.money_text(12_000_000, "CHF") == "CHF\u00a012.00"
    assert numerals.money_text(1_500_000, "JPY") == "¥2"
    assert numerals.money_change_text(24_000_000_000, "GBP") == "+£24k"
    assert numerals.change_text(Fraction(-31, 1000)) == "−3.1%"
    assert numerals.change_text(Fraction(1, 100_000)) == "0.0%"
    assert numerals.points_text(Fraction(6, 1000)) == "+0.6\u00a0pt"
    assert numerals.percent_text(Fraction(214, 1000)) == "21.4%"
    assert numerals.ratio_text(Fraction(492, 100)) == "4.92"
    assert numerals.count_text(-18420) == "−18,420"


@pytest.mark.parametrize(
    ("text", "number"),
    [("£5.71m", "5.71"), ("−£1,234.5k", "-1234.5"), ("+4", "4"), ("−25", "-25"), ("–", "0")],
)
def test_a_printed_number_is_read_as_a_reader_reads_it(text: str, number: str) -> None:
    assert numerals.printed_number(text) == Decimal(number)
