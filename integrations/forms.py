"""Forms and filters of imports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from core.forms import offer
from core.money import COMMON_CURRENCIES
from integrations.choices import RunState
from integrations.models import ImportRun, Source


class UploadForm(forms.Form):
    """A file and where it belongs; everything else is found or asked."""

    file = forms.FileField()
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    source = forms.ModelChoiceField(
        Source.objects.none(), required=False, empty_label="Find out from the file"
    )
    currency = forms.ChoiceField(
        required=False,
        choices=[("", "As the file says"), *((code, code) for code in COMMON_CURRENCIES)],
        help_text="Only used where the file names no currency.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [team.pk for team in teams_with(user, Act.UPLOAD_IMPORT)]
        offer(self, "team", Team.objects.filter(pk__in=teams))
        offer(self, "source", Source.objects.for_user(user).filter(is_active=True))


class RunFilter(filters.FilterSet):
    """The filters of the import list, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=RunState.choices)
    team = filters.ModelMultipleChoiceFilter(queryset=Team.objects.filter(is_archived=False))
    source = filters.ModelMultipleChoiceFilter(queryset=Source.objects.all())

    class Meta:
        model = ImportRun
        fields = ["state", "team", "source"]
