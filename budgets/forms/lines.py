"""Fiscal years, budget lines and their planned amounts."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from budgets.forms.currencies import CURRENCIES
from budgets.models import BudgetLine, FiscalYear
from campaigns.models import CampaignLine, Channel
from core.forms import AmountField, offer
from core.money import MICROS


class YearForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2100, label="Fiscal year")


class LineForm(forms.Form):
    """A budget line; its money comes by request."""

    name = forms.CharField(max_length=160)
    fiscal_year = forms.ModelChoiceField(FiscalYear.objects.all(), label="Fiscal year")
    team = forms.ModelChoiceField(Team.objects.none())
    channel = forms.ModelChoiceField(Channel.objects.all())
    owner = forms.ModelChoiceField(User.objects.none())
    currency = forms.ChoiceField(choices=CURRENCIES)
    gl_code = forms.CharField(
        max_length=40,
        required=False,
        label="Account in the books",
        help_text="The finance team's code.",
    )
    campaign_lines = forms.ModelMultipleChoiceField(
        CampaignLine.objects.none(),
        required=False,
        label="Pays for",
        help_text="Campaign lines whose spend counts against this line.",
    )

    def __init__(
        self,
        teams: QuerySet[Team],
        parts: QuerySet[CampaignLine],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)
        owners = User.objects.filter(is_active=True, memberships__role__in=["director", "manager"])
        offer(self, "owner", owners.distinct())
        offer(self, "campaign_lines", parts.select_related("campaign"))


class PlanForm(forms.Form):
    """A planned amount and why it changes."""

    amount = AmountField()
    reason = forms.CharField(max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}))

    @property
    def micros(self) -> int:
        return int(self.cleaned_data["amount"] * MICROS)


class LineFilter(filters.FilterSet):
    """The filters of budget lines, on the page and in the API."""

    fiscal_year = filters.ModelChoiceFilter(queryset=FiscalYear.objects.all())
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    channel = filters.ModelMultipleChoiceFilter(queryset=Channel.objects.all())
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)
    currency = filters.CharFilter(lookup_expr="iexact")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")

    class Meta:
        model = BudgetLine
        fields = ["fiscal_year", "team", "channel", "owner", "currency", "q"]
