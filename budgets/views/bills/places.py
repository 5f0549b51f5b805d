"""What a line of a bill can be for, as the values of one field: ``o12`` an order line, ``b3/7`` a
budget line and its campaign line, ``b3`` a budget line alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from budgets.models import BudgetLine, OrderLine, Vendor
from budgets.rules.month_names import month_name
from budgets.selectors.bills import billable_lines, bookable_months, open_lines
from campaigns.models import CampaignLine
from core import formats
from core.money import Money

Group = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one value stands for."""

    order_line: OrderLine | None = None
    budget_line: BudgetLine | None = None
    campaign_line: CampaignLine | None = None


class Places:
    """Everything that bills of a person may be booked on, read once for a page."""

    def __init__(self, user: User, vendor: Vendor | None = None, *, orders: bool = True) -> None:
        self.orders = {row.pk: row for row in billable_lines(user, vendor)} if orders else {}
        lines = BudgetLine.objects.for_user(user).select_related("fiscal_year", "team")
        ordered = lines.prefetch_related("campaign_lines__campaign").order_by(
            "-fiscal_year__year", "name"
        )
        self.lines = {line.pk: line for line in ordered}

    @property
    def choices(self) -> list[Group]:
        """Orders by vendor, then budget lines with the campaign lines they pay for."""
        return [*self._order_groups(), *(self._line_group(line) for line in self.lines.values())]

    @property
    def months(self) -> list[tuple[str, str]]:
        return [(month.key, month.label) for month in bookable_months()]

    def _order_groups(self) -> Iterable[Group]:
        stands = open_lines(self.orders.values())
        groups: dict[str, list[tuple[str, str]]] = {}
        for pk, row in self.orders.items():
            if not stands[pk].billable:
                continue
            left = formats.money_exact(Money(stands[pk].billable, row.order.currency))
            label = f"{row.order.reference} {row.description}, {month_name(row.month)}: {left} open"
            groups.setdefault(f"Orders of {row.order.vendor}", []).append((f"o{pk}", label))
        return sorted(groups.items())

    def _line_group(self, line: BudgetLine) -> Group:
        parts = [
            (f"b{line.pk}/{part.pk}", f"{line} › {part}") for part in line.campaign_lines.all()
        ]
        own = (f"b{line.pk}", f"{line}, no campaign line" if parts else str(line))
        return f"{line} ({line.currency}, {line.fiscal_year})", [own, *parts]

    def read(self, value: str) -> Chosen:
        """What a chosen value stands for; nothing for one that is not offered."""
        if value.startswith("o"):
            return Chosen(order_line=self.orders.get(_number(value[1:])))
        head, _, tail = value.removeprefix("b").partition("/")
        line = self.lines.get(_number(head))
        parts = {part.pk: part for part in line.campaign_lines.all()} if line else {}
        return Chosen(budget_line=line, campaign_line=parts.get(_number(tail)))

    def fields(self, value: str) -> Mapping[str, Any]:
        """The same as fields of a bill line."""
        chosen = self.read(value)
        return {
            "order_line": chosen.order_line,
            "budget_line": chosen.budget_line,
            "campaign_line": chosen.campaign_line,
        }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
