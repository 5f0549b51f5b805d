"""Requests that what happened elsewhere has overtaken: they cannot be approved as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.services.amounts import is_unchanged
from approvals.services.state import lock, record
from core import outbox
from core.events import SYSTEM
from core.models import OutboxItem

MOVED = "approvals.moved"
WHY = "What it would change has moved since it was asked for. It has to be sent again."
FITS = "What it would change is again as it was when it was asked for."


def moved_look(request: ChangeRequest, at: datetime) -> None:
    """Have the other open requests looked at: this one was carried out, on lines of theirs perhaps."""
    outbox.enqueue(MOVED, f"moved:{request.pk}", {"request": request.pk}, at=at)


def handle(item: OutboxItem, now: datetime) -> Mapping[str, Any]:
    """Outbox handler of ``approvals.moved``."""
    done = ChangeRequest.objects.get(pk=item.payload["request"])
    return moved_mark(now, because=f"{done.reference} was carried out. {WHY}")


def moved_mark(now: datetime, *, because: str = WHY) -> dict[str, int]:
    """Schedule: mark open requests that can no longer be approved as they stand, and those that can again."""
    waiting = ChangeRequest.objects.filter(state=RequestState.OPEN).select_related("policy")
    changed = [r.pk for r in waiting.order_by("pk") if is_unchanged(r) == bool(r.moved_at)]
    return {"marked": sum(_mark(pk, now, because) for pk in changed)}


@transaction.atomic
def _mark(pk: int, now: datetime, because: str) -> bool:
    request = lock(ChangeRequest(pk=pk))
    fits = is_unchanged(request)
    if request.state != RequestState.OPEN or fits != bool(request.moved_at):
        return False
    request.moved_at = None if fits else now
    request.save(update_fields=["moved_at"])
    action = "request.fits_again" if fits else "request.moved"
    record(request, SYSTEM, action, now, reason=FITS if fits else because)
    return True
