"""A second person says that a file is right although it does not add up, or is older than what is known."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core.errors import Conflict, Invalid
from integrations.choices import RunState
from integrations.models import ImportRun
from integrations.rules import Reading
from integrations.rules.codes import Code
from integrations.services.runs import OVERRIDE, record, run_check

OVERRIDABLE = {Code.CONTROL_TOTAL_MISMATCH, Code.ROW_COUNT_MISMATCH, Code.STALE_EXPORT}


def overridable(run: ImportRun) -> str:
    """The one refusal of a file that a second person may lift; "" when there is another, or none."""
    if run.state != RunState.CHECKED or run.verdict != "REFUSE":
        return ""
    codes = {reason["code"] for reason in run.check_result.get("reasons", [])}
    return codes.pop() if len(codes) == 1 and codes <= OVERRIDABLE else ""


@transaction.atomic
def run_override(run: ImportRun, *, user: User, reason: str, today: date, at: datetime) -> Reading:
    """Read the file again without the refusal; whoever uploaded it can then import it.

    Raises ``NotAllowed`` for the uploader and for people without the right, ``Invalid`` without
    a reason, ``Conflict`` when the file is not held for its total, row count or age alone.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    contributors = [locked.uploaded_by_id] if locked.uploaded_by_id else []
    require(user, Act.OVERRIDE_TOTAL, team=locked.team, contributors=contributors)
    if not reason.strip():
        raise Invalid("Say why the file is right all the same.", where="reason")
    code = overridable(locked)
    if not code:
        raise Conflict(
            "This file is not held for its total, row count or age alone.",
            remedy="Look at the import again: it may have been decided, or has other problems.",
        )
    locked.settings = {**locked.settings, OVERRIDE: code}
    reading = run_check(locked, today=today, columns=locked.check_result.get("chosen", {}))
    record(
        locked,
        "import.overridden",
        user.as_actor(),
        at,
        after={"code": code},
        reason=reason.strip(),
    )
    return reading
