"""Forms and filters of customer pages."""

from __future__ import annotations

from collections.abc import Mapping

import django_filters as filters
from django import forms

from accounts.selectors import teams_in_sight
from core.personal import Kind
from customers.choices import Outcome, System
from customers.models import Account, Opportunity


class AccountFilter(filters.FilterSet):
    """The filters of accounts, on the page and in the API."""

    system = filters.MultipleChoiceFilter(choices=System.choices, label="System")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = Account
        fields = ["system", "team"]


class OpportunityFilter(filters.FilterSet):
    """The filters of opportunities, on the page and in the API."""

    outcome = filters.MultipleChoiceFilter(choices=Outcome.choices, label="Outcome")
    system = filters.MultipleChoiceFilter(choices=System.choices, label="System")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = Opportunity
        fields = ["outcome", "system", "team"]


class ReasonForm(forms.Form):
    """Why somebody looks at what is hidden."""

    reason = forms.CharField(
        max_length=300,
        min_length=5,
        label="Why do you look?",
        help_text="Auditors read this beside your name, for example “complaint 4711”.",
    )


class PersonForm(forms.Form):
    """Whom to look for; at least one of the first three."""

    email = forms.CharField(required=False, max_length=320, label="E-mail address")
    phone = forms.CharField(required=False, max_length=40, label="Phone number")
    number = forms.CharField(
        required=False,
        max_length=100,
        label="Customer number",
        help_text="As HubSpot, Salesforce or another system numbers the person.",
    )
    name = forms.CharField(
        required=False,
        max_length=200,
        label="First and last name",
        help_text="Only looked for where people write freely, such as names of deals.",
    )

    def values(self) -> Mapping[Kind, str]:
        """What was typed, by what it is."""
        typed = self.cleaned_data
        return {
            Kind.EMAIL: typed["email"],
            Kind.PHONE: typed["phone"],
            Kind.NUMBER: typed["number"],
            Kind.NAME: typed["name"],
        }


class EraseForm(PersonForm):
    """The second step: the same person once more, hidden, and why."""

    reason = forms.CharField(
        max_length=300, label="Why is the person erased?", help_text="Without saying who it is."
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("email", "phone", "number", "name"):
            self.fields[name].widget = forms.HiddenInput()


class KeepForm(forms.Form):
    """For how many days one kind of data is kept."""

    kind = forms.CharField(widget=forms.HiddenInput())
    days = forms.IntegerField(required=False, min_value=1, max_value=36_500, label="Days")
