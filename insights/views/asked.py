"""What the pages about changes are asked: filters and choices, read forgivingly from the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Team, User
from accounts.permissions import sees_money
from accounts.selectors import teams_for
from campaigns.models import Campaign, Channel
from core.forms import offer
from insights.models import RiskEntry
from insights.rules.anomalies import WATCHED
from insights.rules.benchmarks import METRICS as BENCHMARK_METRICS
from insights.rules.leads import AGAINST, SPANS
from metrics.selectors import METRICS

WATCHED_METRICS = [one.metric for one in WATCHED]


class AnomalyFilter(forms.Form):
    """Which incidents the page and the API show."""

    state = forms.ChoiceField(
        choices=[
            ("", "All but dismissed"),
            ("running", "Going on"),
            ("open", "Open"),
            ("over", "Over"),
            ("dismissed", "Not an anomaly"),
        ],
        required=False,
    )
    way = forms.ChoiceField(
        choices=[("", "Any"), ("bad", "Unwelcome"), ("good", "Welcome")], required=False
    )
    metric = forms.ChoiceField(required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="All")

    def __init__(self, user: User, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        offer(self, "metric", [("", "Any"), *((m, METRICS[m].label) for m in WATCHED_METRICS)])
        offer(self, "team", teams_for(user))

    def asked(self) -> dict[str, Any]:
        """What was chosen; what cannot be read counts as not chosen."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class JudgeForm(forms.Form):
    """Why an incident is no anomaly."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="What it was instead")


class DriverForm(forms.Form):
    """Which change is explained: metric, the two periods, what it is about, and the first split."""

    metric = forms.ChoiceField(required=False)
    period = forms.CharField(
        required=False, label="Period", help_text="last-28d, 2026-10, or 2026-10-11..2026-10-14"
    )
    before = forms.CharField(
        required=False, label="Against", help_text="week, month, year before, or a period"
    )
    by = forms.ChoiceField(required=False, label="Split first by")
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="All")
    channel = forms.ModelChoiceField(Channel.objects.all(), required=False, empty_label="All")
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False, empty_label="All")

    def __init__(self, user: User, given: Mapping[str, Any], splits: list[tuple[str, str]]) -> None:
        shown = {"period": "last-28d", "before": "week"}
        super().__init__({**shown, **{key: given[key] for key in given if given[key]}})
        seen = [m for m in METRICS.values() if sees_money(user) or not m.is_money]
        offer(self, "metric", [(one.key, one.label) for one in seen])
        offer(self, "by", [("", "What explains most"), *splits])
        offer(self, "team", teams_for(user))
        offer(self, "campaign", Campaign.objects.for_user(user).order_by("name"))


class RiskFilter(forms.Form):
    """Which risks the page and the API show."""

    kind = forms.ChoiceField(choices=[("", "All"), *RiskEntry.Kind.choices], required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="All")

    def __init__(self, user: User, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        offer(self, "team", teams_for(user))

    def asked(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class BenchmarkForm(forms.Form):
    """By which metric campaigns are placed among their past."""

    metric = forms.ChoiceField(
        choices=[(key, METRICS[key].label) for key in BENCHMARK_METRICS], required=False
    )

    @property
    def chosen(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("metric") or BENCHMARK_METRICS[0]


class LeadForm(forms.Form):
    """Which days of leads are set against which."""

    days = forms.ChoiceField(choices=list(SPANS.items()), required=False, label="Days")
    against = forms.ChoiceField(choices=list(AGAINST.items()), required=False, label="Against")

    def asked(self) -> dict[str, Any]:
        self.is_valid()
        said = self.cleaned_data
        return {
            "days": int(said.get("days") or next(iter(SPANS))),
            "against": said.get("against") or next(iter(AGAINST)),
        }
