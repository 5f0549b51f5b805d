"""What the API shows and takes of alerts."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from automation.models import Alert, Notification
from campaigns.models import Campaign
from core.api import Seen


class AlertOut(serializers.ModelSerializer[Alert]):
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    evidence = serializers.JSONField(
        source="finding.evidence", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Alert
        fields = [
            "id", "title", "reason", "severity", "state", "team", "campaign", "owner", "owner_name",
            "opened_at", "acknowledged_at", "snoozed_until", "snooze_reason", "recovered_at", "evidence",
        ]  # fmt: skip


class AlertChange(serializers.Serializer[Alert]):
    """What to do with an alert: ``acknowledge``, ``assign`` (owner) or ``snooze`` (until, reason)."""

    do = serializers.ChoiceField(choices=["acknowledge", "assign", "snooze"])
    owner = Seen(User, active_people_for, required=False)
    until = serializers.DateTimeField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class AlertIn(serializers.Serializer[Alert]):
    """An alert that a person raises by hand."""

    title = serializers.CharField(max_length=300)
    reason = serializers.CharField()
    team = Seen(Team, open_teams_for)
    campaign = Seen(
        Campaign, Campaign.objects.for_user, required=False, allow_null=True, default=None
    )
    severity = serializers.ChoiceField(
        choices=Alert.Severity.choices, default=Alert.Severity.WARNING
    )


class NotificationOut(serializers.ModelSerializer[Notification]):
    class Meta:
        model = Notification
        fields = ["id", "title", "body", "url", "created_at", "read_at"]


class ReadIn(serializers.Serializer[Notification]):
    """Which message was read; without a number all of them."""

    id = serializers.IntegerField(required=False, min_value=1)


class ReadOut(serializers.Serializer[dict[str, int]]):
    """How many were unread."""

    count = serializers.IntegerField()
