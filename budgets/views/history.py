"""The last changes of plans: who, when, why, and by which request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.permissions import gate, person
from budgets.forms.history import ChangeFilter
from budgets.rules.month_names import month_spans
from budgets.selectors.plan_history import plan_changes
from budgets.selectors.sections import section_tabs
from core import clock, formats
from core.exports import export_response
from core.money import Money
from core.pages import page
from core.tables import Cell, Column, Table

NAMED = 2


class HistoryTable(Table):
    """One row for each transaction of the ledger."""

    key = "history"
    noun = "changes"
    columns = (
        Column("what", "Change", kind="custom", sortable=False, priority=1, strong=True),
        Column("amount", "Amount", kind="custom", sortable=False, priority=1, nowrap=True),
        Column("actor_name", "Who", nowrap=True),
        Column("at", "When", kind="datetime", nowrap=True),
        Column("reason", "Why", sortable=False),
        Column("asked", "Request", kind="link", sortable=False, nowrap=True),
        Column("get_kind_display", "Kind", sort="kind", default_visible=False, priority=3),
    )
    default_sort = "-at"
    search = ("reason", "actor_name")
    empty_title = "No plan was changed here"
    empty_text = "Every change of a planned amount stands here with its reason."

    def cell(self, record: Any, column: Column) -> Cell:
        """The request behind a change, where the person sees it."""
        if column.key != "asked":
            return super().cell(record, column)
        if record.asked_number is None:
            return Cell(column, record, "")
        url = reverse("approvals:request", args=[record.request_id])
        return Cell(column, record, f"CR-{record.asked_number}", url=url)

    def cell_what(self, row: Any) -> str:
        months: dict[str, list[str]] = {}
        for leg in row.legs:
            name = str(leg.account.campaign_line or leg.account.budget_line)
            months.setdefault(name, []).append(leg.account.month)
        names = [f"{name}, {month_spans(keys)}" for name, keys in months.items()]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return "; ".join(names[:NAMED]) + more

    def cell_amount(self, row: Any) -> str:
        return ", ".join(_sums(row))


def _sums(row: Any) -> list[str]:
    """By how much lines changed in each currency; what only changed place is said without a sign."""
    nets: dict[str, int] = {}
    moved: dict[str, int] = {}
    for leg in row.legs:
        currency = leg.account.currency
        nets[currency] = nets.get(currency, 0) + leg.amount_micros
        moved[currency] = moved.get(currency, 0) + max(0, leg.amount_micros)
    return [
        formats.money_exact_signed(Money(net, currency))
        if net
        else f"{formats.money_exact(Money(moved[currency], currency))} moved"
        for currency, net in nets.items()
    ]


@gate(Act.VIEW_MONEY)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    user = person(request)
    found = ChangeFilter(request.GET, plan_changes(user), request=request)
    table = HistoryTable(request, found.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Changes of plans", as_of=clock.now())
    context = {
        "title": "How the plans changed",
        "table": table,
        "filters": found.form,
        "sections": section_tabs(user, "budgets:history"),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("History", "")],
    }
    return page(request, "budgets/history.html", context, fragment="history")
