"""What the API shows and takes of findings and recommendations."""

from __future__ import annotations

from rest_framework import serializers

from approvals.models import ChangeRequest
from core.money import Money
from insights.models import Finding, Recommendation


def _text(micros: int | None, currency: str) -> str | None:
    """Decimal text of an amount of micros; nothing when the amount is not known."""
    return None if micros is None else format(Money(micros, currency).amount, "f")


class FindingOut(serializers.ModelSerializer[Finding]):
    """Something that was noticed; ``stake`` is decimal text in ``currency``."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    campaign_name = serializers.CharField(source="campaign.name", read_only=True, default=None)
    line_name = serializers.CharField(source="line.name", read_only=True, default=None)
    stake = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = [
            "id", "kind", "title", "reason", "team", "team_name", "campaign", "campaign_name",
            "line", "line_name", "metric", "window_start", "window_end", "evidence", "stake",
            "currency", "found_at", "seen_at", "ended_at",
        ]  # fmt: skip

    def get_stake(self, finding: Finding) -> str | None:
        return _text(finding.stake_micros, finding.currency)


class RecommendationOut(serializers.ModelSerializer[Recommendation]):
    """A typed action with its expected effect and range, decimal text in ``currency``."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    effect_low = serializers.SerializerMethodField()
    effect = serializers.SerializerMethodField()
    effect_high = serializers.SerializerMethodField()

    class Meta:
        model = Recommendation
        fields = [
            "id", "title", "action", "finding", "team", "team_name", "metric", "currency",
            "effect_low", "effect", "effect_high", "confidence", "payload", "evidence", "state",
            "state_reason", "state_by", "request_id", "created_at", "expires_at",
        ]  # fmt: skip

    def get_effect_low(self, advice: Recommendation) -> str | None:
        return _text(advice.effect_low_micros, advice.currency)

    def get_effect(self, advice: Recommendation) -> str | None:
        return _text(advice.effect_micros, advice.currency)

    def get_effect_high(self, advice: Recommendation) -> str | None:
        return _text(advice.effect_high_micros, advice.currency)


class ProposeIn(serializers.Serializer[Recommendation]):
    """A recommendation as the person wants to ask for it; without ``amount`` as it was advised."""

    amount = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    reason = serializers.CharField()


class DismissIn(serializers.Serializer[Recommendation]):
    """Why not."""

    reason = serializers.CharField()


class ProposedOut(serializers.ModelSerializer[ChangeRequest]):
    """The request for approval that was made of a recommendation."""

    reference = serializers.CharField(read_only=True)

    class Meta:
        model = ChangeRequest
        fields = ["id", "reference", "kind", "title", "state"]
