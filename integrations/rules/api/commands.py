"""Values of orders: as people say them, and as a platform writes them."""

from __future__ import annotations

import json
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from core.errors import Invalid
from core.money import MICROS, minor_digits
from integrations.rules.api.grammar import Command

# What a kind that has no amount may be set to.
WORDS = {
    "pause": ("paused",),
    "resume": ("live",),
    "rotation": ("optimise", "rotate"),
}
UNITS = ("micros", "minor", "decimal", "number")


def wanted_value(kind: str, given: str, currency: str) -> str:
    """``given`` in the one form orders keep; ``Invalid`` when it is none for this kind."""
    if kind in WORDS:
        words = WORDS[kind]
        value = given or words[0]
        if value not in words:
            raise Invalid(f"Choose {' or '.join(words)}.", where="wanted")
        return value
    try:
        amount = Decimal(given).quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_DOWN)
    except InvalidOperation:
        raise Invalid("Give an amount, such as 120.50.", where="wanted") from None
    if not amount.is_finite() or not 0 < amount < 10**9:
        raise Invalid("Give an amount above zero.", where="wanted")
    return format(amount, "f")


def written(command: Command, value: str, currency: str) -> Any:
    """``value`` as the platform takes it."""
    if command.unit not in UNITS:
        return command.words.get(value, value)
    amount = Decimal(value)
    if command.unit == "micros":
        return str(int(amount * MICROS))
    if command.unit == "minor":
        return str(int(amount.scaleb(minor_digits(currency))))
    return json.loads(value) if command.unit == "number" else value


def understood(command: Command, said: Any, currency: str) -> str:
    """What the platform says of now, in the form orders keep; its own word where we have none."""
    if said is None:
        return ""
    text = str(said)
    if command.unit not in UNITS:
        ours = {theirs: word for word, theirs in command.words.items()}
        return ours.get(text, text)[:60]
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text[:60]
    digits = minor_digits(currency)
    divided = {"micros": number / MICROS, "minor": number.scaleb(-digits)}
    return format(
        divided.get(command.unit, number).quantize(Decimal(1).scaleb(-max(digits, 2))), "f"
    )[:60]


def is_same(wanted: str, now: str) -> bool:
    """Whether the platform has what was ordered; amounts are equal whatever their zeros."""
    try:
        return Decimal(wanted) == Decimal(now)
    except InvalidOperation:
        return wanted == now
