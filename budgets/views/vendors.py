"""Vendors: the list, and the form in a drawer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, person
from budgets.choices import OrderState
from budgets.forms.vendors import VendorFilter, VendorForm
from budgets.models import Order, Vendor
from budgets.selectors.sections import section_tabs
from budgets.services.vendors import (
    FIELDS,
    KEEPS_VENDORS,
    vendor_archive,
    vendor_create,
    vendor_edit,
)
from core import clock
from core.errors import AdroitError
from core.exports import export_response
from core.forms import refuse
from core.models import Organisation
from core.pages import form_page, page, redirect_to
from core.tables import Column, Table


class VendorTable(Table):
    key = "vendors"
    noun = "vendors"
    columns = (
        Column("name", "Vendor", kind="link", url="edit_url", sort="name", priority=1, sub="code"),
        Column("open_orders", "Open orders", kind="number", priority=1),
        Column("currency", "Bills in"),
        Column("payment_days", "Days to pay", kind="number"),
        Column("email", "Contact", priority=3),
        Column("code", "Number in the books", priority=3, default_visible=False),
        Column("state", "State", kind="custom", sort="is_archived", priority=3),
    )
    search = ("name", "code", "email")
    default_sort = "name"
    empty_title = "No vendors yet"
    empty_text = "Enter whom you buy from: agencies, publishers, tools. Orders and bills name them."

    @cached_property
    def may_change(self) -> bool:
        return may_change(person(self.request))

    def cell_state(self, row: Vendor) -> str:
        return "Archived" if row.is_archived else "In use"

    def cell(self, record: Vendor, column: Column) -> Any:
        cell = super().cell(record, column)
        if column.key == "name" and self.may_change:
            cell.url = reverse("budgets:vendor-edit", args=[record.pk])
        return cell


def may_change(user: User) -> bool:
    """Whether a person keeps vendors."""
    return any(can(user, act) for act in KEEPS_VENDORS)


def vendors_shown(user: User) -> QuerySet[Vendor]:
    """Vendors with the number of their open orders that the person sees."""
    open_ = Q(orders__state=OrderState.OPEN, orders__in=Order.objects.for_user(user))
    return Vendor.objects.annotate(open_orders=Count("orders", filter=open_, distinct=True))


@gate(Act.VIEW_MONEY)
@require_safe
def vendors(request: HttpRequest) -> HttpResponse:
    user = person(request)
    rows = vendors_shown(user)
    found = VendorFilter(request.GET, rows, request=request)
    if not request.GET.get("is_archived"):
        found = VendorFilter(request.GET, rows.filter(is_archived=False), request=request)
    table = VendorTable(request, found.qs)
    if wanted := request.GET.get("export"):
        return export_response(table, wanted, title="Vendors", as_of=clock.now())
    context = {
        "title": "Vendors",
        "table": table,
        "filters": found.form,
        "sections": section_tabs(user, "budgets:vendors"),
        "may_change": may_change(user),
        "crumbs": [("Budgets", reverse("budgets:centre")), ("Vendors", "")],
    }
    return page(request, "budgets/vendors.html", context, fragment="vendors")


@gate(*KEEPS_VENDORS)
@require_http_methods(["GET", "POST"])
def vendor_new(request: HttpRequest) -> HttpResponse:
    initial = {"currency": Organisation.current().reporting_currency, "payment_days": 30}
    form = VendorForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            made = vendor_create(user=person(request), at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, f"{made} can be ordered from.")
            return redirect_to(request, reverse("budgets:vendors"))
    return _form(request, form, "New vendor", "Enter the vendor")


@gate(*KEEPS_VENDORS)
@require_http_methods(["GET", "POST"])
def vendor_change(request: HttpRequest, pk: int) -> HttpResponse:
    vendor = get_object_or_404(Vendor, pk=pk)
    form = VendorForm(
        request.POST or None, initial={name: getattr(vendor, name) for name in FIELDS}
    )
    if form.is_valid():
        try:
            vendor_edit(vendor=vendor, user=person(request), at=clock.now(), **form.cleaned_data)
        except AdroitError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect_to(request, reverse("budgets:vendors"))
    return _form(request, form, str(vendor), "Save changes", vendor)


@gate(*KEEPS_VENDORS)
@require_POST
def vendor_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Into the archive, or (``restore``) out of it."""
    vendor = get_object_or_404(Vendor, pk=pk)
    is_archived = not request.POST.get("restore")
    vendor_archive(vendor=vendor, user=person(request), at=clock.now(), is_archived=is_archived)
    said = "is put away; its orders and bills stay" if is_archived else "is back in use"
    messages.success(request, f"{vendor} {said}.")
    return redirect_to(request, reverse("budgets:vendors"))


def _form(
    request: HttpRequest, form: VendorForm, title: str, save: str, vendor: Vendor | None = None
) -> HttpResponse:
    back = reverse("budgets:vendors")
    crumbs = [("Budgets", reverse("budgets:centre")), ("Vendors", back), (title, "")]
    if vendor is None:
        return form_page(request, form, title=title, save=save, back=back, crumbs=crumbs)
    context = {"form": form, "title": title, "save": save, "back": back, "crumbs": crumbs,
               "vendor": vendor, "sections": section_tabs(person(request), "budgets:vendors")}  # fmt: skip
    return page(request, "budgets/vendor.html", context, fragment="drawer",
                status=422 if form.is_bound else 200)  # fmt: skip
