"""Open alerts of a person who leaves go to somebody who stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import may, require
from accounts.services import Handover, register_handover
from automation.models import Alert
from automation.services.alerts import OPEN_STATES
from core import events
from core.errors import Invalid


def open_alerts(user: User) -> QuerySet[Alert]:
    """Alerts a person has to look after."""
    return Alert.objects.filter(owner=user, state__in=OPEN_STATES).select_related("team")


@transaction.atomic
def alerts_hand_over(*, user: User, to: User, by: User, at: datetime) -> int:
    """Give them to somebody who may see all of them."""
    require(by, Act.INVITE_USER)
    held = list(open_alerts(user))
    for alert in held:
        if not may(to, Act.VIEW_CAMPAIGNS, team=alert.team):
            raise Invalid(f"{to} cannot see {alert.team}.", where="to")
        alert.owner = to
        alert.save(update_fields=["owner"])
        events.record(
            actor=by.as_actor(), action="alert.handed_over", subject=alert, at=at,
            before={"owner": user.name}, after={"owner": to.name}, team_path=alert.team.path,
        )  # fmt: skip
    return len(held)


def register() -> None:
    """Say it to the people's room."""
    register_handover(
        Handover("alerts", "open alert", "open alerts", open_alerts, alerts_hand_over)
    )
