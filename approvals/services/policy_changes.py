"""Asking for another policy: a request like any other, confirmed by a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import User
from approvals.choices import POLICY_CHANGE
from approvals.models import ChangeRequest
from approvals.rules.routing import Rule
from approvals.services.policies import policy_ensure, rules_kept, rules_read
from approvals.services.requests import request_create, request_edit
from core.errors import Invalid


def policy_propose(
    *,
    user: User,
    rules: Sequence[Rule],
    reason: str,
    at: datetime,
    request: ChangeRequest | None = None,
) -> ChangeRequest:
    """Ask for other rules; an executive who had no hand in it confirms.

    ``request`` is an own policy request that is changed. Raises ``Invalid`` with every
    problem of the rules, and when nothing differs from the version in force.
    """
    wanted, newest = rules_read(list(rules)), policy_ensure(at=at)
    if wanted == rules_kept(newest.rules):
        raise Invalid("These are the rules in force already; nothing would change.", where="rules")
    payload: dict[str, Any] = {"rules": wanted, "based_on": newest.version}
    title = f"Change the approval policy to version {newest.version + 1}"
    if request is not None:
        return request_edit(
            request=request, user=user, payload=payload, reason=reason, at=at, title=title
        )
    return request_create(
        user=user,
        kind=POLICY_CHANGE,
        payload=payload,
        title=title,
        reason=reason,
        evidence={},
        at=at,
    )
