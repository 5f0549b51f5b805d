"""What the API shows and takes of requests; amounts are decimal text with their currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from approvals.choices import Outcome
from approvals.models import ChangeRequest, Comment, Decision, Option, Step
from approvals.services import Effect, effects_of
from core.api import MoneyOut, money_out
from core.money import Money


class RequestOut(serializers.ModelSerializer[ChangeRequest]):
    """A request in a list."""

    amount = MoneyOut(read_only=True)
    policy_amount = MoneyOut(read_only=True)
    team_name = serializers.CharField(source="team.name", read_only=True)
    requested_by_name = serializers.CharField(source="requested_by.name", read_only=True)

    class Meta:
        model = ChangeRequest
        fields = [
            "id", "reference", "kind", "title", "reason", "state", "team", "team_name", "amount",
            "policy_amount", "percent", "channels", "risk", "follows", "revision", "content_hash", "requested_by", "requested_by_name",
            "created_at", "submitted_at", "due_at", "decided_at", "executed_at", "outcome_note",
        ]  # fmt: skip


class DecisionOut(serializers.ModelSerializer[Decision]):
    """A word given; ``on_behalf_of`` is set where it was given for somebody else."""

    user_name = serializers.CharField(source="user.name", read_only=True)
    on_behalf_of_name = serializers.CharField(
        source="on_behalf_of.name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Decision
        fields = [
            "user", "user_name", "on_behalf_of", "on_behalf_of_name", "outcome", "option", "reason",
            "content_hash", "opened_at", "at", "channel",
        ]  # fmt: skip


class StepOut(serializers.ModelSerializer[Step]):
    decisions = DecisionOut(many=True, read_only=True)

    class Meta:
        model = Step
        fields = [
            "revision", "order", "lane", "roles", "act", "needed", "decides", "state", "opened_at",
            "due_at", "closed_at",
            "decisions",
        ]  # fmt: skip


class CommentOut(serializers.ModelSerializer[Comment]):
    """A remark; ``mentions`` are the people named in it with an @."""

    user_name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Comment
        fields = ["user", "user_name", "text", "at", "mentions"]


class AlternativeOut(serializers.ModelSerializer[Option]):
    """One of the alternatives of a decision that has several."""

    class Meta:
        model = Option
        fields = ["id", "position", "label", "text"]


class RequestDetailOut(RequestOut):
    """A request with its content, steps, comments and effects (before, after, change)."""

    steps = StepOut(many=True, read_only=True)
    comments = CommentOut(many=True, read_only=True)
    options = AlternativeOut(many=True, read_only=True)
    effects = serializers.SerializerMethodField()

    class Meta(RequestOut.Meta):
        fields = [
            *RequestOut.Meta.fields,
            "payload",
            "evidence",
            "steps",
            "comments",
            "options",
            "effects",
        ]

    def get_effects(self, asked: ChangeRequest) -> list[dict[str, Any]]:
        return [_effect_out(effect) for effect in effects_of(asked)]


def _effect_out(effect: Effect) -> dict[str, Any]:
    return {
        "label": effect.label,
        "note": effect.note,
        "owner": effect.owner,
        "before": _value(effect.before),
        "after": _value(effect.after),
        "change": _value(effect.change),
    }


def _value(value: Money | str | None) -> dict[str, str] | str | None:
    return money_out(value) if isinstance(value, Money) else value


class RequestIn(serializers.Serializer[ChangeRequest]):
    """A change to ask for; ``payload`` is what the kind defines, ``submit`` false keeps a draft."""

    kind = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=4_000)
    payload = serializers.DictField()
    submit = serializers.BooleanField(default=True)


class RequestChange(serializers.Serializer[ChangeRequest]):
    """A new revision: approvals given so far are void. What is left out stays as it is."""

    title = serializers.CharField(max_length=200, required=False)
    reason = serializers.CharField(max_length=4_000, required=False)
    payload = serializers.DictField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(
                "Give the title, the reason or the payload to change."
            )
        return attrs


class DecisionIn(serializers.Serializer[Decision]):
    """A decision on the content whose fingerprint was read."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    reason = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")
    content_hash = serializers.RegexField(r"^[0-9a-f]{64}$")
    option = serializers.IntegerField(required=False, allow_null=True, default=None)


class CommentIn(serializers.Serializer[Comment]):
    text = serializers.CharField(max_length=4_000)


class WithdrawIn(serializers.Serializer[ChangeRequest]):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=1_000)
