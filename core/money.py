"""Money as whole numbers: micros (millionths) of a named currency.

Adding two currencies raises; a split always sums to what was split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    Inexact,
    InvalidOperation,
    Overflow,
)

from core.errors import Invalid

MICROS = 1_000_000
# The largest amount a bigint of micros holds: some nine million million units.
LARGEST = 2**63 - 1

# ISO 4217 minor units that differ from two.
MINOR_DIGITS = {
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0,
    "PYG": 0, "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip

# Currencies offered in forms; any ISO code is accepted in files.
COMMON_CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "CAD", "AUD",
    "NZD", "JPY", "INR", "IDR", "BRL", "MXN", "ZAR", "SGD", "HKD", "AED", "BHD", "TRY",
)  # fmt: skip


class MixedCurrencies(Invalid):
    """Two currencies were about to be added."""

    code = "MIXED_CURRENCY"


def minor_digits(currency: str) -> int:
    """Digits after the decimal mark in which the currency is paid."""
    return MINOR_DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: ``micros`` millionths of one unit of ``currency``."""

    micros: int
    currency: str

    @classmethod
    def parse(cls, text: str | int | Decimal, currency: str) -> Money:
        """Read a plain decimal such as ``1234.56``; raises ``Invalid`` for anything else."""
        try:
            amount = Decimal(text)
        except (InvalidOperation, ValueError) as error:
            raise _not_an_amount(text) from error
        if not amount.is_finite() or amount.adjusted() > 13:
            raise _not_an_amount(text)
        return cls(_whole_micros(amount), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in units of the currency, exact."""
        return Decimal(self.micros) / MICROS

    def rounded(self) -> Decimal:
        """The amount as it is paid, rounded half to even at the minor unit."""
        return self.amount.quantize(
            Decimal(1).scaleb(-minor_digits(self.currency)), ROUND_HALF_EVEN
        )

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise MixedCurrencies(
                f"{self.currency} and {other.currency} cannot be added.",
                remedy="Convert one of them at a named rate first.",
            )
        return other.micros

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.micros - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.micros, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.micros), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.micros < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.micros <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.micros > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.micros >= self._same(other)

    def __bool__(self) -> bool:
        return self.micros != 0

    def __str__(self) -> str:
        return f"{self.rounded():,} {self.currency}"


def _not_an_amount(text: object) -> Invalid:
    shown = str(text)[:40]
    return Invalid(f"“{shown}” is not an amount.", remedy="Write it like 1234.56.")


def _whole_micros(amount: Decimal) -> int:
    """``amount`` in micros; raises ``Invalid`` unless that is a whole number a bigint holds."""
    exact = Context(prec=40, traps=[Inexact, InvalidOperation, Overflow])
    try:
        micros = exact.to_integral_exact(exact.multiply(amount, Decimal(MICROS)))
    except DecimalException as error:
        raise Invalid(
            f"“{amount}” has more than six decimals.", remedy="Round it first."
        ) from error
    if abs(micros) > LARGEST:
        raise Invalid(f"“{amount}” is larger than an amount can be.", remedy="Check its digits.")
    return int(micros)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share whole ``total`` in proportion to ``weights``; the parts sum to it exactly.

    Largest remainder (Hamilton's method); ties go to the earlier part. Raises
    ``Invalid`` for negative weights or when all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise Invalid("A split needs at least one positive weight and no negative ones.")
    sign = -1 if total < 0 else 1
    quotas = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in quotas]
    missing = abs(total) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-quotas[i][1], i))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]


def convert(money: Money, rate: Decimal, to_currency: str) -> Money:
    """``money`` at ``rate`` (units of ``to_currency`` for one unit of its own).

    Exact, then rounded once, half to even, at the micro. Raises ``Invalid`` for a rate
    that is not a positive number.
    """
    if not rate.is_finite() or rate <= 0:
        raise Invalid(f"{rate} is not a rate from {money.currency} to {to_currency}.")
    numerator, denominator = rate.as_integer_ratio()
    return Money(_half_even(money.micros * numerator, denominator), to_currency)


def _half_even(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction; in the middle the even one."""
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    return quotient + (twice > denominator or (twice == denominator and quotient % 2))
