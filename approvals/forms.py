"""Forms and filters of approvals."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from approvals.choices import Outcome, RequestState
from approvals.models import ChangeRequest
from approvals.services import kinds
from core.forms import AmountField, offer


class DecisionForm(forms.Form):
    """A decision on what was shown."""

    outcome = forms.ChoiceField(choices=Outcome.choices)
    reason = forms.CharField(
        max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    content_hash = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    opened_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class CommentForm(forms.Form):
    text = forms.CharField(max_length=4_000)


class WithdrawForm(forms.Form):
    reason = forms.CharField(max_length=1_000, required=False)


class SimulatorForm(forms.Form):
    """Who would approve a change of this kind, amount and team?"""

    kind = forms.ChoiceField(label="Kind of change")
    amount = AmountField()
    team = forms.ModelChoiceField(Team.objects.none())
    requester = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Asked by", empty_label="Anybody"
    )

    def __init__(
        self, kinds: dict[str, str], teams: QuerySet[Team], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", list(kinds.items()))
        offer(self, "team", teams)
        offer(
            self,
            "requester",
            User.objects.filter(is_active=True, memberships__team__in=teams).distinct(),
        )


class RequestFilter(filters.FilterSet):
    """The filters of the request list, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=RequestState.choices)
    kind = filters.ChoiceFilter(choices=lambda: list(kinds().items()), label="Kind")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    requested_by = filters.ModelMultipleChoiceFilter(queryset=people_in_sight, label="Asked by")
    asked_after = filters.DateFilter(
        field_name="created_at", lookup_expr="date__gte", label="Asked from"
    )
    asked_before = filters.DateFilter(
        field_name="created_at", lookup_expr="date__lte", label="Asked until"
    )

    class Meta:
        model = ChangeRequest
        fields = ["state", "kind", "team", "requested_by"]
