"""Dated exchange rates: direct, the other way round, or through one common currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

# 1 / rate and products of two rates are cut here, far beyond what a micro can feel.
DIGITS = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Quote:
    """``rate`` units of ``quote`` for one of ``base``, from ``valid_from`` on; ``name`` says which."""

    base: str
    quote: str
    valid_from: date
    rate: Decimal
    name: str


def rate_on(quotes: Sequence[Quote], base: str, quote: str, day: date, via: str) -> Quote | None:
    """The rate of a day: quoted, inverse, or crossed through ``via``; None when there is none."""
    if base == quote:
        return Quote(base, quote, date.min, Decimal(1), "same currency")
    pair = _pair_on(quotes, base, quote, day)
    if pair or via in (base, quote):
        return pair
    first, second = _pair_on(quotes, base, via, day), _pair_on(quotes, via, quote, day)
    if first is None or second is None:
        return None
    return Quote(
        base,
        quote,
        max(first.valid_from, second.valid_from),
        DIGITS.multiply(first.rate, second.rate),
        f"{first.name}, crossed through {via}",
    )


def _pair_on(quotes: Sequence[Quote], base: str, quote: str, day: date) -> Quote | None:
    """The newest rate of a pair at a day, in either direction; the quoted direction wins a tie."""
    straight = _newest(quotes, base, quote, day)
    turned = _newest(quotes, quote, base, day)
    if turned is None or (straight and straight.valid_from >= turned.valid_from):
        return straight
    rate = DIGITS.divide(Decimal(1), turned.rate)
    return Quote(base, quote, turned.valid_from, rate, f"{turned.name}, inverse")


def _newest(quotes: Sequence[Quote], base: str, quote: str, day: date) -> Quote | None:
    valid = [q for q in quotes if (q.base, q.quote) == (base, quote) and q.valid_from <= day]
    return max(valid, key=lambda q: q.valid_from, default=None)


def rates_between(
    quotes: Sequence[Quote], base: str, quote: str, first_day: date, last_day: date, via: str
) -> list[Quote]:
    """Every rate of a pair that is valid on some day of the span, oldest first."""
    changes = {q.valid_from for q in quotes if first_day < q.valid_from <= last_day}
    days = [first_day, *sorted(changes)]
    found = [rate_on(quotes, base, quote, day, via) for day in days]
    return list(dict.fromkeys(rate for rate in found if rate is not None))
