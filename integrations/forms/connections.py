"""Forms and filters of connections, and of orders to platforms."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import django_filters as filters
from django import forms

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from accounts.selectors import teams_in_sight
from campaigns.models import CampaignLine
from core.forms import DateInput, offer
from core.money import COMMON_CURRENCIES
from integrations.choices import ConnectionState, OrderKind, OrderState
from integrations.models import Connection, PlatformOrder
from integrations.rules.api import Api, api_for, platforms
from integrations.services.connections import events_known

OF_PLATFORM = "field_"
RHYTHMS = [
    (1, "Every hour"), (3, "Every 3 hours"), (6, "Every 6 hours"), (12, "Twice a day"),
    (24, "Every day"), (168, "Every week"),
]  # fmt: skip


class ConnectionFilter(filters.FilterSet):
    """The filters of connections, on the page and in the API."""

    platform = filters.MultipleChoiceFilter(choices=lambda: list(platforms().items()))
    state = filters.MultipleChoiceFilter(choices=ConnectionState.choices)
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = Connection
        fields = ["platform", "state", "team"]


class OrderFilter(filters.FilterSet):
    """The filters of orders to platforms, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=OrderState.choices)
    kind = filters.MultipleChoiceFilter(choices=OrderKind.choices)
    connection = filters.NumberFilter(field_name="connection_id", label="Connection")

    class Meta:
        model = PlatformOrder
        fields = ["state", "kind", "connection"]


class OfPlatform(forms.Form):
    """A form with the fields that only one platform asks for, under ``field_...``."""

    def add_fields(self, api: Api, values: dict[str, str]) -> None:
        for key, label in api.fields.items():
            optional = label.endswith("(optional)")
            self.fields[OF_PLATFORM + key] = forms.CharField(
                label=label.removesuffix(" (optional)"),
                required=not optional,
                max_length=300,
                initial=values.get(key, ""),
            )

    def given_fields(self) -> dict[str, str]:
        return {
            name.removeprefix(OF_PLATFORM): value
            for name, value in self.cleaned_data.items()
            if name.startswith(OF_PLATFORM)
        }


class ConnectForm(OfPlatform):
    """One account of one platform."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    account = forms.CharField(max_length=120)
    name = forms.CharField(
        max_length=120, help_text="What people call it, such as “Google Ads DACH”."
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code in COMMON_CURRENCIES],
        help_text="What the account is billed in; compared with the platform’s own at every sync.",
    )
    time_zone = forms.ChoiceField(help_text="Where the account’s days begin and end.")

    def __init__(self, user: User, api: Api, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [team.pk for team in teams_with(user, Act.WRITE_CREDENTIALS)]
        offer(self, "team", Team.objects.filter(pk__in=teams))
        offer(self, "time_zone", [(zone, zone) for zone in sorted(available_timezones())])
        self.fields["time_zone"].initial = "UTC"
        self.fields["account"].label = api.account_label
        self.add_fields(api, {})


class ConnectionForm(OfPlatform):
    """How an account is read."""

    name = forms.CharField(max_length=120)
    lookback_days = forms.IntegerField(
        min_value=1,
        max_value=60,
        label="Days read anew at every sync",
        help_text="1 to 60; as long as the platform still corrects its figures.",
    )
    every_hours = forms.TypedChoiceField(choices=RHYTHMS, coerce=int, label="Rhythm")
    events = forms.MultipleChoiceField(
        required=False,
        label="Count as conversions",
        widget=forms.CheckboxSelectMultiple,
        help_text="A test of the connection asks the account for its events anew.",
    )
    may_write = forms.BooleanField(
        required=False,
        label="Approved changes may go out through this connection",
    )

    def __init__(self, connection: Connection, data: Any = None) -> None:
        held = {name: getattr(connection, name) for name in CONNECTION_FIELDS}
        super().__init__(data, initial=held)
        api = api_for(connection.platform)
        hours = connection.every_hours
        rhythms = {hours: f"Every {hours} hours"} | dict(RHYTHMS)
        offer(self, "every_hours", [(str(key), rhythms[key]) for key in sorted(rhythms)])
        if known := events_known(connection):
            offer(self, "events", list(known.items()))
        else:
            del self.fields["events"]
        if not api.commands:
            del self.fields["may_write"]
        self.add_fields(api, connection.fields)

    def changes(self) -> dict[str, Any]:
        """What the service is to change."""
        known = {name: self.cleaned_data[name] for name in CONNECTION_FIELDS if name in self.fields}
        return {**known, "fields": self.given_fields()}


CONNECTION_FIELDS = ("name", "lookback_days", "every_hours", "events", "may_write")


class SecretsForm(forms.Form):
    """New credentials; what is stored is never shown."""

    def __init__(self, api: Api, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in api.auth.secrets.items():
            widget = forms.PasswordInput(attrs={"autocomplete": "off"})
            self.fields[key] = forms.CharField(label=label, max_length=4_000, widget=widget)


class BackfillForm(forms.Form):
    """From which day on the past is read."""

    since = forms.DateField(widget=DateInput(), label="From")


class OrderForm(forms.Form):
    """A change at the platform, to be approved."""

    line = forms.ModelChoiceField(CampaignLine.objects.none(), label="Campaign")
    change = forms.ChoiceField(label="What to change")
    wanted = forms.CharField(
        required=False,
        max_length=60,
        label="New value",
        help_text="An amount such as 120.50; for the rotation: optimise or rotate. Pausing needs none.",
    )
    target = forms.CharField(
        required=False,
        max_length=40,
        label="Number of the ad group or ad set",
        help_text="Only where the platform sets it below the campaign.",
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label="Why")

    def __init__(self, user: User, connection: Connection, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = CampaignLine.objects.for_user(user).exclude(external_id="")
        account = connection.source.ad_account
        offer(self, "line", lines.filter(ad_account=account, ad_account__isnull=False))
        known = api_for(connection.platform).commands
        offer(self, "change", [(key, OrderKind(key).label) for key in known])


class SettleForm(forms.Form):
    """What became of an order that a person took over."""

    done = forms.ChoiceField(
        label="What became of it",
        choices=[("yes", "I made the change at the platform"), ("no", "It is not wanted any more")],
    )
    reason = forms.CharField(max_length=2000, label="Note")
