"""The list of orders with its tabs."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from budgets.selectors.orders import orders_for
from budgets.selectors.sections import section_tabs
from budgets.views.orders.tables import OrderTable, order_tabs, orders_in, tab_of
from core import clock
from core.exports import export_response
from core.pages import page


@gate(Act.VIEW_MONEY)
@require_safe
def orders_page(request: HttpRequest) -> HttpResponse:
    user, today = person(request), clock.today()
    rows, found = orders_in(request, user, request.GET, today)
    may_plan = can(user, Act.DRAFT_REQUEST)
    bulk_url = reverse("budgets:orders-change") if may_plan else ""
    table = OrderTable(request, rows, bulk_url=bulk_url)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Orders", as_of=clock.now())
    visible = orders_for(user)
    context = {
        "title": _title(user, today),
        "table": table,
        "filters": found.form,
        "tabs": order_tabs(visible, tab_of(request.GET), today),
        "sections": section_tabs(user, "budgets:orders"),
        "may_plan": may_plan,
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Orders", "")],
    }
    return page(request, "budgets/orders.html", context, fragment="orders")


def _title(user: User, today: date) -> str:
    late = orders_for(user).filter(state="open", expected_on__lt=today).count()
    if late:
        return f"{late} {'order is' if late == 1 else 'orders are'} overdue"
    open_ = orders_for(user).filter(state="open").count()
    return f"{open_} {'order is' if open_ == 1 else 'orders are'} open" if open_ else "Orders"
