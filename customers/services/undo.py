"""Taking a batch of customer records back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Team
from core import events
from core.errors import Conflict
from core.events import Actor
from customers.models import Record, RecordChange
from customers.services.entities import MODELS, fields_of, links_of, restore
from customers.services.linking import link
from metrics.models import Batch
from metrics.services.locks import lock_teams


@transaction.atomic
def records_undo(*, batch: Batch, actor: Actor, at: datetime, reason: str = "") -> Batch:
    """Put every record back to what it was before ``batch``; returns the batch of the undo.

    Raises ``Conflict`` when it was undone already, or when a later batch changed one of its
    records, naming that batch: undo that one first.
    """
    current = Batch.objects.select_for_update().get(pk=batch.pk)
    if current.kind == Batch.Kind.UNDO or Batch.objects.filter(undoes=current).exists():
        raise Conflict(f"{current} was undone already.", code="already_undone")
    changes = list(RecordChange.objects.filter(batch=current))
    teams: dict[int, Team] = {}
    undone = Batch.objects.create(
        kind=Batch.Kind.UNDO,
        known_at=at,
        source=current.source,
        label=f"Undo of {current.label}"[:200],
        undoes=current,
        rows=len(changes),
        changed=len(changes),
    )
    for entity in MODELS:
        own = {c.record_id: c for c in changes if c.entity == entity}
        records = list(MODELS[entity].objects.filter(pk__in=own).select_related("team", "batch"))
        lock_teams(record.team_id for record in records)
        _refuse_changed_since(current, records)
        _put_back(entity, records, own)
        teams |= {record.team.pk: record.team for record in records}
    for team in teams.values():
        link(team=team)
    events.record(
        actor=actor,
        action="customers.undone",
        subject=current,
        at=at,
        after={"undo": undone.pk, "records": len(changes)},
        reason=reason,
        team_path=min((team.path for team in teams.values()), key=len, default=""),
        live=["customers"],
    )
    return undone


def _refuse_changed_since(batch: Batch, records: list[Record]) -> None:
    later = next((record.batch for record in records if record.batch_id != batch.pk), None)
    if later is not None:
        raise Conflict(
            f"{later} changed some of the same records later.",
            code="changed_since",
            remedy="Undo that import first.",
        )


def _put_back(entity: str, records: list[Record], changes: dict[int, RecordChange]) -> None:
    """Whoever was erased in the meantime stays erased."""
    model = MODELS[entity]
    links = links_of(model)
    gone = [record.pk for record in records if changes[record.pk].before is None]
    kept = [
        record
        for record in records
        if changes[record.pk].before is not None and not getattr(record, "erased_at", None)
    ]
    for record in kept:
        restore(record, changes[record.pk].before or {})
        for name in links:
            setattr(record, name, None)
    model.objects.bulk_update(kept, [*fields_of(entity), *links, "batch"], batch_size=500)
    model.objects.filter(pk__in=gone).delete()
