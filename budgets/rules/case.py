"""The business case of a proposal: money out now, an expected gain each month, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from analytics.investment import Appraisal, appraise, monthly_rate
from budgets.rules.moves import MOST
from core.errors import Invalid

# What money costs the organisation in a year, until a proposal says another rate.
DISCOUNT_RATE = Decimal("0.08")
HIGHEST_RATE = Decimal(1)
MOST_MONTHS = 120
LEVELS = ("low", "mid", "high")


@dataclass(frozen=True, slots=True)
class Case:
    """Micros of one currency: ``cost`` today, and a gain in each of ``months`` from the next on."""

    currency: str
    cost: int
    gains: tuple[int, int, int]
    months: int
    rate: Decimal = DISCOUNT_RATE

    def flows(self, gain: int) -> list[int]:
        """Period 0 is today; a month's gain counts at its end."""
        return [-self.cost, *([gain] * self.months)]

    def appraisals(self) -> tuple[Appraisal, ...]:
        """At the low, the middle and the high gain."""
        monthly = monthly_rate(self.rate)
        return tuple(appraise(self.flows(gain), monthly) for gain in self.gains)

    def as_payload(self) -> dict[str, Any]:
        """As a request holds it."""
        gains = dict(zip(LEVELS, self.gains, strict=True))
        return {
            "currency": self.currency,
            "cost_micros": self.cost,
            "monthly_gain_micros": gains,
            "months": self.months,
            "yearly_rate": f"{self.rate:f}",
        }


def read_case(payload: Mapping[str, Any]) -> Case | None:
    """The ``case`` of a payload, None without one; raises ``Invalid`` for what cannot be read."""
    said = payload.get("case")
    if said is None:
        return None
    if not isinstance(said, Mapping) or not isinstance(said.get("monthly_gain_micros"), Mapping):
        raise _unreadable("The business case cannot be read.")
    low, mid, high = (_micros(said["monthly_gain_micros"].get(level)) for level in LEVELS)
    currency, months = said.get("currency"), said.get("months")
    if not (isinstance(currency, str) and len(currency) == 3):
        raise _unreadable("The business case names no currency.")
    if type(months) is not int or not 1 <= months <= MOST_MONTHS:
        raise _unreadable(f"A business case counts 1 to {MOST_MONTHS} months.")
    if not low <= mid <= high:
        raise _unreadable("The expected gains are not in order: low, middle, high.")
    cost = _micros(said.get("cost_micros"))
    if cost <= 0:
        raise _unreadable("A business case needs what it costs now.")
    return Case(currency, cost, (low, mid, high), months, _rate(said.get("yearly_rate")))


def _micros(value: Any) -> int:
    if type(value) is not int or abs(value) > MOST:
        raise _unreadable("Amounts of the business case are whole micros.")
    return value


def _rate(value: Any) -> Decimal:
    try:
        rate = DISCOUNT_RATE if value is None else Decimal(value if type(value) is str else "")
    except InvalidOperation as error:
        raise _unreadable("The discount rate is a decimal text such as 0.08.") from error
    if not rate.is_finite() or not 0 <= rate <= HIGHEST_RATE:
        raise _unreadable("The discount rate of a year is between 0 and 100 %.")
    return rate


def _unreadable(text: str) -> Invalid:
    return Invalid(text, where="case", code="bad_case")
