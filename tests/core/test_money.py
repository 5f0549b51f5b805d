"""Money is whole micros of a named currency: exact, never mixed, never lost in a split."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import LARGEST, MixedCurrencies, Money, convert, minor_digits, split

MANY = 100_000
amounts = st.integers(-LARGEST, LARGEST)
weights = st.lists(st.integers(0, 10**15), min_size=1, max_size=60).filter(any)


@given(amounts, weights)
@settings(deadline=None)
def test_a_split_always_sums_to_what_was_split(total: int, shares: list[int]) -> None:
    parts = split(total, shares)
    assert sum(parts) == total
    assert len(parts) == len(shares)


@given(amounts, weights)
@settings(deadline=None)
def test_every_part_is_within_one_micro_of_its_exact_share(total: int, shares: list[int]) -> None:
    for part, share in zip(split(total, shares), shares, strict=True):
        assert abs(part - Fraction(total) * share / sum(shares)) < 1


def test_a_hundred_thousand_splits_and_conversions_differ_by_nothing() -> None:
    dice = random.Random(20_261_122)
    for _ in range(MANY):
        total = dice.randint(-(10**15), 10**15)
        shares = [dice.randint(0, 1000) for _ in range(dice.randint(1, 6))] + [1]
        assert sum(split(total, shares)) == total
        rate = Decimal(dice.randint(1, 10**9)).scaleb(-6)
        exact = total * Fraction(rate)
        assert abs(convert(Money(total, "USD"), rate, "EUR").micros - exact) <= Fraction(1, 2)


def test_largest_remainders_get_the_rest_and_ties_go_to_the_earlier_part() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(10, [5, 3, 1]) == [6, 3, 1]
    assert split(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split(5, [0, 1]) == [0, 5]


@pytest.mark.parametrize("shares", [[], [0], [0, 0], [3, -1], [-1]])
def test_a_split_without_positive_weights_is_refused(shares: list[int]) -> None:
    with pytest.raises(Invalid):
        split(100, shares)


@given(amounts, st.decimals("0.000001", 10**6, places=12))
@settings(deadline=None)
def test_a_conversion_is_exact_and_rounded_once(micros: int, rate: Decimal) -> None:
    converted = convert(Money(micros, "USD"), rate, "EUR")
    assert converted.currency == "EUR"
    assert converted.micros == round(micros * Fraction(rate))  # round() is half to even


def test_a_conversion_of_a_large_amount_is_not_rounded_on_the_way() -> None:
    # 28 digits, Python's default precision, would turn the middle into more than the middle.
    rate = Decimal("0.500000000000000000000000000001")
    assert convert(Money(5, "USD"), Decimal("0.5"), "EUR").micros == 2
    assert convert(Money(5, "USD"), rate, "EUR").micros == 3


@pytest.mark.parametrize("rate", ["0", "-1.1", "NaN", "Infinity"])
def test_a_rate_that_is_no_positive_number_is_refused(rate: str) -> None:
    with pytest.raises(Invalid):
        convert(Money(1, "USD"), Decimal(rate), "EUR")


@pytest.mark.parametrize("sign", ["+", "-", "<", "<=", ">", ">="])
def test_two_currencies_are_never_added_or_compared(sign: str) -> None:
    euro, dollar = Money.parse("1", "EUR"), Money.parse("1", "USD")
    operators = {
        "+": euro.__add__,
        "-": euro.__sub__,
        "<": euro.__lt__,
        "<=": euro.__le__,
        ">": euro.__gt__,
        ">=": euro.__ge__,
    }
    with pytest.raises(MixedCurrencies, match="EUR and USD") as refused:
        operators[sign](dollar)
    assert refused.value.code == "MIXED_CURRENCY"
    assert euro != dollar


@given(amounts, amounts)
def test_arithmetic_within_a_currency_is_that_of_whole_numbers(a: int, b: int) -> None:
    left, right = Money(a, "EUR"), Money(b, "EUR")
    assert (left + right).micros == a + b
    assert (left - right).micros == a - b
    assert (-left).micros == -a
    assert abs(left).micros == abs(a)
    assert (left < right, left <= right, left > right, left >= right) == (
        a < b,
        a <= b,
        a > b,
        a >= b,
    )
    assert bool(left) is bool(a)


@given(amounts)
def test_what_is_written_is_read_back(micros: int) -> None:
    money = Money(micros, "EUR")
    assert Money.parse(str(money.amount), "EUR") == money
    assert Money.parse(money.amount, "EUR") == money


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1234.56", 1_234_560_000),
        ("-0.000001", -1),
        ("0.100000000000", 100_000),
        ("1e3", 1_000_000_000),
        ("0", 0),
        ("9223372036854.775807", LARGEST),
        (7, 7_000_000),
    ],
)
def test_plain_decimals_are_read(text: str | int, micros: int) -> None:
    assert Money.parse(text, "EUR").micros == micros


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twelve",
        "1,234.56",
        "€5",
        "NaN",
        "sNaN",
        "Infinity",
        "1e999999",
        "1e-999999",
        "0.0000001",
        "1.00000000000000000000000000000000000000000000000001",
        "9223372036854.775808",
        "99999999999999999999999999",
        "--1",
    ],
)
def test_everything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(text, "EUR")
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("currency", "digits", "shown"),
    [("EUR", 2, "1,234.57 EUR"), ("JPY", 0, "1,235 JPY"), ("BHD", 3, "1,234.568 BHD")],
)
def test_an_amount_is_shown_in_the_digits_its_currency_is_paid_in(
    currency: str, digits: int, shown: str
) -> None:
    assert minor_digits(currency) == digits
    assert str(Money.parse("1234.5678", currency)) == shown


def test_rounding_for_show_is_half_to_even() -> None:
    assert [str(Money.parse(text, "EUR").rounded()) for text in ("0.125", "0.135", "-0.125")] == [
        "0.12",
        "0.14",
        "-0.12",
    ]
