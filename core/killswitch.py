"""The kill switch: one click stops everything that happens by itself; starting again takes two people.

Whoever carries something out calls ``refuse_when_on`` in the transaction that does it. The
switch waits for those under way and every later one finds it on, so nothing is done after
it was thrown.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from core import events
from core.errors import Conflict
from core.events import Actor
from core.models import Organisation


@transaction.atomic
def throw(*, actor: Actor, reason: str, at: datetime) -> bool:
    """Stop everything; returns False when it was stopped already."""
    return _change(actor, "kill_switch.on", reason, at, stopped_at=at)


@transaction.atomic
def release(*, actor: Actor, reason: str, at: datetime) -> bool:
    """Let things happen again; returns False when nothing was stopped."""
    return _change(actor, "kill_switch.off", reason, at, stopped_at=None)


def _change(
    actor: Actor, action: str, reason: str, at: datetime, stopped_at: datetime | None
) -> bool:
    Organisation.current()
    row = Organisation.objects.select_for_update().get()
    if bool(row.stopped_at) == bool(stopped_at):
        return False
    row.stopped_at = stopped_at
    row.stopped_by, row.stopped_because = (actor.name, reason) if stopped_at else ("", "")
    row.save(update_fields=["stopped_at", "stopped_by", "stopped_because"])
    events.record(
        actor=actor, action=action, subject=row, at=at, reason=reason,
        after={"stopped": bool(stopped_at)}, live=["kill_switch"],
    )  # fmt: skip
    return True


def is_on() -> bool:
    """Whether everything stands still, as this request has read it."""
    return Organisation.current().stopped_at is not None


def refuse_when_on() -> None:
    """Raise ``Conflict`` when the switch is on; while this transaction lasts nobody throws it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stopped_at, stopped_by FROM core_organisation FOR SHARE")
        since, by = cursor.fetchone() or (None, "")
    if since:
        raise Conflict(
            f"{by} stopped everything that happens by itself.",
            code="stopped",
            remedy="Ask again when the kill switch is off.",
        )


def notice() -> str:
    """What stands on every page while it is on."""
    found = Organisation.current()
    if not found.stopped_at:
        return ""
    return f"Everything that happens by itself is stopped: {found.stopped_by}, “{found.stopped_because}”"
