"""Filters and forms of data quality: issues, levels, naming rules, the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import person, teams_with
from accounts.selectors import teams_in_sight
from core.forms import offer
from core.periods import Period
from integrations.choices import IssueState, Monitor, Severity
from integrations.models import NamingRule, QualityIssue, Source
from metrics.choices import MONEY_MEASURES
from metrics.selectors import MEASURE_LABELS

MOST_DAYS = 366


def _sources_in_sight(request: HttpRequest) -> QuerySet[Source]:
    return Source.objects.for_user(person(request))


class IssueFilter(filters.FilterSet):
    """The filters of issues, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=IssueState.choices)
    severity = filters.MultipleChoiceFilter(
        choices=[item for item in Severity.choices if item[0] != Severity.OFF]
    )
    monitor = filters.MultipleChoiceFilter(choices=Monitor.choices)
    source = filters.ModelMultipleChoiceFilter(queryset=_sources_in_sight)
    team = filters.ModelMultipleChoiceFilter(
        field_name="source__team", queryset=teams_in_sight, label="Team"
    )

    class Meta:
        model = QualityIssue
        fields = ["state", "severity", "monitor", "source", "team"]


class LevelForm(forms.Form):
    """Which days and which measure are compared across levels; without an answer, four weeks of spend."""

    first = forms.DateField(required=False, label="From")
    last = forms.DateField(required=False, label="To")
    measure = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, today: date, with_money: bool) -> None:
        super().__init__(data)
        self.today = today
        measures = [key for key in MEASURE_LABELS if with_money or key not in MONEY_MEASURES]
        measures.sort(key=lambda key: key != "spend")
        self.fields["measure"].choices = [(key, MEASURE_LABELS[key]) for key in measures]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> tuple[Period, str]:
        """The days and the measure; what cannot be used is left at its usual value."""
        given: Mapping[str, Any] = self.cleaned_data if self.is_valid() else {}
        last = given.get("last") or self.today
        first = given.get("first") or date.fromordinal(last.toordinal() - 27)
        first = max(min(first, last), date.fromordinal(max(last.toordinal() - MOST_DAYS, 1)))
        choices = self.fields["measure"].choices  # type: ignore[attr-defined]
        return Period("levels", first, last), given.get("measure") or choices[0][0]


class NamingForm(forms.Form):
    """A team's pattern of names, the values its parts may have, and what links must carry."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    pattern = forms.CharField(
        max_length=200,
        label="Pattern of campaign names",
        help_text="Parts in braces, with a delimiter between: {market}_{channel}_{campaign}.",
    )
    allowed = forms.CharField(
        required=False,
        label="Values a part may have",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One part on each line: market: DE, AT, CH. A part without a line may be anything.",
        max_length=10_000,
    )
    utm = forms.CharField(
        required=False,
        label="Parameters every link must carry",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One on each line, with its values or none: utm_medium: cpc, email. Empty: "
        "utm_source, utm_medium and utm_campaign.",
        max_length=10_000,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, user: User, data: Any = None, *, rule: NamingRule | None = None) -> None:
        initial = (
            {
                "team": rule.team_id, "pattern": rule.pattern, "allowed": written(rule.allowed),
                "utm": written(rule.utm), "version": rule.version,
            }
            if rule
            else {"version": 0}
        )  # fmt: skip
        super().__init__(data, initial=initial)
        teams = [team.pk for team in teams_with(user, Act.CONFIRM_PARTIAL)]
        offer(self, "team", Team.objects.filter(pk__in=teams))

    def clean_allowed(self) -> dict[str, list[str]]:
        return parsed(self.cleaned_data["allowed"])

    def clean_utm(self) -> dict[str, list[str]]:
        return parsed(self.cleaned_data["utm"])


def parsed(text: str) -> dict[str, list[str]]:
    """``market: DE, AT`` on each line, as parts with their values."""
    found = {}
    for line in text.splitlines():
        key, _, values = line.partition(":")
        if key.strip():
            found[key.strip()] = [item.strip() for item in values.split(",") if item.strip()]
    return found


def written(values: Mapping[str, Any]) -> str:
    """The same as lines of text."""
    return "\n".join(f"{key}: {', '.join(some)}" if some else key for key, some in values.items())
