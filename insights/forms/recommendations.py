"""What becomes of advice, and what lists of findings and advice are asked for."""

from __future__ import annotations

import django_filters as filters
from django import forms

from accounts.selectors import teams_in_sight
from campaigns.selectors import campaigns_in_sight
from insights.models import Finding, Recommendation


class ProposeForm(forms.Form):
    """A recommendation as the person wants to ask for it: the amount may be changed, the reason is theirs."""

    amount = forms.DecimalField(min_value=0, decimal_places=2, max_digits=16)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Why, in your words")


class DismissForm(forms.Form):
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Why not")


class FindingFilter(filters.FilterSet):
    """The filters of findings in the API."""

    kind = filters.MultipleChoiceFilter(choices=Finding.Kind.choices)
    campaign = filters.ModelChoiceFilter(queryset=campaigns_in_sight)
    team = filters.ModelChoiceFilter(queryset=teams_in_sight)
    is_open = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")

    class Meta:
        model = Finding
        fields = ["kind", "campaign", "team"]


class RecommendationFilter(filters.FilterSet):
    """The filters of recommendations, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=Recommendation.State.choices)
    team = filters.ModelChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = Recommendation
        fields = ["state", "team"]
