"""What the API shows and takes of findings and recommendations."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from approvals.models import ChangeRequest
from core.api import MoneyOut
from core.money import Money
from insights.models import Finding, Recommendation


def _text(micros: int | None, currency: str) -> str | None:
    """Decimal text of an amount of micros; nothing when the amount is not known."""
    return None if micros is None else format(Money(micros, currency).amount, "f")


class FindingOut(serializers.ModelSerializer[Finding]):
    """Something that was noticed; ``stake`` is decimal text in ``currency``."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    campaign_name = serializers.CharField(
        source="campaign.name", read_only=True, allow_null=True, default=None
    )
    line_name = serializers.CharField(
        source="line.name", read_only=True, allow_null=True, default=None
    )
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


class EfficiencyRowOut(serializers.Serializer[Any]):
    """One channel, campaign or line; amounts are decimal text in the reporting currency.

    Where a number is null, its ``reason`` says why.
    """

    key = serializers.IntegerField()
    name = serializers.CharField()
    part_of = serializers.CharField()
    measure = serializers.CharField(help_text="What counts as a result")
    spend = MoneyOut()
    results = serializers.IntegerField()
    cost = MoneyOut(allow_null=True)
    marginal_cost = MoneyOut(allow_null=True)
    marginal_low = MoneyOut(allow_null=True)
    marginal_high = MoneyOut(allow_null=True)
    marginal_reason = serializers.CharField(allow_blank=True)
    marginal_days = serializers.IntegerField()
    change = serializers.FloatField(allow_null=True, help_text="0.1: a tenth dearer")
    change_low = serializers.FloatField(allow_null=True)
    change_high = serializers.FloatField(allow_null=True)
    chance_dearer = serializers.FloatField(allow_null=True)
    change_reason = serializers.CharField(allow_blank=True)
    target = serializers.CharField(allow_blank=True)
    worse_than_target = serializers.FloatField(allow_null=True)
    is_missed = serializers.BooleanField(allow_null=True)


class EfficiencyOut(serializers.Serializer[Any]):
    """What results cost; ``missed_share`` of the spend that has a cost or return target."""

    through = serializers.DateField()
    spend = MoneyOut()
    missed_share = serializers.FloatField(allow_null=True)
    without_target_share = serializers.FloatField(allow_null=True)
    rows = EfficiencyRowOut(many=True)


class ShareOut(serializers.Serializer[Any]):
    """The share of the final value known some days after the day, with its 80 % range."""

    age = serializers.IntegerField()
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class MaturityOut(serializers.Serializer[Any]):
    """How days of a platform grow; where there is no curve, ``reason`` says why.

    ``platform`` of lines without one is ``channel:<key>``. ``still_open``: days still moved at the
    oldest age that was watched.
    """

    platform = serializers.CharField()
    name = serializers.CharField()
    measure = serializers.CharField()
    known_at = serializers.DateTimeField()
    final_after_days = serializers.IntegerField(allow_null=True)
    still_open = serializers.BooleanField()
    days = serializers.IntegerField(help_text="Days watched at the first two ages")
    reason = serializers.CharField(allow_blank=True)
    shares = ShareOut(many=True)
