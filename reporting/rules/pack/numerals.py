"""How numbers are written in a printed report: £5.71m, £246k, 18,420, 21.4%, −0.6 pt.

Whole numbers in (micros, counts, or a fraction as ``Fraction``), text out; rounded half to even,
as money is paid. Signs are the true minus U+2212 and, on every change, a plus.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from core.money import MICROS, minor_digits
from reporting.rules.pack.errors import PartsDoNotAddUp

MINUS = "\u2212"
NOTHING = "–"
CURRENCY_SIGNS = {
    "GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹", "TRY": "₺", "ILS": "₪", "UAH": "₴", "KRW": "₩",
}  # fmt: skip
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


def money_text(micros: int, currency: str) -> str:
    """An amount in the shortest exact-enough form: two decimals in millions under 100, none in thousands."""
    units = abs(micros) / Fraction(MICROS)
    if _rounded(units / 1000, 0) >= 1000:
        millions = units / 1_000_000
        body = f"{_rounded(millions, 2 if millions < 100 else 1):,}m"
    elif units >= 10_000:
        body = f"{_rounded(units / 1000, 0):,}k"
    elif units >= 1000:
        body = f"{_rounded(units, 0):,}"
    else:
        body = f"{_rounded(units, minor_digits(currency)):,}"
    sign = MINUS if micros < 0 and _has_digit_above_zero(body) else ""
    return f"{sign}{currency_sign(currency)}{body}"


def money_change_text(micros: int, currency: str) -> str:
    """A difference of amounts: always with its sign."""
    text = money_text(micros, currency)
    return text if micros <= 0 or not _has_digit_above_zero(text) else f"+{text}"


def thousands_text(micros: int) -> str:
    """An amount in thousands without a unit, for a column whose head names it: 1,412."""
    return _signed(_rounded(micros / Fraction(MICROS * 1000), 0))


def count_text(count: int) -> str:
    """A whole number with thousands separated: 18,420."""
    return _signed(Decimal(count))


def ratio_text(value: Fraction, digits: int = 2) -> str:
    """A ratio such as revenue per unit of spend: 4.92."""
    return _signed(_rounded(value, digits))


def percent_text(share: Fraction, digits: int = 1) -> str:
    """A share of one as per cent: 21.4%."""
    return f"{_signed(_rounded(share * 100, digits))}%"


def change_text(share: Fraction, digits: int = 1) -> str:
    """A relative change with its sign: +5.7%, −3.1%; a change of nothing has none."""
    return f"{_signed(_rounded(share * 100, digits), plus=True)}%"


def points_text(share: Fraction, digits: int = 1) -> str:
    """A difference of two shares in points: −0.6 pt."""
    return f"{_signed(_rounded(share * 100, digits), plus=True)}\u00a0pt"


def currency_sign(currency: str) -> str:
    """The sign before an amount; currencies without a sign of their own show the ISO code."""
    return CURRENCY_SIGNS.get(currency, f"{currency}\u00a0")


def printed_number(text: str) -> Decimal:
    """The number a reader sees in ``text``: "−£1,234.5k" is -1234.5. Raises ``PartsDoNotAddUp`` when none."""
    found = _NUMBER.search(text)
    if found is None:
        if text.strip() == NOTHING:
            return Decimal(0)
        raise PartsDoNotAddUp(f"“{text}” holds no number that could be added.")
    number = Decimal(found.group().replace(",", ""))
    return -number if MINUS in text[: found.start()] or "-" in text[: found.start()] else number


def parts_that_add_up(parts: Sequence[int], unit: int) -> list[int]:
    """``parts`` as whole multiples of ``unit``, chosen so that they sum to the rounded total.

    Largest remainder, each part at most one unit from its true value: [1.4, 1.4, 1.4] of a total of
    4.2 become [2, 1, 1]. The result counts units.
    """
    floors = [part // unit for part in parts]
    missing = int(_rounded(Fraction(sum(parts), unit), 0)) - sum(floors)
    remainders = [part - floor * unit for part, floor in zip(parts, floors, strict=True)]
    order = sorted(range(len(parts)), key=lambda index: (-remainders[index], index))
    for index in order[:missing]:
        floors[index] += 1
    return floors


def _rounded(value: Fraction, digits: int) -> Decimal:
    scaled = round(value * 10**digits)  # Fraction rounds half to even, exactly
    return Decimal(scaled).scaleb(-digits).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def _signed(number: Decimal, *, plus: bool = False) -> str:
    if number < 0:
        return f"{MINUS}{-number:,}"
    return f"+{number:,}" if plus and number > 0 else f"{abs(number):,}"


def _has_digit_above_zero(text: str) -> bool:
    return any(character in "123456789" for character in text)
