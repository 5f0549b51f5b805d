"""Exchange rates: the forms and the filter."""

from __future__ import annotations

import django_filters as filters
from django import forms

from budgets.forms.currencies import CURRENCIES
from budgets.models import FxRate
from core.forms import DateInput


class RateForm(forms.Form):
    """One rate, asked for; a second person confirms it."""

    kind = forms.ChoiceField(choices=FxRate.Kind.choices)
    base = forms.ChoiceField(choices=CURRENCIES, label="One")
    quote = forms.ChoiceField(choices=CURRENCIES, label="in")
    rate = forms.DecimalField(max_digits=20, decimal_places=10, label="Rate")
    valid_from = forms.DateField(widget=DateInput, label="From")
    source = forms.CharField(max_length=120, help_text="Where the rate comes from.")
    reason = forms.CharField(
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What the second person should know. Left empty, the source stands for it.",
    )


class RateFileForm(forms.Form):
    """A file of rates, and what it does not say itself."""

    kind = forms.ChoiceField(
        choices=FxRate.Kind.choices,
        initial=FxRate.Kind.SPOT,
        help_text="For files that do not say it themselves.",
    )
    since = forms.DateField(
        widget=DateInput,
        required=False,
        label="Only from this day on",
        help_text="Rates before it are left out.",
    )
    source = forms.CharField(
        max_length=120, required=False, help_text="For files that do not say it themselves."
    )
    file = forms.FileField()


class RateSendForm(forms.Form):
    """The rates of a preview, signed, and why they are sent."""

    rates = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}))


class RateFilter(filters.FilterSet):
    """The filters of exchange rates."""

    kind = filters.ChoiceFilter(choices=FxRate.Kind.choices)
    base = filters.CharFilter(lookup_expr="iexact", label="From")
    quote = filters.CharFilter(lookup_expr="iexact", label="To")
    day = filters.DateFilter(
        field_name="valid_from", lookup_expr="lte", label="Entered up to day", widget=DateInput
    )

    class Meta:
        model = FxRate
        fields = ["kind", "base", "quote", "day"]
