"""Reports made now: asked for on a page, composed and drawn by a worker that says how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Team, User
from core import outbox
from core.errors import AdroitError
from core.models import Organisation, OutboxItem
from core.periods import Period
from reporting.models import Report
from reporting.permissions import require_make
from reporting.services.packs import board_pack, performance_review

MAKE = "reporting.make"
MAKERS = {
    Report.Kind.BOARD_PACK.value: board_pack,
    Report.Kind.REVIEW.value: performance_review,
}
OPEN = (OutboxItem.State.PENDING, OutboxItem.State.RUNNING)


@transaction.atomic
def report_request(
    *, user: User, kind: str, team: Team, period: Period, at: datetime
) -> OutboxItem:
    """Ask a worker for a report; asking again while it is being made gives the same work.

    Raises ``NotAllowed`` when the person may not have it made.
    """
    require_make(user, team)
    wanted = {"kind": kind, "team": team.pk, "period": period.key, "user": user.pk}
    same = OutboxItem.objects.filter(kind=MAKE, state__in=OPEN, payload__contains=wanted)
    title = f"{Report.Kind(kind).label}, {team.name}, {period.label}"
    return same.first() or outbox.enqueue(
        MAKE,
        f"report:{kind}:{team.pk}:{period.key}:{user.pk}:{at.isoformat()}",
        wanted | {"title": title},
        at=at,
    )


def make_report_item(item: OutboxItem, now: datetime) -> dict[str, Any]:
    """Outbox handler: ``{"report": number}``, or why there is none in ``refused`` and ``remedy``."""
    wanted = item.payload
    calendar = Organisation.current().calendar
    try:
        made = MAKERS[wanted["kind"]](
            team=Team.objects.get(pk=wanted["team"]),
            period=calendar.parse(wanted["period"], today=now.date()),
            at=now,
            user=User.objects.get(pk=wanted["user"]),
            tell=lambda done, total, note: outbox.progress(item, done, total, note, now=now),
        )
    except AdroitError as error:
        return {"refused": error.message, "remedy": error.remedy}
    return {"report": made.pk}
