"""What people make of an incident: no anomaly (and back), or something that somebody must see."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid
from insights.models import Dismissal, Finding
from insights.services.listeners import CHANGED, ENDED, OPENED, tell

MOST = 500


@transaction.atomic
def anomaly_dismiss(*, finding: Finding, user: User, reason: str, at: datetime) -> Dismissal:
    """Say that it is no anomaly, and why: it ends with its alert and is not found again."""
    current = _locked(finding, user)
    if not reason.strip():
        raise Invalid("Say what it was instead.", where="reason")
    if current.dismissals.filter(undone_at=None).exists():
        raise Conflict("Somebody has said so already.")
    made = Dismissal.objects.create(finding=current, reason=reason.strip()[:MOST], by=user, at=at)
    if current.ended_at is None:
        current.ended_at = at
        current.save(update_fields=["ended_at"])
        tell(current, ENDED, at)
    _record(current, "finding.dismissed", user, at, reason=made.reason)
    return made


@transaction.atomic
def dismissal_undo(*, finding: Finding, user: User, at: datetime) -> Finding:
    """Take it back: the incident is open again until the next check decides."""
    current = _locked(finding, user)
    changed = current.dismissals.filter(undone_at=None).update(undone_at=at, undone_by=user)
    if not changed:
        raise Conflict("Nobody has said that this is no anomaly.")
    _reopen(current, at)
    _record(current, "finding.restored", user, at)
    return current


@transaction.atomic
def anomaly_raise(*, finding: Finding, user: User, at: datetime) -> Finding:
    """Let its owner see it as an alert, although the check would have kept it quiet or ended it."""
    current = _locked(finding, user)
    if current.dismissals.filter(undone_at=None).exists():
        raise Conflict("Somebody has said that this is no anomaly.", remedy="Take that back first.")
    current.evidence["quiet"] = False
    current.evidence["raised_at"] = at.isoformat()
    current.save(update_fields=["evidence"])
    _reopen(current, at)
    tell(current, CHANGED, at)
    _record(current, "finding.raised", user, at)
    return current


def _locked(finding: Finding, user: User) -> Finding:
    """The incident, locked, if the person may speak for its team."""
    require(user, Act.RUN_MODELS, team=finding.team, owner_id=user.pk)
    rows = Finding.objects.select_for_update(of=("self",)).select_related("team")
    return rows.get(pk=finding.pk, kind=Finding.Kind.ANOMALY)


def _reopen(finding: Finding, at: datetime) -> None:
    if finding.ended_at is None:
        return
    if Finding.objects.open().filter(cause=finding.cause).exists():
        raise Conflict("The same incident is open again already; look at the newer one.")
    finding.ended_at = None
    finding.save(update_fields=["ended_at"])
    tell(finding, OPENED, at)


def _record(finding: Finding, action: str, user: User, at: datetime, reason: str = "") -> None:
    events.record(
        actor=user.as_actor(),
        action=action,
        subject=finding,
        at=at,
        after={"title": finding.title},
        reason=reason,
        team_path=finding.team.path,
        live=[f"campaign:{finding.campaign_id}"] if finding.campaign_id else [],
    )
