"""Forms and filters of imports."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import person, teams_with
from accounts.selectors import active_people_for, open_teams_for, teams_in_sight
from campaigns.models import AdAccount
from core.forms import offer
from core.models import Organisation
from core.money import COMMON_CURRENCIES
from integrations.choices import Every, RunState, WayKind
from integrations.forms.files import LASTING, FileSettings
from integrations.models import (
    BulkFile,
    ImportRun,
    QuarantinedRow,
    Source,
    WayIn,
)
from integrations.models.ways import LONGEST_LOOKBACK
from integrations.services.ways import WayInput


class BulkFileFilter(filters.FilterSet):
    """The filters of files for platforms in the API."""

    team = filters.ModelChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = BulkFile
        fields = ["request_id", "platform", "team"]


class UploadForm(FileSettings):
    """A file and where it belongs; everything else is found or asked."""

    file = forms.FileField()
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    source = forms.ModelChoiceField(
        Source.objects.none(), required=False, empty_label="Find out from the file"
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [team.pk for team in teams_with(user, Act.UPLOAD_IMPORT)]
        offer(self, "team", Team.objects.filter(pk__in=teams))
        offer(self, "source", Source.objects.for_user(user).filter(is_active=True))


class BudgetSheetForm(forms.Form):
    """The finance team's sheet of planned amounts."""

    file = forms.FileField()


class BillFileForm(forms.Form):
    """A file of invoices, and whose they are where neither order nor budget line says so."""

    file = forms.FileField()
    team = forms.ModelChoiceField(
        Team.objects.none(),
        empty_label=None,
        help_text="Of invoices that name neither an order nor a budget line.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", Team.objects.filter(pk__in=open_teams_for(user)))


class StreamForm(forms.Form):
    """Where the events of a stream belong, and how their amounts and days are meant."""

    name = forms.CharField(max_length=120, help_text="Its key in addresses is made of it.")
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    currency = forms.ChoiceField(choices=[(code, code) for code in COMMON_CURRENCIES])
    time_zone = forms.ChoiceField(help_text="Events are counted on their day there.")
    ad_account = forms.ModelChoiceField(
        AdAccount.objects.none(),
        required=False,
        empty_label="None of a platform",
        help_text="Whose campaigns the events are about, when a platform knows them.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [team.pk for team in teams_with(user, Act.SEND_EVENTS)]
        offer(self, "team", Team.objects.filter(pk__in=teams))
        offer(self, "ad_account", AdAccount.objects.filter(team__in=teams))
        offer(self, "time_zone", [(zone, zone) for zone in sorted(available_timezones())])
        self.initial.setdefault("time_zone", Organisation.current().time_zone)


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


class QuarantineFilter(filters.FilterSet):
    """The filters of the quarantine, on the page and in the API; those that wait unless asked."""

    state = filters.ChoiceFilter(
        method="in_state",
        label="State",
        empty_label=None,
        choices=[
            ("waiting", "Waiting"),
            ("mended", "Mended"),
            ("dismissed", "Dismissed"),
            ("all", "All"),
        ],
    )
    team = filters.ModelMultipleChoiceFilter(
        field_name="run__team", label="Team", queryset=teams_in_sight
    )
    source = filters.ModelMultipleChoiceFilter(
        field_name="run__source", label="Source", queryset=_sources_in_sight
    )
    run = filters.NumberFilter(field_name="run_id", label="Import")
    code = filters.CharFilter(lookup_expr="iexact", label="Code")

    class Meta:
        model = QuarantinedRow
        fields = ["state", "team", "source", "run", "code"]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        asked = data.copy() if data is not None else QueryDict(mutable=True)
        asked.setdefault("state", "waiting")
        super().__init__(asked, *args, **kwargs)

    def in_state(self, rows: Any, name: str, value: str) -> Any:  # noqa: ARG002
        if value == "waiting":
            return rows.waiting()
        return rows if value == "all" else rows.filter(resolution=value)


class WayForm(FileSettings):
    """A drop folder, a mail address or a URL; only the fields of its kind."""

    name = forms.CharField(max_length=120, help_text="What comes: “Google Ads DACH, daily”.")
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    responsible = forms.ModelChoiceField(
        User.objects.none(),
        label="Answers for it",
        empty_label=None,
        help_text="What cannot be read as it is waits for this person.",
    )
    source = forms.ModelChoiceField(
        Source.objects.none(), required=False, empty_label="Find out from the file"
    )
    senders = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One in each line: ads@agency.example, or @agency.example for all of them.",
    )
    url = forms.CharField(
        max_length=2_000,
        label="Address",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="{from} and {to} in it become the days looked back on. It is kept encrypted.",
    )
    every = forms.ChoiceField(choices=Every.choices)
    hour = forms.IntegerField(min_value=0, max_value=23, initial=6, help_text="Local time.")
    lookback_days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_LOOKBACK,
        initial=7,
        label="Days looked back on",
        help_text="Platforms correct the last days; they are fetched again every time.",
    )

    def __init__(
        self, user: User, kind: WayKind, way: WayIn | None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial = _of_way(way) or {"responsible": user.pk}
        teams = [team.pk for team in teams_with(user, Act.UPLOAD_IMPORT)]
        offer(self, "team", Team.objects.filter(pk__in=teams))
        offer(self, "source", Source.objects.for_user(user).filter(is_active=True))
        offer(self, "responsible", active_people_for(user))
        for name in (*_NOT_OF[kind], *(set(FileSettings.base_fields) - set(LASTING))):
            del self.fields[name]
        self._others = self.others(way.settings) if way else {}
        if way:
            del self.fields["team"]
        if way and kind == WayKind.URL:
            self.fields["url"].required = False
            self.fields["url"].help_text = "Leave it empty to keep the one that is there."

    def given(self) -> WayInput:
        """What was said, as the service takes it."""
        said = self.cleaned_data
        return WayInput(
            name=said["name"],
            responsible=said["responsible"],
            source=said["source"],
            settings={**self._others, **self.said()},
            senders=said.get("senders", "").splitlines(),
            url=said.get("url", ""),
            every=said.get("every", Every.DAILY),
            hour=said.get("hour", 6),
            lookback_days=said.get("lookback_days", 7),
        )


_SCHEDULED = ("url", "every", "hour", "lookback_days")
_NOT_OF = {
    WayKind.FOLDER: (*_SCHEDULED, "senders"),
    WayKind.MAIL: _SCHEDULED,
    WayKind.URL: ("senders",),
}


def _of_way(way: WayIn | None) -> dict[str, Any]:
    if way is None:
        return {}
    return {
        "name": way.name,
        "responsible": way.responsible_id,
        "source": way.source_id,
        **{name: way.settings.get(name, "") for name in LASTING},
        "senders": "\n".join(way.senders),
        "every": way.every,
        "hour": way.hour,
        "lookback_days": way.lookback_days,
    }
