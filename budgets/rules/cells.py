"""Planned amounts edited together: how they are read, and what a month of a line amounts to then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from budgets.rules.moves import MONTH, MOST, Place
from core.errors import Invalid
from core.money import Money, minor_digits

# More in one go would keep everybody else waiting for the same lines.
MOST_CELLS = 6_000


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What a cell is to hold in micros, and the version of it that the person saw."""

    place: Place
    micros: int
    version: int


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """A line's month: micros that nobody has yet, and campaign line -> micros."""

    free: int
    parts: Mapping[int, int]

    @property
    def total(self) -> int:
        return self.free + sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Settled:
    """How a month gets from now to then: campaign line -> micros given out at once, and what has to
    be asked for, where None is the money that no campaign line has."""

    given: Mapping[int, int]
    asked: Mapping[int | None, int]


class Short(Exception):
    """The campaign lines would hold ``micros`` more than the whole line."""

    def __init__(self, micros: int) -> None:
        super().__init__(micros)
        self.micros = micros


def settle(
    now: MonthPlan, *, total: int | None, parts: Mapping[int, int], may_give: bool
) -> Settled:
    """What changes when the line is to hold ``total`` (None: nobody said) and its parts ``parts``.

    Free money is given out at once by who may. Without a new total the line stays as large as
    it is, and grows only by what its parts need beyond it. Raises ``Short`` when the parts do
    not fit into the total that was named.
    """
    wanted = {**now.parts, **parts}
    needed = sum(wanted.values())
    whole = max(now.total, needed) if total is None else total
    if needed > whole:
        raise Short(needed - whole)
    given = _given(now, parts) if may_give else {}
    asked: dict[int | None, int] = {
        part: micros - now.parts.get(part, 0)
        for part, micros in parts.items()
        if part not in given and micros != now.parts.get(part, 0)
    }
    own = (whole - needed) - (now.free - sum(given.values()))
    if own:
        asked[None] = own
    return Settled(given, asked)


def _given(now: MonthPlan, parts: Mapping[int, int]) -> dict[int, int]:
    """Raises that the free money bears, in the order in which they stand there."""
    left, given = now.free, {}
    for part, micros in parts.items():
        more = micros - now.parts.get(part, 0)
        if 0 < more <= left:
            given[part] = more
            left -= more
    return given


def read_cells(rows: Any) -> tuple[CellEdit, ...]:
    """Edits of ``[{"line", "month", "campaign_line", "amount", "version"}]``, amounts as decimal text.

    Raises ``Invalid`` for a shape that cannot be read, the same cell twice, or too many.
    """
    if not isinstance(rows, list) or not rows:
        raise Invalid("No amount was changed yet.", where="cells")
    if len(rows) > MOST_CELLS:
        raise Invalid(
            f"{len(rows):,} amounts are more than can be saved at once.",
            where="cells",
            remedy=f"Save up to {MOST_CELLS:,}, then the rest.",
        )
    cells = tuple(_cell(row, number) for number, row in enumerate(rows, 1))
    if len({cell.place for cell in cells}) < len(cells):
        raise Invalid("The same line and month stands there twice.", where="cells")
    return cells


def _cell(row: Any, number: int) -> CellEdit:
    wrong = Invalid(f"Amount {number} cannot be read.", where="cells")
    if not isinstance(row, dict):
        raise wrong
    line, month, part = row.get("line"), row.get("month"), row.get("campaign_line")
    version, amount = row.get("version"), row.get("amount")
    if not (_whole(line) and _whole(version) and isinstance(amount, str)):
        raise wrong
    if not (isinstance(month, str) and MONTH.fullmatch(month)) or not (
        part is None or _whole(part)
    ):
        raise wrong
    micros = Money.parse(amount[:40], "").micros
    return CellEdit(Place(line, month, part), micros, version)


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def wrong_amount(micros: int) -> str:
    """Why an amount cannot be planned, or ``""``."""
    if micros < 0:
        return "A plan is not less than zero."
    return "This is more than any plan holds." if micros > MOST else ""


def minor_text(micros: int, currency: str) -> str:
    """``"165000.00"``: the amount as it is paid, half to even, for a script that edits it."""
    digits = minor_digits(currency)
    unit = 10 ** (6 - digits)
    whole, rest = divmod(micros, unit)
    whole += 2 * rest > unit or (2 * rest == unit and whole % 2)
    sign, text = ("-", str(-whole)) if whole < 0 else ("", str(whole))
    if not digits:
        return sign + text
    text = text.rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"
