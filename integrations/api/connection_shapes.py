"""What the API shows and takes of connections, their syncs, and orders to platforms."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from approvals.models import ChangeRequest
from campaigns.models import CampaignLine
from core.api import Seen
from core.money import COMMON_CURRENCIES
from integrations.api.serializers import Answers
from integrations.choices import OrderKind
from integrations.models import Connection, PlatformOrder, SyncRun
from integrations.rules.api import platforms
from integrations.services.connections import AccountFacts, events_known


def _teams(user: User) -> QuerySet[Team]:
    held = [team.pk for team in teams_with(user, Act.WRITE_CREDENTIALS)]
    return Team.objects.filter(pk__in=held)


def _lines(user: User) -> QuerySet[CampaignLine]:
    return CampaignLine.objects.for_user(user)


class ConnectIn(serializers.Serializer[Connection]):
    """An account of a platform; ``fields`` are what only this platform asks for."""

    platform = serializers.ChoiceField(choices=list(platforms().items()))
    account = serializers.CharField(max_length=120)
    team = Seen(Team, _teams)
    name = serializers.CharField(max_length=120)
    currency = serializers.ChoiceField(choices=[(code, code) for code in COMMON_CURRENCIES])
    time_zone = serializers.CharField(max_length=64, default="UTC")
    fields = Answers(required=False, default=dict)  # type: ignore[assignment]

    def validate_time_zone(self, value: str) -> str:
        if value not in available_timezones():
            raise serializers.ValidationError("Give a name such as Europe/Berlin.")
        return value


class ConnectionIn(serializers.Serializer[Connection]):
    """Only what is to change."""

    name = serializers.CharField(max_length=120, required=False)
    lookback_days = serializers.IntegerField(min_value=1, max_value=60, required=False)
    every_hours = serializers.IntegerField(min_value=1, max_value=168, required=False)
    events = serializers.ListField(
        child=serializers.CharField(max_length=120), required=False, max_length=100
    )
    may_write = serializers.BooleanField(required=False)


class CredentialsIn(serializers.Serializer[Connection]):
    """All credentials of the platform by name."""

    secrets = Answers(write_only=True)


class PauseIn(serializers.Serializer[Connection]):
    paused = serializers.BooleanField()


class ConnectionOut(serializers.ModelSerializer[Connection]):
    """An account with how it is; ``error`` and ``remedy`` are of the latest sync or test."""

    currency = serializers.CharField(source="source.currency", read_only=True)
    time_zone = serializers.CharField(source="source.time_zone", read_only=True)
    synced_at = serializers.DateTimeField(read_only=True, allow_null=True)
    events = serializers.ListField(child=serializers.CharField(), read_only=True)
    event_choices = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = [
            "id", "key", "name", "platform", "account", "team", "source", "currency", "time_zone",
            "state", "events", "event_choices", "lookback_days", "every_hours", "may_write", "credentials_at",
            "synced_at", "next_at", "complete_until", "error", "remedy",
        ]  # fmt: skip

    def get_event_choices(self, held: Connection) -> dict[str, str]:
        """The events that may count as conversions, by key; those of the account are asked for
        when the connection is tested."""
        return events_known(held)


class ConnectedAccountOut(serializers.Serializer[AccountFacts]):
    """What the platform says of the account; empty where it does not say."""

    name = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()


class SyncIn(serializers.Serializer[SyncRun]):
    """Without ``since`` the days are read that may still have changed."""

    since = serializers.DateField(required=False)


class SyncOut(serializers.ModelSerializer[SyncRun]):
    """A sync: ``part`` of ``parts`` are in the facts."""

    class Meta:
        model = SyncRun
        fields = [
            "id", "connection", "kind", "state", "first_day", "last_day", "part", "parts", "pages",
            "rows", "changed", "asked_by", "asked_at", "started_at", "finished_at", "resume_at",
            "error", "remedy",
        ]  # fmt: skip


class PlatformOrderIn(serializers.Serializer[PlatformOrder]):
    """A change of one campaign at its platform; it goes out when it is approved."""

    line = Seen(CampaignLine, _lines)
    change = serializers.ChoiceField(choices=OrderKind.choices)
    wanted = serializers.CharField(max_length=60, allow_blank=True, default="")
    target = serializers.CharField(max_length=40, allow_blank=True, default="")
    reason = serializers.CharField(max_length=2_000)


class AskedOut(serializers.ModelSerializer[ChangeRequest]):
    """The request that now waits for a decision."""

    reference = serializers.CharField(read_only=True)

    class Meta:
        model = ChangeRequest
        fields = ["id", "reference", "state"]


class PlatformOrderOut(serializers.ModelSerializer[PlatformOrder]):
    """An order; amounts are decimal text in the line's currency."""

    class Meta:
        model = PlatformOrder
        fields = [
            "id", "connection", "line", "request_id", "kind", "target", "wanted", "before", "state",
            "tries", "asked_by_name", "asked_at", "sent_at", "done_at", "error", "remedy",
        ]  # fmt: skip


class SettleIn(serializers.Serializer[PlatformOrder]):
    done = serializers.BooleanField()
    reason = serializers.CharField(max_length=2_000)
