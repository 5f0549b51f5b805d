"""Changing many orders at once: what was ticked, what changes, and who refuses why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from budgets.forms.orders import BulkForm
from budgets.models import Order
from budgets.selectors.orders import order_figures, orders_for
from budgets.selectors.sections import section_tabs
from budgets.services.orders import BulkChange, orders_change
from budgets.services.orders.bulk import MOST
from budgets.views.orders.shown import order_crumbs
from budgets.views.orders.tables import OrderTable, orders_in
from core import clock
from core.errors import AdroitError, Invalid
from core.forms import refuse
from core.pages import invalid, page, redirect_to


@gate(Act.DRAFT_REQUEST)
@require_POST
def orders_change_many(request: HttpRequest) -> HttpResponse:
    """First the chosen orders with the form; with ``apply`` they change, all or none."""
    user = person(request)
    chosen = list(_chosen(request, user))
    if not chosen:
        raise Invalid("No order is chosen.", where="ids", remedy="Tick the orders to change.")
    is_applied = bool(request.POST.get("apply"))
    form = BulkForm(_owners(), request.POST if is_applied else None)
    refusals: Mapping[int, str] = {}
    if is_applied and form.is_valid():
        try:
            count = orders_change(
                user=user, orders=chosen, change=_change(form), at=clock.now(),
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except AdroitError as error:
            refuse(form, error)
            refusals = {row["order"]: row["message"] for row in error.details if "order" in row}
        else:
            messages.success(request, f"{count} {'order' if count == 1 else 'orders'} changed.")
            return redirect_to(request, reverse("budgets:orders") + _filters(request))
    return _answer(request, chosen, form, refusals)


def _chosen(request: HttpRequest, user: User) -> QuerySet[Order]:
    """The ticked orders, or every one that the list's filters leave."""
    if request.POST.get("all") == "1":
        query = QueryDict(_filters(request).lstrip("?"))
        rows, _ = orders_in(request, user, query, clock.today())
        return _found(request, rows, query)
    ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal()]
    return orders_for(user).filter(pk__in=ids[:MOST]).order_by("number")


def _found(request: HttpRequest, rows: QuerySet[Order], query: QueryDict) -> QuerySet[Order]:
    """What the list's search box left of them."""
    table = OrderTable(request, rows)
    table.state.q = query.get("q", "")
    ids = [order.pk for order in table.rows[: MOST + 1]]
    return Order.objects.filter(pk__in=ids).select_related("vendor", "team", "owner")


def _owners() -> QuerySet[User]:
    planners = User.objects.filter(is_active=True, memberships__role__in=["director", "manager"])
    return planners.distinct()


def _change(form: BulkForm) -> BulkChange:
    data = form.cleaned_data
    return BulkChange(
        expected_on=data["expected_on"],
        owner=data["owner"],
        cost_centre=data["cost_centre"] or None,
        gl_code=data["gl_code"] or None,
        close=data["close"],
    )


def _filters(request: HttpRequest) -> str:
    """The list's own query string, and nothing that leads elsewhere."""
    given = str(request.POST.get("filters", ""))
    return given if given.startswith("?") else ""


def _answer(
    request: HttpRequest, chosen: list[Order], form: BulkForm, refusals: Mapping[int, str]
) -> HttpResponse:
    sums = order_figures(chosen)
    rows: list[dict[str, Any]] = [
        {"order": one, "sums": sums[one.pk], "refusal": refusals.get(one.pk, "")} for one in chosen
    ]
    rows.sort(key=lambda row: not row["refusal"])
    count = len(chosen)
    title = f"Change {count} {'order' if count == 1 else 'orders'}"
    context = {
        "title": title,
        "rows": rows,
        "form": form,
        "filters": _filters(request),
        "back": reverse("budgets:orders") + _filters(request),
        "sections": section_tabs(person(request), "budgets:orders"),
        "crumbs": order_crumbs((title, "")),
    }
    answer = invalid if form.errors else page
    return answer(request, "budgets/orders_change.html", context)
