"""What can be asked for here: starting again after the kill switch, and switching a feature on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.choices import Act, Role
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, StepRule
from automation.choices import FEATURE, RELEASE
from core import features, killswitch
from core.errors import Conflict
from core.models import Organisation
from core.money import Money

LEADERS = (Role.DIRECTOR.value, Role.EXECUTIVE.value)


class _OfTheCompany:
    """A change without an amount that the whole company feels."""

    template = ""

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:  # noqa: ARG002
        return Team.objects.get(parent=None)

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}


class Release(_OfTheCompany):
    """The kill switch goes off; what was refused meanwhile is asked for again by people."""

    kind = RELEASE
    label = "Start again after a stop"
    proposed_by = Act.KILL_SWITCH_OFF
    runs_when_stopped = True

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:  # noqa: ARG002
        return (StepRule(LEADERS, Act.KILL_SWITCH_OFF),)

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        if not killswitch.is_on():
            raise Conflict("Nothing is stopped any more.", code="not_stopped")

    def binding(self, payload: Payload) -> Payload:  # noqa: ARG002
        since = Organisation.current().stopped_at
        return {"stopped_at": since.isoformat() if since else ""}

    def effects(self, payload: Payload) -> Sequence[Effect]:  # noqa: ARG002
        return [Effect("What happens by itself", "stopped", "goes on")]

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        killswitch.release(actor=request.requested_by.as_actor(), reason=request.reason, at=at)
        return {}


class SwitchOn(_OfTheCompany):
    """A feature begins to act."""

    kind = FEATURE
    label = "Switch a feature on"
    proposed_by = Act.DRAFT_RULE

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:  # noqa: ARG002
        """An executive: every team feels it."""
        return (StepRule((Role.EXECUTIVE.value,), Act.ACTIVATE_RULE),)

    def team(self, payload: Payload) -> Team:
        """The team of who asks, so that managers can ask for what they need."""
        return Team.objects.get(pk=payload["team"])

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        if features.is_on(_key(payload)):
            raise Conflict(f"{features.feature_of(_key(payload)).label} is on already.")

    def binding(self, payload: Payload) -> Payload:
        return {**payload, "is_on": features.is_on(_key(payload))}

    def effects(self, payload: Payload) -> Sequence[Effect]:
        return [Effect(features.feature_of(_key(payload)).label, "off", "on")]

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        key = _key(request.payload)
        features.switch(
            key, True, actor=request.requested_by.as_actor(), reason=request.reason, at=at,
            request_id=request.pk,
        )  # fmt: skip
        return {"feature": key}


def _key(payload: Payload) -> str:
    return features.feature_of(str(payload.get("feature"))).key
