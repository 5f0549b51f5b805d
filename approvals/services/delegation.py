"""Handing the right to decide to somebody else for a time; it ends when either loses the role."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from accounts.services import register_rights_lost
from approvals.models import Delegation
from approvals.models.delegation import LONGEST
from approvals.permissions import may_stand_in
from approvals.selectors import own_limit, waiting_for
from approvals.services.notices import send
from core import events, formats
from core.errors import Conflict, Invalid, NotAllowed
from core.events import SYSTEM, Actor
from core.models import Organisation
from core.money import Money

# A form is filled in within some minutes, and "from now" still means now.
GRACE = timedelta(minutes=10)
# Nobody plans further ahead, and the calendar's last days have none after them.
FARTHEST = timedelta(days=731)


@transaction.atomic
def delegation_create(
    *,
    user: User,
    delegate: User,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    at: datetime,
    cap_micros: int | None = None,
) -> Delegation:
    """Let ``delegate`` decide what ``user`` may decide, from ``starts_at`` to ``ends_at``.

    At most 14 days, from now on, to an executive or a marketing director, up to
    ``cap_micros`` of the reporting currency (none: one's own limit). Raises
    ``NotAllowed`` without the right, ``Invalid`` beyond a limit, ``Conflict`` when it
    would be handed on, go round in a ring, or be the second at the same time.
    """
    require(user, Act.DELEGATE, owner_id=user.pk)
    starts_at = max(starts_at, at) if starts_at > at - GRACE else starts_at
    check_stand_in(user, delegate, "delegate")
    _check_time(starts_at, ends_at, at)
    _check_cap(user, cap_micros)
    if not reason.strip():
        raise Invalid("Say why, so that everybody understands who decides.", where="reason")
    refuse_chain(user, delegate, starts_at, ends_at)
    try:
        with transaction.atomic():
            made = Delegation.objects.create(
                delegator=user,
                delegate=delegate,
                starts_at=starts_at,
                ends_at=ends_at,
                cap_micros=cap_micros,
                reason=reason.strip(),
                made_by=user,
                made_at=at,
            )
    except IntegrityError as error:
        raise Conflict(
            "Somebody delegated at the same moment, so this one was not made.",
            code="delegation_conflict",
            remedy="Look at the delegations again.",
        ) from error
    _record(made, "delegation.made", user.as_actor(), at, reason=made.reason)
    _tell_delegate(made, at)
    return made


def check_stand_in(user: User, other: User, where: str) -> None:
    """Raise ``Invalid`` unless ``other`` may decide for ``user`` at all."""
    if other.pk == user.pk:
        raise Invalid("Choose somebody else: you cannot stand in for yourself.", where=where)
    if not may_stand_in(other):
        raise Invalid(
            f"{other} is neither an executive nor a marketing director.",
            code="role_too_low",
            where=where,
            remedy="Choose an executive or a marketing director.",
        )


def _check_time(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if starts_at < at:
        raise Invalid("A delegation starts now or later.", where="starts_at", code="in_the_past")
    if ends_at <= starts_at:
        raise Invalid("The end comes before the start.", where="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(
            "A delegation lasts 14 days at most.",
            code="too_long",
            where="ends_at",
            remedy="End it earlier, and delegate again when it is over.",
        )
    if ends_at - at > FARTHEST:
        raise Invalid("A delegation ends within two years.", where="ends_at", code="too_long")


def _check_cap(user: User, cap_micros: int | None) -> None:
    limit = own_limit(user)
    if cap_micros is None:
        return
    if cap_micros <= 0:
        raise Invalid("The cap is above zero.", where="cap")
    if limit is not None and cap_micros > limit:
        own = formats.money_whole(Money(limit, Organisation.current().reporting_currency))
        raise Invalid(
            f"You may decide up to {own} yourself, so you cannot delegate more.",
            code="above_own_limit",
            where="cap",
        )


def refuse_chain(user: User, delegate: User, starts_at: datetime, ends_at: datetime) -> None:
    """Raise ``Conflict`` for what is handed on, goes in a ring, or is a second at once."""
    others = Delegation.objects.filter(
        ended_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    held = others.filter(delegate=user).select_related("delegator").first()
    if held:
        raise Conflict(
            f"You decide for {held.delegator} in that time; nobody hands on a right or their own beside it.",
            code="no_chain",
            remedy="Choose another time, or end that delegation first.",
        )
    given = others.filter(delegator=delegate).select_related("delegate").first()
    if given:
        raise Conflict(
            f"{delegate} has delegated to {given.delegate} in that time.",
            code="no_chain",
            where="delegate",
            remedy="Choose somebody who is there.",
        )
    own = others.filter(delegator=user).select_related("delegate").first()
    if own:
        raise Conflict(
            f"{own.delegate} already decides for you in that time.",
            code="one_at_a_time",
            remedy="End that delegation first.",
        )


@transaction.atomic
def delegation_end(
    *, delegation: Delegation, user: User, at: datetime, reason: str = ""
) -> Delegation:
    """End a delegation early; who gave it or who holds it may."""
    if user.pk not in (delegation.delegator_id, delegation.delegate_id):
        raise NotAllowed("Only the two it concerns can end a delegation.")
    locked = _running(Q(pk=delegation.pk), at).first()
    if locked is None:
        raise Conflict("This delegation is over already.", code="already_over")
    _end(locked, user.as_actor(), at, reason.strip() or f"Ended early by {user}.")
    other = locked.delegate if user.pk == locked.delegator_id else locked.delegator
    send(
        other,
        key=f"delegation:{locked.pk}:ended",
        title=f"The delegation of {locked.delegator} to {locked.delegate} has ended",
        body=locked.ended_because,
        url=reverse("approvals:away"),
        at=at,
    )
    return locked


def delegations_end_lost(user: User, at: datetime) -> int:
    """End the delegations of somebody whose role no longer allows them; returns how many."""
    user.forget_memberships()
    if may_stand_in(user):
        return 0
    found = list(_running(Q(delegator=user) | Q(delegate=user), at))
    for delegation in found:
        _end(delegation, SYSTEM, at, f"{user} no longer holds a role that may decide.")
    return len(found)


def _running(which: Q, at: datetime) -> QuerySet[Delegation]:
    rows = Delegation.objects.select_for_update(of=("self",)).filter(which)
    return rows.filter(ended_at__isnull=True, ends_at__gt=at).select_related(
        "delegator", "delegate"
    )


def _end(delegation: Delegation, actor: Actor, at: datetime, why: str) -> None:
    delegation.ended_at, delegation.ended_because = at, why[:200]
    delegation.save(update_fields=["ended_at", "ended_because"])
    _record(delegation, "delegation.ended", actor, at, reason=why)


def _record(
    delegation: Delegation, action: str, actor: Actor, at: datetime, *, reason: str
) -> None:
    after = {
        "delegator": delegation.delegator.name,
        "delegate": delegation.delegate.name,
        "starts_at": delegation.starts_at.isoformat(),
        "ends_at": delegation.ends_at.isoformat(),
        "cap_micros": delegation.cap_micros,
        "ended_at": delegation.ended_at.isoformat() if delegation.ended_at else None,
    }
    events.record(
        actor=actor, action=action, subject=delegation, at=at, after=after, reason=reason,
        is_security=True, live=["approvals"],
    )  # fmt: skip


def _tell_delegate(made: Delegation, at: datetime) -> None:
    facts = {
        "From": formats.moment(made.starts_at),
        "Until": formats.moment(made.ends_at),
    }
    if made.starts_at <= at:
        facts["Waiting for you now"] = str(len(waiting_for(made.delegate, now=at)))
    send(
        made.delegate,
        key=f"delegation:{made.pk}:made",
        title=f"You decide for {made.delegator}",
        body=made.reason,
        url=reverse("approvals:inbox"),
        button="See what waits for you",
        facts=facts,
        at=at,
    )


def register() -> None:
    """Hear from the people's room when somebody loses a role or is shut out."""
    register_rights_lost(delegations_end_lost)
