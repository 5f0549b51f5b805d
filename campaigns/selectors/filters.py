"""What lists of campaigns can be narrowed by; shown to others, who list campaigns with numbers."""

from __future__ import annotations

import django_filters as filters

from accounts.models import Team, User
from campaigns.choices import Objective, Status
from campaigns.models import Campaign, Channel


class CampaignFilter(filters.FilterSet):  # type: ignore[misc]
    """The filters of the campaign list, on the page and in the API."""

    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    status = filters.MultipleChoiceFilter(choices=Status.choices)
    objective = filters.MultipleChoiceFilter(choices=Objective.choices)
    channel = filters.ModelMultipleChoiceFilter(
        field_name="lines__channel", queryset=Channel.objects.all(), distinct=True
    )
    team = filters.ModelMultipleChoiceFilter(queryset=Team.objects.filter(is_archived=False))
    owner = filters.ModelMultipleChoiceFilter(queryset=User.objects.filter(is_active=True))

    class Meta:
        model = Campaign
        fields = ["q", "status", "objective", "channel", "team", "owner"]
