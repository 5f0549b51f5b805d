"""The budget grid of some months: channels and their lines in one currency, so that columns add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from accounts.models import User
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.selectors import requests_visible
from budgets.choices import REQUEST_KINDS
from budgets.models import BudgetLine
from budgets.rules.fx import Quote
from budgets.rules.moves import Move, read_moves
from budgets.selectors.months import LineMonths, MonthCell, MonthTable, rate_finder
from core.errors import Invalid
from core.periods import Period


@dataclass(frozen=True, slots=True)
class GridRow:
    """Cells of the months in order, then of all of them together; ``line`` is None for a sum."""

    label: str
    channel: str
    cells: Sequence[MonthCell]
    line: BudgetLine | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Channels with their lines, and the sum of all; ``gaps`` say which lines are left out and why.

    ``rates`` are the budget rates that brought the lines into one currency.
    """

    months: Sequence[Period]
    currency: str
    channels: Sequence[tuple[GridRow, Sequence[GridRow]]]
    total: GridRow
    gaps: Sequence[str]
    rates: Sequence[Quote]

    @property
    def lines(self) -> list[GridRow]:
        """Every line, without the sums."""
        return [row for _, rows in self.channels for row in rows]

    @property
    def whole(self) -> MonthCell:
        """All lines over all months."""
        return self.total.cells[-1]


def grid(table: MonthTable, months: Sequence[Period], currency: str) -> Grid:
    """The chosen months of a table in one currency, at the budget rate of each month's first day."""
    rates = rate_finder()
    rows: list[GridRow] = []
    left_out: list[str] = []
    for line in table.lines:
        found = [rates.find(line.line.currency, currency, month.start) for month in months]
        cells = [
            line.cells[month.key].at(rate)
            for month, rate in zip(months, found, strict=True)
            if rate is not None
        ]
        if len(cells) < len(months):
            left_out.append(f"{line.line} is left out of the sums.")
            continue
        rows.append(_row(line, cells, currency))
    channels = [(_sum(list(lines), currency), lines) for lines in _by_channel(rows)]
    total = _sum(rows, currency, label="All lines", months=len(months))
    used = list(rates.used.values())
    return Grid(months, currency, channels, total, [*rates.gaps, *left_out], used)


def _row(line: LineMonths, cells: Sequence[MonthCell], currency: str) -> GridRow:
    return GridRow(
        line.line.name, line.line.channel.key, [*cells, _together(cells, currency)], line.line
    )


def _together(cells: Iterable[MonthCell], currency: str) -> MonthCell:
    return sum(cells, MonthCell.empty(currency))


def _by_channel(rows: Sequence[GridRow]) -> list[list[GridRow]]:
    ordered = sorted(rows, key=_channel_order)
    return [list(lines) for _, lines in groupby(ordered, key=lambda row: row.channel)]


def _channel_order(row: GridRow) -> tuple[int, str, str]:
    position = row.line.channel.position if row.line else 0
    return position, row.channel, row.label.casefold()


def _sum(rows: Sequence[GridRow], currency: str, *, label: str = "", months: int = 0) -> GridRow:
    columns = zip(*(row.cells for row in rows), strict=True)
    cells = [_together(column, currency) for column in columns]
    if not rows:
        cells = [_together([], currency) for _ in range(months + 1)]
    first = rows[0].line if rows else None
    name = label or (first.channel.name if first else "")
    return GridRow(name, first.channel.key if first and not label else "", cells)


def pending_requests(user: User) -> list[ChangeRequest]:
    """Changes of plans that are on their way to a decision, the one that lapses first on top."""
    rows = requests_visible(user).filter(kind__in=REQUEST_KINDS, state=RequestState.OPEN)
    return list(rows.order_by("due_at"))


def touching(requests: Iterable[ChangeRequest], months: Collection[str]) -> list[ChangeRequest]:
    """Those that would change a plan in one of ``months``."""
    return [
        request
        for request in requests
        if any(move.place.month in months for move in _readable(request))
    ]


def moves_by_place(requests: Iterable[ChangeRequest]) -> Mapping[tuple[int, str], list[Move]]:
    """(budget line, month) -> what requests would change there."""
    found: dict[tuple[int, str], list[Move]] = {}
    for request in requests:
        for move in _readable(request):
            found.setdefault((move.place.budget_line, move.place.month), []).append(move)
    return found


def _readable(request: ChangeRequest) -> Sequence[Move]:
    try:
        return read_moves(request.payload, least=1)
    except Invalid:
        return ()
