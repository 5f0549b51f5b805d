"""Response curves and the question of how to split a budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from campaigns.models import Channel
from core.forms import offer
from core.periods import Period
from insights.rules.response import RESULTS
from metrics.selectors import METRICS


class CurvesFilter(forms.Form):
    """Whose response curves, of which result, and what the next unit of spend must bring."""

    team = forms.ChoiceField(required=False)
    of = forms.ChoiceField(required=False, label="Result")
    even = forms.FloatField(required=False, min_value=0, label="Break-even return")

    def offer_found(self, teams: Sequence[Team], metrics: Sequence[str]) -> None:
        """Let only be chosen what there is."""
        offer(self, "team", [(str(team.pk), team.name) for team in teams])
        offer(self, "of", [(key, METRICS[key].label) for key in metrics])

    @property
    def asked_even(self) -> float | None:
        self.is_valid()
        value = self.cleaned_data.get("even")
        return float(value) if value is not None else None


class AllocationForm(forms.Form):
    """What a split has to keep; the channels' own limits are read beside it."""

    team = forms.ChoiceField()
    of = forms.ChoiceField(label="Result")
    period = forms.ChoiceField()
    total = forms.DecimalField(
        required=False, min_value=0, decimal_places=2, max_digits=16, label="Budget"
    )
    shift = forms.IntegerField(required=False, min_value=0, max_value=1000, label="Largest change")

    def offer_found(
        self, teams: Sequence[Team], metrics: Sequence[str], periods: Sequence[Period]
    ) -> None:
        """Let only be chosen what there is."""
        offer(self, "team", [(str(team.pk), team.name) for team in teams])
        offer(self, "of", [(key, METRICS[key].label) for key in metrics])
        offer(self, "period", [(period.key, period.label) for period in periods])


class MeasuredReturnForm(forms.Form):
    """The 80 % range of a return that a test measured."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    channel = forms.ModelChoiceField(Channel.objects.all(), empty_label=None)
    metric = forms.ChoiceField(choices=[(key, METRICS[key].label) for key in RESULTS])
    low = forms.FloatField(min_value=0, label="80 % range from")
    high = forms.FloatField(min_value=0, label="to")
    measured_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}), label="Measured on"
    )
    source = forms.CharField(max_length=200, label="Which test")

    def __init__(self, user: User, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        mine = [team.pk for team in teams_with(user, Act.RUN_MODELS)]
        offer(self, "team", Team.objects.filter(pk__in=mine, is_archived=False))
