"""The approval policy in force."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.models import Policy
from approvals.rules.routing import default_rules
from core import events

FIRST_REASON = "The rules an installation starts with: 5,000 and 50,000 in the reporting currency."


def policy_ensure(*, at: datetime) -> Policy:
    """The newest policy; a new installation gets the default as version 1."""
    policy = Policy.objects.first()
    if policy:
        return policy
    with transaction.atomic():
        policy, created = Policy.objects.get_or_create(
            version=1,
            defaults={"rules": default_rules(), "reason": FIRST_REASON, "created_at": at},
        )
        if created:
            events.record(
                actor=events.SYSTEM,
                action="policy.created",
                subject=policy,
                at=at,
                after={"rules": policy.rules},
                reason=FIRST_REASON,
            )
    return policy
