"""One budget line: its months, and the documents behind every number of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budgets.models import BudgetLine, Holding, HoldingEntry
from budgets.rules.position import Part, Position, position
from budgets.selectors.months import books_of
from campaigns.models import CampaignLine
from core.models import Organisation
from core.money import Money
from core.periods import Period


@dataclass(frozen=True, slots=True)
class PartShown:
    """A campaign line's share of a month (or what belongs to none), and which of its figures counts."""

    campaign_line: CampaignLine | None
    part: Part
    currency: str

    def money(self, micros: int | None) -> Money | None:
        return None if micros is None else Money(micros, self.currency)

    @property
    def name(self) -> str:
        return str(self.campaign_line or "No campaign line")

    @property
    def imported(self) -> Money | None:
        return self.money(self.part.imported)

    @property
    def billed(self) -> Money:
        return Money(self.part.billed + self.part.accrued, self.currency)

    @property
    def actual(self) -> Money | None:
        return self.money(self.part.actual)

    @property
    def held(self) -> Money:
        """What orders hold, before reported spend uses it up."""
        return Money(self.part.committed, self.currency)

    @property
    def open(self) -> Money:
        return Money(self.part.open, self.currency)

    @property
    def why(self) -> str:
        """Which of report and bill counts, in a sentence."""
        stated = self.part.billed + self.part.accrued
        if self.part.imported is None:
            return "Bills and accruals count; no platform reported." if stated else ""
        if self.part.whole_bills:
            return "The bill for the whole month takes the place of the report."
        if not stated:
            return "The platform's report counts; nothing is billed yet."
        larger = "report" if self.part.imported >= stated else "bills"
        return f"One cost, reported and billed: the {larger} count{'s' * (larger == 'report')}, being larger."


@dataclass(frozen=True, slots=True)
class MonthShown:
    """A month of a line with its parts."""

    month: Period
    found: Position
    parts: Sequence[PartShown]
    currency: str

    @property
    def planned(self) -> Money:
        return Money(self.found.planned, self.currency)

    @property
    def reserved(self) -> Money:
        return Money(self.found.reserved, self.currency)

    @property
    def committed(self) -> Money:
        return Money(self.found.committed, self.currency)

    @property
    def actual(self) -> Money | None:
        return None if self.found.actual is None else Money(self.found.actual, self.currency)

    @property
    def available(self) -> Money:
        return Money(self.found.available, self.currency)

    @property
    def figures(self) -> list[tuple[str, Money | None]]:
        """The five numbers by name, in the order in which they are read."""
        return [
            ("planned", self.planned),
            ("reserved", self.reserved),
            ("committed", self.committed),
            ("actual", self.actual),
            ("available", self.available),
        ]


def line_months(line: BudgetLine) -> list[MonthShown]:
    """Every month of a line's year, as its plan, orders, bills and platforms say."""
    books = books_of(line.fiscal_year, {line.pk})
    parts = CampaignLine.objects.select_related("campaign").in_bulk(
        {part for _, part, _ in books.parts if part}
    )
    by_month: dict[str, list[PartShown]] = {}
    for (_, part, month), found in sorted(books.parts.items()):
        shown = PartShown(parts.get(part), found, line.currency)
        by_month.setdefault(month, []).append(shown)
    months = Organisation.current().calendar.months(line.fiscal_year.year)
    return [_month(line, month, by_month.get(month.key, []), books.planned) for month in months]


def _month(
    line: BudgetLine,
    month: Period,
    parts: Sequence[PartShown],
    planned: Mapping[tuple[int, str], int],
) -> MonthShown:
    found = position(planned.get((line.pk, month.key), 0), [one.part for one in parts])
    return MonthShown(month, found, parts, line.currency)


@dataclass(frozen=True, slots=True)
class Document:
    """An order or bill with what it brings to a month: micros of the line's currency by name."""

    title: str
    url: str
    note: str
    reserved: Money
    committed: Money
    billed: Money


def documents(line: BudgetLine, month: str) -> list[Document]:
    """Orders and bills behind a month, each with the sum of its entries; what left nothing is left out.

    The sums over all of them are what the month's holdings say.
    """
    holdings = Holding.objects.filter(budget_line=line, month=month)
    entries = HoldingEntry.objects.filter(holding__in=holdings).select_related(
        "order_line__order__vendor", "bill_line__bill__vendor", "bill_line__bill__owner"
    )
    found: dict[tuple[str, int], Document] = {}
    for entry in entries.order_by("id"):
        _add_order(found, entry, line.currency)
        _add_bill(found, entry, line.currency)
    return [one for one in found.values() if one.reserved or one.committed or one.billed]


def _add_order(found: dict[tuple[str, int], Document], entry: HoldingEntry, currency: str) -> None:
    if entry.order_line is None or not (entry.reserved_micros or entry.committed_micros):
        return
    order = entry.order_line.order
    note = f"{order.get_kind_display()} · {order.get_state_display()} · {order.vendor or ''}"
    before = found.get(("order", order.pk))
    found["order", order.pk] = Document(
        f"{order.reference} {order.title}",
        order.get_absolute_url(),
        note.rstrip(" ·"),
        _plus(before.reserved if before else None, entry.reserved_micros, currency),
        _plus(before.committed if before else None, entry.committed_micros, currency),
        Money(0, currency),
    )


def _add_bill(found: dict[tuple[str, int], Document], entry: HoldingEntry, currency: str) -> None:
    micros = entry.billed_micros + entry.accrued_micros
    if entry.bill_line is None or not micros:
        return
    bill = entry.bill_line.bill
    nothing = Money(0, currency)
    before = found.get(("bill", bill.pk))
    found["bill", bill.pk] = Document(
        str(bill),
        bill.get_absolute_url(),
        f"{bill.get_state_display()} · {bill.vendor or bill.owner}",
        nothing,
        nothing,
        _plus(before.billed if before else None, micros, currency),
    )


def _plus(before: Money | None, micros: int, currency: str) -> Money:
    return (before or Money(0, currency)) + Money(micros, currency)
