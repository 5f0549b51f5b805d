"""Orders to platforms: what went out, what waits for a person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.permissions import gate, may, person
from core import clock, formats
from core.errors import Invalid
from core.exports import export_response
from core.pages import page, redirect_to
from core.parts import Fact
from integrations.choices import OrderState
from integrations.forms.connections import OrderFilter, SettleForm
from integrations.models import PlatformOrder
from integrations.selectors import orders_for
from integrations.services import connections as services
from integrations.views import connections_shown as shown


@gate(Act.VIEW_MONEY)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    rows = orders_for(person(request))
    filtered = OrderFilter(request.GET, rows, request=request)
    table = shown.OrderTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Orders to platforms", as_of=clock.now())
    stuck = rows.filter(state=OrderState.NEEDS_PERSON).count()
    context = {
        "title": _title(stuck),
        "table": table,
        "filters": filtered.form,
        "crumbs": [("Connections", reverse("integrations:connections")), ("Orders", "")],
    }
    return page(request, "integrations/orders.html", context, fragment="orders")


def _title(stuck: int) -> str:
    if not stuck:
        return "Every order has reached its platform or is on its way"
    return "1 order needs a person" if stuck == 1 else f"{stuck} orders need a person"


@gate(Act.VIEW_MONEY)
@require_safe
def order(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(orders_for(user), pk=pk)
    campaign = found.line.campaign
    context = {
        "order": found,
        "title": f"{found.get_kind_display()} of {found.line}",
        "facts": _facts(found),
        "history": shown.order_history(found, clock.today()),
        "may_work": found.state == OrderState.NEEDS_PERSON
        and may(user, Act.PAUSE_CAMPAIGN, team=campaign.team, owner_id=campaign.owner_id),
        "settle": SettleForm(),
        "live": f"platformorder:{found.pk}",
        "crumbs": [
            ("Connections", reverse("integrations:connections")),
            ("Orders", reverse("integrations:orders")),
            (str(found.line), ""),
        ],
    }
    return page(request, "integrations/order.html", context)


def _facts(found: PlatformOrder) -> list[Fact]:
    tone = shown.ORDER_TONES[OrderState(found.state)]
    return [
        Fact("State", found.get_state_display(), tone="" if tone == "accent" else tone),
        Fact("Is to be", found.wanted),
        Fact("Was", found.before or "not read yet"),
        Fact(
            "Through",
            str(found.connection),
            url=reverse("integrations:connection", args=[found.connection_id]),
        ),
        Fact("Asked by", person=found.asked_by_name),
        Fact("Asked", formats.moment(found.asked_at, clock.today())),
    ]


@gate(Act.PAUSE_CAMPAIGN)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(orders_for(user), pk=pk)
    services.order_retry(found, user=user, at=clock.now())
    messages.success(request, "It is tried again; the platform’s value is read first.")
    return redirect_to(request, reverse("integrations:order", args=[pk]))


@gate(Act.PAUSE_CAMPAIGN)
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(orders_for(user), pk=pk)
    form = SettleForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say what became of it.", where="reason")
    services.order_settle(
        found,
        user=user,
        at=clock.now(),
        done=form.cleaned_data["done"] == "yes",
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, "Settled.")
    return redirect_to(request, reverse("integrations:order", args=[pk]))
