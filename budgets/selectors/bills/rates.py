"""The rate at which a bill counts: the spot rate of its day, else the budget rate, always named."""

from __future__ import annotations

from datetime import date

from budgets.models import FxRate
from budgets.rules.fx import Quote, rate_on
from budgets.selectors.rates import quotes
from core import formats
from core.errors import Invalid
from core.models import Organisation


def bill_rate(base: str, quote: str, day: date) -> Quote:
    """Spot of the day, else the budget rate; raises ``Invalid`` with what to do when there is none."""
    reporting = Organisation.current().reporting_currency
    kinds = [] if base == quote else [FxRate.Kind.SPOT, FxRate.Kind.BUDGET]
    known = [quotes(kind) for kind in kinds] or [[]]
    found = [rate_on(rates, base, quote, day, reporting) for rates in known]
    rate = next((rate for rate in found if rate), None)
    if rate is None:
        raise Invalid(
            f"There is neither a spot rate nor a budget rate from {base} to {quote} for "
            f"{formats.day(day, weekday=False)}.",
            code="no_rate",
            where="currency",
            remedy="Finance enters it under Budgets, Exchange rates.",
        )
    return rate
