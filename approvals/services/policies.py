"""The approval policy: the version in force, what its rules may name, and its next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.choices import Act, Role
from accounts.models import Membership, Team
from accounts.permissions import matrix
from approvals.models import ChangeRequest, Policy
from approvals.rules.checking import BY_AMOUNT, Known, check_rules
from approvals.rules.routing import ANY_KIND, Rule, default_rules
from approvals.services.registry import channels_known, fixed_steps, kinds
from core import events
from core.errors import Conflict, Invalid
from core.models import Organisation

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


def policy_known() -> Known:
    """What the rules of a policy can name here and now."""
    holders: dict[str, set[int]] = {role: set() for role in Role.values}
    held = Membership.objects.filter(user__is_active=True)
    for role, user_id in held.values_list("role", "user_id"):
        holders[role].add(user_id)
    return Known(
        kinds={kind: label for kind, label in kinds().items() if not fixed_steps(kind)},
        teams=dict(Team.objects.filter(is_archived=False).values_list("path", "name")),
        channels=channels_known(),
        able=able_pairs(),
        holders={role: frozenset(people) for role, people in holders.items()},
        currency=Organisation.current().reporting_currency,
    )


def able_pairs() -> frozenset[tuple[str, str]]:
    """The pairs (role, act) that the permission table allows among the rights to decide amounts."""
    table = matrix()
    return frozenset(
        (role, name)
        for name in BY_AMOUNT
        for role, level in table[Act[name.upper()]].items()
        if level != "-"
    )


def rules_read(raw: Any) -> list[dict[str, Any]]:
    """Rules in the one form in which they are kept; raises ``Invalid`` with everything that is wrong."""
    problems = check_rules(raw, policy_known())
    if problems:
        more = f" There are {len(problems) - 1} more problems." if len(problems) > 1 else ""
        raise Invalid(
            f"{problems[0].message}{more}",
            code="bad_policy",
            where="rules",
            remedy="Mend the rules, then send them.",
            details=[{"where": found.where, "message": found.message} for found in problems],
        )
    return [rule_kept(rule) for rule in raw]


def rule_kept(rule: Rule) -> dict[str, Any]:
    """A rule with all its parts, in one order, so that equal rules are equal."""
    above = rule.get("above_percent")
    return {
        "kinds": sorted(rule.get("kinds") or [ANY_KIND]),
        "teams": sorted(rule.get("teams") or []),
        "channels": sorted(rule.get("channels") or []),
        "risks": sorted(rule.get("risks") or []),
        "above_micros": rule.get("above_micros") or None,
        "max_micros": rule.get("max_micros"),
        "above_percent": None if above is None else str(above),
        "steps": [_step_kept(step) for step in rule["steps"]],
    }


def _step_kept(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "roles": sorted(step["roles"]),
        "act": step["act"],
        "needed": step.get("needed", 1),
        "with_previous": step.get("with_previous", False),
        "hours": step.get("hours"),
        "decides": step.get("decides", True),
    }


def rules_kept(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules as they would be kept, whether or not they are right."""
    return [rule_kept(rule) for rule in rules]


def policy_adopt(
    *, request: ChangeRequest, rules: Sequence[Rule], based_on: int, at: datetime
) -> Policy:
    """The next version, in the transaction of the request that asked for it.

    Requests under way keep the version they were sent under. Raises ``Conflict`` when
    another version came into force since the request was made.
    """
    newest = policy_ensure(at=at)
    if newest.version != based_on:
        raise Conflict(
            f"Version {newest.version} of the policy is in force since; "
            f"this change was made for version {based_on}.",
            code="stale",
            remedy="Ask for it again on the version of today.",
        )
    try:
        with transaction.atomic():
            policy = Policy.objects.create(
                version=newest.version + 1,
                rules=list(rules),
                reason=request.reason,
                created_by=request.requested_by,
                created_at=at,
                request_id=request.pk,
            )
    except IntegrityError as error:
        raise Conflict("Another version of the policy was made at once.", code="stale") from error
    events.record(
        actor=request.requested_by.as_actor(),
        action="policy.changed",
        subject=policy,
        at=at,
        before={"version": newest.version, "rules": newest.rules},
        after={"version": policy.version, "rules": policy.rules, "request": request.reference},
        reason=request.reason,
        is_security=True,
        live=["approvals"],
    )
    return policy
