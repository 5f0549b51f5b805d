"""Forms and filters of the tool register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters as filters
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from budgets.forms.currencies import CURRENCIES
from budgets.models import BudgetLine, Tool, Vendor
from core.forms import AmountField, DateInput, offer
from core.money import MICROS

MOST_BYTES = 1_000_000


class ToolForm(forms.Form):
    """A tool under contract."""

    name = forms.CharField(max_length=120)
    purpose = forms.CharField(max_length=120, required=False, help_text="What it is for.")
    team = forms.ModelChoiceField(Team.objects.none())
    owner = forms.ModelChoiceField(
        User.objects.none(), help_text="Is told before the contract renews."
    )
    vendor = forms.ModelChoiceField(Vendor.objects.filter(is_archived=False), required=False)
    budget_line = forms.ModelChoiceField(
        BudgetLine.objects.none(),
        required=False,
        label="Paid from",
        help_text="A line of the same team.",
    )
    contract = forms.CharField(max_length=120, required=False, help_text="Its number or title.")
    yearly = AmountField(label="Cost a year")
    currency = forms.ChoiceField(choices=CURRENCIES)
    seats = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text="Paid for; empty when it is not sold by seats.",
    )
    starts_on = forms.DateField(widget=DateInput, label="Since")
    renews_on = forms.DateField(widget=DateInput, label="Renews or ends on")
    notice_days = forms.IntegerField(
        min_value=0, max_value=730, initial=30, label="Notice, days before"
    )
    renews_itself = forms.BooleanField(required=False, initial=True, label="Renews by itself")
    note = forms.CharField(
        max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, teams: QuerySet[Team], lines: QuerySet[BudgetLine], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)
        offer(self, "budget_line", lines)
        offer(
            self, "owner", User.objects.filter(is_active=True, memberships__isnull=False).distinct()
        )

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return tool_fields(self.cleaned_data)


def tool_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """A form's or a body's values as the service takes them."""
    fields = dict(data)
    fields["yearly_micros"] = int(fields.pop("yearly") * MICROS)
    return fields


class UsesForm(forms.Form):
    """Counts of active users, pasted or as a file."""

    rows = forms.CharField(
        required=False,
        max_length=500_000,
        label="Counts",
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Tool, 2026-11-01, 24"}),
        help_text="One a row: name, day, active users in the month before.",
    )
    file = forms.FileField(required=False, label="Or a CSV file")

    @property
    def text(self) -> str:
        """What was pasted, else what the file holds."""
        upload = self.cleaned_data.get("file")
        if isinstance(upload, UploadedFile):
            return bytes(upload.read(MOST_BYTES)).decode("utf-8", errors="replace")
        return str(self.cleaned_data["rows"])

    @property
    def source(self) -> str:
        """Where the counts come from, as it is kept with them."""
        upload = self.cleaned_data.get("file")
        return (
            f"File {upload.name}"[:120] if isinstance(upload, UploadedFile) else "Entered by hand"
        )


class CountForm(forms.Form):
    """One count of one tool."""

    day = forms.DateField(widget=DateInput)
    active_users = forms.IntegerField(min_value=0, max_value=1_000_000, label="Active users")


class CancelForm(forms.Form):
    reason = forms.CharField(
        max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}), label="Why it was cancelled"
    )


class ToolFilter(filters.FilterSet):
    """The filters of tools, on the page and in the API."""

    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)
    is_cancelled = filters.BooleanFilter(
        label="Cancelled",
        widget=forms.Select(choices=[("", "Any"), ("true", "Yes"), ("false", "No")]),
    )
    renews_before = filters.DateFilter(
        field_name="renews_on", lookup_expr="lte", label="Renews up to", widget=DateInput
    )

    class Meta:
        model = Tool
        fields = ["team", "owner", "is_cancelled", "renews_before"]
