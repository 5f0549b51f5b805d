"""Forms and filters of insights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters as filters
from django import forms

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from accounts.selectors import teams_for, teams_in_sight
from campaigns.selectors import campaigns_in_sight
from core import formats
from core.forms import offer
from insights.models import Finding, Recommendation
from insights.services.efficiency import EfficiencyRow
from metrics.selectors import Competition

GRAINS = {"week": "Weeks", "day": "Days", "month": "Months", "other": "Other periods"}


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


class EfficiencyFilter(forms.Form):
    """What the efficiency page shows: the grain, and which rows of it."""

    by = forms.ChoiceField(
        choices=[("channel", "Channels"), ("campaign", "Campaigns"), ("line", "Lines")],
        required=False,
        widget=forms.HiddenInput,
    )
    only = forms.ChoiceField(
        choices=[
            ("", "All"),
            ("missed", "Target missed"),
            ("dearer", "Became dearer"),
            ("marginal", "Marginal cost known"),
        ],
        required=False,
        label="Show",
    )

    @property
    def grain(self) -> str:
        """The grain asked for, channels without one."""
        wanted = str(self.data.get("by", ""))
        return wanted if wanted in ("channel", "campaign", "line") else "channel"

    def keeps(self, row: EfficiencyRow) -> bool:
        """Whether a row is among those asked for."""
        wanted = str(self.data.get("only", ""))
        if wanted == "missed":
            return bool(row.is_missed)
        if wanted == "dearer":
            return (row.change.value or 0) > 0
        return wanted != "marginal" or row.marginal.value is not None


class CompetitionFilter(forms.Form):
    """Whose auctions, in periods of which length, and up to which one."""

    by = forms.ChoiceField(choices=list(GRAINS.items()), required=False, widget=forms.HiddenInput)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label=None)
    period = forms.CharField(required=False, label="Up to", widget=forms.Select)

    def __init__(self, user: User, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        offer(self, "team", teams_for(user))

    def clean_period(self) -> date | None:
        """The first day of the newest period to show."""
        text = self.cleaned_data["period"]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise forms.ValidationError("Write the first day as 2026-11-09.") from error

    def asked(self) -> dict[str, Any]:
        """What ``competition`` takes; what cannot be read counts as not asked."""
        self.is_valid()
        said = self.cleaned_data
        return {
            "team": said.get("team"), "grain": said.get("by", ""), "until": said.get("period"),
        }  # fmt: skip

    def offer_found(self, found: Competition) -> None:
        """Let only be chosen what there is, the newest first."""
        offer(self, "team", [(team.pk, team.name) for team in found.teams])
        widget: Any = self.fields["period"].widget
        widget.choices = [
            (span.first_day.isoformat(), formats.span(span.first_day, span.last_day))
            for span in reversed(found.choices)
        ]


class CompetitorForm(forms.Form):
    """A competitor's name and domains."""

    name = forms.CharField(max_length=120)
    domains = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on each line, as the auction insights write them: alpine.example",
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def cleaned(self) -> dict[str, Any]:
        """What the services take."""
        data = dict(self.cleaned_data)
        return {**data, "domains": data["domains"].replace(",", "\n").split("\n")}


class NewCompetitorForm(CompetitorForm):
    """The same with the team it is for."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    field_order = ("team", "name", "domains", "note")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = [team.pk for team in teams_with(user, Act.DRAFT_REQUEST)]
        offer(self, "team", Team.objects.filter(pk__in=mine, is_archived=False))
