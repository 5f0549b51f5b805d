"""Changing amounts of a scenario by rule: growth, shifting months, sharing a total out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from core.errors import Invalid
from core.money import MICROS, minor_digits, split

LEAST, MOST = Decimal(-100), Decimal(1000)


def grown(micros: int, percent: Decimal, currency: str) -> int:
    """An amount plus ``percent``, rounded half to even to what the currency is paid in.

    Raises ``Invalid`` outside -100 to +1,000 %.
    """
    if not percent.is_finite() or not LEAST <= percent <= MOST:
        raise Invalid("Growth is between −100 % and +1,000 %.", where="percent")
    unit: int = MICROS // 10 ** minor_digits(currency)
    units = Decimal(micros) * (100 + percent) / 100 / unit
    return int(units.to_integral_value(ROUND_HALF_EVEN)) * unit


def shifted(amounts: Mapping[str, int], months: Sequence[str], by: int) -> dict[str, int]:
    """Amounts by month, ``by`` months later (minus: earlier); what was there moves on.

    Raises ``Invalid`` when money would leave the year.
    """
    moved = dict.fromkeys(amounts, 0)
    for month, micros in amounts.items():
        place = months.index(month) + by
        if micros and not 0 <= place < len(months):
            raise Invalid(
                "Some money would leave the year.", where="by", remedy="Shift by fewer months."
            )
        if micros:
            moved[months[place]] = micros
    return moved


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """A total in proportion to ``weights``, equally when all are zero; sums to it exactly."""
    return split(total, weights if any(weights) else [1] * len(weights))
