"""Which order an invoice line belongs to: every suggestion says why, and none is taken by itself.

An invoice line is only ever matched to an order line of the same vendor. Among those the order
of the suggestions is set by points, each of which is a sentence. One whose amount had to be
converted into the order's currency is never exact, so a person always looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.money import MICROS

NAMED, EXACT, NEAR, PART, SAME_MONTH, NEXT_MONTH, WORDS = 50, 30, 20, 10, 15, 5, 5
_NUMBER: Final = re.compile(
    r"(?:\bP\.?\s?O\.?|\bpurchase order|\border|\bBestellung|\bcommande)\s*(?:no\.?|nr\.?|number)?"
    r"\s*[-#:.]?\s*0*(\d{1,9})\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much more than ordered may be accepted without a new approval: within both limits."""

    percent: Decimal
    micros: int

    def allows(self, over: int, ordered: int) -> bool:
        """Whether ``over`` beyond what is open of an order of ``ordered`` may be accepted."""
        return over <= self.micros and over * 100 <= self.percent * ordered


# Rounding, postage and bank charges. What is more is another price than was approved, and
# belongs into the order before it is used.
TOLERANCE: Final = Tolerance(Decimal(2), 50 * MICROS)


@dataclass(frozen=True, slots=True)
class Sought:
    """What an invoice line says of itself: micros of ``currency``.

    ``rate_name`` says at which rate they were converted into it, where the invoice has another.
    """

    vendor: int
    currency: str
    micros: int
    month: str
    text: str
    rate_name: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An order line that still waits for bills; ``open`` and ``ordered`` in its own currency."""

    key: int
    number: int
    reference: str
    vendor: int
    currency: str
    ordered: int
    open: int
    month: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An order line for an invoice line, and why."""

    offer: Offer
    points: int
    reasons: tuple[str, ...]
    is_exact: bool = False


def suggest(
    sought: Sought, offers: Iterable[Offer], *, tolerance: Tolerance = TOLERANCE, limit: int = 5
) -> list[Suggestion]:
    """The best order lines for an invoice line, the likeliest first.

    One is exact when its open amount is the invoiced one to the cent and nothing else of the
    vendor could be meant: the invoice names its number, or it is the only one of that amount.
    """
    fitting = [o for o in offers if (o.vendor, o.currency) == (sought.vendor, sought.currency)]
    named = numbers_in(sought.text)
    same = [offer for offer in fitting if offer.open == sought.micros]
    found = [_suggestion(sought, offer, named, same, tolerance) for offer in fitting]
    return likeliest(found, limit)


def likeliest(found: Iterable[Suggestion], limit: int = 5) -> list[Suggestion]:
    """The best of suggestions, the likeliest first."""
    return sorted(found, key=lambda one: (-one.points, one.offer.number, one.offer.key))[:limit]


def numbers_in(text: str) -> set[int]:
    """The order numbers that a text names: "PO-1004", "P.O. 1004", "order no. 1004"."""
    return {int(number) for number in _NUMBER.findall(text)}


def _suggestion(
    sought: Sought,
    offer: Offer,
    named: set[int],
    same: Sequence[Offer],
    tolerance: Tolerance,
) -> Suggestion:
    reasons = [
        (NAMED, f"The invoice names {offer.reference}") if offer.number in named else None,
        _amount(sought.micros, offer, tolerance),
        _month(sought.month, offer.month),
        _words(sought.text, offer.text),
        (0, f"Converted at {sought.rate_name}") if sought.rate_name else None,
    ]
    known = [reason for reason in reasons if reason]
    others_named = bool(named) and offer.number not in named
    rivals = [o for o in same if not named or o.number in named]
    return Suggestion(
        offer,
        sum(points for points, _ in known),
        ("Same vendor", *(sentence for _, sentence in known)),
        is_exact=offer in same and len(rivals) == 1 and not (others_named or sought.rate_name),
    )


def _amount(micros: int, offer: Offer, tolerance: Tolerance) -> tuple[int, str]:
    if micros == offer.open:
        return EXACT, "Exactly what is open"
    if micros < offer.open:
        return PART, "Within what is open"
    if tolerance.allows(micros - offer.open, offer.ordered):
        return NEAR, "More than is open, within the tolerance"
    return 0, "More than is open"


def _month(sought: str, offered: str) -> tuple[int, str] | None:
    between = abs(_count(sought) - _count(offered))
    if between == 0:
        return SAME_MONTH, "Same month"
    return (NEXT_MONTH, "One month apart") if between == 1 else None


def _count(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number)


def _words(sought: str, offered: str) -> tuple[int, str] | None:
    shared = _words_of(sought) & _words_of(offered)
    return (WORDS, f"Same words: {', '.join(sorted(shared)[:3])}") if shared else None


def _words_of(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
