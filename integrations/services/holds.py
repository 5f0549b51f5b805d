"""Holding facts back: they count nowhere, nothing of them is lost, and a person lets them in again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core import events
from core.errors import Conflict, Invalid
from core.events import Actor
from integrations.models import Hold, QualityIssue, Source
from integrations.rules import MEASURES
from metrics.models import Batch
from metrics.services import LineDayKey, facts_return, facts_withdraw, withdrawn_facts

KEY = ["line_id", "day", "creative_id", "segment_id", "period_days"]


@transaction.atomic
def hold_make(
    *,
    source: Source,
    keys: Sequence[LineDayKey],
    reason: str,
    actor: Actor,
    at: datetime,
    user: User | None = None,
    issue: QualityIssue | None = None,
) -> Hold:
    """Take these lines' days of the source out of every figure until they are released.

    ``user`` None is a monitor that was set to hold. Raises ``Conflict`` when nothing is there.
    """
    if user:
        require(user, Act.CONFIRM_PARTIAL, team=source.team, owner_id=user.pk)
        if not reason.strip():
            raise Invalid("Say why these rows must not count.", where="reason")
    batch = facts_withdraw(
        source=source.pk, keys=keys, label=f"Held back: {reason}", actor=actor, at=at, reason=reason
    )
    if batch is None:
        raise Conflict("None of these rows counts any more.", remedy="Open the issue again.")
    hold = Hold.objects.create(
        source=source,
        issue=issue,
        keys=[[line, day.isoformat()] for line, day in sorted(set(keys))],
        reason=reason,
        held_by=user,
        held_at=at,
    )
    hold.batches.add(batch)
    _record(hold, "quality.held", actor, at, {"facts": batch.changed})
    return hold


@transaction.atomic
def hold_release(hold: Hold, *, user: User, reason: str, at: datetime) -> Hold:
    """Let held facts count again, as they stood or came since."""
    locked = Hold.objects.select_for_update().select_related("source__team").get(pk=hold.pk)
    require(user, Act.CONFIRM_PARTIAL, team=locked.source.team, owner_id=user.pk)
    if locked.released_at:
        raise Conflict("These rows count again already.")
    if not reason.strip():
        raise Invalid("Say why these rows may count again.", where="reason")
    locked.released_at = at
    locked.save(update_fields=["released_at"])
    result = facts_return(
        batches=_batches([locked]),
        source=locked.source_id,
        label=f"Released: {locked.reason}",
        actor=user.as_actor(),
        at=at,
    )
    _record(locked, "quality.released", user.as_actor(), at, {"facts": result.rows}, reason)
    return locked


def hold_again(*, source: Source, batch: Batch, actor: Actor, at: datetime) -> None:
    """Hold back what a load brought for days that are held; it stands ready for the release."""
    for hold in active_holds(source):
        taken = facts_withdraw(
            source=source.pk,
            keys=_keys(hold),
            label=f"Held back: {hold.reason}",
            actor=actor,
            at=at,
            reason=f"Part of {batch.label}",
        )
        if taken:
            hold.batches.add(taken)


def without_held(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """The frame without rows that are held just as they are: the same file changes nothing."""
    holds = active_holds(source)
    if frame.empty or not holds:
        return frame
    held = withdrawn_facts(_batches(holds))
    if held.empty:
        return frame
    held["day"] = pd.to_datetime(held["day"])
    measures = [name for name in MEASURES if name in frame]
    same = frame.merge(held, on=[*KEY, *measures], how="left", indicator=True)["_merge"] == "both"
    return frame[~same.to_numpy()]


def active_holds(source: Source) -> list[Hold]:
    return list(Hold.objects.filter(source=source, released_at=None))


def _batches(holds: Sequence[Hold]) -> list[int]:
    through = Hold.batches.through.objects.filter(hold__in=holds)
    return [int(pk) for pk in through.values_list("batch_id", flat=True)]


def _keys(hold: Hold) -> list[LineDayKey]:
    return [(int(line), date.fromisoformat(day)) for line, day in hold.keys]


def _record(
    hold: Hold, action: str, actor: Actor, at: datetime, after: dict[str, int], reason: str = ""
) -> None:
    events.record(
        actor=actor,
        action=action,
        subject=hold.issue or hold,
        at=at,
        after={"source": hold.source.name, "days_of_lines": len(hold.keys), **after},
        reason=reason or hold.reason,
        team_path=hold.source.team.path,
        live=["imports"],
    )
