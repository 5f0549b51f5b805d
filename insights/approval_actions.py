"""What can be asked for here: putting a version of a model in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.choices import Act, Role
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, StepRule
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.money import Money
from insights.choices import PROMOTE
from insights.models import ModelVersion
from insights.permissions import require_reach
from insights.selectors.versions import Measured, beside, measured, score_text
from insights.services.versions import version_move

State = ModelVersion.State
EXECUTIVES = (Role.EXECUTIVE.value,)
LEADERS = (Role.DIRECTOR.value, Role.EXECUTIVE.value)
# Scores that an approver reads; the rest is on the page of the version.
MOST_EFFECTS = 8


class Promote:
    """A version takes the place of the one in use."""

    kind = PROMOTE
    label = "Put a model in use"
    template = ""
    proposed_by = Act.PROPOSE_MODEL
    effects_title = "What it reached, beside what is in use"

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:
        """A director or an executive; an executive alone where it reaches beyond the asker's team."""
        is_own = bool(payload) and _version(payload).team_id == payload.get("team")
        return (StepRule(LEADERS if is_own else EXECUTIVES, Act.ACTIVATE_RULE),)

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        version = _version(payload)
        require_reach(user, Act.PROPOSE_MODEL, version.team)
        if version.state == State.CHAMPION:
            raise Conflict(f"{version} is in use already.", code="in_use")
        if version.reason:
            raise Conflict(
                f"{version} has no model: its data was too thin.", code="no_model",
                remedy="Train it again when there is more data.",
            )  # fmt: skip

    def binding(self, payload: Payload) -> Payload:
        """The version to the last digit, its state, and what it would take the place of."""
        version = _version(payload)
        other = beside(version)
        return {
            **payload,
            "content": version.content_sha256,
            "state": version.state,
            "instead_of": other.content_sha256 if other else "",
        }

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:
        return Team.objects.get(pk=payload["team"])

    def effects(self, payload: Payload) -> Sequence[Effect]:
        version = _version(payload)
        other = beside(version)
        told = f"version {other.number}" if other else "nothing"
        first = Effect(f"{version.get_kind_display()} in use", told, f"version {version.number}")
        judged = [one for one in measured(version, other) if one.other is not None]
        return [first, *(_effect(one) for one in judged[:MOST_EFFECTS])]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:
        version = version_move(
            version=_version(request.payload), state=State.CHAMPION, reason=request.reason,
            actor=request.requested_by.as_actor(), at=at, request_id=request.pk,
        )  # fmt: skip
        return {"version": version.pk}


def _version(payload: Payload) -> ModelVersion:
    found = (
        ModelVersion.objects.select_related("team").filter(pk=payload.get("version") or 0).first()
    )
    if found is None:
        raise Invalid("There is no such version of a model.", where="version")
    return found


def _effect(one: Measured) -> Effect:
    return Effect(one.label, score_text(one.other, one.key), score_text(one.value, one.key))
