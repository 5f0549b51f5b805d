"""Forms of targets, and the filters that page and API share."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may, person, sees_money, teams_with
from accounts.selectors import teams_in_sight
from campaigns.models import Campaign, Channel
from campaigns.selectors import campaigns_in_sight
from core.forms import DateInput, offer
from core.money import COMMON_CURRENCIES
from core.periods import Period
from metrics.models import Target
from metrics.rules.metric import Metric
from metrics.rules.registry import METRICS, by_tier, metric_for
from metrics.selectors.words import micros_of, typed

VALUE_HELP = "Rates in per cent (3.1), ratios as they are (4.2), amounts in units of the currency."


def metric_choices(user: User) -> list[tuple[str, list[tuple[str, str]]]]:
    """The metrics a person sees, under their tiers."""
    money = sees_money(user)
    return [
        (tier.label, [(m.key, m.label) for m in metrics if money or not m.is_money])
        for tier, metrics in by_tier().items()
    ]


class TargetForm(forms.Form):
    """A new target: what it is about, how much, until when, and whose it is."""

    metric = forms.ChoiceField()
    team = forms.ModelChoiceField(Team.objects.none())
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), required=False, empty_label="The whole team"
    )
    channel = forms.ModelChoiceField(
        Channel.objects.all(), required=False, empty_label="All channels"
    )
    value = forms.DecimalField(
        label="Target", max_digits=18, decimal_places=6, min_value=0, help_text=VALUE_HELP
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in COMMON_CURRENCIES])
    first_day = forms.DateField(widget=DateInput, label="First day")
    last_day = forms.DateField(widget=DateInput, label="Last day")
    tolerance_percent = forms.IntegerField(
        label="Tolerance, %",
        min_value=0,
        max_value=100,
        initial=5,
        help_text="Within it a target counts as on pace, and as achieved.",
    )
    owner = forms.ModelChoiceField(User.objects.none())

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(pk__in=[t.pk for t in teams_with(user, Act.DRAFT_REQUEST)])
        offer(self, "metric", metric_choices(user))  # type: ignore[arg-type]
        offer(self, "team", teams)
        offer(self, "campaign", _campaigns(user, teams))
        offer(self, "owner", _owners(teams))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first_day, last_day = data.get("first_day"), data.get("last_day")
        if first_day and last_day and last_day < first_day:
            self.add_error("last_day", "The last day lies before the first.")
        if data.get("metric") and data.get("value") is not None:
            data["value_micros"] = micros_of(metric_for(data["metric"]), data["value"])
        if data.get("campaign"):
            data["team"] = data["campaign"].team
        return data

    def cleaned(self) -> dict[str, Any]:
        """What ``target_set`` takes."""
        return {key: value for key, value in self.cleaned_data.items() if key != "value"}


def _campaigns(user: User, teams: QuerySet[Team]) -> QuerySet[Campaign]:
    """Campaigns whose plans the person may change: all of a director's teams, one's own."""
    found = Campaign.objects.filter(team__in=teams).select_related("team")
    own = [
        campaign.pk
        for campaign in found
        if may(user, Act.DRAFT_REQUEST, team=campaign.team, owner_id=campaign.owner_id)
    ]
    return found.filter(pk__in=own)


def _owners(teams: QuerySet[Team]) -> QuerySet[User]:
    above = Q(pk__in=[])
    for path in teams.values_list("path", flat=True):
        parts = path.strip("/").split("/")
        paths = ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
        above |= Q(memberships__team__path__in=paths)
    return User.objects.filter(above, is_active=True).distinct()


class TargetChangeForm(forms.Form):
    """Changes to a target; what it is about stays."""

    value = forms.DecimalField(
        label="Target", max_digits=18, decimal_places=6, min_value=0, help_text=VALUE_HELP
    )
    first_day = forms.DateField(widget=DateInput, label="First day")
    last_day = forms.DateField(widget=DateInput, label="Last day")
    tolerance_percent = forms.IntegerField(label="Tolerance, %", min_value=0, max_value=100)
    owner = forms.ModelChoiceField(User.objects.none())
    reason = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 2}), help_text="Stands in the history."
    )

    def __init__(self, target: Target, metric: Metric, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "value": typed(metric, target.value_micros).normalize(),
            "first_day": target.first_day,
            "last_day": target.last_day,
            "tolerance_percent": target.tolerance_percent,
            "owner": target.owner_id,
        }
        super().__init__(*args, **kwargs)
        self.metric = metric
        known = _owners(Team.objects.filter(pk=target.team_id)).values("pk")
        offer(self, "owner", User.objects.filter(Q(pk__in=known) | Q(pk=target.owner_id)))

    def cleaned(self) -> dict[str, Any]:
        """What ``target_edit`` takes."""
        data = dict(self.cleaned_data)
        data["value_micros"] = micros_of(self.metric, data.pop("value"))
        return data


def _owners_in_sight(request: HttpRequest) -> QuerySet[User]:
    return User.objects.filter(targets__in=Target.objects.for_user(person(request))).distinct()


class TargetFilter(filters.FilterSet):
    """The filters of the list of targets, on the page and in the API; needs ``request``."""

    metric = filters.MultipleChoiceFilter(
        choices=[(metric.key, metric.label) for metric in METRICS.values()]
    )
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    channel = filters.ModelMultipleChoiceFilter(queryset=Channel.objects.all())
    campaign = filters.ModelChoiceFilter(queryset=campaigns_in_sight)
    owner = filters.ModelMultipleChoiceFilter(queryset=_owners_in_sight)
    running_on = filters.DateFilter(method="filter_running", label="Running on", widget=DateInput())

    class Meta:
        model = Target
        fields = ["metric", "team", "channel", "campaign", "owner", "running_on"]

    def filter_running(self, rows: QuerySet[Target], name: str, day: date) -> QuerySet[Target]:
        """Targets whose days include the day."""
        del name
        return rows.filter(first_day__lte=day, last_day__gte=day)


def initial_days(period: Period) -> dict[str, date]:
    """A new target's days: the period the page is about."""
    return {"first_day": period.start, "last_day": period.end}
