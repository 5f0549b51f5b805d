"""Taking a batch of observations back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from core import events
from core.errors import Conflict
from core.events import Actor
from metrics.models import Batch, Observation

Key = tuple[object, ...]


@transaction.atomic
def observations_undo(*, batch: Batch, actor: Actor, at: datetime, reason: str = "") -> Batch:
    """Put every observation back to what it was before ``batch``; returns the batch of the undo.

    Raises ``Conflict`` when it was undone already, when it is an undo itself, or when a later
    batch stated something else of the same, naming that batch.
    """
    current = Batch.objects.select_for_update().get(pk=batch.pk)
    if current.kind == Batch.Kind.UNDO or Batch.objects.filter(undoes=current).exists():
        raise Conflict(f"{current} was undone already.", code="already_undone")
    stated = _by_key(current.observations.select_related("team"))
    now = _in_force(stated)
    _refuse_changed_since(current, stated, now)
    undo = Batch.objects.create(
        kind=Batch.Kind.UNDO,
        known_at=at,
        source=current.source,
        label=f"Undo of {current.label}"[:200],
        undoes=current,
        rows=len(stated),
        changed=len(now),
        first_day=current.first_day,
        last_day=current.last_day,
    )
    former = list(Observation.objects.filter(ended_by=current))
    Observation.objects.filter(pk__in=[o.pk for o in now.values()]).update(ended_by=undo)
    for observation in former:
        observation.pk, observation.batch, observation.ended_by = None, undo, None
    Observation.objects.bulk_create(former)
    paths = {o.team.path for o in stated.values() if o.team}
    events.record(
        actor=actor,
        action="observations.undone",
        subject=current,
        at=at,
        after={"undo": undo.pk, "observations": len(stated)},
        reason=reason,
        team_path=min(paths, key=len, default=""),
        live=["facts"],
    )
    return undo


def _by_key(observations: Iterable[Observation]) -> dict[Key, Observation]:
    return {(o.metric, o.team_id, o.subject, o.first_day, o.last_day): o for o in observations}


def _in_force(stated: dict[Key, Observation]) -> dict[Key, Observation]:
    """What counts now of everything that the batch stated."""
    standing = Observation.objects.filter(
        metric__in={o.metric for o in stated.values()},
        team__in={o.team_id for o in stated.values()},
        ended_by=None,
    )
    found = _by_key(standing.select_for_update(of=("self",)).select_related("batch"))
    return {key: found[key] for key in stated if key in found}


def _refuse_changed_since(
    batch: Batch, stated: dict[Key, Observation], now: dict[Key, Observation]
) -> None:
    """An undo of something later that brought the same back is no change."""
    for key, current in now.items():
        said = stated[key]
        same = (current.value_micros, current.bound) == (said.value_micros, said.bound)
        if current.batch_id != batch.pk and not (same and current.batch.kind == Batch.Kind.UNDO):
            raise Conflict(
                f"{batch} cannot be undone: “{current.batch.label}” (batch {current.batch_id})"
                " changed some of the same figures since.",
                code="changed_since",
                remedy=f"Undo batch {current.batch_id} first.",
            )
