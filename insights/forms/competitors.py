"""Competitors, and which of their figures are compared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from accounts.selectors import teams_for
from core import formats
from core.forms import offer
from metrics.selectors import Competition

GRAINS = {"week": "Weeks", "day": "Days", "month": "Months", "other": "Other periods"}


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
