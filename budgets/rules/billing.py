"""How much an order lets go when it is billed, and what a credit note takes back: whole micros, exactly."""

from __future__ import annotations


def released(held: int, open_amount: int, amount: int) -> int:
    """What an order line lets go of its ``held`` micros when ``amount`` of ``open_amount`` is billed.

    ``held`` is in the budget line's currency, the amounts in the order's. In proportion, and
    exactly the rest once everything is billed: no rounding stays behind.
    """
    if amount >= open_amount:
        return held
    return held * amount // open_amount


def held_again(borne: int, held: int, ordered: int, amount: int) -> int:
    """What an order line of ``borne`` micros holds again when ``amount`` of ``ordered`` is credited."""
    return min(borne - held, borne * amount // ordered)


def credited(borne: int, billed: int, amount: int) -> int:
    """What a credit of ``amount`` takes off ``borne`` micros that were billed as ``billed``.

    At the rate of the bill itself, so that a full credit leaves exactly nothing.
    """
    return borne if amount >= billed else borne * amount // billed
