"""Failed payments and drops in usage become alerts; one that is over recovers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from automation.models import Alert
from automation.services.alerts import OPEN_STATES, alert_open, alert_recover
from core.events import AUTOMATION
from customers.services import Incident


@transaction.atomic
def on_incident(incident: Incident, at: datetime) -> None:
    """Open the alert of a cause, keep its words current, or close it."""
    known = Alert.objects.filter(cause=incident.cause, state__in=OPEN_STATES)
    if incident.is_over:
        for alert in known:
            alert_recover(alert=alert, actor=AUTOMATION, at=at, reason=incident.title)
        return
    severity = Alert.Severity.CRITICAL if incident.is_critical else Alert.Severity.WARNING
    words = {"title": incident.title[:300], "reason": incident.reason, "severity": severity}
    if not known.update(**words):
        alert_open(cause=incident.cause, team=incident.team, at=at, **words)
