"""What the API shows and takes of metrics and targets; amounts are decimal text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from campaigns.models import Campaign, Channel
from core.api import Seen
from core.money import Money
from metrics.models import Target
from metrics.rules.metric import Metric
from metrics.rules.registry import METRICS
from metrics.selectors import amount_text, decimal_text
from metrics.selectors.targets import TargetProgress, shown_value
from metrics.selectors.words import Shown


class MetricOut(serializers.Serializer[Metric]):
    """A metric of the registry."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    formula = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.CharField()
    tier = serializers.CharField()
    domain = serializers.CharField()
    description = serializers.CharField()
    parents = serializers.ListField(child=serializers.CharField())


class ProgressOut(serializers.Serializer[TargetProgress]):
    """Where a target stands after the last complete day."""

    status = serializers.CharField()
    actual = serializers.CharField(allow_null=True)
    expected = serializers.CharField(allow_null=True)
    at_this_rate = serializers.CharField(allow_null=True)
    reason = serializers.CharField()


class TargetOut(serializers.Serializer[TargetProgress]):
    """A target with its progress; values in units of the metric (a share of 1 for per cents).

    Young days count as they are expected to be when final.
    """

    id = serializers.IntegerField()
    metric = serializers.CharField()
    team = serializers.IntegerField()
    team_name = serializers.CharField()
    campaign = serializers.IntegerField(allow_null=True)
    campaign_name = serializers.CharField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    value = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    tolerance_percent = serializers.IntegerField()
    owner = serializers.IntegerField()
    owner_name = serializers.CharField()
    is_retired = serializers.BooleanField()
    progress = ProgressOut()

    def to_representation(self, instance: TargetProgress) -> dict[str, Any]:
        target = instance.target
        value = shown_value(target, instance.metric, target.value_micros)
        return {
            "id": target.pk,
            "metric": target.metric,
            "team": target.team_id,
            "team_name": target.team.name,
            "campaign": target.campaign_id,
            "campaign_name": target.campaign.name if target.campaign else None,
            "channel": target.channel.key if target.channel else None,
            "first_day": target.first_day.isoformat(),
            "last_day": target.last_day.isoformat(),
            "value": _text(value),
            "currency": target.currency or None,
            "tolerance_percent": target.tolerance_percent,
            "owner": target.owner_id,
            "owner_name": target.owner.name,
            "is_retired": target.is_retired,
            "progress": {
                "status": instance.status.value,
                "actual": _text(instance.actual),
                "expected": _text(instance.expected),
                "at_this_rate": _text(instance.landing),
                "reason": instance.progress.reason,
            },
        }


def _text(value: Shown) -> str | None:
    if value is None:
        return None
    return amount_text(value) if isinstance(value, Money) else decimal_text(Decimal(value))


class TargetIn(serializers.Serializer[Target]):
    """A new target; ``value`` in units of the metric (0.031 for 3.1 %)."""

    metric = serializers.ChoiceField(choices=list(METRICS))
    team = Seen(Team, open_teams_for)
    campaign = Seen(
        Campaign, Campaign.objects.for_user, required=False, allow_null=True, default=None
    )
    channel = serializers.SlugRelatedField[Channel](
        slug_field="key",
        queryset=Channel.objects.all(),
        required=False,
        allow_null=True,
        default=None,
    )
    value = serializers.DecimalField(max_digits=18, decimal_places=6, min_value=Decimal(0))
    currency = serializers.CharField(max_length=3, required=False, allow_blank=True, default="")
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    tolerance_percent = serializers.IntegerField(min_value=0, max_value=100, default=5)
    owner = Seen(User, active_people_for)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _in_micros(attrs)


class TargetChange(serializers.Serializer[Target]):
    """Changes to a target; what it is about stays."""

    value = serializers.DecimalField(
        max_digits=18, decimal_places=6, min_value=Decimal(0), required=False
    )
    first_day = serializers.DateField(required=False)
    last_day = serializers.DateField(required=False)
    tolerance_percent = serializers.IntegerField(min_value=0, max_value=100, required=False)
    owner = Seen(User, active_people_for, required=False)
    reason = serializers.CharField(required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _in_micros(attrs)


def _in_micros(attrs: dict[str, Any]) -> dict[str, Any]:
    if "value" in attrs:
        attrs["value_micros"] = int(attrs.pop("value") * 1_000_000)
    return attrs


class RetireIn(serializers.Serializer[Target]):
    """Why a target is taken out of force."""

    reason = serializers.CharField()
