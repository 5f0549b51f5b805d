"""Forms and filters of alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django import forms

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from accounts.selectors import people_in_sight, teams_in_sight
from automation.models import Alert
from campaigns.models import Campaign
from campaigns.selectors import campaigns_in_sight
from core.forms import offer

SNOOZES = {
    "1": ("Until tomorrow", timedelta(days=1)),
    "3": ("3 days", timedelta(days=3)),
    "7": ("A week", timedelta(days=7)),
    "28": ("Four weeks", timedelta(days=28)),
}


class SnoozeForm(forms.Form):
    length = forms.ChoiceField(choices=[(key, label) for key, (label, _) in SNOOZES.items()])
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Why it may wait")


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=2000, label="Why")


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(User.objects.none(), label="Hand it to")

    def __init__(self, alert: Alert, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        path = alert.team.path.split("/")[:-1]
        above = ["/".join(path[: n + 1]) + "/" for n in range(len(path))]
        people = User.objects.filter(memberships__team__path__in=above, is_active=True)
        offer(self, "owner", people.exclude(pk=alert.owner_id).distinct())


class RaiseForm(forms.Form):
    """An alert that a person raises by hand."""

    title = forms.CharField(max_length=300, label="What is wrong, in a sentence")
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="What you know")
    team = forms.ModelChoiceField(Team.objects.none())
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    severity = forms.ChoiceField(choices=Alert.Severity.choices, initial=Alert.Severity.WARNING)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [team.pk for team in teams_with(user, Act.VIEW_CAMPAIGNS)]
        offer(self, "team", Team.objects.filter(pk__in=teams))
        offer(self, "campaign", Campaign.objects.for_user(user))


class AlertFilter(filters.FilterSet):
    """The filters of the alert list, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=Alert.State.choices)
    severity = filters.MultipleChoiceFilter(choices=Alert.Severity.choices)
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    owner = filters.ModelChoiceFilter(queryset=people_in_sight)
    campaign = filters.ModelChoiceFilter(queryset=campaigns_in_sight)

    class Meta:
        model = Alert
        fields = ["state", "severity", "team", "owner", "campaign"]
