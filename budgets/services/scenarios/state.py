"""What every change of a scenario begins and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from budgets.choices import ScenarioState
from budgets.models import Scenario
from core import events
from core.errors import Conflict


def held(scenario: Scenario, user: User) -> Scenario:
    """The scenario, kept for this transaction, for somebody who may change it."""
    row = Scenario.objects.select_for_update(of=("self",))
    found = row.select_related("fiscal_year", "team", "owner").get(pk=scenario.pk)
    require(user, Act.DRAFT_REQUEST, team=found.team, owner_id=found.owner_id)
    return found


def drafted(scenario: Scenario, user: User) -> Scenario:
    """The same, for a change of its amounts: only a draft changes."""
    found = held(scenario, user)
    if found.state != ScenarioState.DRAFT:
        raise Conflict(
            f"{found} is {found.get_state_display().lower()} and stays as it is.",
            code="not_a_draft",
            remedy="Make a new scenario from the plan.",
        )
    return found


def changed(
    scenario: Scenario,
    user: User,
    action: str,
    at: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Note the change on the scenario and in the trail."""
    scenario.changed_at = at
    scenario.save(update_fields=["changed_at", "state", "request_id"])
    events.record(
        actor=user.as_actor(),
        action=f"scenario.{action}",
        subject=scenario,
        at=at,
        before=dict(before) if before else None,
        after=dict(after or {}),
        reason=reason,
        team_path=scenario.team.path,
        live=[f"scenario:{scenario.pk}"],
    )
