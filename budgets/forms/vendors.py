"""Vendors: the form and the filters."""

from __future__ import annotations

import django_filters as filters
from django import forms

from budgets.forms.currencies import CURRENCIES
from budgets.models import Vendor


class VendorForm(forms.Form):
    """Whom the organisation buys from."""

    name = forms.CharField(max_length=160)
    code = forms.CharField(
        max_length=40, required=False, label="Number in the books", help_text="The finance team's."
    )
    currency = forms.ChoiceField(choices=CURRENCIES, label="Usually bills in")
    payment_days = forms.IntegerField(
        min_value=0,
        max_value=365,
        initial=30,
        label="Days to pay",
        help_text="From the bill's date.",
    )
    email = forms.EmailField(required=False, label="Contact")
    note = forms.CharField(
        max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class VendorFilter(filters.FilterSet):
    """The filters of vendors, on the page and in the API."""

    currency = filters.ChoiceFilter(choices=CURRENCIES, empty_label="Any currency")
    is_archived = filters.BooleanFilter(
        label="Archive",
        widget=forms.Select(choices=[("", "In use"), ("true", "Archive only")]),
    )

    class Meta:
        model = Vendor
        fields = ["currency", "is_archived"]
