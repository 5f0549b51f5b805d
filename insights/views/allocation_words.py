"""Amounts and returns of response curves as people read them, and the tabs of their pages."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import can
from core import formats
from core.money import MICROS, Money
from core.parts import Tab
from insights.rules.response import Range
from insights.selectors.response import Board

PLACES = (
    ("allocation", "Allocation", "insights:allocation"),
    ("response", "Response curves", "insights:response"),
)

BADGES = {
    "robust": ("Robust", "good"),
    "mixed": ("Mixed", "warn"),
    "fragile": ("Fragile", "bad"),
}


def place_tabs(current: str, user: User, team: Team | None) -> list[Tab]:
    """The pages of budgets and curves; the chosen team goes along."""
    if not can(user, Act.VIEW_MONEY):
        return []
    chosen = f"?team={team.pk}" if team else ""
    return [Tab(label, f"{reverse(name)}{chosen}", key == current) for key, label, name in PLACES]


def spent(board: Board, value: float) -> str:
    """An amount of spend."""
    return formats.money(Money(round(value * MICROS), board.currency))


def brought(board: Board, value: float) -> str:
    """An amount of the result."""
    return spent(board, value) if board.is_money else formats.compact(round(value))


def brought_signed(board: Board, value: float) -> str:
    """A difference of the result."""
    if board.is_money:
        return formats.money_signed(Money(round(value * MICROS), board.currency))
    return formats.signed(round(value))


def one(board: Board) -> str:
    """One unit of the currency of spend."""
    return formats.money_whole(Money(MICROS, board.currency))


def per_unit(board: Board, value: float) -> str:
    """What one unit of spend brings."""
    if board.is_money:
        return formats.money_exact(Money(round(value * 100) * (MICROS // 100), board.currency))
    return f"{value:.3g}"


def ranged(told: Range | None, words: Callable[[float], str]) -> str:
    """A value with the ends of its range."""
    if told is None:
        return formats.NOTHING
    return f"{words(told.value)} ({words(told.low)} to {words(told.high)})"
