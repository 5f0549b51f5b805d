"""What lists of campaigns can be narrowed by; shown to others, who list campaigns with numbers."""

from __future__ import annotations

import django_filters as filters

from accounts.selectors import people_in_sight, teams_in_sight
from campaigns.choices import Objective, Status
from campaigns.models import Campaign, Channel, Initiative


class CampaignFilter(filters.FilterSet):  # type: ignore[misc]
    """The filters of the campaign list, on the page and in the API."""

    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    status = filters.MultipleChoiceFilter(choices=Status.choices)
    objective = filters.MultipleChoiceFilter(choices=Objective.choices)
    channel = filters.ModelMultipleChoiceFilter(
        field_name="lines__channel",
        queryset=Channel.objects.all(),
        distinct=True,
        label="Channel",
    )
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)

    class Meta:
        model = Campaign
        fields = ["q", "status", "objective", "channel", "team", "owner"]


class InitiativeFilter(filters.FilterSet):  # type: ignore[misc]
    """The filters of initiatives, on the page and in the API."""

    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    owner = filters.ModelMultipleChoiceFilter(queryset=people_in_sight)

    class Meta:
        model = Initiative
        fields = ["q", "team", "owner"]
