"""The budget grid as its page draws it: texts, bars and marks for every cell.

Compact shows plan and available; full also what orders hold and what is used.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import QueryDict
from django.urls import reverse

from budgets.rules.moves import Place
from budgets.selectors import Grid, GridRow, MonthCell
from core import formats
from core.money import MICROS, Money
from core.periods import Period

THOUSAND = 1_000
# Below this plan a grid in thousands would show too little.
SMALL = 100 * THOUSAND * MICROS
BEHIND = Decimal("0.85")
COMPACT, FULL = "compact", "full"


@dataclass(frozen=True, slots=True)
class SheetCell:
    """Plan, held, actual and available of one month in the grid's unit."""

    plan: str
    held: str
    actual: str
    available: str
    share: Decimal | None
    tick: Decimal | None
    tone: str
    is_closed: bool
    is_now: bool
    is_pending: bool
    is_over: bool
    url: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    label: str
    channel: str
    cells: Sequence[SheetCell]
    note: str = ""
    edit_url: str = ""
    # The line's own page, with what is behind its numbers.
    url: str = ""


@dataclass(frozen=True, slots=True)
class SheetMonth:
    label: str
    note: str
    is_closed: bool
    is_now: bool


class Sheet:
    """Draws a grid: ``today`` decides what is over, ``shut`` names the months that finance closed,
    ``pending`` which cells requests touch.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        today: date,
        last_day: date | None,
        pending: Collection[tuple[int, str]],
        open_cell: Place | None,
        query: QueryDict,
        view: str = FULL,
        whole: str = "Quarter",
        shut: Collection[str] = (),
    ) -> None:
        self.grid = grid
        self.shut = shut
        self.view = view
        self.whole = whole
        self.today = today
        self.reached = last_day
        self.pending = pending
        self.open_cell = open_cell
        self.query = query
        biggest = max((row.cells[-1].planned.micros for row, _ in grid.channels), default=0)
        self.divisor = THOUSAND if biggest >= SMALL else 1

    @property
    def unit(self) -> str:
        """ "€ thousand"; said once, in the corner."""
        symbol = formats.SYMBOLS.get(self.grid.currency, self.grid.currency)
        return f"{symbol} thousand" if self.divisor == THOUSAND else symbol

    @property
    def months(self) -> list[SheetMonth]:
        """Headings; a month that is over is closed to moves."""
        return [
            SheetMonth(
                month.label, self._month_note(month), month.end < self.today, self.today in month
            )
            for month in self.grid.months
        ]

    def _month_note(self, month: Period) -> str:
        if month.key in self.shut:
            return "closed"
        if month.end < self.today:
            return "ended"
        if self.today in month:
            return f"day {(self.today - month.start).days + 1} of {month.days}"
        return "to come"

    @property
    def shows_held(self) -> bool:
        """Whether anything is held anywhere; a column of nothing is left out."""
        return self.view == FULL and any(
            cell.held for row in (self.grid.total, *self.grid.lines) for cell in row.cells
        )

    @property
    def shows_actual(self) -> bool:
        return self.view == FULL

    @property
    def shows_whole(self) -> bool:
        """One month is its own sum."""
        return len(self.grid.months) > 1

    @property
    def heads(self) -> list[str]:
        """The columns of one month."""
        held = ["Held"] if self.shows_held else []
        actual = ["Actual"] if self.shows_actual else []
        return ["Plan", *held, *actual, "Avail."]

    @property
    def span(self) -> int:
        return len(self.heads)

    @property
    def columns(self) -> int:
        """How many columns the grid has: those of each month and of their sum, and the names."""
        return self.span * (len(self.grid.months) + self.shows_whole) + 1

    @property
    def channels(self) -> list[tuple[SheetRow, list[SheetRow]]]:
        return [
            (self.row(total), [self.row(line) for line in lines])
            for total, lines in self.grid.channels
        ]

    @property
    def total(self) -> SheetRow:
        return self.row(self.grid.total)

    def row(self, row: GridRow) -> SheetRow:
        """One row with a cell for each month and one for all of them."""
        spans = [*self.grid.months, None]
        cells = [
            self._cell(cell, month, row)
            for cell, month in zip(row.cells, spans, strict=True)
            if month or self.shows_whole
        ]
        line = row.line
        note = "" if line is None else f"{line.owner} · {line.team} · pays in {line.currency}"
        url = reverse("budgets:line", args=[line.pk]) if line else ""
        return SheetRow(row.label, row.channel, cells, note, url=url)

    def _cell(self, cell: MonthCell, month: Period | None, row: GridRow) -> SheetCell:
        place = Place(row.line.pk, month.key) if row.line and month else None
        gone = self._gone(month)
        share = _share(cell)
        return SheetCell(
            plan=self._text(cell.planned),
            held=self._text(cell.held),
            actual=self._text(cell.actual),
            available=self._text(cell.available),
            share=share,
            tick=gone,
            tone=_tone(share, gone, is_short=self._is_short(cell.available)),
            is_closed=bool(month and month.end < self.today),
            is_now=bool(month and self.today in month),
            is_pending=bool(place and (place.budget_line, place.month) in self.pending),
            is_over=self._is_short(cell.available),
            url=self._cell_url(place) if place else "",
            is_open=place is not None
            and self.open_cell is not None
            and _same(place, self.open_cell),
        )

    def _text(self, amount: Money | None) -> str:
        if not amount:
            return formats.NOTHING
        return formats.number(amount.amount / self.divisor)

    def _is_short(self, available: Money) -> bool:
        """Less than nothing in the grid's unit: a shown 0 raises no alarm."""
        return available.amount / self.divisor < Decimal("-0.5")

    def _gone(self, month: Period | None) -> Decimal | None:
        """The share of the days that actuals cover, where the period is under way."""
        first, last = self.grid.months[0].start, self.grid.months[-1].end
        start, end = (month.start, month.end) if month else (first, last)
        if self.reached is None or not start <= self.today <= end:
            return None
        days = (min(self.reached, end) - start).days + 1
        return max(Decimal(0), Decimal(days) / ((end - start).days + 1))

    def _cell_url(self, place: Place) -> str:
        query = self.query.copy()
        query["cell"] = place.key
        return f"?{query.urlencode(safe='/')}"


def _same(place: Place, other: Place) -> bool:
    return (place.budget_line, place.month) == (other.budget_line, other.month)


def _share(cell: MonthCell) -> Decimal | None:
    if cell.actual is None or not cell.planned:
        return None
    return cell.actual.amount / cell.planned.amount


def _tone(share: Decimal | None, gone: Decimal | None, *, is_short: bool) -> str:
    """Red beyond the plan, amber clearly behind the days gone by; under budget is no fault."""
    if share is None:
        return "accent"
    if share > 1:
        return "bad" if is_short else "accent"
    return "warn" if gone is not None and share < gone * BEHIND else "accent"
