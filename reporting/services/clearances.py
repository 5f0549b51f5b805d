"""Changing up to which classification a role may export: asked for, confirmed by an executive."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.choices import Role
from accounts.models import User
from approvals.models import ChangeRequest
from approvals.services import request_create
from core.classification import Level
from reporting.choices import CLEARANCE
from reporting.models import Clearance


@transaction.atomic
def clearance_ask(
    *, user: User, role: str, highest: str, reason: str, at: datetime
) -> ChangeRequest:
    """Ask that a role may export up to a level; an executive confirms."""
    title = f"{Role(role).label}: exports up to {Level(highest).label}"
    return request_create(
        user=user, kind=CLEARANCE, payload={"role": role, "highest": highest}, title=title,
        reason=reason, evidence={}, at=at,
    )  # fmt: skip


def clearance_set(*, role: str, highest: str, request_id: int) -> Clearance:
    """What the second person confirmed; the request is its trail."""
    row, _ = Clearance.objects.update_or_create(
        role=role, defaults={"highest": highest, "request_id": request_id}
    )
    return row
