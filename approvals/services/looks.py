"""When a person first saw the evidence: kept by the server, so that nobody's browser says it."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from approvals.models import ChangeRequest, Look
from approvals.selectors import delegations_to, rights_on


def look_record(*, request: ChangeRequest, user: User, at: datetime) -> None:
    """Keep the first moment at which somebody who may decide opened this revision.

    Links in mails lead to pages for signed-in people, so a mail scanner leaves no look.
    """
    if rights_on(user, request, delegations_to(user, at)):
        look = Look(request=request, revision=request.revision, user=user, at=at)
        Look.objects.bulk_create([look], ignore_conflicts=True)


def first_look(request: ChangeRequest, user: User) -> datetime | None:
    """When the person first opened this revision."""
    rows = Look.objects.filter(request=request, revision=request.revision, user=user)
    return rows.values_list("at", flat=True).first()
