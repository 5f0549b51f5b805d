"""Filters and forms of what people read."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q

from accounts.choices import Act, Role
from accounts.models import Team, User
from accounts.permissions import can, scope_for
from accounts.selectors import teams_in_sight
from core.classification import Level
from core.forms import DateInput, offer
from core.models import Event, Organisation
from core.periods import FiscalCalendar, Period
from reporting.models import Annotation, Report, Subscription


class ClearanceForm(forms.Form):
    """Up to which classification a role exports."""

    role = forms.ChoiceField(choices=Role.choices)
    highest = forms.ChoiceField(choices=Level.choices, label="May export up to")
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Why", max_length=2000)


class EventFilter(filters.FilterSet):
    """The filters of the audit trail, on the page and in the API."""

    action = filters.CharFilter(lookup_expr="istartswith", label="What, as in request.approved")
    actor = filters.CharFilter(field_name="actor_name", lookup_expr="icontains", label="Who")
    subject = filters.CharFilter(
        field_name="subject_label", lookup_expr="icontains", label="Of what"
    )
    kind = filters.ChoiceFilter(
        field_name="actor_kind", choices=Event.ActorKind.choices, label="By whom"
    )
    since = filters.DateFilter(field_name="at", lookup_expr="date__gte", label="From")
    until = filters.DateFilter(field_name="at", lookup_expr="date__lte", label="To")
    subject_type = filters.CharFilter(lookup_expr="exact", label="Type")
    subject_id = filters.CharFilter(lookup_expr="exact", label="Number")

    class Meta:
        model = Event
        fields = ["action", "actor", "subject", "kind", "since", "until"]


class ReportFilter(filters.FilterSet):
    """The filters of the archive, on the page and in the API."""

    kind = filters.MultipleChoiceFilter(choices=Report.Kind.choices, label="Kind")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    state = filters.ChoiceFilter(choices=Report.State.choices, label="State")
    since = filters.DateFilter(field_name="last_day", lookup_expr="gte", label="From")
    until = filters.DateFilter(field_name="first_day", lookup_expr="lte", label="To")

    class Meta:
        model = Report
        fields = ["kind", "team", "state", "since", "until"]


def teams_reported(user: User) -> Any:
    """Teams a person may have reports of made or sent, the highest first."""
    seen, scheduled = (scope_for(user, act) for act in (Act.VIEW_MONEY, Act.SCHEDULE_REPORT))
    visible = seen.where("path") & scheduled.where("path")
    return Team.objects.filter(visible if can(user, Act.SCHEDULE_REPORT) else Q(pk__in=[]), is_archived=False)  # fmt: skip


def recent_periods(calendar: FiscalCalendar, today: date) -> list[Period]:
    """Periods that are over, and the ones that run: thirteen months, five quarters, two years."""
    year = calendar.year_of(today)
    months = [m for n in (year, year - 1, year - 2) for m in reversed(calendar.months(n))]
    quarters = [q for n in (year, year - 1) for q in reversed(calendar.quarters(n))]
    begun = [[p for p in found if p.start <= today] for found in (months, quarters)]
    return begun[0][:13] + begun[1][:5] + [calendar.year(year), calendar.year(year - 1)]


class MakeForm(forms.Form):
    """A report to be made now. ``cleaned_data["period"]`` is a ``Period``."""

    kind = forms.ChoiceField(choices=Report.Kind.choices, label="Report")
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    period = forms.ChoiceField()

    def __init__(self, user: User, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.calendar = today, Organisation.current().calendar
        periods = recent_periods(self.calendar, today)
        offer(self, "team", teams_reported(user))
        offer(self, "period", [(p.key, p.label) for p in periods])
        last = self.calendar.parse("last-month", today=today)
        self.fields["period"].initial = last.key

    def clean_period(self) -> Period:
        return self.calendar.parse(self.cleaned_data["period"], today=self.today)


class SubscribeForm(forms.Form):
    """Who is to get what about which team, how often and when."""

    kind = forms.ChoiceField(choices=Report.Kind.choices, label="Report")
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    recipient = forms.ModelChoiceField(User.objects.none(), label="To", empty_label=None)
    cadence = forms.ChoiceField(choices=Subscription.Cadence.choices, label="How often")
    condition = forms.ChoiceField(choices=Subscription.Condition.choices, label="When")
    delivery = forms.ChoiceField(choices=Subscription.Delivery.choices, label="As")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = teams_reported(user)
        offer(self, "team", teams)
        people = User.objects.filter(Q(pk=user.pk) | Q(memberships__team__in=teams), is_active=True)
        offer(self, "recipient", people.distinct().order_by("name"))
        self.fields["recipient"].initial = user.pk


class SignForm(forms.Form):
    """What a person says when they sign."""

    comment = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnnotationForm(forms.Form):
    """A remark on a day or over some days."""

    text = forms.CharField(max_length=300, label="What happened")
    first_day = forms.DateField(widget=DateInput, label="From")
    last_day = forms.DateField(widget=DateInput, label="To")
    whole_team = forms.BooleanField(
        required=False, label="On the charts of every campaign of the team"
    )


class AnnotationFilter(filters.FilterSet):
    """The filters of remarks in the API: about a campaign, a team, or some days."""

    campaign = filters.NumberFilter(field_name="campaign_id", label="Campaign")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    since = filters.DateFilter(field_name="last_day", lookup_expr="gte", label="From")
    until = filters.DateFilter(field_name="first_day", lookup_expr="lte", label="To")

    class Meta:
        model = Annotation
        fields = ["team"]
