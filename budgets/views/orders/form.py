"""Writing an order: the form, its live proof, and the live parts of a split."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import gate, person
from budgets.choices import OrderKind, OrderState
from budgets.models import Bill, Order
from budgets.selectors.bills import waiting_bills
from budgets.selectors.orders import blankets_for, placeholders_for
from budgets.selectors.sections import section_tabs
from budgets.services import orders as services
from budgets.services.orders import pending_request, read_payload
from budgets.services.orders.state import require_change
from budgets.views.orders.sheet import OrderSheet, Origin
from budgets.views.orders.shown import find_order, order_crumbs
from core import clock
from core.errors import AdroitError
from core.pages import invalid, page, redirect_to


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def order_new(request: HttpRequest) -> HttpResponse:
    """A draft; a placeholder (?kind=placeholder), a release (?blanket=) or what takes a
    placeholder's place (?replaces=)."""
    user = person(request)
    sheet = OrderSheet(
        user, clock.now(), posted=request.POST or None, origin=_origin(request, user)
    )
    if request.method == "POST" and not sheet.asks_for_rows and sheet.is_valid():
        try:
            made = _make(request, user, sheet)
        except AdroitError as error:
            sheet.refuse(error)
        else:
            messages.success(request, _said(made))
            return redirect_to(request, _next(sheet, made))
    return _answer(request, sheet, _heading(sheet))


def _next(sheet: OrderSheet, made: Order) -> str:
    """Back to the bill that a release was made for, else the order."""
    bill = sheet.origin.bill
    if bill and made.state == OrderState.OPEN:
        return f"{reverse('budgets:matching')}?bill={bill.pk}"
    return made.get_absolute_url()


def _origin(request: HttpRequest, user: User) -> Origin:
    """What the URL says a new order comes from; ignores what is not in sight."""
    query = request.GET
    if query.get("blanket", "").isdecimal():
        blanket = blankets_for(user).filter(pk=query["blanket"]).first()
        if blanket is None:
            raise Http404
        return Origin(OrderKind.RELEASE, blanket=blanket, bill=_bill(user, query.get("bill", "")))
    if query.get("replaces", "").isdecimal():
        holder = placeholders_for(user).filter(pk=query["replaces"]).first()
        if holder is None:
            raise Http404
        return Origin(OrderKind.ORDER, replaces=holder)
    kind = query.get("kind", "")
    return Origin(kind if kind in (OrderKind.PLACEHOLDER, OrderKind.BLANKET) else OrderKind.ORDER)


def _bill(user: User, number: str) -> Bill | None:
    """The waiting bill that a release is made for."""
    return waiting_bills(user).filter(pk=number).first() if number.isdecimal() else None


def _make(request: HttpRequest, user: User, sheet: OrderSheet) -> Order:
    """A draft, sent at once where the button says so."""
    if request.POST.get("send"):
        return services.order_place(user=user, content=sheet.content(), at=clock.now())
    return services.order_create(user=user, content=sheet.content(), at=clock.now())


def _said(order: Order) -> str:
    if order.kind == OrderKind.PLACEHOLDER:
        return f"{order.reference} holds its money. Turn it into an order when you know more."
    if order.state == OrderState.WAITING:
        return f"{order.reference} was sent; its money is reserved until somebody decides."
    if order.state == OrderState.OPEN:
        return f"{order.reference} is open: its part left the blanket order."
    return f"{order.reference} is a draft and holds nothing yet."


def _heading(sheet: OrderSheet) -> str:
    if sheet.origin.blanket:
        return f"Release from {sheet.origin.blanket.reference}"
    if sheet.origin.replaces:
        return f"Order in place of {sheet.origin.replaces.reference}"
    return "New placeholder" if sheet.origin.kind == OrderKind.PLACEHOLDER else "New order"


@gate(Act.DRAFT_REQUEST)
@require_http_methods(["GET", "POST"])
def order_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an order: at once while it is a draft, else by a request."""
    user = person(request)
    order = find_order(user, pk)
    require_change(user, order)
    asked = pending_request(order)
    if order.state in (OrderState.CLOSED, OrderState.CANCELLED):
        raise Http404
    content = read_payload(asked.payload)[1] if asked else None
    sheet = OrderSheet(user, clock.now(), posted=request.POST or None, order=order, content=content)
    if request.method == "POST" and not sheet.asks_for_rows and sheet.is_valid():
        version = None if asked else sheet.form.cleaned_data["version"]
        try:
            changed = services.order_edit(
                order=order, user=user, content=sheet.content(), at=clock.now(), version=version
            )
        except AdroitError as error:
            sheet.refuse(error)
        else:
            messages.success(request, _changed(changed))
            return redirect_to(request, changed.get_absolute_url())
    return _answer(request, sheet, f"Change {order.reference}")


def _changed(order: Order) -> str:
    asked = pending_request(order)
    return f"{asked.reference} asks for the change." if asked else "Saved."


@gate(Act.DRAFT_REQUEST)
@require_POST
def order_preview(request: HttpRequest) -> HttpResponse:
    """What the form amounts to right now; nothing is kept."""
    sheet = _posted_sheet(request)
    return page(request, "budgets/_order_proof.html", {"proof": sheet.proof()})


@gate(Act.DRAFT_REQUEST)
@require_POST
def order_split(request: HttpRequest) -> HttpResponse:
    """The parts of a split right now; nothing is kept."""
    sheet = _posted_sheet(request)
    split = sheet.split.proof(sheet.currency_of(request.POST))
    return page(request, "budgets/_order_split.html", {"split": split})


def _posted_sheet(request: HttpRequest) -> OrderSheet:
    user = person(request)
    number = request.GET.get("order", "")
    order = find_order(user, int(number)) if number.isdecimal() else None
    origin = None if order else _origin(request, user)
    return OrderSheet(user, clock.now(), posted=request.POST, order=order, origin=origin)


def _answer(request: HttpRequest, sheet: OrderSheet, title: str) -> HttpResponse:
    query = f"order={sheet.order.pk}" if sheet.order else request.GET.urlencode()
    context = {
        "title": title,
        "sheet": sheet,
        "order": sheet.order,
        "origin": sheet.origin,
        "proof": sheet.proof(),
        "preview_url": f"{reverse('budgets:order-preview')}?{query}",
        "split_url": f"{reverse('budgets:order-split')}?{query}",
        "sections": section_tabs(sheet.user, "budgets:orders"),
        "crumbs": order_crumbs((title, "")),
    }
    answer = invalid if sheet.has_errors else page
    return answer(request, "budgets/order_form.html", context)
