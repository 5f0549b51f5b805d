"""Moves of planned money as a request holds them, and the proof that they net to zero."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonpath
from typing import Any, TypeGuard

from core.errors import Invalid
from core.money import Money

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
# Far below bigint, so that no sum of moves can leave it.
MOST = 10**17


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where planned money lies: a budget line's month, or a campaign line's part of it."""

    budget_line: int
    month: str
    campaign_line: int | None = None

    @property
    def key(self) -> str:
        """``12/2026-12`` or ``12/2026-12/40``."""
        own = f"{self.budget_line}/{self.month}"
        return own if self.campaign_line is None else f"{own}/{self.campaign_line}"

    @classmethod
    def read(cls, key: str) -> Place:
        """The place of a key; raises ``Invalid`` for anything else."""
        line, month, campaign = (*key.split("/"), "", "")[:3]
        if not line.isdecimal() or not MONTH.fullmatch(month):
            raise Invalid(f"“{key}” is not a place in the plan.", where="moves")
        return cls(int(line), month, int(campaign) if campaign.isdecimal() else None)


@dataclass(frozen=True, slots=True)
class Move:
    """Micros into (plus) or out of (minus) a place."""

    place: Place
    micros: int


def read_moves(payload: Mapping[str, Any], *, least: int = 2) -> tuple[Move, ...]:
    """The moves of a payload ``{"moves": [{"budget_line", "campaign_line", "month", "amount_micros"}]}``.

    Raises ``Invalid`` for a shape or amount that cannot be read, for the same place
    twice, and for fewer than ``least``.
    """
    rows = payload.get("moves")
    if not isinstance(rows, list):
        raise Invalid("The request names no moves.", where="moves")
    moves = tuple(_move(row, number) for number, row in enumerate(rows, 1))
    if len(moves) < least:
        raise Invalid(
            "There is nothing to move yet.", where="moves", remedy="Choose where from and where to."
        )
    if len({move.place for move in moves}) < len(moves):
        raise Invalid("The same line and month stands there twice.", where="moves")
    return moves


def _move(row: Any, number: int) -> Move:
    if not isinstance(row, dict):
        raise _wrong(number, "is not an object with budget_line, month and amount_micros")
    line, month = row.get("budget_line"), row.get("month")
    campaign = row.get("campaign_line")
    if not _whole(line):
        raise _wrong(number, "names no budget line; give its number as budget_line")
    if not (isinstance(month, str) and MONTH.fullmatch(month)):
        raise _wrong(number, "names no month; write it as 2026-12")
    if campaign is not None and not _whole(campaign):
        raise _wrong(number, "has a campaign line that is not a number")
    return Move(Place(line, month, campaign), _amount(row.get("amount_micros"), number))


def _amount(micros: Any, number: int) -> int:
    if not _whole(micros):
        raise _wrong(number, "has an amount that is not a whole number of micros (1.50 is 1500000)")
    if micros == 0:
        raise _wrong(number, "moves nothing; give an amount other than zero")
    if abs(micros) > MOST:
        raise _wrong(number, "is more than any plan holds")
    return micros


def _wrong(number: int, what: str) -> Invalid:
    return Invalid(f"Move {number} {what}.", where="moves")


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def as_payload(moves: Iterable[Move]) -> list[dict[str, Any]]:
    """Moves as a payload holds them."""
    return [
        {
            "budget_line": move.place.budget_line,
            "campaign_line": move.place.campaign_line,
            "month": move.place.month,
            "amount_micros": move.micros,
        }
        for move in moves
    ]


def nets(moves: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Currency -> sum of its moves."""
    sums: dict[str, int] = {}
    for currency, micros in moves:
        sums[currency] = sums.get(currency, 0) + micros
    return sums


def moved(moves: Iterable[tuple[str, int]]) -> list[Money]:
    """How much changes place in each currency: the larger of what is given and what is received."""
    given: dict[str, int] = {}
    received: dict[str, int] = {}
    for currency, micros in moves:
        side = received if micros > 0 else given
        side[currency] = side.get(currency, 0) + abs(micros)
    currencies = sorted({*given, *received})
    return [Money(max(given.get(c, 0), received.get(c, 0)), c) for c in currencies]


def require_net_zero(moves: Sequence[tuple[str, int]]) -> None:
    """Raise ``Invalid`` with the difference when a currency does not net to zero."""
    for currency, micros in nets(moves).items():
        if micros:
            over = "more than is given" if micros > 0 else "less than is given"
            raise Invalid(
                f"The lines receive {Money(abs(micros), currency)} {over}.",
                code="not_net_zero",
                where="moves",
                remedy="Change an amount until both sides are equal.",
            )


def shared_path(paths: Sequence[str]) -> str:
    """The path of the nearest team above all of ``paths``; "" when they share none."""
    shared = commonpath(paths) if paths else ""
    return f"{shared}/" if shared else ""
