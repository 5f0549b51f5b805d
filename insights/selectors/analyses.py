"""Runs of attribution and lifetime value that were ordered."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import teams_with
from core.models import OutboxItem

KIND = "insights.journeys"


def analyses_ordered(user: User) -> QuerySet[OutboxItem]:
    """Work for teams that a person may have runs made for."""
    teams = [team.pk for team in teams_with(user, Act.RUN_MODELS)]
    return OutboxItem.objects.filter(kind=KIND, payload__team__in=teams)
