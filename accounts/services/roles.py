"""Roles: given by an administrator, never by oneself, never two that exclude each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.choices import EXCLUDED_BESIDE, TWO_PERSON_ROLES, Act, Role
from accounts.models import Membership, Team, User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid, NotAllowed

# listener(user, at): somebody lost a role or was shut out.
RightsLost = Callable[[User, datetime], object]
_rights_lost: list[RightsLost] = []


def register_rights_lost(listener: RightsLost) -> None:
    """Call ``listener(user, at)`` in the transaction in which somebody loses a role or their access."""
    if listener not in _rights_lost:
        _rights_lost.append(listener)


def announce_rights_lost(user: User, at: datetime) -> None:
    """Let the apps end what hung on the person's rights."""
    for listener in _rights_lost:
        listener(user, at)


def membership_give(
    *, user: User, team: Team, role: str, by: User, at: datetime, limit_micros: int | None = None
) -> Membership:
    """Give a director's, manager's or analyst's role for a team and everything below it.

    ``limit_micros`` is what the person may decide at most, in the reporting currency.
    Raises ``NotAllowed`` for a role that needs two people (``role_propose``) and for
    oneself, ``Conflict`` for a role that the person's other roles exclude.
    """
    refuse_oneself(user, by)
    require(by, Act.GIVE_ROLE, owner_id=user.pk)
    refuse_two_person_role(role)
    return give(user=user, team=team, role=role, by=by, at=at, limit_micros=limit_micros)


def membership_take(*, membership: Membership, by: User, at: datetime, reason: str = "") -> None:
    """Take a director's, manager's or analyst's role away; it is gone at the next request."""
    refuse_oneself(membership.user, by)
    require(by, Act.GIVE_ROLE, owner_id=membership.user_id)
    refuse_two_person_role(membership.role)
    take(membership=membership, by=by, at=at, reason=reason)


@transaction.atomic
def membership_limit(
    *, membership: Membership, limit_micros: int | None, by: User, at: datetime, reason: str
) -> Membership:
    """Change what a person may decide at most by a role; None leaves only the policy's limits."""
    refuse_oneself(membership.user, by)
    require(by, Act.GIVE_ROLE, owner_id=membership.user_id)
    refuse_two_person_role(membership.role)
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    before = membership.limit_micros
    if before == limit_micros:
        return membership
    _check_limit(limit_micros)
    membership.limit_micros = limit_micros
    membership.save(update_fields=["limit_micros"])
    _record("role.limited", membership, by, at, reason, {"limit_micros": before})
    return membership


def refuse_oneself(user: User, by: User) -> None:
    """Nobody changes their own roles or limits."""
    if user.pk == by.pk:
        raise NotAllowed(
            "Nobody changes their own roles or limits.",
            code="own_role",
            remedy="Ask another administrator.",
        )


def refuse_two_person_role(role: str) -> None:
    """Executives, auditors and administrators are made and unmade by two people."""
    if role not in Role.values:
        raise Invalid(f"“{role}” is not a role.", where="role")
    if role in TWO_PERSON_ROLES:
        raise NotAllowed(
            f"The role “{Role(role).label}” is given and taken by two people.",
            code="needs_two_people",
            remedy="Propose it; an executive or another administrator confirms.",
        )


@transaction.atomic
def give(
    *, user: User, team: Team, role: str, by: User, at: datetime, limit_micros: int | None = None
) -> Membership:
    """Write a role that was allowed before; checks what no right can lift."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_target(user, team)
    _check_limit(limit_micros)
    refuse_excluded(user, role)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user, team=team, role=role, limit_micros=limit_micros
            )
    except IntegrityError as error:
        raise Conflict(
            f"{user.name} holds the role “{Role(role).label}” of {team.name} already.",
            code="role_held",
        ) from error
    _record("role.given", membership, by, at, "", None)
    return membership


@transaction.atomic
def take(*, membership: Membership, by: User, at: datetime, reason: str) -> None:
    """Delete a role that may be taken."""
    before = {
        "team": membership.team.name,
        "role": membership.role,
        "limit_micros": membership.limit_micros,
    }
    events.record(
        actor=by.as_actor(), action="role.taken", subject=membership.user, at=at,
        before=before, reason=reason, team_path=membership.team.path, is_security=True,
    )  # fmt: skip
    membership.delete()
    membership.user.forget_memberships()
    announce_rights_lost(membership.user, at)


def refuse_excluded(user: User, role: str) -> None:
    """Raise ``Conflict`` when a role excludes one the person holds (separation of duties)."""
    user.forget_memberships()
    for held in sorted(user.roles):
        if role in EXCLUDED_BESIDE.get(Role(held), ()) or held in EXCLUDED_BESIDE.get(
            Role(role), ()
        ):
            raise Conflict(
                f"{user.name} is {Role(held).label}; that role excludes “{Role(role).label}”.",
                code="roles_exclude",
                remedy="Take the other role away first, or choose somebody else.",
            )


def _check_target(user: User, team: Team) -> None:
    if not user.is_active:
        raise Conflict(f"{user.name} is deactivated.", remedy="Reactivate them first.")
    if team.is_archived:
        raise Conflict(f"{team.name} is archived.", remedy="Choose a team that is in use.")


def _check_limit(limit_micros: int | None) -> None:
    if limit_micros is not None and limit_micros < 0:
        raise Invalid("A limit is not negative.", where="limit")


def _record(
    action: str,
    membership: Membership,
    by: User,
    at: datetime,
    reason: str,
    before: dict[str, Any] | None,
) -> None:
    membership.user.forget_memberships()
    after = {
        "team": membership.team.name,
        "role": membership.role,
        "limit_micros": membership.limit_micros,
    }
    events.record(
        actor=by.as_actor(), action=action, subject=membership.user, at=at, reason=reason,
        before=before, after=after, team_path=membership.team.path, is_security=True,
    )  # fmt: skip
