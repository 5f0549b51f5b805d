"""Every night: the runs of every team that has journeys, by its standard settings."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Team
from customers.choices import Outcome
from customers.models import Lead, Opportunity, Payment, Touchpoint
from insights.models import Conversion
from insights.services.journeys.orders import LIFETIME, analysis_order, plan_for


def analyses_nightly(*, now: datetime) -> dict[str, int]:
    """Schedule: order a run of each kind of conversion that a team's records know of."""
    ordered = 0
    for team in _teams():
        for kind in _kinds(team):
            analysis_order(user=None, team=team, kind=kind, asked=plan_for(team, kind), at=now)
            ordered += 1
    return {"ordered": ordered}


def _teams() -> list[Team]:
    """Teams with touches, and all above them."""
    paths = set(Touchpoint.objects.order_by().values_list("team__path", flat=True).distinct())
    teams = Team.objects.filter(is_archived=False)
    return [team for team in teams if any(path.startswith(team.path) for path in paths)]


def _kinds(team: Team) -> list[str]:
    below = {"team__path__startswith": team.path}
    deals = Opportunity.objects.filter(**below, is_deleted=False)
    known = {
        Conversion.LEAD: Lead.objects.filter(**below, became_at__isnull=False).exists(),
        Conversion.OPPORTUNITY: deals.exists(),
        Conversion.WON: deals.filter(outcome=Outcome.WON).exists(),
    }
    pays = Payment.objects.filter(**below, is_failed=False).exists()
    found = [str(kind) for kind, is_there in known.items() if is_there]
    if pays:
        found += [Conversion.CUSTOMER, Conversion.PAYMENT]
    return [*found, LIFETIME] if pays or known[Conversion.WON] else found
