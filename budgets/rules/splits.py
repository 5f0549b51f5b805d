"""One amount over several places: equally, by percent or by amount; the parts always sum to it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from core.errors import Invalid
from core.money import MICROS, Money, minor_digits, split

MOST_PARTS = 200


class Way(StrEnum):
    """How an amount is shared."""

    EQUALLY = "equally"
    PERCENT = "percent"
    AMOUNT = "amount"


def split_amount(
    total: Money, count: int, way: Way = Way.EQUALLY, shares: Sequence[Decimal] = ()
) -> list[Money]:
    """``count`` parts of an amount, in whole minor units; they sum to it exactly.

    ``shares`` are percentages that sum to 100, or amounts that sum to the total; nothing
    for equal parts. Raises ``Invalid`` with the difference when they do not.
    """
    _check(total, count, way, shares)
    if way == Way.AMOUNT:
        return [Money.parse(share, total.currency) for share in shares]
    weights = [1] * count if way == Way.EQUALLY else whole_weights(shares)
    return [Money(micros, total.currency) for micros in split_micros(total, weights)]


def split_micros(total: Money, weights: Sequence[int]) -> list[int]:
    """Shares of a total in whole minor units; what is smaller than one goes to the first that bears."""
    unit = MICROS // 10 ** minor_digits(total.currency)
    sign = -1 if total.micros < 0 else 1
    units, rest = divmod(abs(total.micros), unit)
    parts = [sign * part * unit for part in split(units, weights)]
    first = next(index for index, weight in enumerate(weights) if weight)
    parts[first] += sign * rest
    return parts


def whole_weights(shares: Sequence[Decimal]) -> list[int]:
    """Percentages as whole numbers of the same proportion."""
    places = max(0, *(_places(share) for share in shares))
    return [int(share.scaleb(places)) for share in shares]


def _places(share: Decimal) -> int:
    exponent = share.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _check(total: Money, count: int, way: Way, shares: Sequence[Decimal]) -> None:
    if not 0 < count <= MOST_PARTS:
        raise Invalid(
            f"An amount is split into 1 to {MOST_PARTS} parts.",
            where="split",
            remedy="Choose fewer months or lines." if count else "Choose months and lines.",
        )
    if total.micros <= 0:
        raise Invalid("There is nothing to split.", where="total", remedy="Enter the amount.")
    if way == Way.EQUALLY:
        return
    if len(shares) != count or any(share < 0 or not share.is_finite() for share in shares):
        raise Invalid(
            f"{count} parts need {count} shares, not {len(shares)}.",
            where="shares",
            remedy="Write one number for each part, none below zero.",
        )
    _check_sum(total, way, shares)


def _check_sum(total: Money, way: Way, shares: Sequence[Decimal]) -> None:
    stated = sum(shares, Decimal(0))
    wanted = Decimal(100) if way == Way.PERCENT else total.amount
    if stated == wanted:
        return
    unit = "%" if way == Way.PERCENT else total.currency
    word = "too much" if stated > wanted else "missing"
    raise Invalid(
        f"The shares sum to {stated:f} {unit}, not {wanted:f} {unit}: {abs(stated - wanted):f} {word}.",
        code="does_not_sum",
        where="shares",
    )
