"""Sliders of a split and where their amounts land."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core import formats
from core.errors import Invalid
from core.money import MICROS, Money
from insights.rules.allocation import counted, factor, least_unit
from insights.selectors.allocation import Allocation, Basis, tried
from insights.views.allocation_words import brought, brought_signed, per_unit

# Sliders reach to twice what is planned or recommended, in this many steps.
STEPS, REACH = 200, 2


@dataclass(frozen=True, slots=True)
class Slider:
    """A channel's amount for the period, in whole units of the currency."""

    name: str
    label: str
    value: str
    most: str
    step: str


@dataclass(frozen=True, slots=True)
class LandingRow:
    name: str
    amount: Money
    change: str
    result: str
    marginal: str
    flag: str
    tone: str


@dataclass(frozen=True, slots=True)
class Landing:
    """What amounts would bring, against the plan; ``over`` what they miss the budget by."""

    result: str
    range: str
    gain: str
    gain_range: str
    gain_tone: str
    total: Money
    over: str
    over_tone: str
    rows: Sequence[LandingRow]


def sliders_of(found: Allocation) -> list[Slider]:
    """One for each channel, set to what is recommended."""
    return [
        Slider(
            name=f"a-{share.unit.key}",
            label=share.unit.name,
            value=_plain(share.best),
            most=_plain(Money(max(REACH * max(share.now.micros, share.best.micros), MICROS), share.now.currency)),
            step=_plain(Money(least_unit(share.now.currency), share.now.currency)),
        )
        for share in found.shares
    ]  # fmt: skip


def _plain(money: Money) -> str:
    return f"{money.amount:f}"


def amounts_of(basis: Basis, data: Mapping[str, str]) -> dict[str, int]:
    """Unit -> micros of what the sliders say; raises ``Invalid`` where one cannot be read."""
    found = {}
    for unit in basis.units:
        text = data.get(f"a-{unit.key}", "")
        try:
            money = Money.parse(text, basis.currency)
        except Invalid as error:
            raise Invalid(f"{unit.name}: {error.message}", where=unit.key) from error
        if money.micros < 0:
            raise Invalid(f"{unit.name}: less than nothing cannot be spent.", where=unit.key)
        least = least_unit(basis.currency)
        found[unit.key] = round(money.micros / least) * least
    return found


def landing_of(basis: Basis, amounts: Mapping[str, int], budget: int) -> Landing:
    """What these amounts bring over the period, by the stored curves."""
    board = basis.board
    told = tried(basis, amounts)
    row = np.array([counted(amounts[unit.key], basis.currency) for unit in basis.units])
    marginal = basis.curves.marginal(row).mean(axis=0) * factor(basis.currency)
    total = sum(amounts.values())
    over = total - budget
    tone = "neutral" if told.change_80.low <= 0 <= told.change_80.high else (
        "good" if told.change > 0 else "bad")  # fmt: skip
    return Landing(
        result=brought(board, told.result),
        range=f"{brought(board, told.result_80.low)} to {brought(board, told.result_80.high)}",
        gain=brought_signed(board, told.change),
        gain_range=f"{brought_signed(board, told.change_80.low)} to "
        f"{brought_signed(board, told.change_80.high)}",
        gain_tone=tone,
        total=basis.money(total),
        over=_over(basis, over),
        over_tone="warn" if over else "good",
        rows=[
            LandingRow(
                name=unit.name,
                amount=basis.money(amounts[unit.key]),
                change=formats.money_signed(basis.money(amounts[unit.key] - basis.now[unit.key])),
                result=brought(board, told.by_channel[unit.key]),
                marginal=per_unit(board, float(marginal[place])),
                flag=_flag(basis, unit.key, amounts[unit.key], told.beyond),
                tone="bad" if amounts[unit.key] < basis.held[unit.key] else "warn",
            )
            for place, unit in enumerate(basis.units)
        ],
    )


def _over(basis: Basis, over: int) -> str:
    if not over:
        return "sums to the budget to the cent"
    amount = formats.money_exact(basis.money(abs(over)))
    return f"{amount} more than the budget" if over > 0 else f"{amount} of the budget is left"


def _flag(basis: Basis, key: str, micros: int, beyond: Sequence[str]) -> str:
    if micros < basis.held[key]:
        return f"orders and spend hold {formats.money_exact(basis.money(basis.held[key]))}"
    return "past anything ever spent" if key in beyond else ""
