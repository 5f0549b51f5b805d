"""Orders as a list: tabs, columns, sums in each order's own currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When
from django.http import HttpRequest, QueryDict

from accounts.models import User
from budgets.choices import OrderState
from budgets.forms.orders import OrderFilter
from budgets.models import Order
from budgets.rules.fx import rate_on
from budgets.selectors.orders import DONE, OrderFigures, order_figures, orders_for, overdue
from budgets.selectors.rates import quotes
from core.models import Organisation
from core.money import Money
from core.parts import Tab
from core.tables import Cell, Column, Row, Table

TABS = {
    "open": "Open",
    "waiting": "Waiting",
    "overdue": "Overdue",
    "drafts": "Drafts",
    "closed": "Closed",
}


def in_tab(tab: str, today: date) -> Q:
    """What stands under a tab."""
    if tab == "waiting":
        return Q(state=OrderState.WAITING)
    if tab == "overdue":
        return overdue(today)
    if tab == "drafts":
        return Q(state=OrderState.DRAFT)
    return Q(state__in=DONE) if tab == "closed" else Q(state=OrderState.OPEN)


def tab_of(query: QueryDict) -> str:
    """The tab a URL names, else the open orders."""
    asked = query.get("tab", "")
    return asked if asked in TABS else "open"


def order_tabs(rows: QuerySet[Order], current: str, today: date) -> list[Tab]:
    """The tabs with their counts, keeping nothing of the other filters."""
    counts = rows.aggregate(
        **{tab: Sum(Case(When(in_tab(tab, today), then=1), default=0)) for tab in TABS}
    )
    return [
        Tab(label, f"?tab={tab}", tab == current, counts[tab] or 0) for tab, label in TABS.items()
    ]


def sized(rows: QuerySet[Order], today: date) -> QuerySet[Order]:
    """With ``size``, the order in the reporting currency, so that orders of many currencies sort."""
    reporting, known = Organisation.current().reporting_currency, quotes()
    currencies = set(rows.order_by().values_list("currency", flat=True))
    found = {currency: rate_on(known, currency, reporting, today, reporting)
             for currency in currencies}  # fmt: skip
    cases = [
        When(currency=currency, then=Value(rate.rate)) for currency, rate in found.items() if rate
    ]
    field: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=10)
    rate = Case(*cases, default=Value(Decimal(0)), output_field=field)
    kept = Q(lines__is_dropped=False)
    return rows.annotate(micros=Sum("lines__amount_micros", filter=kept)).annotate(
        size=F("micros") * rate
    )


class OrderTable(Table):
    """Reference, what and from whom, and what is ordered, used and left of it."""

    key = "orders"
    noun = "orders"
    columns = (
        Column("title", "Order", kind="link", url="get_absolute_url", sort="number", priority=1,
               sub="reference"),
        Column("vendor", "Vendor", sort="vendor.name"),
        Column("team", "Team", sort="team.name"),
        Column("ordered", "Ordered", kind="money", sort="size", priority=1,
               help="In the order's own currency; sorted by its worth in the reporting currency."),
        Column("used", "Used", kind="money", sortable=False),
        Column("left", "Left", kind="money", sortable=False),
        Column("expected_on", "Expected", kind="date"),
        Column("get_state_display", "State", kind="badge", sort="state", tone="state_tone"),
        Column("get_kind_display", "Kind", sort="kind", default_visible=False, priority=3),
        Column("owner", "Owner", kind="user", sort="owner.name", default_visible=False, priority=3),
        Column("ordered_on", "Ordered on", kind="date", default_visible=False, priority=3),
    )  # fmt: skip
    search = ("title", "vendor__name", "number", "lines__cost_centre", "lines__gl_code")
    default_sort = "expected_on"
    empty_title = "No orders here"
    empty_text = "Order something, or hold money with a placeholder until you know from whom."

    def __init__(self, request: HttpRequest, rows: QuerySet[Order], **options: Any) -> None:
        super().__init__(request, rows, **options)
        self.figures: dict[int, OrderFigures] = {}

    @cached_property
    def page_rows(self) -> list[Row]:
        """Figures of the page in one go, then its rows."""
        self._read(self.page().object_list)
        return super().page_rows

    def every_row(self) -> Iterator[list[Any]]:
        self._read(self.rows)
        return super().every_row()

    def _read(self, orders: Iterable[Order]) -> None:
        found: Mapping[int, OrderFigures] = order_figures(orders)
        self.figures.update(found)

    def cell(self, record: Order, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key in {"ordered", "used", "left"}:
            cell.value = self._amount(record, column.key)
        return cell

    def _amount(self, order: Order, key: str) -> Money | None:
        found = self.figures.get(order.pk)
        if found is None:
            return None
        if key == "ordered":
            return found.ordered
        return found.billed if key == "used" else found.left


def orders_in(
    request: HttpRequest, user: User, query: QueryDict, today: date
) -> tuple[QuerySet[Order], OrderFilter]:
    """The orders a list shows: of its tab and filters, each once."""
    found = OrderFilter(query, orders_for(user), request=request)
    rows: QuerySet[Order] = found.qs.filter(in_tab(tab_of(query), today))
    return sized(rows, today), found
