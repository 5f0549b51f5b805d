"""What the API shows and takes of event streams."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for, teams_with
from campaigns.models import AdAccount
from core.api import Seen, money_out
from core.money import Money
from integrations.models import EventStream, StreamEvent
from integrations.services.stream import Receipt

SHOWN_LINES = 100


class BadLineOut(serializers.Serializer[Any]):
    """A ``BadLine`` without its text."""

    line = serializers.IntegerField()
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ReceiptOut(serializers.Serializer[Receipt]):
    """What became of the lines; ``known`` ids came before and changed nothing."""

    stream = serializers.CharField(source="delivery.stream.source.key")
    received_at = serializers.DateTimeField(source="delivery.received_at")
    accepted = serializers.IntegerField()
    known = serializers.IntegerField()
    rejected = serializers.IntegerField(source="delivery.rejected")
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]

    @extend_schema_field(BadLineOut(many=True))
    def get_errors(self, receipt: Receipt) -> Any:
        return BadLineOut(receipt.rejected[:SHOWN_LINES], many=True).data


def _teams(user: User) -> QuerySet[Team]:
    return Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.SEND_EVENTS)])


def _accounts(user: User) -> QuerySet[AdAccount]:
    return AdAccount.objects.filter(scope_for(user, Act.SEND_EVENTS).where("team__path"))


class StreamIn(serializers.Serializer[EventStream]):
    """With an ad account, campaigns are those of the account, known by the platform's number."""

    team = Seen(Team, _teams)
    name = serializers.CharField(max_length=120)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z")
    time_zone = serializers.CharField(max_length=64, default="UTC")
    ad_account = Seen(AdAccount, _accounts, required=False, allow_null=True)

    def validate_time_zone(self, value: str) -> str:
        if value not in available_timezones():
            raise serializers.ValidationError("Give a time zone such as Europe/Berlin.")
        return value


class StreamOut(serializers.Serializer[Any]):
    """A ``StreamHealth``. Lags are milliseconds from arrival to visible, of the last hour; reaction is milliseconds until the rules looked."""

    id = serializers.IntegerField(source="stream.pk")
    key = serializers.CharField(source="stream.source.key")
    name = serializers.CharField(source="stream.source.name")
    team = serializers.IntegerField(source="stream.source.team_id")
    currency = serializers.CharField(source="stream.source.currency")
    time_zone = serializers.CharField(source="stream.source.time_zone")
    backlog = serializers.IntegerField()
    events_a_minute = serializers.IntegerField()
    latest_at = serializers.DateTimeField(allow_null=True)
    lag_p50 = serializers.IntegerField(allow_null=True)
    lag_p95 = serializers.IntegerField(allow_null=True)
    reaction = serializers.IntegerField(allow_null=True)
    rejected = serializers.IntegerField(help_text="Refused lines of the last 24 hours")
    error = serializers.CharField(help_text="Why counting stopped, where it did")


class PieceOut(serializers.Serializer[Any]):
    """A ``Piece`` of the window."""

    start = serializers.DateTimeField()
    events = serializers.IntegerField()
    rejected = serializers.IntegerField()
    lag_p50 = serializers.IntegerField(allow_null=True)
    lag_p95 = serializers.IntegerField(allow_null=True)


class StreamDetailOut(StreamOut):
    over = serializers.ChoiceField(choices=["hour", "day"])
    pieces = PieceOut(many=True)


class StreamEventOut(serializers.ModelSerializer[StreamEvent]):
    """One event; amounts for those who see money."""

    campaign = serializers.CharField(source="subject", allow_null=True)
    line = serializers.IntegerField(source="subject.line_id", allow_null=True, default=None)
    amount = serializers.SerializerMethodField()
    is_counted = serializers.SerializerMethodField()

    class Meta:
        model = StreamEvent
        fields = [
            "event_id", "kind", "topic", "at", "day", "received_at", "campaign", "line",
            "impressions", "clicks", "conversions", "amount", "is_counted", "is_withdrawn",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_amount(self, event: StreamEvent) -> dict[str, str] | None:
        micros = event.spend if event.spend is not None else event.revenue
        if micros is None or not self.context.get("money"):
            return None
        return money_out(Money(micros, event.stream.source.currency))

    def get_is_counted(self, event: StreamEvent) -> bool:
        return event.pk <= event.counted_up_to  # type: ignore[attr-defined, no-any-return]
