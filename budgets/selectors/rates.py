"""Reading exchange rates: always a named rate of a named day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from budgets.models import FxRate
from budgets.rules.fx import Quote, rate_on, rates_between
from core import formats
from core.errors import Invalid
from core.known import known_at
from core.models import Organisation
from core.money import Money, convert
from core.once import once
from metrics.selectors.rates import Rate


def quotes(kind: str = FxRate.Kind.BUDGET, *, known: datetime | None = None) -> list[Quote]:
    """Every rate of a kind; with ``known`` those that had been entered by that moment."""
    return once(("quotes", kind, known), lambda: _quotes(kind, known))


def _quotes(kind: str, known: datetime | None) -> list[Quote]:
    label = FxRate.Kind(kind).label
    entered = FxRate.objects.filter(kind=kind)
    return [
        Quote(row.base, row.quote, row.valid_from, row.rate, f"{label} of {_day(row.valid_from)}")
        for row in (entered.filter(entered_at__lte=known) if known else entered)
    ]


def _day(day: date) -> str:
    return formats.day(day, weekday=False)


def budget_rate(base: str, quote: str, day: date) -> Quote:
    """The budget rate of a day; raises ``Invalid`` with what to do when there is none."""
    return _known_rate(quotes(), base, quote, day)


def _known_rate(known: Sequence[Quote], base: str, quote: str, day: date) -> Quote:
    rate = rate_on(known, base, quote, day, Organisation.current().reporting_currency)
    if rate is None:
        raise Invalid(
            f"There is no budget rate from {base} to {quote} for {_day(day)}.",
            code="no_rate",
            where="currency",
            remedy="Finance enters it under Budgets, Exchange rates.",
        )
    return rate


def in_reporting(amounts: Iterable[Money], day: date) -> Money:
    """The sum of amounts in the reporting currency at the budget rates of a day."""
    reporting, known = Organisation.current().reporting_currency, quotes()
    total = Money(0, reporting)
    for amount in amounts:
        rate = _known_rate(known, amount.currency, reporting, day)
        total += convert(amount, rate.rate, reporting)
    return total


def at_rate_of_day(amount: Money, at: datetime) -> Money:
    """An amount in the reporting currency at the budget rate of a moment's day."""
    return in_reporting([amount], local_day(at))


def local_day(at: datetime) -> date:
    """The organisation's day of a moment."""
    return at.astimezone(ZoneInfo(Organisation.current().time_zone)).date()


def rates_for(currencies: Iterable[str], to: str, first_day: date, last_day: date) -> list[Rate]:
    """Every budget rate from ``currencies`` to ``to`` that is valid on some day of the span.

    Of a page's or question's moment: rates that were entered later change nothing of its answer.
    """
    known, via = quotes(known=known_at()), Organisation.current().reporting_currency
    return [
        Rate(rate.base, rate.quote, rate.valid_from, rate.rate, rate.name)
        for currency in currencies
        if currency != to
        for rate in rates_between(known, currency, to, first_day, last_day, via)
    ]


def newest_rates(currencies: Iterable[str], until: date) -> dict[str, int]:
    """Per foreign currency, the number of the newest budget rate that touches it up to a day (0: none).

    Two equal answers mean that no rate of theirs was entered in between.
    """
    foreign = set(currencies) - {Organisation.current().reporting_currency}
    if not foreign:
        return {}
    rows = FxRate.objects.filter(kind=FxRate.Kind.BUDGET, valid_from__lte=until).order_by("id")
    known = list(rows.values_list("pk", "base", "quote"))
    return {
        currency: max((pk for pk, *pair in known if currency in pair), default=0)
        for currency in sorted(foreign)
    }
