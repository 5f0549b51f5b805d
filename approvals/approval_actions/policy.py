"""What can be asked for here: another approval policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.choices import Act, Role
from accounts.models import Team, User
from approvals.choices import POLICY_CHANGE
from approvals.models import ChangeRequest
from approvals.rules.routing import StepRule
from approvals.selectors import policy_in_force
from approvals.services import (
    Effect,
    Payload,
    policy_adopt,
    policy_known,
    rule_changes,
    rules_read,
)
from core.errors import Invalid
from core.models import Organisation
from core.money import Money


class PolicyChange:
    """Other rules for who must approve what: an administrator or executive asks, an executive confirms.

    It is bound to the version it was made on: when another one comes first, it is stale.
    """

    kind = POLICY_CHANGE
    label = "Policy change"
    template = ""
    proposed_by = Act.CHANGE_POLICY

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        rules_read(payload.get("rules"))
        if payload.get("based_on") != policy_in_force().version:
            raise Invalid(
                "Another version of the policy is in force than the one this was made on.",
                code="stale",
                where="rules",
                remedy="Open the policy and make the change again.",
            )

    def binding(self, payload: Payload) -> Payload:
        return {"payload": dict(payload), "in_force": policy_in_force().version}

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:  # noqa: ARG002
        """The whole company."""
        return Team.objects.filter(parent=None).order_by("path")[0]

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:  # noqa: ARG002
        return (StepRule((Role.EXECUTIVE.value,), Act.CHANGE_POLICY),)

    def effects(self, payload: Payload) -> Sequence[Effect]:
        """Rule by rule, before and after."""
        changes = rule_changes(policy_in_force().rules, payload["rules"], policy_known())
        return [Effect(change.label, change.before, change.after) for change in changes]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def edit_url(self, request: ChangeRequest) -> str:
        return f"{reverse('approvals:policy-edit')}?request={request.pk}"

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        payload = request.payload
        policy = policy_adopt(
            request=request, rules=rules_read(payload["rules"]), based_on=payload["based_on"], at=at
        )
        return {"policy": policy.version}
