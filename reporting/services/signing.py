"""Signing a report off: once, by somebody who answers for its team."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from core import events
from core.errors import Conflict
from reporting.models import Report
from reporting.permissions import require_sign


@transaction.atomic
def report_sign(*, report: Report, user: User, at: datetime, comment: str = "") -> Report:
    """Sign what the report says, with a comment; raises ``Conflict`` when somebody already has."""
    require_sign(user, report)
    signed = Report.objects.filter(pk=report.pk, state=Report.State.DRAFT).update(
        state=Report.State.SIGNED, signed_by=user, signed_at=at, comment=comment.strip()
    )
    if not signed:
        raise Conflict(
            f"{report.title} is signed already.", remedy="Open it to see by whom and when."
        )
    report.refresh_from_db()
    events.record(
        actor=user.as_actor(),
        action="report.signed",
        subject=report,
        at=at,
        before={"state": Report.State.DRAFT},
        after={"state": report.state, "content_hash": report.content_hash},
        reason=report.comment,
        team_path=report.team.path,
        live=["reports"],
    )
    return report
