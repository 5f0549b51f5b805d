"""One bill as it is shown: what its lines are for, what they bear and why, and what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from budgets.models import Bill, BillLine, HoldingEntry
from budgets.rules.position import Part
from budgets.selectors.bills.openorders import open_lines
from budgets.selectors.months import books_of
from core.money import Money, convert


@dataclass(frozen=True, slots=True)
class Beside:
    """A campaign line's month: what platforms reported, what is billed, and what counts."""

    imported: Money
    billed: Money
    counts: Money

    @property
    def difference(self) -> Money:
        """Plus where more is billed than was reported."""
        return self.billed - self.imported


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A bill line with its amount as the budget line bears it.

    ``fx_difference`` is what the bill's own rate made of it against the order's rate;
    ``order_left`` what is open now of an order in another currency.
    """

    line: BillLine
    borne: Money | None
    fx_difference: Money | None
    beside: Beside | None
    order_left: Money | None = None

    @property
    def is_converted(self) -> bool:
        """Whether the budget line bears it in another currency than the bill's."""
        return bool(self.borne and self.borne.currency != self.line.bill.currency)

    @property
    def is_as_ordered(self) -> bool:
        """Whether order and budget line are in one currency, so that one rate says it all."""
        in_one = bool(self.borne and self.borne.currency == self.line.used.currency)
        return in_one and self.line.rate_name == self.line.order_rate_name


def shown_lines(bill: Bill) -> list[ShownLine]:
    """The lines of a bill in order."""
    rows = bill.lines.select_related(
        "bill", "budget_line__fiscal_year", "campaign_line__campaign", "order_line__order"
    )
    lines = list(rows.order_by("position"))
    parts, left = _parts(lines), _left(lines)
    return [replace(_shown(line, parts), order_left=left.get(line.pk)) for line in lines]


def _left(lines: list[BillLine]) -> dict[int, Money]:
    """Line -> what is open of its order, where that is in another currency than the bill."""
    ordered = {
        line.pk: line.order_line
        for line in lines
        if line.order_line and line.order_micros is not None
    }
    stands = open_lines(ordered.values())
    return {pk: Money(stands[row.pk].open, row.order.currency) for pk, row in ordered.items()}


Place = tuple[int, int, str]


def _parts(lines: list[BillLine]) -> Mapping[Place, Part]:
    """What stands at the places of lines that are about a campaign line."""
    bears = [line.budget_line for line in lines if line.budget_line and line.campaign_line_id]
    found: dict[Place, Part] = {}
    for year in {line.fiscal_year for line in bears}:
        ids = {line.pk for line in bears if line.fiscal_year_id == year.pk}
        found.update(books_of(year, ids).parts)
    return found


def _shown(line: BillLine, parts: Mapping[Place, Part]) -> ShownLine:
    bears = line.budget_line
    if bears is None:
        return ShownLine(line, None, None, None)
    borne = None if line.borne_micros is None else Money(line.borne_micros, bears.currency)
    part = parts.get((bears.pk, line.campaign_line_id or 0, line.month))
    is_reported = line.campaign_line_id and part and part.imported is not None
    beside = _beside(part, bears.currency) if part and is_reported else None
    return ShownLine(line, borne, _fx_difference(line, borne), beside)


def _fx_difference(line: BillLine, borne: Money | None) -> Money | None:
    ordered = line.order_line
    if (
        ordered is None
        or borne is None
        or line.used.currency == borne.currency == line.bill.currency
    ):
        return None
    return borne - convert(line.used, ordered.rate, borne.currency)


def _beside(part: Part, currency: str) -> Beside:
    return Beside(
        Money(part.imported or 0, currency),
        Money(part.billed + part.accrued, currency),
        Money(part.actual or 0, currency),
    )


def entries_of(bill: Bill) -> QuerySet[HoldingEntry]:
    """What a bill wrote to the commitment ledger, oldest first."""
    rows = HoldingEntry.objects.filter(bill_line__bill=bill).order_by("id")
    return rows.select_related(
        "holding__budget_line", "holding__campaign_line__campaign", "order_line__order", "bill_line"
    )
