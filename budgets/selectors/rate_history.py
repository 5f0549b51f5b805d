"""A pair of currencies over time: the budget rate that is used, and the spot rate beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from budgets.choices import RATES
from budgets.models import FxRate
from budgets.rules.fx import Quote, rate_on
from budgets.selectors.rates import quotes
from core import formats
from core.models import Organisation


@dataclass(frozen=True, slots=True)
class PairHistory:
    """Rates of a pair at every day on which one of them changed."""

    base: str
    quote: str
    days: Sequence[date]
    budget: Sequence[Decimal | None]
    spot: Sequence[Decimal | None]

    @property
    def finding(self) -> str:
        """How far the spot rate lies from the budget rate at the newest day, in a sentence."""
        budget, spot = self.budget[-1], self.spot[-1]
        if budget is None or spot is None:
            kind = "budget" if budget is None else "spot"
            return f"There is no {kind} rate for {self.base} to {self.quote} yet"
        apart = spot / budget - 1
        if not apart:
            return "The spot rate is the budget rate"
        side = "above" if apart > 0 else "below"
        return f"The spot rate lies {formats.percent(abs(apart), 1)} {side} the budget rate"


def pair_history(base: str, quote: str, until: date) -> PairHistory | None:
    """The history of a pair up to a day, found as every conversion finds it; None without any rate."""
    via = Organisation.current().reporting_currency
    known = {kind: quotes(kind) for kind in FxRate.Kind.values}
    wanted = {base, quote, via}
    days = sorted(
        {
            rate.valid_from
            for rates in known.values()
            for rate in rates
            if {rate.base, rate.quote} <= wanted and rate.valid_from <= until
        }
    )
    found = {
        kind: [_value(rate_on(rates, base, quote, day, via)) for day in days]
        for kind, rates in known.items()
    }
    if not any(value for values in found.values() for value in values):
        return None
    return PairHistory(base, quote, days, found[FxRate.Kind.BUDGET], found[FxRate.Kind.SPOT])


def _value(rate: Quote | None) -> Decimal | None:
    return rate.rate if rate else None


def used_on(history: PairHistory, day: date) -> list[tuple[str, str]]:
    """What converts the pair on a day, by kind: the rate, with its name, kind and day."""
    via = Organisation.current().reporting_currency
    rows = []
    for kind in FxRate.Kind:
        rate = rate_on(quotes(kind), history.base, history.quote, day, via)
        text = f"{rate.rate.normalize():.6f} ({rate.name})" if rate else "None"
        rows.append((kind.label, text))
    return rows


def rate_requests(user: User) -> list[ChangeRequest]:
    """Rates that wait for a second person."""
    rows = requests_visible(user).filter(kind=RATES, state=RequestState.OPEN)
    return list(rows.order_by("due_at"))
