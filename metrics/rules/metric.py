"""What a metric is, and its value from the sums of a group of facts.

A metric of any group is the ratio of the sums over that group, never a mean of ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import partial

from core.money import MICROS
from metrics.choices import MICRO_MEASURES, MONEY_MEASURES, Direction, Tier, Unit

Sums = Mapping[str, int | Decimal | None]
# More digits than the product of two bigints has, so that rounding sees every tie.
EXACT_DIGITS = 60


MEASURE_LABELS: Mapping[str, str] = {
    "impressions": "Impressions",
    "clicks": "Clicks",
    "spend": "Spend",
    "conversions": "Conversions",
    "revenue": "Revenue",
    "order_value": "Order value",
    "leads": "Leads",
    "engagements": "Engagements",
    "video_views": "Video views",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: ``numerator`` over ``denominator`` times ``factor``; additive without one.

    Money and fractional counts are given in micros of their unit (``in_micros``), counts
    as whole numbers, percentages as a share of 1 and ratios as they are, both ``Decimal``.
    """

    key: str
    label: str
    numerator: str
    denominator: str
    unit: Unit
    direction: Direction
    tier: Tier
    domain: str
    description: str
    parents: tuple[str, ...] = ()
    factor: int = 1

    @property
    def measures(self) -> tuple[str, ...]:
        """The additive columns it needs."""
        return (self.numerator, self.denominator) if self.denominator else (self.numerator,)

    @property
    def is_ratio(self) -> bool:
        return bool(self.denominator)

    @property
    def is_money(self) -> bool:
        """Whether its value is an amount, which not everybody may see."""
        return self.unit == Unit.MONEY

    @property
    def in_micros(self) -> bool:
        return self.is_money or (not self.is_ratio and self.numerator in MICRO_MEASURES)

    @property
    def needs_currency(self) -> bool:
        """Whether a measure of it is money, so that currencies must agree before it is summed."""
        return not MONEY_MEASURES.isdisjoint(self.measures)

    @property
    def up_is_good(self) -> bool | None:
        return {Direction.UP: True, Direction.DOWN: False}.get(self.direction)

    @property
    def formula(self) -> str:
        """The formula as people read it: ``Spend ÷ Impressions × 1,000``."""
        top = MEASURE_LABELS[self.numerator]
        if not self.denominator:
            return f"Sum of {top.lower()}"
        times = f" × {self.factor:,}" if self.factor != 1 else ""
        return f"{top} ÷ {MEASURE_LABELS[self.denominator]}{times}"

    def value(self, sums: Sums) -> int | Decimal | None:
        """The metric of a group from its sums; None when not reported or nothing to divide by."""
        return self.calculator()(sums)

    def calculator(self) -> Callable[[Sums], int | Decimal | None]:
        """The same as a function, for many groups at once."""
        if not self.denominator:
            return partial(_added, self.numerator)
        up = self.factor * (MICROS if self.denominator in MICRO_MEASURES else 1)
        down = MICROS if self.numerator in MICRO_MEASURES else 1
        if self.unit == Unit.MONEY:
            return partial(_amount, self.numerator, self.denominator, up * MICROS, down)
        return partial(_quotient, self.numerator, self.denominator, up, down)


def whole(value: int | Decimal) -> int:
    """A sum as a whole number, half to even; sums that were never converted are whole already."""
    if isinstance(value, int):
        return value
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def _added(numerator: str, sums: Sums) -> int | None:
    top = sums[numerator]
    return None if top is None else whole(top)


def _amount(numerator: str, denominator: str, up: int, down: int, sums: Sums) -> int | None:
    """An amount per something, in whole micros, half to even."""
    top, bottom = sums[numerator], sums[denominator]
    if top is None or not bottom:
        return None
    if isinstance(top, int) and isinstance(bottom, int):
        return _divided(top * up, bottom * down)
    with localcontext(prec=EXACT_DIGITS):
        return whole(Decimal(top) * up / (Decimal(bottom) * down))


def _divided(top: int, bottom: int) -> int:
    """``top / bottom`` to the nearest whole number, half to even, without leaving whole numbers."""
    if bottom < 0:
        top, bottom = -top, -bottom
    quotient, rest = divmod(top, bottom)
    return quotient + (2 * rest > bottom or (2 * rest == bottom and quotient % 2))


def _quotient(numerator: str, denominator: str, up: int, down: int, sums: Sums) -> Decimal | None:
    top, bottom = sums[numerator], sums[denominator]
    if top is None or not bottom:
        return None
    return Decimal(top) * up / (Decimal(bottom) * down)
