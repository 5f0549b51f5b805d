"""Numbers: exact in every language's dress, proved over the column, never a silent zero."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from integrations.rules import DEFAULT_LIMITS, Outcome
from integrations.rules.number_columns import FINE, prove, read_shapes, values_of
from integrations.rules.numbers import COMMA, POINT, Sort, shape_of, understand
from integrations.rules.split import split
from tests.integrations.files import HEADER, cautions, codes, days, line, read, spend, units

MICROS = 1_000_000
AMOUNTS = st.integers(-(10**18) + 1, 10**18 - 1)


def grouped(digits: str, mark: str) -> str:
    """Groups of three from the right."""
    groups = []
    while len(digits) > 3:
        groups.append(digits[-3:])
        digits = digits[:-3]
    return mark.join([digits, *reversed(groups)])


def indian(digits: str) -> str:
    """The last three digits, then groups of two."""
    head, tail = digits[:-3], digits[-3:]
    groups = [tail]
    while head:
        groups.append(head[-2:])
        head = head[:-2]
    return ",".join(reversed(groups))


def dressed(micros: int, decimal: str, group: str, places: int) -> str:
    """An amount as a program of some language writes it, with at least ``places`` decimals."""
    whole, fraction = divmod(abs(micros), MICROS)
    digits = f"{fraction:06d}".rstrip("0").ljust(places, "0")
    text = grouped(str(whole), group) if group else str(whole)
    return ("-" if micros < 0 else "") + text + (decimal + digits if digits else "")


def column_of(*texts: str) -> list[int | None]:
    """Micros of a column of amounts, under the mark the column itself proves."""
    quoted = "".join('"' + text.replace('"', '""') + '"\n' for text in texts)
    grid = split(quoted.encode(), 9, DEFAULT_LIMITS)
    column = read_shapes(grid, np.arange(len(texts)), 0, counts=False)
    marks = prove(column).marks
    if len(marks) > 1:
        return [None] * len(texts)  # a file of such a column is refused
    numbers = values_of(column, next(iter(marks), POINT), in_micros=False)
    pairs = zip(numbers.values, numbers.states, strict=True)
    return [int(value) if state == FINE else None for value, state in pairs]


@settings(max_examples=100, deadline=None)
@given(
    amounts=st.lists(AMOUNTS, min_size=1, max_size=6),
    style=st.sampled_from(
        [
            (POINT, ""), (POINT, COMMA), (POINT, " "), (POINT, "'"), (POINT, "’"),
            (COMMA, ""), (COMMA, POINT), (COMMA, " "), (COMMA, "\u00a0"), (COMMA, "\u202f"),
        ]
    ),
    places=st.integers(0, 6),
)  # fmt: skip
def test_every_style_is_exact(amounts: list[int], style: tuple[str, str], places: int) -> None:
    decimal, group = style
    proof = f"1{decimal}25"  # one cell that can be read in one way only
    texts = [dressed(amount, decimal, group, places) for amount in amounts]
    assert column_of(*texts, proof) == [*amounts, 1_250_000]


@settings(max_examples=100, deadline=None)
@given(amount=st.integers(0, 10**18 - 1))
def test_indian_groups_are_exact(amount: int) -> None:
    whole, fraction = divmod(amount, MICROS)
    text = f"{indian(str(whole))}.{fraction:06d}"
    assert column_of(text, "1.25")[0] == amount


@settings(max_examples=100, deadline=None)
@given(
    amount=AMOUNTS,
    form=st.sampled_from(["{} EUR", "EUR {}", "€{}", "{} €", "{}€", "€ {}", "CHF{}", "R$ {}"]),
)
def test_a_currency_beside_the_amount_changes_nothing(amount: int, form: str) -> None:
    text = form.format(dressed(amount, POINT, COMMA, 2))
    assert column_of(text, "1.25")[0] == amount


@settings(max_examples=100, deadline=None)
@given(
    amount=st.integers(1, 10**18 - 1), form=st.sampled_from(["-{}", "({})", "−{}", "{}-", "$(−{})"])
)
def test_every_way_to_write_a_credit(amount: int, form: str) -> None:
    text = form.format(dressed(amount, POINT, COMMA, 2))
    if form.startswith("$("):
        assert column_of(text, "1.25")[0] is None  # twice negative is no number
    else:
        assert column_of(text, "1.25")[0] == -amount


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from("0123456789.,'-+() %<>eE_$€\u00a0\u2212aX"), max_size=14))
@example("1_000")
@example("0x10")
@example("1E+5")
@example("٣")
def test_never_a_silent_zero(text: str) -> None:
    """What is taken as a number has the digits that are written, and zero only if they are."""
    [value, _] = column_of(text, "1.25")
    if value is None:
        return
    digits = "".join(letter for letter in text if letter.isdigit())
    assert digits
    assert (value == 0) == (set(digits) == {"0"})
    assert str(abs(value)).strip("0") == digits.strip("0")


@settings(max_examples=300, deadline=None)
@given(whole=st.integers(0, 10**11), places=st.integers(7, 20), digits=st.integers(1, 10**20 - 1))
def test_more_than_six_decimals_are_rounded_half_to_even(
    whole: int, places: int, digits: int
) -> None:
    fraction = str(digits).rjust(places, "0")[:places]
    exact = Fraction(whole) + Fraction(int(fraction), 10**places)
    [value] = column_of(f"{whole}.{fraction}")
    if value is None:
        assert 0 < exact * MICROS <= Fraction(1, 2)  # never rounded to nothing
    else:
        assert abs(exact * MICROS - value) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0", 0), ("0.00", 0), ("-0", 0), ("007", 7_000_000), ("1,234.56", 1_234_560_000),
        ("1.234.567,89", 1_234_567_890_000), ("1 234,56", 1_234_560_000), (".5", 500_000),
        ("12.340000000000002", 12_340_000), ("0.30000000000000004", 300_000),
        ("+5.00", 5_000_000), ("US$12.00", 12_000_000), ("12,34,567.89", 1_234_567_890_000),
        ("999999999999.999999", 10**18 - 1),
    ],
)  # fmt: skip
def test_what_is_a_number(text: str, micros: int) -> None:
    assert column_of(text) == [micros]


@pytest.mark.parametrize(
    "text",
    [
        "1_000", "1E+5", "1e5", "NaN", "Infinity", "null", "None", "TRUE", "0x1F", "12%", "1.2.3",
        "1,23,4", "12,34.5", "--5", "+-5", "(-5)", "5 5", "1/2", "½", "٣", "１２", "5.",
        "$", "EUR", "€€5", "1.234,5.6", "1'23", "abc", "0,000.5", "5 EUR EUR", "1 2345",
    ],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert understand(shape_of(text)).sort is Sort.NOT_A_NUMBER


@pytest.mark.parametrize("text", ["", " ", "--", " --", "-", "—", "n/a", "N/A", '""', '" "'])
def test_no_data_is_no_number_and_no_fault(text: str) -> None:
    assert understand(text).sort is Sort.MISSING


@pytest.mark.parametrize("text", ["<5", "< 10%", "> 90%", "≤3", "<0.01"])
def test_a_bound_is_known_as_a_bound(text: str) -> None:
    assert understand(shape_of(text)).sort is Sort.BOUND


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("1,234.56", {POINT}), ("1.234,56", {COMMA}), ("1,23", {COMMA}), ("0.123", {POINT}),
        ("1234.567", {POINT}), ("1,234,567", {POINT}), ("12.345.678", {COMMA}), ("12", {POINT, COMMA}),
        ("1.234", {POINT, COMMA}), ("1 234", {POINT, COMMA}), ("1.5", {POINT}),
    ],
)  # fmt: skip
def test_what_a_text_proves(text: str, marks: set[str]) -> None:
    assert set(understand(shape_of(text)).decimals or {}) == marks


def test_dashes_blanks_and_bounds_are_no_data() -> None:
    reading = read(HEADER + days("", " --", "--", "1.50"))
    assert reading.outcome is Outcome.ACCEPT
    assert spend(reading) == [None, None, None, Decimal("1.50")]
    assert reading.sums["spend"] == Decimal("1.50")


def test_a_masked_count_is_unknown_and_said() -> None:
    reading = read(HEADER + line(clicks="<5") + line(day="2026-11-02"))
    assert units(reading.rows, "clicks") == [None, Decimal(10)]
    assert cautions(reading) == ["MASKED_VALUE"]


@pytest.mark.parametrize(
    ("cost", "total"),
    [("0.000001", "0.000001"), ("0.0015", "0.0015"), ("12.345679", "12.345679"), ("2", "2.00")],
)
def test_amounts_below_a_cent_are_kept(cost: str, total: str) -> None:
    assert str(read(HEADER + line(cost=cost)).totals["USD"]) == total


def test_what_is_below_a_millionth_is_not_made_zero() -> None:
    reading = read(HEADER + days("0.0000001", "1.00"))
    assert reading.outcome is Outcome.PARTIAL
    assert codes(reading) == ["OUT_OF_RANGE"]


def test_rounding_is_said() -> None:
    reading = read(HEADER + days("4.389160886712906", "12.340000000000002"))
    assert spend(reading) == [Decimal("4.389161"), Decimal("12.34")]
    assert [caution.rows for caution in reading.warnings] == [(2,)]
    assert cautions(reading) == ["ROUNDED_VALUE"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9" * 5000, "OUT_OF_RANGE"), ("1" + "0" * 12, "OUT_OF_RANGE"), ("1_000", "NOT_A_NUMBER"),
        ("1E+5", "NOT_A_NUMBER"), ("12%", "NOT_A_NUMBER"),
    ],
)  # fmt: skip
def test_one_bad_amount_is_held_and_the_rest_is_taken(cell: str, code: str) -> None:
    reading = read(HEADER + days(cell, "1.00"))
    assert reading.outcome is Outcome.PARTIAL
    assert (reading.accepted, reading.rejected) == (1, 1)
    [problem] = reading.problems
    assert (problem.row, problem.column, problem.code) == (2, "Cost", code)
    assert len(problem.message) < 200


def test_counts_may_be_written_as_floats_but_have_no_fractions() -> None:
    reading = read(HEADER + line(impressions="98.0") + line(day="2026-11-02", impressions="98.5"))
    assert units(reading.rows, "impressions") == [Decimal(98)]
    assert "whole number" in reading.problems[0].message


class TestProof:
    """Which mark separates decimals is proved over the column, then over the file, else asked."""

    def test_by_the_column(self) -> None:
        reading = read((HEADER + days("1.234", "7")).replace(",", ";").replace(";7;", ";7,50;"))
        assert spend(reading) == [Decimal(1234), Decimal("7.50")]
        assert reading.evidence.decimal_mark == COMMA
        assert "row 3" in reading.evidence.decimal_why

    def test_by_another_column_of_the_same_file(self) -> None:
        reading = read(HEADER + line(cost='"1,234"', value="10.50"))
        assert spend(reading) == [Decimal(1234)]

    def test_a_count_is_never_written_with_three_decimals(self) -> None:
        reading = read(HEADER + line(impressions='"12,040"', cost='"1,234"'))
        assert units(reading.rows, "impressions") == [Decimal(12040)]
        assert spend(reading) == [Decimal(1234)]

    def test_yen_have_no_decimals(self) -> None:
        reading = read(HEADER + line(currency="JPY", cost='"1,234"'))
        assert str(reading.totals["JPY"]) == "1234"

    def test_nothing_proves_it_so_it_is_asked(self) -> None:
        reading = read(HEADER + days("1.234", "2.345"))
        assert reading.outcome is Outcome.REFUSE
        assert codes(reading) == ["AMBIGUOUS_NUMBER"]
        [question] = reading.questions
        assert question.key == "decimal"
        examples = {option.value: option.example for option in question.options}
        assert examples == {"point": "1.234", "comma": "1234"}

    @pytest.mark.parametrize(("said", "total"), [("point", "3.579"), ("comma", "3579.00")])
    def test_the_answer_is_used(self, said: str, total: str) -> None:
        assert str(read(HEADER + days("1.234", "2.345"), decimal=said).totals["USD"]) == total

    @pytest.mark.parametrize(
        ("locale", "total"), [("de-DE", "1234.00"), ("en-GB", "1.234"), ("de_CH", "1.234")]
    )
    def test_so_is_a_locale(self, locale: str, total: str) -> None:
        assert str(read(HEADER + days("1.234"), locale=locale).totals["USD"]) == total

    def test_counts_that_all_end_in_000_prove_nothing(self) -> None:
        reading = read(HEADER + line(impressions="98.000", conversions="1", cost="1"))
        assert codes(reading) == ["AMBIGUOUS_NUMBER"]

    def test_a_column_that_contradicts_itself_is_refused(self) -> None:
        reading = read(HEADER + days('"1,234.56"', '"1.234,56"'))
        assert codes(reading) == ["INCONSISTENT_NUMBER"]
        assert reading.problems[0].row == 3

    def test_an_unknown_answer_is_refused(self) -> None:
        assert codes(read(HEADER + days("1.234"), decimal="dot")) == ["UNKNOWN_CHOICE"]


def test_micros_of_the_api_are_taken_as_they_are() -> None:
    text = (
        "segments.date,campaign.name,campaign.id,customer.currency_code,metrics.impressions,"
        "metrics.clicks,metrics.cost_micros\n2026-11-01,Brand,1,USD,1000,10,12345678\n"
        "2026-11-02,Brand,1,USD,1000,10,0.5\n"
    )
    reading = read(text)
    assert spend(reading) == [Decimal("12.345678")]
    assert codes(reading) == ["NOT_A_NUMBER"]


def test_negative_costs_and_counts_are_said() -> None:
    reading = read(HEADER + days("-5.00", "10.00") + line(day="2026-11-03", clicks="-2"))
    assert str(reading.totals["USD"]) == "6.00"
    assert cautions(reading) == ["NEGATIVE_COST", "NEGATIVE_COUNT"]
