"""Amounts as people write and paste them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.forms import AmountField, read_amount

pytestmark = pytest.mark.feature("2.2")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0"),
        ("1234", "1234"),
        ("1234.5", "1234.5"),
        ("1234,56", "1234.56"),
        ("1,234", "1234"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        (" €65,300.00 ", "65300"),
        ("0,5", "0.5"),
    ],
)
def test_an_amount_with_one_meaning_is_read(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.234", "write 1234 or 1.23"),
        ("-5", "not negative"),
        ("−5", "not negative"),
        ("1e30", "is not an amount"),
        ("NaN", "is not an amount"),
        ("1,23,4", "is not an amount"),
        ("1.234,567", "is not an amount"),
        ("12.345,6,7", "is not an amount"),
        ("9" * 12, "more than any plan"),
        ("ten", "is not an amount"),
        ("1,234,56", "is not an amount"),
        ("٣", "is not an amount"),
        ("0,125", "is not an amount"),
        ("0.125", "is not an amount"),
    ],
)
def test_an_unclear_amount_is_sent_back_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        read_amount(text)


def test_an_empty_amount_is_missing() -> None:
    assert AmountField(required=False).clean("") is None
    with pytest.raises(ValidationError, match="required"):
        AmountField().clean("")
