"""Exchange rates as a person, a file or a request gives them, before they are in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.errors import Invalid

KINDS = ("budget", "spot")
# What the column holds: ten digits before the point, ten behind it.
DIGITS = Decimal(10) ** 10
FINEST = Decimal(1).scaleb(-10)
# More than a year of daily rates of three currencies: one person can still look them over.
MOST = 1_000
SOURCE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class RateRow:
    """``rate`` units of ``quote`` for one of ``base``, from ``valid_from`` on."""

    kind: str
    base: str
    quote: str
    valid_from: date
    rate: Decimal
    source: str

    @property
    def key(self) -> tuple[str, str, str, date]:
        """What there is only one rate of."""
        return self.kind, self.base, self.quote, self.valid_from

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote} from {self.valid_from}"


def read_rate(row: Mapping[str, Any]) -> RateRow:
    """The rate of a mapping of texts; raises ``Invalid`` at the field that is wrong."""
    kind = str(row.get("kind") or "").strip().lower()
    if kind not in KINDS:
        raise Invalid("The kind of a rate is budget or spot.", where="kind")
    base, quote = (_currency(row.get(side), side) for side in ("base", "quote"))
    if base == quote:
        raise Invalid("Choose two different currencies.", where="quote")
    source = str(row.get("source") or "").strip()
    if not 0 < len(source) <= SOURCE_LENGTH:
        raise Invalid(
            f"Say in at most {SOURCE_LENGTH} characters where the rate comes from.", where="source"
        )
    return RateRow(kind, base, quote, _day(row.get("valid_from")), _rate(row.get("rate")), source)


def _currency(value: Any, side: str) -> str:
    code = str(value or "").strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise Invalid(
            f"“{str(value)[:20]}” is not a currency; write three letters such as EUR.", where=side
        )
    return code


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "").strip())
    except ValueError as error:
        raise Invalid(
            f"“{str(value)[:20]}” is not a day; write it as 2026-11-30.", where="valid_from"
        ) from error


def _rate(value: Any) -> Decimal:
    try:
        rate = Decimal(str("" if value is None else value).strip())
    except InvalidOperation as error:
        raise Invalid(
            f"“{str(value)[:20]}” is not a rate; write it as 1.0876.", where="rate"
        ) from error
    if not rate.is_finite() or rate <= 0:
        raise Invalid("A rate is larger than zero.", where="rate")
    if rate >= DIGITS or rate != rate.quantize(FINEST):
        raise Invalid("A rate has at most ten digits on each side of its point.", where="rate")
    return rate


def as_payload(rows: Iterable[RateRow]) -> list[dict[str, str]]:
    """Rates as a request holds them."""
    return [
        {
            "kind": row.kind,
            "base": row.base,
            "quote": row.quote,
            "valid_from": row.valid_from.isoformat(),
            "rate": f"{row.rate.normalize():f}",
            "source": row.source,
        }
        for row in rows
    ]


def read_payload(payload: Mapping[str, Any]) -> list[RateRow]:
    """The rates of ``{"rates": [...]}``; raises ``Invalid`` for none, too many or a wrong one."""
    rows = payload.get("rates")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid("The request names no rates.", where="rates")
    if not 0 < len(rows) <= MOST:
        raise Invalid(f"A request holds 1 to {MOST:,} rates, not {len(rows):,}.", where="rates")
    return [read_rate(row) for row in rows]


def twice(rows: Sequence[RateRow]) -> dict[int, str]:
    """Position -> what is wrong with a rate whose pair and day stand there before."""
    seen: dict[tuple[str, str, str, date], int] = {}
    found = {}
    for number, row in enumerate(rows):
        if row.key in seen:
            found[number] = f"{row.base} to {row.quote} for {row.valid_from} stands there twice."
        seen.setdefault(row.key, number)
    return found
