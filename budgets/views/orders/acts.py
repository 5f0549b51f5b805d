"""What is done to an order: sent, closed, cancelled, opened again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.choices import Act
from accounts.permissions import gate, person
from budgets.forms.orders import EndForm
from budgets.models import Order
from budgets.services import orders as services
from budgets.views.orders.shown import find_order
from core import clock
from core.errors import Invalid
from core.pages import redirect_to


@gate(Act.DRAFT_REQUEST)
@require_POST
def order_submit(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    sent = services.order_submit(order=find_order(user, pk), user=user, at=clock.now())
    said = "was sent; its money is reserved until somebody decides"
    if sent.state == "open":
        said = "is open: its part left the blanket order"
    messages.success(request, f"{sent.reference} {said}.")
    return redirect_to(request, sent.get_absolute_url())


End = Callable[..., Order]


def _end(request: HttpRequest, pk: int, verb: End, said: str) -> HttpResponse:
    user = person(request)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say why.", where="reason")
    reason = form.cleaned_data["reason"]
    done = verb(order=find_order(user, pk), user=user, reason=reason, at=clock.now())
    messages.success(request, f"{done.reference} {said}")
    return redirect_to(request, done.get_absolute_url())


@gate(Act.DRAFT_REQUEST)
@require_POST
def order_close(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, services.order_close, "is closed; what was left is let go.")


@gate(Act.DRAFT_REQUEST)
@require_POST
def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, services.order_cancel, "is cancelled and holds nothing.")


@gate(Act.DRAFT_REQUEST)
@require_POST
def order_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, pk, services.order_reopen, "is open again and holds what is left of it.")
