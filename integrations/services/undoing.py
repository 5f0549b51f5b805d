"""Taking an import back: all that it brought, and what its mended rows brought later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core.errors import Conflict, Invalid
from customers.services import records_undo
from integrations.choices import Origin, RunState
from integrations.models import ImportRun
from integrations.services.crm import is_records
from integrations.services.runs import record
from integrations.services.stream.withdrawing import stream_withdraw
from metrics.models import Batch
from metrics.services import batch_undo, observations_undo


@transaction.atomic
def run_undo(run: ImportRun, *, user: User, reason: str, at: datetime) -> Batch | None:
    """Take an import back: the facts become what they were, and both stay on record.

    None where no figure changed by it.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    require(user, Act.UNDO_IMPORT, team=locked.team, owner_id=locked.uploaded_by_id)
    if not reason.strip():
        raise Invalid("Say why the import is taken back.", where="reason")
    if locked.origin == Origin.STREAM:
        return stream_withdraw(locked, user=user, reason=reason, at=at)
    if locked.state != RunState.IMPORTED or locked.batch is None:
        raise Conflict(f"{locked} is not imported, so there is nothing to undo.")
    undone = [
        undo_of(batch)(batch=batch, actor=user.as_actor(), at=at, reason=reason)
        for batch in batches_of(locked)
    ][-1]
    locked.state, locked.undone_at = RunState.UNDONE, at
    locked.save(update_fields=["state", "undone_at"])
    record(locked, "import.undone", user.as_actor(), at, reason=reason)
    return undone


def batches_of(run: ImportRun) -> list[Batch]:
    """The run's own batch and those of its mended rows, the latest first, as they are undone."""
    own = Q(import_run=run) | Q(mended_rows__run=run)
    return list(Batch.objects.filter(own).distinct().order_by("-pk"))


def undo_of(batch: Batch) -> Callable[..., Batch]:
    """How a batch is taken back: records, observations and facts each know their own history."""
    if batch.observations.exists():
        return observations_undo
    return records_undo if is_records(batch) else batch_undo
