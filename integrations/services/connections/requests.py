"""Asking for a change at a platform, which somebody else approves."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from approvals.models import ChangeRequest
from approvals.services import request_create
from campaigns.models import CampaignLine
from integrations.choices import PLATFORM_CHANGE, OrderKind


def change_request(
    *,
    user: User,
    line: CampaignLine,
    change: str,
    reason: str,
    at: datetime,
    wanted: str = "",
    target: str = "",
) -> ChangeRequest:
    """A request for one change of one campaign; ``Conflict`` when no connection can carry it out."""
    label = OrderKind(change).label if change in OrderKind.values else change
    return request_create(
        user=user,
        kind=PLATFORM_CHANGE,
        payload={"line": line.pk, "change": change, "wanted": wanted.strip(), "target": target},
        title=f"{label} of {line}"[:200],
        reason=reason,
        evidence={},
        at=at,
    )
