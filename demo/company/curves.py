"""Response curves of every market, and one split of a budget that somebody kept."""

from __future__ import annotations

from datetime import datetime

from accounts.choices import Role
from accounts.models import Membership
from budgets.selectors import local_day
from insights.models import ModelVersion
from insights.selectors.allocation import Asked, allocate
from insights.selectors.allocation_ground import ground_of
from insights.services.allocations import allocation_keep
from insights.services.response_data import teams_spending
from insights.services.training import model_train

NAME = "Next month, by the curves"
KIND = ModelVersion.Kind.RESPONSE


def curves_first(at: datetime) -> None:
    """Fit every team's lines as they are known by then; the first team's manager keeps a split."""
    teams = teams_spending(now=at)
    for team in teams:
        if not ModelVersion.objects.filter(kind=KIND, team=team).exists():
            model_train(kind=KIND, team=team, user=None, at=at)
    managers = Membership.objects.filter(team__in=teams[:1], role=Role.MANAGER)
    for membership in managers.select_related("user").order_by("pk")[:1]:
        ground = ground_of(membership.user, today=local_day(at))
        if ground.basis is not None:
            found = allocate(ground.basis, Asked(ground.period))
            allocation_keep(user=membership.user, found=found, name=NAME, at=at)
