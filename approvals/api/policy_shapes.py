"""What the API shows and takes of the policy, its versions, and many decisions at once."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, teams_for
from approvals.choices import Outcome, Risk
from approvals.forms import LAST_DAY
from core.api import Seen

BULK = [(outcome.value, outcome.label) for outcome in (Outcome.APPROVE, Outcome.REJECT)]


class WhoIn(serializers.Serializer[Any]):
    """A change nobody has asked for yet; ``amount`` in ``currency``, by default the reporting one."""

    kind = serializers.CharField(max_length=60)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    team = Seen(Team, teams_for)
    requester = Seen(User, active_people_for, required=False, allow_null=True)
    percent = serializers.DecimalField(
        max_digits=9, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    channels = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list
    )
    risk = serializers.ChoiceField(choices=Risk.choices, required=False, default=Risk.NORMAL)


class WhoOut(serializers.Serializer[Any]):
    """A step that would be needed, and who could decide it.

    ``stand_ins`` decide for somebody else now; ``limited`` hold the right up to less.
    """

    order = serializers.IntegerField()
    roles = serializers.ListField(child=serializers.CharField())
    needed = serializers.IntegerField(help_text="0 is everybody.")
    decides = serializers.BooleanField()
    people = serializers.ListField(child=serializers.CharField())
    stand_ins = serializers.ListField(child=serializers.CharField())
    limited = serializers.ListField(child=serializers.CharField())


class PolicyOut(serializers.Serializer[Any]):
    """A version of the policy; amounts in micros of the reporting currency."""

    version = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.DictField())
    kinds = serializers.DictField(child=serializers.CharField())
    threshold_1_micros = serializers.IntegerField()
    threshold_2_micros = serializers.IntegerField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.IntegerField(allow_null=True)
    request = serializers.IntegerField(allow_null=True)


class RuleChangeOut(serializers.Serializer[Any]):
    """A rule before and after, in words."""

    rule = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class PolicyVersionOut(PolicyOut):
    """A version with what it changed."""

    changes = RuleChangeOut(many=True)


class RulesIn(serializers.Serializer[Any]):
    """Rules in order; the first that covers a change counts."""

    rules = serializers.ListField(child=serializers.DictField(), max_length=60)


class RuleProblemOut(serializers.Serializer[Any]):
    """What is wrong, and where: ``rules.0.steps.1.roles``."""

    where = serializers.CharField()
    message = serializers.CharField()


class PolicyCheckOut(serializers.Serializer[Any]):
    """Nothing under ``problems``: the rules can be asked for, based on version ``based_on``."""

    based_on = serializers.IntegerField()
    problems = RuleProblemOut(many=True)
    changes = RuleChangeOut(many=True)


class PolicyEffectIn(serializers.Serializer[Any]):
    """Other rules, or a version, and the days whose requests are looked at."""

    rules = serializers.ListField(child=serializers.DictField(), required=False, max_length=60)
    version = serializers.IntegerField(required=False, min_value=1, max_value=10**6)
    start = serializers.DateField()
    end = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("rules" in attrs) == ("version" in attrs):
            raise serializers.ValidationError({"rules": "Give rules or a version, one of them."})
        if attrs["start"] > attrs["end"]:
            raise serializers.ValidationError({"end": "The last day is before the first."})
        if attrs["end"] > LAST_DAY:
            raise serializers.ValidationError({"end": "There is no day after this one."})
        return attrs


class RoleCountOut(serializers.Serializer[Any]):
    """How many requests must pass this role, before and after."""

    role = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class ReroutedOut(serializers.Serializer[Any]):
    """A request whose way changes, in words."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    is_possible = serializers.BooleanField()


class PolicyEffectOut(serializers.Serializer[Any]):
    """``stuck`` are those that nobody could decide afterwards."""

    total = serializers.IntegerField()
    moved = serializers.IntegerField()
    stuck = serializers.IntegerField()
    extra_steps = serializers.IntegerField()
    roles = RoleCountOut(many=True)
    requests = ReroutedOut(many=True)


class ChosenIn(serializers.Serializer[Any]):
    """A request and the fingerprint of what was read of it."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    content_hash = serializers.RegexField(r"^[0-9a-f]{64}$")


class ManyIn(serializers.Serializer[Any]):
    """One word and one reason for many."""

    outcome = serializers.ChoiceField(choices=BULK)
    reason = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")
    requests = ChosenIn(many=True)


class AnsweredOut(serializers.Serializer[Any]):
    """What became of one: decided, or why not."""

    id = serializers.IntegerField()
    reference = serializers.CharField(allow_blank=True)
    is_decided = serializers.BooleanField()
    state = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
