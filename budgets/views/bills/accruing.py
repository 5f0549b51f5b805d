"""Accruals: entered for an order line, ended by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import gate, person
from budgets.forms.bills import AccrualForm, ReasonForm
from budgets.models import OrderLine
from budgets.rules.month_names import month_name
from budgets.selectors.bills import billable_lines, bookable_months, open_lines, proposed_month
from budgets.services import bills
from budgets.services.bills import ENTERS, TO_ENTER
from budgets.views.bills.shown import bill_of, bill_page
from core import clock, formats
from core.errors import AdroitError
from core.forms import refuse
from core.money import Money
from core.pages import form_page, redirect_to

LEAD = (
    "What was delivered in a month counts as used before its invoice comes. "
    "The order lets go of the same amount, so nothing is counted twice."
)


def _label(row: OrderLine, left: Money) -> str:
    about = f"{row.order.reference} {row.description}, {month_name(row.month)}"
    return f"{about}: {formats.money_exact(left)} open"


@gate(*ENTERS, to=TO_ENTER)
@require_http_methods(["GET", "POST"])
def accrue(request: HttpRequest) -> HttpResponse:
    """Accrue a part of an order in a month."""
    user = person(request)
    rows = {row.pk: row for row in billable_lines(user)}
    stands = open_lines(rows.values())
    choices = [
        (
            str(pk),
            _label(row, Money(stands[pk].open, row.order.currency)),
        )
        for pk, row in rows.items()
        if stands[pk].open
    ]
    months = [month for month in bookable_months() if month.start <= clock.today()]
    initial = {
        "order_line": request.GET.get("order", ""),
        "month": proposed_month(clock.today(), months),
    }
    offered = [(month.key, month.label) for month in months]
    form = AccrualForm(choices, offered, request.POST or None, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        row = rows.get(int(data["order_line"]))
        if row is None:
            raise Http404
        try:
            made = bills.accrue(
                user=user, order_line=row, month=data["month"], amount_micros=form.micros,
                next_month=data["next_month"], note=data["note"], at=clock.now(),
            )  # fmt: skip
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{made} is posted.")
            return redirect_to(request, made.get_absolute_url())
    back = reverse("budgets:bills")
    crumbs = [("Budgets", reverse("budgets:centre")), ("Bills", back), ("Accrue", "")]
    return form_page(
        request, form, title="Accrue what is not billed yet", save="Post the accrual", back=back,
        crumbs=crumbs, lead=LEAD,
    )  # fmt: skip


@gate(*ENTERS, to=TO_ENTER)
@require_POST
def accrual_reverse(request: HttpRequest, pk: int) -> HttpResponse:
    """End an accrual before its invoice comes."""
    user = person(request)
    found, form = bill_of(user, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            made = bills.accrual_reverse(
                bill=found, user=user, reason=form.cleaned_data["reason"], at=clock.now()
            )
        except AdroitError as error:
            if error.status == 403:
                raise
            refuse(form, error)
        else:
            messages.success(request, f"{found} is ended.")
            return redirect_to(request, made.get_absolute_url())
    return bill_page(request, found, form)
