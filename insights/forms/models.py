"""Training, putting into use, and looking at how good models and chances are."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from accounts.selectors import teams_in_sight
from insights.models import Score
from insights.models.versions import paths_up
from insights.rules.scores import KINDS


class HonestyFilter(forms.Form):
    """What the honesty board shows: the level, the metric, and how far ahead."""

    level = forms.ChoiceField(required=False, label="Of")
    metric = forms.ChoiceField(required=False, label="Metric")
    ahead = forms.ChoiceField(
        required=False,
        label="Days ahead",
        choices=[
            ("total-30", "30 days together"),
            ("total-14", "14 days together"),
            ("total-7", "7 days together"),
            ("day-30", "The 30th day"),
            ("day-14", "The 14th day"),
            ("day-7", "The 7th day"),
            ("day-1", "The next day"),
        ],
    )

    @property
    def chosen_ahead(self) -> tuple[str, int] | None:
        """Span and number of days, None when nothing valid was asked for."""
        wanted = str(self.data.get("ahead", ""))
        known = {key for key, _ in dict(self.fields)["ahead"].choices}  # type: ignore[attr-defined]
        span, _, days = wanted.partition("-")
        return (span, int(days)) if wanted in known else None


class PromoteForm(forms.Form):
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Why this version")


class TrainForm(forms.Form):
    """Which kind of model is trained anew, on whose data."""

    kind = forms.ChoiceField(label="Model")
    team = forms.ModelChoiceField(
        queryset=Team.objects.none(), label="On the data of", empty_label=None
    )

    def __init__(self, user: User, kinds: list[tuple[str, str]], *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = kinds
        held = Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.RUN_MODELS)])
        above = {up for team in held for up in paths_up(team.path)}
        fields["team"].queryset = Team.objects.filter(
            path__in={*above, *(team.path for team in held)}
        )

    @property
    def is_offered(self) -> bool:
        """Whether there is anything this person could train."""
        fields: dict[str, Any] = self.fields
        return bool(fields["kind"].choices) and fields["team"].queryset.exists()


class ScoreFilter(filters.FilterSet):
    """The filters of chances, on the page and in the API."""

    kind = filters.ChoiceFilter(
        choices=[(one.key, one.label) for one in KINDS.values()], widget=forms.HiddenInput
    )
    came = filters.MultipleChoiceFilter(
        choices=[("open", "Watching"), ("yes", "Came"), ("no", "Did not come")],
        method="of_outcome",
        label="What came",
    )
    at_least = filters.ChoiceFilter(
        choices=[("0.1", "10 %"), ("0.25", "25 %"), ("0.5", "50 %")],
        field_name="chance",
        lookup_expr="gte",
        label="Chance of at least",
    )
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = Score
        fields = ["kind", "came", "at_least", "team"]

    def of_outcome(self, rows: QuerySet[Score], _name: str, wanted: list[str]) -> QuerySet[Score]:
        """Those whose outcome is among the wanted ones."""
        asked = ["" if one == "open" else one for one in wanted]
        return rows.filter(Q(came_known__in=asked)) if asked else rows
