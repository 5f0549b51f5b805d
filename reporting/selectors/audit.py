"""The trail as a person may read it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import levels
from core.models import Event


def events_for(user: User) -> QuerySet[Event]:
    """The events that the matrix lets a person see.

    Finance and audit see everything, executives and directors their teams',
    administrators security events, managers what they did themselves.
    """
    held = levels(user, Act.VIEW_AUDIT)
    if any(level == "A" for level, _ in held):
        return Event.objects.all()
    visible = Q(pk__in=[])
    for level, team in held:
        visible |= _allowed(level, user, team.path)
    return Event.objects.filter(visible)


def _allowed(level: str, user: User, team_path: str) -> Q:
    if level == "SEC":
        return Q(is_security=True)
    if level == "O":
        return Q(actor_kind=Event.ActorKind.PERSON, actor_id=user.pk)
    return Q(team_path__startswith=team_path, is_security=False)
