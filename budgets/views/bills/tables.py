"""Tables of bills and of what they wrote."""

from __future__ import annotations

from functools import cached_property

from budgets.models import Bill, HoldingEntry
from budgets.rules.month_names import month_name
from budgets.services.bills import why_waiting
from core import formats
from core.money import Money
from core.tables import Column, Table


class BillTable(Table):
    key = "bills"
    noun = "bills"
    columns = (
        Column("label", "Bill", kind="custom", url="get_absolute_url", sort="number", priority=1),
        Column("total", "Amount", kind="custom", sort="total_micros", priority=1),
        Column("vendor", "From", kind="custom", sort="vendor__name"),
        Column("dated", "Dated", kind="date"),
        Column("due_on", "Due", kind="date", default_visible=False, priority=3),
        Column("get_state_display", "State", kind="badge", tone="state_tone", sort="state"),
        Column("held_because", "Why it waits", kind="custom", priority=3),
        Column("team", "Team", sort="team__name", priority=3),
        Column("owner", "Owner", sort="owner__name", priority=3),
        Column("entered_by", "Entered by", sort="entered_by__name", priority=3),
    )
    default_sort = "-dated"
    search = ("number", "vendor__name", "note")
    empty_title = "No bill here"
    empty_text = "Invoices, credit notes, expenses and accruals appear here once they are entered."

    def cell_label(self, row: Bill) -> str:
        return str(row)

    def cell_total(self, row: Bill) -> str:
        total: int = getattr(row, "total_micros", 0) or 0
        return formats.money_exact(Money(total, row.currency))

    @cached_property
    def _because(self) -> dict[int, str]:
        return why_waiting(self.rows)

    def cell_held_because(self, row: Bill) -> str:
        return self._because[row.pk]

    def cell_vendor(self, row: Bill) -> str:
        return str(row.vendor or row.owner)


class EntryTable(Table):
    """What a bill wrote to the commitment ledger."""

    key = "entries"
    noun = "entries"
    columns = (
        Column("line", "Budget line", kind="custom", sort="holding__budget_line__name", priority=1),
        Column("month", "Month", kind="custom", sort="holding__month", nowrap=True),
        Column("committed", "Committed", kind="custom", sort="committed_micros", nowrap=True),
        Column("accrued", "Accrued", kind="custom", sort="accrued_micros", nowrap=True),
        Column("billed", "Billed", kind="custom", sort="billed_micros", nowrap=True, priority=1),
        Column("order", "Order", kind="custom", sort="order_line__order__number", nowrap=True),
        Column("actor_name", "By", priority=3),
        Column("at", "When", kind="datetime", priority=3),
        Column("reason", "Why", default_visible=False, priority=3),
    )
    empty_title = "Nothing written yet"
    empty_text = "A bill counts from the moment it is posted."

    def cell_line(self, row: HoldingEntry) -> str:
        part = row.holding.campaign_line
        return f"{row.holding.budget_line} › {part}" if part else str(row.holding.budget_line)

    def cell_month(self, row: HoldingEntry) -> str:
        return month_name(row.holding.month)

    def cell_order(self, row: HoldingEntry) -> str:
        return row.order_line.order.reference if row.order_line else ""

    def cell_committed(self, row: HoldingEntry) -> str:
        return _signed(row, row.committed_micros)

    def cell_accrued(self, row: HoldingEntry) -> str:
        return _signed(row, row.accrued_micros)

    def cell_billed(self, row: HoldingEntry) -> str:
        return _signed(row, row.billed_micros)


def _signed(row: HoldingEntry, micros: int) -> str:
    money = Money(micros, row.holding.budget_line.currency)
    return formats.money_exact_signed(money) if micros else ""
