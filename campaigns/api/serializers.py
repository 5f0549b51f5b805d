"""What the API shows and takes of campaigns."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from campaigns.choices import ChangeKind, Objective, Status
from campaigns.models import Campaign, CampaignLine, Optimisation, Transition


class CampaignLineOut(serializers.ModelSerializer[CampaignLine]):
    channel: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )

    class Meta:
        model = CampaignLine
        fields = [
            "id",
            "name",
            "channel",
            "currency",
            "external_id",
            "starts_on",
            "ends_on",
            "is_paused",
        ]


class CampaignOut(serializers.ModelSerializer[Campaign]):
    lines = CampaignLineOut(many=True, read_only=True)
    team_name = serializers.CharField(source="team.name", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = Campaign
        fields = [
            "id", "name", "team", "team_name", "owner", "owner_name", "objective", "status",
            "flight_start", "flight_end", "markets", "brief", "version", "lines",
        ]  # fmt: skip


class CampaignIn(serializers.Serializer[Campaign]):
    """A new campaign."""

    name = serializers.CharField(max_length=200)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.filter(is_archived=False))
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))
    objective = serializers.ChoiceField(choices=Objective.choices, default=Objective.SALES)
    flight_start = serializers.DateField(required=False, allow_null=True)
    flight_end = serializers.DateField(required=False, allow_null=True)
    markets = serializers.CharField(max_length=120, required=False, allow_blank=True)
    brief = serializers.CharField(required=False, allow_blank=True)


class CampaignChange(serializers.Serializer[Campaign]):
    """Changes to a campaign; ``version`` is the one that was read."""

    version = serializers.IntegerField()
    name = serializers.CharField(max_length=200, required=False)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False
    )
    objective = serializers.ChoiceField(choices=Objective.choices, required=False)
    flight_start = serializers.DateField(required=False, allow_null=True)
    flight_end = serializers.DateField(required=False, allow_null=True)
    markets = serializers.CharField(max_length=120, required=False, allow_blank=True)
    brief = serializers.CharField(required=False, allow_blank=True)


class MoveIn(serializers.Serializer[Campaign]):
    """One step of the life cycle."""

    to = serializers.ChoiceField(choices=Status.choices)
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class TransitionOut(serializers.ModelSerializer[Transition]):
    class Meta:
        model = Transition
        fields = ["before", "after", "by", "by_name", "reason", "at"]


class OptimisationOut(serializers.ModelSerializer[Optimisation]):
    class Meta:
        model = Optimisation
        fields = [
            "id", "campaign", "line", "kind", "what", "old_value", "new_value", "hypothesis",
            "expected_metric", "expected_low_micros", "expected_micros", "expected_high_micros",
            "by", "by_name", "made_on", "recorded_at", "request_id", "undone_at",
        ]  # fmt: skip


class OptimisationIn(serializers.Serializer[Optimisation]):
    """A change to log."""

    line = serializers.IntegerField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    what = serializers.CharField(max_length=200)
    old_value = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    new_value = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    hypothesis = serializers.CharField(required=False, allow_blank=True, default="")
    made_on = serializers.DateField()
