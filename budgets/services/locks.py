"""Locking the plan of a year by approval, and unlocking it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from approvals.models import ChangeRequest
from approvals.services import request_create
from budgets.choices import LOCK, UNLOCK, LockLevel
from budgets.models import FiscalYear, PlanLock
from budgets.services.versions import version_add
from budgets.services.years import year_alone
from core import events


def lock_ask(
    *, user: User, year: FiscalYear, team_id: int, level: str, reason: str, at: datetime
) -> ChangeRequest:
    """Ask to lock the plan of a year; those who decide its whole amount decide."""
    what = "total" if level == LockLevel.TOTAL else "whole plan"
    return request_create(
        user=user,
        kind=LOCK,
        payload={"year": year.year, "team": team_id, "level": level},
        title=f"Lock the {what} of {year}",
        reason=reason,
        evidence={},
        at=at,
    )


def unlock_ask(
    *, user: User, year: FiscalYear, team_id: int, reason: str, at: datetime
) -> ChangeRequest:
    """Ask to unlock the plan of a year."""
    return request_create(
        user=user,
        kind=UNLOCK,
        payload={"year": year.year, "team": team_id},
        title=f"Unlock the plan of {year}",
        reason=reason,
        evidence={},
        at=at,
    )


@transaction.atomic
def lock_set(*, year: FiscalYear, level: str, request: ChangeRequest, at: datetime) -> PlanLock:
    """Lock a year as approved; the plan of this moment becomes a version."""
    year_alone(year)
    version = version_add(
        year=year,
        name=f"Locked by {request.reference}",
        note=request.reason,
        made_by=request.requested_by,
        at=at,
    )
    lock, _ = PlanLock.objects.update_or_create(
        fiscal_year=year,
        defaults={
            "level": level,
            "version": version,
            "locked_by": request.requested_by,
            "locked_at": at,
            "reason": request.reason,
            "request_id": request.pk,
        },
    )
    after = {"level": level, "version": str(version), "request": request.reference}
    _record(year, request, "plan.locked", at, after=after)
    return lock


@transaction.atomic
def lock_lift(*, year: FiscalYear, request: ChangeRequest, at: datetime) -> None:
    """Unlock a year as approved; its version stays."""
    year_alone(year)
    lock = PlanLock.objects.get(fiscal_year=year)
    before = {"level": lock.level, "version": str(lock.version)}
    lock.delete()
    _record(year, request, "plan.unlocked", at, before=before)


def _record(
    year: FiscalYear,
    request: ChangeRequest,
    action: str,
    at: datetime,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    events.record(
        actor=request.requested_by.as_actor(),
        action=action,
        subject=year,
        at=at,
        before=before,
        after=after or {},
        reason=request.reason,
        live=["budgets"],
    )
