"""Asking for a version to be put in use; somebody else decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import User
from approvals.choices import OPEN_STATES
from approvals.models import ChangeRequest
from approvals.services import request_create
from core.errors import Conflict
from insights.choices import PROMOTE
from insights.models import ModelVersion
from insights.permissions import require_reach
from insights.selectors.versions import beside


def open_request(version: ModelVersion) -> ChangeRequest | None:
    """The request about this version that is still to be decided or carried out."""
    return ChangeRequest.objects.filter(
        kind=PROMOTE, state__in=OPEN_STATES, payload__version=version.pk
    ).first()


@transaction.atomic
def promote_ask(*, version: ModelVersion, user: User, reason: str, at: datetime) -> ChangeRequest:
    """Ask for a version to be put in use. Who trained it took part, so does not decide either."""
    team = require_reach(user, Act.PROPOSE_MODEL, version.team)
    if waiting := open_request(version):
        raise Conflict(
            f"{waiting.reference} asks for it already.", code="already_asked",
            remedy="Wait until it is decided.",
        )  # fmt: skip
    trainer = version.trained_by
    return request_create(
        user=user,
        kind=PROMOTE,
        payload={"version": version.pk, "team": team.pk},
        title=f"Put {version} in use",
        reason=reason,
        evidence=_evidence(version),
        at=at,
        touched_by=[(trainer, "trained")] if trainer and trainer != user else [],
    )


def _evidence(version: ModelVersion) -> dict[str, Any]:
    other = beside(version)
    return {
        "Trained on": f"{version.rows:,} rows known on {version.known_at:%-d %b %Y}",
        "In use now": str(other) if other else "none",
        "Fingerprint": version.content_sha256[:16],
    }
