"""What a person does about an issue; each is carried out at once and stays on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from campaigns.models import Campaign
from campaigns.services import line_move
from core import events, formats
from core.errors import Conflict, Invalid
from integrations.choices import IssueState, Monitor, SyncKind
from integrations.models import Connection, QualityIssue
from integrations.services.connections import sync_ask
from integrations.services.holds import hold_make
from integrations.services.quality.checking import source_check

NOT_OPEN = "This issue is not open any more."


@transaction.atomic
def issue_accept(issue: QualityIssue, *, user: User, reason: str, at: datetime) -> QualityIssue:
    """Take the data as it is; the reason stays with it until something new is wrong."""
    locked = _locked(issue, user)
    if not reason.strip():
        raise Invalid("Say why the data is right as it is.", where="reason")
    locked.state = IssueState.ACCEPTED
    _acted(locked, "accept", user, reason, at)
    return locked


def issue_exclude(
    issue: QualityIssue,
    *,
    user: User,
    reason: str,
    at: datetime,
    days: Sequence[date] | None = None,
) -> QualityIssue:
    """Hold the rows in question back (or those of some ``days``), and look at the source again."""
    with transaction.atomic():
        locked = _locked(issue, user)
        keys = [
            (int(line), date.fromisoformat(day)) for line, day in locked.evidence.get("keys", [])
        ]
        wanted = [key for key in keys if days is None or key[1] in days]
        if not wanted:
            raise Conflict(
                "There are no single rows to leave out.", remedy="Accept it, or fetch it again."
            )
        hold_make(
            source=locked.source, keys=wanted, reason=reason, actor=user.as_actor(), at=at,
            user=user, issue=locked,
        )  # fmt: skip
        _acted(locked, "exclude", user, reason, at, {"rows": len(wanted)})
    source_check(locked.source, at=at)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def issue_refetch(issue: QualityIssue, *, user: User, at: datetime) -> str:
    """Ask the source's connection for the days again; says what was asked for.

    Raises ``Conflict`` for a source of files, with what to do in place of it.
    """
    locked = _locked(issue, user)
    days = [date.fromisoformat(day) for day in locked.evidence.get("days", [])]
    if not days and locked.first_day and locked.last_day:
        days = [locked.first_day, locked.last_day]
    connection = Connection.objects.filter(source=locked.source).first()
    if connection is None:
        raise Conflict(
            f"{locked.source} has no connection that could fetch these days.",
            code="no_connection",
            remedy="Export them from the platform and upload the file; the issue ends by itself.",
        )
    since = min(days) if days else at.date()
    sync_ask(connection, kind=SyncKind.BACKFILL, at=at, user=user, since=since)
    asked = f"{connection} reads everything from {formats.day(since)} on again."
    _acted(locked, "refetch", user, asked, at)
    return asked


def issue_remap(
    issue: QualityIssue, *, user: User, campaign: Campaign, at: datetime
) -> QualityIssue:
    """Say that an unknown campaign belongs to a known one; its numbers go with it."""
    with transaction.atomic():
        locked = _locked(issue, user)
        if locked.monitor != Monitor.UNKNOWN:
            raise Conflict("Only a campaign nobody planned can be put under another one.")
        line = line_move(line_id=int(locked.evidence["line"]), to=campaign, user=user, at=at)
        _acted(locked, "remap", user, f"{line.name} belongs to {campaign}.", at)
    source_check(locked.source, at=at)
    locked.refresh_from_db()
    return locked


def _locked(issue: QualityIssue, user: User) -> QualityIssue:
    locked = (
        QualityIssue.objects.select_for_update(of=("self",))
        .select_related("source__team")
        .get(pk=issue.pk)
    )
    require(user, Act.UPLOAD_IMPORT, team=locked.source.team, owner_id=user.pk)
    if locked.state != IssueState.OPEN:
        raise Conflict(NOT_OPEN, code="not_open")
    return locked


def _acted(
    issue: QualityIssue,
    action: str,
    user: User,
    reason: str,
    at: datetime,
    after: Mapping[str, Any] | None = None,
) -> None:
    issue.action, issue.reason = action, reason
    issue.acted_by, issue.acted_at = user, at
    issue.save()
    events.record(
        actor=user.as_actor(),
        action=f"quality.{action}",
        subject=issue,
        at=at,
        after={"source": issue.source.name, "state": issue.state, **(after or {})},
        reason=reason,
        team_path=issue.source.team.path,
        live=["imports"],
    )
