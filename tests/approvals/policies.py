"""Policies for tests: versions with other rules, and short ways to write them."""

from __future__ import annotations

from typing import Any

from approvals.models import Policy
from approvals.rules.routing import default_rules
from approvals.services import policy_ensure
from tests.approvals.actions import AT

EXECUTIVE: dict[str, Any] = {"roles": ["executive"], "act": "decide_large"}
AUDITOR: dict[str, Any] = {"roles": ["auditor"], "act": "decide_large"}
DIRECTOR: dict[str, Any] = {"roles": ["director"], "act": "decide_small"}


def beside(step: dict[str, Any]) -> dict[str, Any]:
    return {**step, "with_previous": True}


def advice(step: dict[str, Any], hours: int = 8) -> dict[str, Any]:
    return {**step, "decides": False, "hours": hours}


def in_force(*steps: dict[str, Any], **conditions: Any) -> Policy:
    """A version in force whose first rule has these steps; the usual rules cover the rest."""
    newest = policy_ensure(at=AT)
    rules = [{"kinds": ["*"], "teams": [], **conditions, "steps": list(steps)}]
    return Policy.objects.create(
        version=newest.version + 1,
        rules=rules + (list(default_rules()) if conditions else []),
        reason="For a test",
        created_at=AT,
    )
