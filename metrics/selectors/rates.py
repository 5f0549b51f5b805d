"""Exchange rates: an upper app registers who knows them; here they are laid over the days asked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.known import as_known, known_at
from core.periods import Period


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of ``quote`` for one unit of ``base`` from ``valid_from`` on; ``name`` says whose."""

    base: str
    quote: str
    valid_from: date
    rate: Decimal
    name: str


# provider(currencies, to, first_day, last_day): every rate valid on any of these days, of those
# that were known at ``core.known.known_at()``.
RateProvider = Callable[[Sequence[str], str, date, date], Sequence[Rate]]
_providers: list[RateProvider] = []


def register_rates(provider: RateProvider) -> None:
    """Say who knows exchange rates (``budgets`` does)."""
    _providers[:] = [provider]


def rates_between(
    currencies: Sequence[str], to: str, period: Period, *, as_of: datetime | None = None
) -> list[Rate]:
    """All rates from ``currencies`` to ``to`` that are valid on a day of the period.

    Those that were known at ``as_of``, or at the moment that the page was asked to show.
    """
    others = sorted(set(currencies) - {to})
    with as_known(as_of or known_at()):
        found = [
            rate
            for provider in _providers
            if others
            for rate in provider(others, to, period.start, period.end)
        ]
    return sorted(found, key=lambda rate: (rate.base, rate.valid_from))


@dataclass(frozen=True, slots=True)
class RatePlan:
    """Which rate holds on which days: spans of days in which no rate changes, a rate for each.

    ``spans`` are first days, numbered from 1; ``table`` holds currency, span and rate;
    ``gaps`` the first day of each currency for which nobody gave a rate.
    """

    to: str
    spans: list[date]
    table: list[tuple[str, int, Decimal]]
    used: tuple[Rate, ...]
    gaps: dict[str, date]

    @classmethod
    def of(
        cls, currencies: Sequence[str], to: str, rates: Sequence[Rate], period: Period
    ) -> RatePlan:
        """Lay ``rates`` (ordered by day) over the period; an amount in ``to`` stays what it is."""
        spans = sorted({period.start, *(r.valid_from for r in rates if r.valid_from in period)})
        own = Rate(to, to, date.min, Decimal(1), "")
        plan = cls(to, spans, [], tuple(rates), {})
        for currency in currencies:
            held = [own] if currency == to else [r for r in rates if r.base == currency]
            starts = [rate.valid_from for rate in held]
            for number, start in enumerate(spans, start=1):
                if place := bisect_right(starts, start):
                    plan.table.append((currency, number, held[place - 1].rate))
                else:
                    plan.gaps.setdefault(currency, start)
        return plan
