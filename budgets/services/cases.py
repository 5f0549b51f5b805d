"""A business case in words and figures, as an approver reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analytics.investment import NO_RETURN_TEXT, Appraisal, Return, yearly_rate
from budgets.rules.case import Case, read_case
from core import formats
from core.money import Money

NEVER = "never"


@dataclass(frozen=True, slots=True)
class ShownCase:
    """``rows`` are a measure, its values at the low, middle and high gain, and the judgement of each."""

    title: str
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    assumptions: Sequence[tuple[str, str]]
    note: str


def show_case(payload: Mapping[str, Any]) -> ShownCase | None:
    """The case of a request; None when nobody made one."""
    case = read_case(payload)
    return shown(case) if case else None


def shown(case: Case) -> ShownCase:
    """Value, payback and ratio at the low, middle and high gain, with every assumption named."""
    found = case.appraisals()
    return ShownCase(_title(case, found), _rows(case, found), _assumptions(case), _note(found))


def _title(case: Case, found: Sequence[Appraisal]) -> str:
    low, mid, high = (one.npv for one in found)
    worth = formats.money_signed(Money(mid, case.currency))
    if low > 0:
        return f"Worth {worth}, and still a gain at the low end"
    if high < 0:
        return f"Loses money at every gain assumed: {worth} in the middle"
    return f"Worth {worth} in the middle, a loss at the low end"


def _rows(case: Case, found: Sequence[Appraisal]) -> list[tuple[str, list[tuple[str, str]]]]:
    def row(label: str, text: Callable[[Appraisal], tuple[str, str]]) -> Any:
        return label, [text(one) for one in found]

    return [
        row("Net present value", lambda one: _value(one.npv, case.currency)),
        row("Payback, months", lambda one: _months(one.payback)),
        row("Payback, discounted", lambda one: _months(one.discounted_payback)),
        row("Benefit-cost ratio", lambda one: _ratio(one.ratio)),
        row("Rate of return, a year", lambda one: _return(one.irr)),
    ]


def _value(micros: int, currency: str) -> tuple[str, str]:
    tone = "good" if micros > 0 else "bad" if micros < 0 else "neutral"
    return formats.money_signed(Money(micros, currency)), tone


def _months(periods: Decimal | None) -> tuple[str, str]:
    if periods is None:
        return NEVER, "bad"
    return formats.number(periods, 1), "neutral"


def _ratio(ratio: Decimal | None) -> tuple[str, str]:
    if ratio is None:
        return formats.NOTHING, "neutral"
    return formats.ratio(ratio), "good" if ratio > 1 else "bad" if ratio < 1 else "neutral"


def _return(found: Return) -> tuple[str, str]:
    if found.rate is None:
        return "none", "neutral"
    return formats.percent(yearly_rate(found.rate), 1), "neutral"


def _note(found: Sequence[Appraisal]) -> str:
    reasons = dict.fromkeys(one.irr.reason for one in found if one.irr.reason)
    return " ".join(NO_RETURN_TEXT[reason] for reason in reasons)


def _assumptions(case: Case) -> list[tuple[str, str]]:
    low, mid, high = (formats.money_whole(Money(gain, case.currency)) for gain in case.gains)
    return [
        ("Cost now", formats.money_exact(Money(case.cost, case.currency))),
        ("Gain a month", f"{low} low, {mid} middle, {high} high"),
        ("Months", f"{case.months}, the first gain after one month"),
        ("Discount rate", f"{formats.percent(case.rate, 1)} a year, compounded monthly"),
    ]
