"""What the API shows and takes of customers and of personal data."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api import MoneyOut
from core.personal import all_kept
from customers.models import Account, Contact, Erasure, Opportunity, PersonalView, StageEntry
from customers.selectors import Rule, StageSum


class CustomerAccountOut(serializers.ModelSerializer[Account]):
    open_deals = serializers.IntegerField(read_only=True)
    people = serializers.IntegerField(read_only=True)
    touched_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Account
        fields = [
            "id", "name", "system", "number", "industry", "country", "team", "created_at",
            "open_deals", "people", "touched_at",
        ]  # fmt: skip


class StageEntryOut(serializers.ModelSerializer[StageEntry]):
    class Meta:
        model = StageEntry
        fields = ["stage", "pipeline", "entered_at", "left_at"]


class OpportunityOut(serializers.ModelSerializer[Opportunity]):
    """``amount`` is null where nobody named one, and for callers who see no money."""

    amount = serializers.SerializerMethodField()
    entered_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Opportunity
        fields = [
            "id", "name", "system", "number", "account", "team", "pipeline", "stage", "outcome",
            "amount", "probability_percent", "fiscal_period", "created_at", "closes_at",
            "entered_at",
        ]  # fmt: skip

    def get_amount(self, deal: Opportunity) -> dict[str, str] | None:
        if not self.context.get("money") or deal.amount is None:
            return None
        return dict(MoneyOut().to_representation(deal.amount) or {})


class StageSumOut(serializers.Serializer[StageSum]):
    """Open opportunities of a stage; ``values`` apart by currency, ``median_days`` in the stage."""

    pipeline = serializers.CharField()
    stage = serializers.CharField()
    count = serializers.IntegerField()
    values = serializers.SerializerMethodField()
    without_amount = serializers.IntegerField()
    median_days = serializers.SerializerMethodField()

    def get_values(self, stage: StageSum) -> list[dict[str, str]]:
        money = stage.values if self.context.get("money") else ()
        return [dict(MoneyOut().to_representation(one) or {}) for one in money]

    def get_median_days(self, stage: StageSum) -> int | None:
        return None if stage.age is None else stage.age.days


class ContactOut(serializers.ModelSerializer[Contact]):
    """A person, by label; hidden fields are asked for one by one, with a reason."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Contact
        fields = ["id", "label", "account", "team", "lifecycle", "origin", "seen_at", "erased_at"]


class ErasureReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=5, max_length=300)


class HiddenOut(serializers.Serializer[Any]):
    """What is hidden of a person, as far as the caller may see it: field to hash."""

    shown = serializers.DictField(child=serializers.CharField())


class RetentionRuleOut(serializers.Serializer[Rule]):
    """``days`` is null where data is kept for ever, ``due`` what tonight's run would forget."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    days = serializers.IntegerField(allow_null=True)
    due = serializers.IntegerField()


class RetentionRuleIn(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=40)
    days = serializers.IntegerField(allow_null=True, min_value=1, max_value=36_500)

    def validate_kind(self, value: str) -> str:
        if value not in {kept.key for kept in all_kept()}:
            raise serializers.ValidationError("There is no such kind of data.")
        return value


class PersonIn(serializers.Serializer[Any]):
    """Whom to look for; at least one of e-mail, phone and number. Nothing of it is kept."""

    email = serializers.CharField(max_length=320, required=False, default="", allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    number = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class EraseIn(PersonIn):
    """The same person once more, and why."""

    reason = serializers.CharField(max_length=300)


class ErasureOut(serializers.ModelSerializer[Erasure]):
    """What was found and taken out, by place; nothing says who it was."""

    class Meta:
        model = Erasure
        fields = ["id", "state", "found", "removed", "reason", "asked_by", "asked_at", "done_at"]


class PersonalViewOut(serializers.ModelSerializer[PersonalView]):
    viewer_name = serializers.CharField(source="viewer.name", read_only=True)

    class Meta:
        model = PersonalView
        fields = ["id", "at", "viewer", "viewer_name", "label", "fields", "reason"]
