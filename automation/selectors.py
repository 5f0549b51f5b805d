"""Reading alerts and messages."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Value, When

from accounts.models import User
from automation.models import Alert, AlertQuerySet, Notification

URGENCY = Case(
    When(severity=Alert.Severity.CRITICAL, then=Value(0)),
    When(severity=Alert.Severity.WARNING, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def alerts_for(user: User) -> AlertQuerySet:
    """Visible alerts, the most urgent first."""
    return (
        Alert.objects.for_user(user)
        .select_related("team", "owner", "campaign", "finding")
        .annotate(urgency=URGENCY)
        .order_by("urgency", "-opened_at")
    )


def open_alert_count(user: User) -> int:
    """Alerts a person owns that nobody has taken yet; the number in the navigation."""
    return Alert.objects.for_user(user).filter(owner=user, state=Alert.State.OPEN).count()


def unread(user: User) -> int:
    """Messages not read yet."""
    return Notification.objects.filter(user=user, read_at=None).count()
