"""Forms and filters of imports."""

from __future__ import annotations

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
from core.money import COMMON_CURRENCIES
from integrations.choices import RunState
from integrations.models import BulkFile, ImportRun, Source


class BulkFileFilter(filters.FilterSet):
    """The filters of files for platforms in the API."""

    team = filters.ModelChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = BulkFile
        fields = ["request_id", "platform", "team"]


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


def _sources_in_sight(request: HttpRequest) -> QuerySet[Source]:
    return Source.objects.for_user(person(request))


class RunFilter(filters.FilterSet):
    """The filters of the import list, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=RunState.choices)
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    source = filters.ModelMultipleChoiceFilter(queryset=_sources_in_sight)

    class Meta:
        model = ImportRun
        fields = ["state", "team", "source"]
