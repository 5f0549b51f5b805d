"""What the API shows and takes of alerts."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import User
from automation.models import Alert, Notification


class AlertOut(serializers.ModelSerializer[Alert]):
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    evidence = serializers.JSONField(source="finding.evidence", read_only=True, default=None)

    class Meta:
        model = Alert
        fields = [
            "id", "title", "reason", "severity", "state", "team", "campaign", "owner", "owner_name",
            "opened_at", "acknowledged_at", "snoozed_until", "snooze_reason", "recovered_at", "evidence",
        ]  # fmt: skip


class AlertChange(serializers.Serializer[Alert]):
    """What to do with an alert: ``acknowledge``, ``assign`` (owner) or ``snooze`` (until, reason)."""

    do = serializers.ChoiceField(choices=["acknowledge", "assign", "snooze"])
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False
    )
    until = serializers.DateTimeField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class NotificationOut(serializers.ModelSerializer[Notification]):
    class Meta:
        model = Notification
        fields = ["id", "title", "body", "url", "created_at", "read_at"]
