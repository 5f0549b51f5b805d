"""Out of office, with or without somebody who decides meanwhile, and standing substitutes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from approvals.models import Absence, Delegation, Substitute
from approvals.selectors import substitute_of
from approvals.services.delegation import (
    FARTHEST,
    GRACE,
    check_stand_in,
    delegation_create,
    delegation_end,
)
from core import events
from core.errors import Conflict, Invalid, NotAllowed


@transaction.atomic
def absence_create(
    *,
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    note: str = "",
    delegate: User | None = None,
    cap_micros: int | None = None,
) -> Absence:
    """Say that one is away; with ``delegate`` that person decides meanwhile.

    The limits of a delegation hold for it. Raises ``Invalid`` or ``Conflict`` when one is
    away already in that time.
    """
    starts_at = max(starts_at, at) if starts_at > at - GRACE else starts_at
    _check(user, starts_at, ends_at, at)
    delegation = _delegate(user, delegate, starts_at, ends_at, note, at, cap_micros)
    absence = Absence.objects.create(
        user=user,
        starts_at=starts_at,
        ends_at=ends_at,
        note=note.strip(),
        delegation=delegation,
        made_at=at,
    )
    after = {
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "note": absence.note,
        "delegate": delegate.name if delegate else None,
    }
    events.record(
        actor=user.as_actor(), action="absence.declared", subject=absence, at=at, after=after,
        live=["approvals"],
    )  # fmt: skip
    return absence


def _check(user: User, starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    if starts_at < at:
        raise Invalid("An absence starts now or later.", where="starts_at", code="in_the_past")
    if ends_at <= starts_at:
        raise Invalid("The end comes before the start.", where="ends_at")
    if ends_at - at > FARTHEST:
        raise Invalid("An absence ends within two years.", where="ends_at", code="too_long")
    # One row to hold, so that two forms sent at once see each other.
    User.objects.select_for_update().get(pk=user.pk)
    others = Absence.objects.filter(
        user=user, ended_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if others.exists():
        raise Conflict(
            "You are away already in that time.",
            code="away_already",
            remedy="End that absence first, or choose other days.",
        )


def _delegate(
    user: User,
    delegate: User | None,
    starts_at: datetime,
    ends_at: datetime,
    note: str,
    at: datetime,
    cap_micros: int | None,
) -> Delegation | None:
    if delegate is None:
        return None
    return delegation_create(
        user=user,
        delegate=delegate,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=note.strip() or "Out of office",
        at=at,
        cap_micros=cap_micros,
    )


@transaction.atomic
def absence_end(*, absence: Absence, user: User, at: datetime) -> Absence:
    """Be back early; the delegation that came with it ends too."""
    if absence.user_id != user.pk:
        raise NotAllowed("Only the person who is away can end an absence.")
    row = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if row.ended_at or row.ends_at <= at:
        raise Conflict("This absence is over already.", code="already_over")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    held = row.delegation
    if held and held.ended_at is None and held.ends_at > at:
        delegation_end(delegation=held, user=user, at=at, reason=f"{user} is back.")
    events.record(
        actor=user.as_actor(), action="absence.ended", subject=row, at=at,
        after={"ended_at": at.isoformat()}, live=["approvals"],
    )  # fmt: skip
    return row


@transaction.atomic
def substitute_set(*, user: User, substitute: User | None, at: datetime) -> None:
    """Name the person who is proposed when one is away and asked when one does not answer."""
    require(user, Act.DELEGATE, owner_id=user.pk)
    before = substitute_of(user)
    if before == substitute:
        return
    if substitute is None:
        Substitute.objects.filter(user=user).delete()
    else:
        check_stand_in(user, substitute, "substitute")
        Substitute.objects.update_or_create(user=user, defaults={"substitute": substitute})
    events.record(
        actor=user.as_actor(), action="substitute.named", subject=user, at=at,
        before={"substitute": before.name if before else None},
        after={"substitute": substitute.name if substitute else None}, is_security=True,
    )  # fmt: skip
