"""What can be asked for here: up to which classification a role exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.choices import Act, Role
from accounts.models import Team, User
from approvals.models import ChangeRequest
from approvals.services import Effect, Payload, StepRule
from core.classification import Level
from core.errors import Conflict, Invalid
from core.models import Organisation
from core.money import Money
from reporting.choices import CLEARANCE
from reporting.selectors.clearances import clearances
from reporting.services.clearances import clearance_set


class ChangeClearance:
    """``{"role": key, "highest": level}``."""

    kind = CLEARANCE
    label = "What a role may export"
    template = ""
    proposed_by = Act.EDIT_ROLE

    def steps(self, payload: Payload) -> tuple[StepRule, ...]:  # noqa: ARG002
        return (StepRule((Role.EXECUTIVE.value,), Act.EDIT_ROLE),)

    def validate(self, payload: Payload, *, user: User, at: datetime) -> None:  # noqa: ARG002
        role, highest = _read(payload)
        if clearances()[role] == highest:
            raise Conflict(f"{role.label} may export up to {highest.label} already.")

    def binding(self, payload: Payload) -> Payload:
        role, _ = _read(payload)
        return {**payload, "now": clearances()[role].value}

    def amount(self, payload: Payload, *, at: datetime) -> Money:  # noqa: ARG002
        return Money(0, Organisation.current().reporting_currency)

    def team(self, payload: Payload) -> Team:  # noqa: ARG002
        return Team.objects.get(parent=None)

    def effects(self, payload: Payload) -> Sequence[Effect]:
        role, highest = _read(payload)
        return [Effect(f"{role.label} may export up to", clearances()[role].label, highest.label)]

    def details(self, request: ChangeRequest) -> Mapping[str, Any]:  # noqa: ARG002
        return {}

    def execute(self, request: ChangeRequest, *, at: datetime) -> Mapping[str, Any]:  # noqa: ARG002
        role, highest = _read(request.payload)
        clearance_set(role=role, highest=highest, request_id=request.pk)
        return {"role": role.value, "highest": highest.value}


def _read(payload: Payload) -> tuple[Role, Level]:
    try:
        return Role(str(payload.get("role"))), Level(str(payload.get("highest")))
    except ValueError as error:
        raise Invalid("Choose a role and a classification.", where="role") from error
